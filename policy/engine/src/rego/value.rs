//! What was verified, as values of the interpreter.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use regorus::Value;
use sealstone_verify::json;

/// A JSON value as the interpreter knows it. No deeper than documents may be.
pub(super) fn from_json(value: &json::Value) -> Value {
    match value {
        json::Value::Null => Value::Null,
        json::Value::Bool(flag) => Value::Bool(*flag),
        json::Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), _, _) => Value::from(number),
            (None, Some(number), _) => Value::from(number),
            (None, None, Some(number)) => Value::from(number),
            _ => Value::Null,
        },
        json::Value::String(text) => Value::from(text.as_str()),
        json::Value::Array(items) => Value::from(items.iter().map(from_json).collect::<Vec<_>>()),
        json::Value::Object(members) => Value::from(
            members
                .iter()
                .map(|(name, member)| (Value::from(name.as_str()), from_json(member)))
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}
