//! External parameters: every one must be expected.
//!
//! Follows <https://slsa.dev/spec/v1.2/verifying-artifacts>, step 2: "Verification tools SHOULD reject
//! unrecognized fields in externalParameters".

use alloc::string::String;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use super::condition;
use crate::document::Parameters;
use crate::failure::Failure;

/// Checks the conditions, and that there is nothing that none of them covers. Returns whether
/// parameters were passed over because the rule says so.
pub(super) fn check(wanted: &Parameters, found: &Value, now: UnixTime) -> Result<bool, Failure> {
    condition::check_all(&wanted.conditions, found, now)?;
    let mut place = String::new();
    match uncovered(wanted, found, &mut place) {
        Some(_) if wanted.insecure_ignore_others => Ok(true),
        Some(field) => Err(Failure::ParameterUnknown { field }),
        None => Ok(false),
    }
}

/// The place of the first value that no condition covers, as a JSON pointer. The depth is that of
/// the document, which its reader limits.
fn uncovered(wanted: &Parameters, value: &Value, place: &mut String) -> Option<String> {
    let mut conditions = wanted.conditions.iter();
    if conditions.any(|condition| condition.field.as_str() == place) {
        return None;
    }
    let length = place.len();
    let mut inside = |step: &str, value: &Value| {
        place.push('/');
        place.push_str(&step.replace('~', "~0").replace('/', "~1"));
        let found = uncovered(wanted, value, place);
        place.truncate(length);
        found
    };
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| inside(name, value)),
        Value::Array(items) if !items.is_empty() => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, value)| inside(&alloc::format!("{index}"), value))
        }
        // Nothing was given.
        Value::Null | Value::Array(_) => None,
        _ => Some(place.clone()),
    }
}
