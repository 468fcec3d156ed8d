//! Evidence that comes as a document.

use std::path::Path;

use super::{Found, Wanted};
use crate::cli::error::Error;
use crate::cli::printable::Printable;
use crate::evidence::Evidences;
use crate::layout::Selection;
use crate::runtime::ImageEvidence;

/// Looks into the document for the image.
pub(super) fn look(path: &Path, wanted: &Wanted<'_>) -> Result<Found, Error> {
    let document = Evidences::from_file(path, wanted.limits)?;
    let fits = |image: &&ImageEvidence| match &wanted.selection {
        Selection::Digest(digest) => image.digest.parse() == Ok(*digest),
        Selection::Only => wanted
            .reference
            .is_none_or(|reference| image.reference == reference),
        Selection::Tag(_) => false,
    };
    let mut fitting: Vec<&ImageEvidence> = document.images.iter().filter(fits).collect();
    if fitting.is_empty() && wanted.selection == Selection::Only && document.images.len() == 1 {
        // A document about one image is about that image, under whatever name.
        fitting = document.images.iter().collect();
    }
    let error = |code, message: &str| {
        let message = format!("`{}`: {message}", path.display());
        let mut help = format!("{}; it is about:", wanted.choose);
        for image in document.images.iter().take(SHOWN) {
            let reference = Printable(&image.reference);
            help.push_str(&format!("\n  {}  {reference}", Printable(&image.digest)));
        }
        Err(Error::with_help(code, message, help))
    };
    const SHOWN: usize = 16;
    match fitting.as_slice() {
        [] => error(
            "evidence.image-not-found",
            "the document is not about this image",
        ),
        [image] => Ok(Found {
            reference: Some(image.reference.clone()),
            digest: image.digest.parse().map_err(Error::digest)?,
            evidence: image.evidence.clone(),
            unavailable: image.unavailable.clone(),
            altered: None,
        }),
        _ => error(
            "evidence.image-ambiguous",
            "the document is about several images that fit",
        ),
    }
}
