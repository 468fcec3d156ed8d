//! External parameters: every one must be expected.
//!
//! Follows <https://slsa.dev/spec/v1.2/verifying-artifacts>, step 2: "Verification tools SHOULD reject
//! unrecognized fields in externalParameters".

use sealstone_provenance::{Expectation, Provenance};
use sealstone_verify::UnixTime;

use super::condition;
use crate::document::Parameters;
use crate::failure::Failure;

/// Checks the conditions, and that there is nothing that none of them covers. What the source is
/// read from has been compared with the rule's source. Returns whether parameters were passed over
/// because the rule says so.
pub(super) fn check(
    wanted: &Parameters,
    provenance: &Provenance,
    now: UnixTime,
) -> Result<bool, Failure> {
    condition::check_all(&wanted.conditions, &provenance.external_parameters, now)?;
    let mut covered = |pointer: &str, _: &_| {
        let named = wanted
            .conditions
            .iter()
            .any(|condition| condition.field.as_str() == pointer);
        if named || provenance.source_parameters.contains(&pointer) {
            Expectation::Met
        } else {
            Expectation::Unnamed
        }
    };
    match provenance.unexpected_parameter(&mut covered) {
        Some(_) if wanted.insecure_ignore_others => Ok(true),
        Some(found) => Err(Failure::ParameterUnknown {
            field: found.pointer,
        }),
        None => Ok(false),
    }
}
