//! Rules that ask for a signature.

use alloc::string::{String, ToString};

use sealstone_verify::Facts;

use crate::evidence::is_signature;
use crate::failure::Failure;
use crate::pattern::StringMatcher;

/// Whether the piece is a signature over the image.
pub(super) fn check_kind(facts: &Facts) -> Result<(), Failure> {
    if is_signature(facts) {
        return Ok(());
    }
    Err(Failure::PredicateTypeMismatch {
        found: facts
            .statement
            .as_ref()
            .map(|statement| statement.predicate_type.clone()),
    })
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
