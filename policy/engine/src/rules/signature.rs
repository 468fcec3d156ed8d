//! Rules that ask for a signature.

use alloc::string::{String, ToString};

use sealstone_verify::{EntityKind, Facts};

use crate::failure::Failure;
use crate::pattern::StringMatcher;

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

/// Whether the signer signed the annotations along with the image.
pub(super) fn check(annotations: &[(String, StringMatcher)], facts: &Facts) -> Result<(), Failure> {
    for (name, matcher) in annotations {
        let signed = facts.annotations.get(name);
        let Some(found) = signed.and_then(|value| value.as_str()) else {
            return Err(Failure::AnnotationMismatch {
                name: name.clone(),
                found: None,
            });
        };
        if !matcher.matches(found) {
            return Err(Failure::AnnotationMismatch {
                name: name.clone(),
                found: Some(found.to_string()),
            });
        }
    }
    Ok(())
}
