//! Where the evidence for the images of a request is.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::cli::error::Error;
use crate::cli::flag_error;
use crate::cli::source::{Found, Target, Wanted};
use crate::digest::Digest;
use crate::layout::{Scope, Selection};
use crate::limits::Limits;
use crate::registry::{Reference, Settings};
use crate::runtime::{Image, ImageEvidence};

/// Why there is no evidence for an image that no flag names.
const NOT_GIVEN: &str = "no evidence was given for it (--evidence, --registry)";

const CHOOSE: &str = "choose one by `@` and its digest after the name of the layout or document";

/// Where the evidence for one image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    reference: String,
    path: PathBuf,
    digest: Option<Digest>,
}

impl Source {
    /// Reads `REFERENCE=PATH[@DIGEST]`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let malformed = || {
            let message = "REFERENCE=PATH is wanted, as registry.example/team/app:v1=layout";
            flag_error("evidence.flag-malformed", message)
        };
        let (reference, path) = text.split_once('=').ok_or_else(malformed)?;
        let (path, digest) = match path.rsplit_once('@') {
            Some((path, digest)) if digest.starts_with("sha") => {
                (path, Some(crate::cli::digest(digest)?))
            }
            _ => (path, None),
        };
        if reference.is_empty() || path.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            reference: reference.to_owned(),
            path: PathBuf::from(path),
            digest,
        })
    }
}

/// How evidence is brought.
pub(super) struct How<'a> {
    /// Whether registries are asked about images for which no source is given.
    pub(super) registry: bool,
    pub(super) scope: Scope,
    pub(super) settings: &'a Settings,
    pub(super) limits: &'a Limits,
}

impl<'a> How<'a> {
    fn wanted(&self, selection: Selection, reference: &'a str) -> Wanted<'a> {
        Wanted {
            selection,
            reference: Some(reference),
            scope: self.scope,
            settings: self.settings,
            limits: self.limits,
            choose: CHOOSE,
        }
    }
}

/// Refuses two sources for one image.
pub(super) fn check_unique(sources: &[Source]) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    for source in sources {
        if !names.insert(&source.reference) {
            let message = format!("evidence for `{}` is given twice", source.reference);
            return Err(Error::with_help(
                "evidence.supplied-twice",
                message,
                "name one layout or document for each image",
            ));
        }
    }
    Ok(())
}

/// Brings the evidence for the images that the module wants. A request that asks for no image passes
/// or is malformed, whatever evidence there is.
pub(super) fn brought(
    wanted: Vec<Image>,
    sources: &[Source],
    how: &How<'_>,
) -> Result<Vec<ImageEvidence>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    for source in sources {
        if !wanted
            .iter()
            .any(|image| image.reference == source.reference)
        {
            let message = format!("the request asks for no image `{}`", source.reference);
            return Err(Error::with_help(
                "evidence.not-wanted",
                message,
                help(&wanted),
            ));
        }
    }
    let bring = |image: Image| {
        let mut sources = sources.iter();
        match sources.find(|source| source.reference == image.reference) {
            Some(source) => from_path(image, source, how),
            None if how.registry => Ok(from_registry(image, how)),
            None => Ok(ImageEvidence {
                reference: image.reference,
                digest: image.digest.unwrap_or_default(),
                evidence: Vec::new(),
                unavailable: Some(NOT_GIVEN.to_owned()),
            }),
        }
    };
    wanted.into_iter().map(bring).collect()
}

fn from_path(image: Image, source: &Source, how: &How<'_>) -> Result<ImageEvidence, Error> {
    let named = image
        .digest
        .as_deref()
        .and_then(|digest| digest.parse().ok());
    let selection = match named.or(source.digest) {
        Some(digest) => Selection::Digest(digest),
        None => Selection::Only,
    };
    let target = match Target::of(&source.path) {
        // Evidence is given as a path; only --registry asks registries.
        Target::Image(..) => Target::Layout(source.path.clone()),
        target => target,
    };
    let found = target.look(&how.wanted(selection, &image.reference))?;
    Ok(brought_for(image, found))
}

/// Asks the registry that the image is named with. An image that it does not give is unavailable.
fn from_registry(image: Image, how: &How<'_>) -> ImageEvidence {
    let found = image
        .reference
        .parse::<Reference>()
        .map_err(|error| Error::usage(error.code(), error))
        .and_then(|reference| {
            Target::Image(image.reference.clone(), reference)
                .look(&how.wanted(Selection::Only, &image.reference))
        });
    match found {
        Ok(found) => brought_for(image, found),
        Err(error) => ImageEvidence {
            reference: image.reference,
            digest: image.digest.unwrap_or_default(),
            evidence: Vec::new(),
            unavailable: Some(error.summary()),
        },
    }
}

fn brought_for(image: Image, found: Found) -> ImageEvidence {
    // An altered image is denied whatever is said about it: nothing of it is brought.
    let altered = found.altered;
    let altered = altered.map(|altered| format!("{}: {}", altered.code, altered.message));
    ImageEvidence {
        reference: image.reference,
        digest: image.digest.unwrap_or_else(|| found.digest.to_string()),
        evidence: found.evidence,
        unavailable: altered.or(found.unavailable),
    }
}

fn help(wanted: &[Image]) -> String {
    const SHOWN: usize = 16;
    let mut help = String::from("name the image as the request does");
    for image in wanted.iter().take(SHOWN) {
        let reference = crate::cli::printable::Printable(&image.reference);
        help.push_str(&format!("\n  {reference}"));
    }
    help
}
