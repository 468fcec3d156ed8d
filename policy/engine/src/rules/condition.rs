//! Conditions on the fields of a predicate.

use alloc::string::ToString;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::document::{Condition, Operator, as_integer, same};
use crate::failure::Failure;

/// Holds a predicate against all conditions.
pub(super) fn check_all(
    conditions: &[Condition],
    predicate: &Value,
    now: UnixTime,
) -> Result<(), Failure> {
    for condition in conditions {
        check(condition, predicate, now)?;
    }
    Ok(())
}

fn check(condition: &Condition, predicate: &Value, now: UnixTime) -> Result<(), Failure> {
    let field = || condition.field.as_str().to_string();
    let Some(found) = condition.field.find(predicate) else {
        return Err(Failure::FieldMissing { field: field() });
    };
    match meets(&condition.operator, found, now) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::FieldMismatch {
            field: field(),
            found: shown(found),
        }),
        None => Err(Failure::FieldType { field: field() }),
    }
}

/// Whether a value meets an operator; `None` when it is of a type that the operator says nothing
/// about.
fn meets(operator: &Operator, found: &Value, now: UnixTime) -> Option<bool> {
    match operator {
        Operator::Equals(wanted) => is_scalar(found).then(|| same(found, wanted)),
        Operator::NotEquals(unwanted) => is_scalar(found).then(|| !same(found, unwanted)),
        Operator::OneOf(wanted) => {
            is_scalar(found).then(|| wanted.iter().any(|wanted| same(found, wanted)))
        }
        Operator::Matches(matcher) => found.as_str().map(|text| matcher.matches(text)),
        Operator::AtLeast(least) => as_integer(found).map(|number| number >= *least),
        Operator::AtMost(most) => as_integer(found).map(|number| number <= *most),
        Operator::Contains(wanted) => {
            let items = found.as_array()?;
            Some(items.iter().any(|item| same(item, wanted)))
        }
        Operator::DoesNotContain(unwanted) => {
            let items = found.as_array()?;
            Some(!items.iter().any(|item| same(item, unwanted)))
        }
        Operator::MaximumLength(most) => match found {
            Value::Array(items) => Some(items.len() <= *most),
            Value::Object(members) => Some(members.len() <= *most),
            _ => None,
        },
        Operator::NotBefore(earliest) => time(found).map(|time| time >= *earliest),
        Operator::MaximumAge(seconds) => time(found).map(|time| {
            // A time that lies ahead is no evidence of being recent.
            time <= now && now.seconds().saturating_sub(time.seconds()) <= *seconds
        }),
    }
}

fn time(value: &Value) -> Option<UnixTime> {
    value.as_str().and_then(UnixTime::from_rfc3339)
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

fn shown(value: &Value) -> alloc::string::String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_canonical_string(),
        Value::Array(_) => "a list".to_string(),
        Value::Object(_) => "an object".to_string(),
        Value::Null => "null".to_string(),
    }
}
