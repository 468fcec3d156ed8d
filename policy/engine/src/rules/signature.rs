//! Rules that ask for a signature.

use sealstone_verify::{EntityKind, Facts};

use crate::failure::Failure;

/// The predicate type of image signatures that cosign stores as bundles.
const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// Whether the piece is a signature over the image. An attestation is not: it says something about
/// the image, and what it says may be that the image is bad.
pub(super) fn check_kind(facts: &Facts) -> Result<(), Failure> {
    match (&facts.kind, &facts.statement) {
        (EntityKind::BundleMessageSignature | EntityKind::LegacySignature, _) => Ok(()),
        (_, Some(statement)) if statement.predicate_type == COSIGN_SIGN => Ok(()),
        (_, statement) => Err(Failure::PredicateTypeMismatch {
            found: statement
                .as_ref()
                .map(|statement| statement.predicate_type.clone()),
        }),
    }
}
