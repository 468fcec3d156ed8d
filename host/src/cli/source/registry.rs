//! Evidence that comes out of a registry.

use super::{Altered, Found, Wanted, reasons};
use crate::cli::error::Error;
use crate::layout::Selection;
use crate::registry::{Reference, Registry, RegistryError};

/// Asks the registry. An error says that the image is not known.
pub(super) fn look(reference: &Reference, wanted: &Wanted<'_>) -> Result<Found, Error> {
    let reference = match (&wanted.selection, reference.digest()) {
        (Selection::Only, _) => reference.clone(),
        (Selection::Digest(digest), None) => reference.with_digest(*digest),
        (Selection::Digest(digest), Some(named)) if digest == named => reference.clone(),
        (Selection::Digest(_) | Selection::Tag(_), _) => {
            return Err(Error::with_help(
                "image.selection-ambiguous",
                "the name of the image says already which one is meant",
                "write the tag or the digest into the name, as registry.example/app:v1",
            ));
        }
    };
    let mut registry = Registry::for_evidence(&reference, wanted.settings, wanted.limits);
    let image = match registry.image() {
        Ok(image) => image,
        Err(error) => {
            let digest = error.altered().ok_or(Error::registry(&error))?;
            return Ok(Found {
                reference: None,
                digest,
                evidence: Vec::new(),
                unavailable: None,
                altered: Some(Altered {
                    code: error.code(),
                    message: error.to_string(),
                }),
            });
        }
    };
    let collected = registry.evidence(&image, wanted.scope);
    Ok(Found {
        reference: None,
        digest: image.digest(),
        evidence: collected.evidence,
        unavailable: reasons(collected.unavailable.iter().map(reason)),
        altered: None,
    })
}

fn reason(error: &RegistryError) -> String {
    format!("{}: {error}", error.code())
}
