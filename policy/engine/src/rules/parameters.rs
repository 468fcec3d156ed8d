//! External parameters: every one must be expected.
//!
//! Follows <https://slsa.dev/spec/v1.2/verifying-artifacts>, step 2: "Verification tools SHOULD reject
//! unrecognized fields in externalParameters".

use alloc::format;
use alloc::string::String;

use sealstone_provenance::Provenance;
use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

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
    let covers = |place: &str| {
        let mut conditions = wanted.conditions.iter();
        conditions.any(|condition| condition.field.as_str() == place)
            || provenance.source_parameters.contains(&place)
    };
    match uncovered(&covers, &provenance.external_parameters, &mut String::new()) {
        Some(_) if wanted.insecure_ignore_others => Ok(true),
        Some(field) => Err(Failure::ParameterUnknown { field }),
        None => Ok(false),
    }
}

/// The place of the first value that nothing covers, as a JSON pointer. The depth is that of the
/// document, which its reader limits.
fn uncovered(covers: &dyn Fn(&str) -> bool, value: &Value, place: &mut String) -> Option<String> {
    if covers(place) {
        return None;
    }
    let length = place.len();
    let mut inside = |step: &str, value: &Value| {
        place.push('/');
        place.push_str(&step.replace('~', "~0").replace('/', "~1"));
        let found = uncovered(covers, value, place);
        place.truncate(length);
        found
    };
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| inside(name, value)),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, value)| inside(&format!("{index}"), value))
        }
        // Nothing was given.
        Value::Null => None,
        _ => Some(place.clone()),
    }
}
