//! Rules that ask for an attestation.

use alloc::string::ToString;

use sealstone_verify::{Facts, UnixTime};

use super::condition;
use crate::document::AttestationRequirement;
use crate::failure::Failure;

/// Whether the piece is an attestation of the type that the rule asks for. Returns the type.
pub(super) fn check_kind<'f>(
    requirement: &AttestationRequirement,
    facts: &'f Facts,
) -> Result<&'f str, Failure> {
    let found = facts
        .statement
        .as_ref()
        .map(|statement| statement.predicate_type.as_str());
    match found {
        Some(found) if requirement.kind.matches(found) => Ok(found),
        found => Err(Failure::PredicateTypeMismatch {
            found: found.map(ToString::to_string),
        }),
    }
}

/// The statement of the piece, if it is an attestation of the kind.
#[cfg(feature = "rego")]
pub(super) fn of_kind<'f>(
    kind: &crate::document::AttestationKind,
    facts: &'f Facts,
) -> Result<&'f sealstone_verify::Statement, Failure> {
    match &facts.statement {
        Some(statement) if kind.matches(&statement.predicate_type) => Ok(statement),
        other => Err(Failure::PredicateTypeMismatch {
            found: other.as_ref().map(|of| of.predicate_type.clone()),
        }),
    }
}

/// Whether the predicate meets the conditions; the signer is known to be an authority of the rule.
pub(super) fn check(
    requirement: &AttestationRequirement,
    facts: &Facts,
    now: UnixTime,
) -> Result<(), Failure> {
    let statement = facts
        .statement
        .as_ref()
        .ok_or(Failure::PredicateTypeMismatch { found: None })?;
    condition::check_all(&requirement.conditions, &statement.predicate, now)
}
