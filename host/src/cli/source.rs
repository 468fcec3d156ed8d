//! Where the evidence for an image comes from: a layout, a document, or a registry.

mod document;
mod layout;
mod registry;

use std::path::{Path, PathBuf};

use super::error::Error;
use crate::digest::Digest;
use crate::layout::{Scope, Selection};
use crate::limits::Limits;
use crate::registry::{Reference, Settings};
use crate::runtime::Evidence;

/// What an argument names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A folder with a layout.
    Layout(PathBuf),
    /// A file with an Evidence document.
    Document(PathBuf),
    /// An image in a registry.
    Image(String, Reference),
}

/// What there is for an image.
pub(super) struct Found {
    /// The name of the image, where the source has one.
    pub(super) reference: Option<String>,
    pub(super) digest: Digest,
    pub(super) evidence: Vec<Evidence>,
    /// Why evidence is missing.
    pub(super) unavailable: Option<String>,
    /// The image itself is not what its digest says.
    pub(super) altered: Option<Altered>,
}

/// How an image is not what its digest says.
pub(super) struct Altered {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Target {
    /// A folder is a layout, a name that ends in `.json` a document, and the name of an image with its
    /// registry is an image. Anything else is a folder that is not there.
    pub(super) fn of(argument: &Path) -> Self {
        if argument.is_dir() {
            return Self::Layout(argument.to_owned());
        }
        if argument.extension().is_some_and(|it| it == "json") {
            return Self::Document(argument.to_owned());
        }
        let text = argument.to_str().unwrap_or_default();
        match text.parse::<Reference>() {
            Ok(reference) if reference.names_registry() => Self::Image(text.to_owned(), reference),
            _ => Self::Layout(argument.to_owned()),
        }
    }

    /// Looks for the image and its evidence. An error is a mistake in the call, or says that nothing is
    /// known about the image; `choose` says how to name one of several.
    pub(super) fn look(&self, wanted: &Wanted<'_>) -> Result<Found, Error> {
        match self {
            Self::Layout(folder) => layout::look(folder, wanted)
                .map_err(|error| Error::layout(folder, &error, wanted.choose)),
            Self::Document(path) => document::look(path, wanted),
            Self::Image(text, reference) => {
                let mut found = registry::look(reference, wanted)?;
                found.reference = Some(text.clone());
                Ok(found)
            }
        }
    }
}

/// The image that is wanted, and how to look for it.
pub(super) struct Wanted<'a> {
    pub(super) selection: Selection,
    /// The name of the image, to find it in a document.
    pub(super) reference: Option<&'a str>,
    pub(super) scope: Scope,
    pub(super) settings: &'a Settings,
    pub(super) limits: &'a Limits,
    /// How to name one of several images.
    pub(super) choose: &'static str,
}

/// Why evidence is missing, in one text: the first reasons, and how many more there are.
fn reasons(reasons: impl IntoIterator<Item = String>) -> Option<String> {
    const SHOWN: usize = 4;
    let mut reasons = reasons.into_iter();
    let mut shown: Vec<String> = reasons.by_ref().take(SHOWN).collect();
    if let more @ 1.. = reasons.count() {
        shown.push(format!("and {more} more"));
    }
    (!shown.is_empty()).then(|| shown.join("; "))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::Target;

    #[test]
    fn an_image_is_named_with_its_registry() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |argument: &str| match Target::of(Path::new(argument)) {
            Target::Layout(path) => ("layout", path),
            Target::Document(path) => ("document", path),
            Target::Image(text, _) => ("image", PathBuf::from(text)),
        };
        let existing = folder.path().to_str().unwrap().to_owned();
        let cases = [
            (existing.as_str(), "layout"),
            ("registry.example/app", "image"),
            ("registry.example/app:v1.json", "document"),
            (
                "localhost:5000/app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
                "image",
            ),
            ("evidence.json", "document"),
            ("missing", "layout"),
            ("team/app:v1", "layout"),
            ("./registry.example/app", "layout"),
            ("/registry.example/app", "layout"),
            ("registry.example/App", "layout"),
        ];
        for (argument, expected) in cases {
            assert_eq!(kind(argument), (expected, PathBuf::from(argument)));
        }
    }
}
