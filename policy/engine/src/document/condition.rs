//! Conditions on the fields of a predicate.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::UnixTime;
use sealstone_verify::json::{Map, Number, Value};

use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::{Fault, Reader};
use crate::text::unescaped;

/// A condition on one field. A field that is not there, or of another type, does not meet it.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Condition {
    /// Where the field stands in the predicate, as a JSON pointer (RFC 6901): `/scanner/uri`. An
    /// empty text is the whole predicate.
    #[cfg_attr(feature = "schema", schemars(with = "String", length(max = 1024)))]
    pub(crate) field: Pointer,
    /// What is asked of it.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) operator: Operator,
}

/// A JSON pointer, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    text: String,
    steps: Vec<String>,
}

/// What is asked of a field.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Operator {
    /// The field is this text, number or truth value.
    Equals(#[cfg_attr(feature = "schema", schemars(with = "Scalar"))] Value),
    /// The field is a text, number or truth value, and another one than this.
    NotEquals(#[cfg_attr(feature = "schema", schemars(with = "Scalar"))] Value),
    /// The field is one of these.
    OneOf(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "Vec<Scalar>", length(min = 1, max = 64))
        )]
        Vec<Value>,
    ),
    /// The field is a text that matches.
    Matches(StringMatcher),
    /// The field is a whole number of at least this.
    AtLeast(#[cfg_attr(feature = "schema", schemars(with = "i64"))] i128),
    /// The field is a whole number of at most this.
    AtMost(#[cfg_attr(feature = "schema", schemars(with = "i64"))] i128),
    /// The field is a list with this element.
    Contains(#[cfg_attr(feature = "schema", schemars(with = "Scalar"))] Value),
    /// The field is a list without this element.
    DoesNotContain(#[cfg_attr(feature = "schema", schemars(with = "Scalar"))] Value),
    /// The field is a list of at most so many elements, or an object of at most so many members.
    MaximumLength(#[cfg_attr(feature = "schema", schemars(with = "u32"))] usize),
    /// The field is a time (RFC 3339) at or after this one.
    NotBefore(#[cfg_attr(feature = "schema", schemars(with = "String"))] UnixTime),
    /// The field is a time (RFC 3339) no further back from the decision than this: `30d`, `12h`.
    MaximumAge(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "String", extend("pattern" = super::duration::PATTERN))
        )]
        u64,
    ),
}

/// A text, a number or a truth value.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of a value")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
enum Scalar {
    /// A text.
    Text(#[schemars(length(max = 1024))] String),
    /// A number.
    Number(Number),
    /// A truth value.
    Bool(bool),
}

const OPERATORS: [&str; 11] = [
    "equals",
    "notEquals",
    "oneOf",
    "matches",
    "atLeast",
    "atMost",
    "contains",
    "doesNotContain",
    "maximumLength",
    "notBefore",
    "maximumAge",
];

impl Condition {
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let mut fields = ["field"; 12];
        for (field, operator) in fields.iter_mut().skip(1).zip(OPERATORS) {
            *field = operator;
        }
        let members = reader.object(value, path, &fields)?;
        let field = Pointer::read(reader, members, path);
        let (name, value) = super::members::exactly_one(reader, members, path, &OPERATORS)?;
        let operator = Operator::read(reader, members, name, value, path);
        Some(Self {
            field: field?,
            operator: operator?,
        })
    }
}

impl Pointer {
    fn read(reader: &mut Reader, members: &Map<String, Value>, path: &Path<'_>) -> Option<Self> {
        let value = reader.required(members, "field", path)?;
        let path = path.member("field");
        let Some(text) = value.as_str() else {
            reader.wrong_type(&path, "a string");
            return None;
        };
        let pointer = Self::new(text);
        if pointer.is_none() {
            reader.problems.push(
                "policy.pointer-malformed",
                &path,
                "must be a JSON pointer, for example `/buildType`; `~0` stands for `~` and `~1` for `/`".into(),
            );
        }
        pointer
    }

    /// Takes a pointer apart.
    pub(crate) fn new(text: &str) -> Option<Self> {
        if text.len() > Limit::PatternBytes.value() || !(text.is_empty() || text.starts_with('/')) {
            return None;
        }
        let mut steps = Vec::new();
        for step in text.split('/').skip(1) {
            let mut escapes = step.split('~').skip(1);
            if !escapes.all(|escape| escape.starts_with(['0', '1'])) {
                return None;
            }
            steps.push(unescaped(step));
        }
        Some(Self {
            text: text.to_string(),
            steps,
        })
    }

    /// The pointer as the policy has it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The value at this place.
    pub(crate) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let mut found = value;
        for step in &self.steps {
            found = match found {
                Value::Array(items) => {
                    let is_index = step == "0" || !step.starts_with('0');
                    let index = step
                        .parse::<usize>()
                        .ok()
                        .filter(|_| is_index && step.bytes().all(|byte| byte.is_ascii_digit()))?;
                    items.get(index)?
                }
                _ => found.get(step)?,
            };
        }
        Some(found)
    }
}

impl Operator {
    fn read(
        reader: &mut Reader,
        members: &Map<String, Value>,
        name: &'static str,
        value: &Value,
        path: &Path<'_>,
    ) -> Option<Self> {
        let at = path.member(name);
        match name {
            "equals" => scalar(reader, value, &at).map(Self::Equals),
            "notEquals" => scalar(reader, value, &at).map(Self::NotEquals),
            "oneOf" => super::members::optional_list(
                reader,
                members,
                path,
                name,
                Limit::Alternatives,
                scalar,
            )
            .map(Self::OneOf),
            "matches" => StringMatcher::read(reader, value, &at).map(Self::Matches),
            "atLeast" => integer(reader, value, &at).map(Self::AtLeast),
            "atMost" => integer(reader, value, &at).map(Self::AtMost),
            "contains" => scalar(reader, value, &at).map(Self::Contains),
            "doesNotContain" => scalar(reader, value, &at).map(Self::DoesNotContain),
            "maximumLength" => {
                let range = (0, u64::from(u32::MAX));
                super::members::number(reader, value, &at, range, "policy.number-out-of-range")
                    .map(Self::MaximumLength)
            }
            "notBefore" => super::members::time(reader, members, path, name)?.map(Self::NotBefore),
            _ => super::duration::read(reader, members, path, name)?.map(Self::MaximumAge),
        }
    }
}

fn scalar(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Value> {
    match value {
        Value::String(text) if text.len() > Limit::PatternBytes.value() => {
            reader.exceeded(Limit::PatternBytes, path, "bytes");
            None
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(value.clone()),
        _ => {
            reader.wrong_type(path, "a string, a number, true or false");
            None
        }
    }
}

fn integer(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<i128> {
    let integer = as_integer(value);
    if integer.is_none() {
        reader.fault(Fault::WrongType, path, "must be a whole number".into());
    }
    integer
}

/// A number without a fraction.
pub(crate) fn as_integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.as_i128(),
        _ => None,
    }
}

/// Whether two values are the same text, number or truth value.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::String(one), Value::String(other)) => one == other,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        _ => false,
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one == other,
        // `1.0` is 1: a number that a policy forbids must not pass in another spelling.
        _ => one.as_f64() == other.as_f64(),
    }
}
