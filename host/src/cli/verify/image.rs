//! The image that is meant, and the evidence for it.

use std::path::Path;

use super::Arguments;
use crate::cli::error::Error;
use crate::cli::source::{Altered, Target, Wanted};
use crate::digest::Digest;
use crate::evidence;
use crate::layout::Selection;
use crate::limits::Limits;
use crate::runtime::Evidence;

/// An image, what was found for it, and what was not.
pub(super) struct Image {
    pub(super) reference: String,
    pub(super) digest: Digest,
    pub(super) evidence: Vec<Evidence>,
    pub(super) unavailable: Option<String>,
}

/// What became of the search for an image.
pub(super) enum Brought {
    /// The image is what its digest says, as far as it is there.
    Evidence(Image),
    /// The image itself is not what its digest says.
    Altered(Image, Altered),
}

/// Finds the image that the flags mean and brings the evidence for it.
pub(super) fn brought(arguments: &Arguments, limits: &Limits) -> Result<Brought, Error> {
    match (&arguments.image, arguments.digest) {
        (Some(image), _) => found(arguments, image, limits),
        (None, Some(digest)) => Ok(Brought::Evidence(Image {
            reference: reference(arguments, "artifact"),
            digest,
            evidence: evidence::from_bundle_files(&arguments.bundles, limits)?,
            unavailable: None,
        })),
        (None, None) => Err(Error::usage(
            "digest.missing",
            "bundles need the digest of the image; give it with --digest",
        )),
    }
}

fn found(arguments: &Arguments, image: &Path, limits: &Limits) -> Result<Brought, Error> {
    let settings = arguments.registry.settings();
    let found = Target::of(image).look(&Wanted {
        selection: selection(arguments),
        reference: arguments.reference.as_deref(),
        scope: arguments.scope.scope(),
        settings: &settings,
        limits,
        choose: "choose one with --digest or --tag",
    })?;
    let named = arguments.reference.clone().or(found.reference);
    let image = Image {
        reference: named.unwrap_or_else(|| reference(arguments, &name_of(image))),
        digest: found.digest,
        evidence: found.evidence,
        unavailable: found.unavailable,
    };
    Ok(match found.altered {
        Some(error) => Brought::Altered(image, error),
        None => Brought::Evidence(image),
    })
}

fn selection(arguments: &Arguments) -> Selection {
    match (arguments.digest, &arguments.tag) {
        (Some(digest), _) => Selection::Digest(digest),
        (None, Some(tag)) => Selection::Tag(tag.clone()),
        (None, None) => Selection::Only,
    }
}

fn reference(arguments: &Arguments, name: &str) -> String {
    let named = arguments.reference.clone();
    named.unwrap_or_else(|| format!("localhost/{name}"))
}

/// The name of a folder, also of one that is called `.`, as the name of an image.
fn name_of(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    image_name(&folder.file_name().unwrap_or_default().to_string_lossy())
}

/// Lower case, and a hyphen for whatever cannot stand in the name of an image.
fn image_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let parts = name.split_inclusive(|character: char| !character.is_ascii_alphanumeric());
    let mut image = String::new();
    for part in parts {
        let word = part.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
        let separator = part.strip_prefix(word).unwrap_or_default();
        if word.is_empty() {
            // The second of two separators: neither may stand beside another.
            if image.ends_with(['.', '_']) {
                image.pop();
                image.push('-');
            }
            continue;
        }
        image.push_str(word);
        match separator {
            "" | "." | "_" => image.push_str(separator),
            _ => image.push('-'),
        }
    }
    match image.trim_end_matches(['.', '_', '-']) {
        "" => "layout".to_owned(),
        image => image.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::image_name;

    #[test]
    fn folders_give_names_of_images() {
        let cases = [
            ("container_workflow_dispatch", "container_workflow_dispatch"),
            ("v1.4.0", "v1.4.0"),
            ("tmp.AbC123", "tmp.abc123"),
            (".tmpAbC", "tmpabc"),
            ("a..b__c--d._e", "a-b-c-d-e"),
            ("My Layout (1)", "my-layout-1"),
            ("-_.", "layout"),
            ("", "layout"),
            ("äö", "layout"),
            ("a/../b", "a-b"),
        ];
        for (folder, image) in cases {
            assert_eq!(image_name(folder), image, "{folder:?}");
        }
    }
}
