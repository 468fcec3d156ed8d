//! The layouts that hold evidence for the images of a request.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::cli::error::Error;
use crate::cli::{flag_error, layout_source};
use crate::digest::Digest;
use crate::layout::Selection;
use crate::limits::Limits;
use crate::runtime::{Image, ImageEvidence};

/// Why there is no evidence for an image that no flag names.
const NOT_GIVEN: &str = "no evidence was given for it (--evidence)";

const CHOOSE: &str = "choose one by `@` and its digest after the name of the layout";

/// Where the evidence for one image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    reference: String,
    layout: PathBuf,
    digest: Option<Digest>,
}

impl Source {
    /// Reads `REFERENCE=LAYOUT[@DIGEST]`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let malformed = || {
            let message = "REFERENCE=LAYOUT is wanted, as registry.example/team/app:v1=layout";
            flag_error("evidence.flag-malformed", message)
        };
        let (reference, layout) = text.split_once('=').ok_or_else(malformed)?;
        let (layout, digest) = match layout.rsplit_once('@') {
            Some((layout, digest)) if digest.starts_with("sha") => {
                (layout, Some(crate::cli::digest(digest)?))
            }
            _ => (layout, None),
        };
        if reference.is_empty() || layout.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            reference: reference.to_owned(),
            layout: PathBuf::from(layout),
            digest,
        })
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
                "name one layout for each image",
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
    limits: &Limits,
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
            Some(source) => from_layout(image, source, limits),
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

fn from_layout(image: Image, source: &Source, limits: &Limits) -> Result<ImageEvidence, Error> {
    let named = image
        .digest
        .as_deref()
        .and_then(|digest| digest.parse().ok());
    let selection = match named.or(source.digest) {
        Some(digest) => Selection::Digest(digest),
        None => Selection::Only,
    };
    let found = layout_source::look(&source.layout, &selection, limits)
        .map_err(|error| Error::layout(&source.layout, &error, CHOOSE))?;
    // An altered image is denied whatever is said about it: nothing of its layout is brought.
    let altered = found
        .altered
        .map(|error| format!("{}: {error}", error.code()));
    Ok(ImageEvidence {
        reference: image.reference,
        digest: image.digest.unwrap_or_else(|| found.digest.to_string()),
        evidence: found.evidence,
        unavailable: altered.or(found.unavailable),
    })
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
