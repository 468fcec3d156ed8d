//! YAML to JSON, refusing what would be read in two ways or grow without bound.

use core::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits::{Limit, Limits};

/// Why some YAML cannot be turned into JSON.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum YamlError {
    /// Malformed, or something that JSON does not have.
    #[error("the document is not YAML that can be turned into JSON: {0}")]
    Malformed(yaml_serde::Error),
    /// Too deep, or too many nodes once every alias is written out.
    #[error("the document has more than {maximum} {limit}")]
    Limit {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
}

impl YamlError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "policy.malformed-yaml",
            Self::Limit { limit, .. } => limit.code(),
        }
    }
}

/// Turns one YAML document into a JSON value.
pub(super) fn to_json(yaml: &[u8], limits: &Limits) -> Result<Value, YamlError> {
    if nesting(yaml) > limits.policy_nesting {
        return Err(YamlError::Limit {
            limit: Limit::PolicyNesting,
            maximum: limits.policy_nesting,
        });
    }
    let mut budget = Budget {
        nodes: limits.policy_nodes,
        bytes: limits.policy_bytes,
        spent: false,
    };
    let deserializer = yaml_serde::Deserializer::from_slice(yaml);
    match (Node(&mut budget)).deserialize(deserializer) {
        Ok(value) => Ok(value),
        Err(_) if budget.spent => Err(YamlError::Limit {
            limit: Limit::PolicyNodes,
            maximum: limits.policy_nodes,
        }),
        Err(error) => Err(YamlError::Malformed(error)),
    }
}

/// A bound on how deep a document nests within its lines, found without parsing it.
///
/// The parser looks at every open level for every token, so that a deep document would keep it busy
/// for hours. Brackets are counted wherever they stand, in strings too: a policy has few that are
/// never closed. Levels that are made by indentation cost a growing line each and are no danger.
fn nesting(yaml: &[u8]) -> usize {
    let mut open = 0_usize;
    let mut deepest = 0_usize;
    for line in yaml.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let mut levels = 0_usize;
        let mut at_start = true;
        for pair in line.windows(2) {
            match pair {
                [b'-' | b'?' | b':', b' ' | b'\t'] if at_start => levels = levels.saturating_add(1),
                [b' ' | b'\t', _] => {}
                _ => at_start = false,
            }
        }
        for byte in line {
            match byte {
                b'[' | b'{' => open = open.saturating_add(1),
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(open.saturating_add(levels));
        }
    }
    deepest
}

/// What is left of the size that a document may grow to. Aliases repeat what they stand for, so the
/// bytes of the file bound nothing.
struct Budget {
    nodes: usize,
    bytes: usize,
    spent: bool,
}

impl Budget {
    fn spend<E: serde::de::Error>(&mut self, bytes: usize) -> Result<(), E> {
        match (self.nodes.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                self.nodes = nodes;
                self.bytes = bytes;
                Ok(())
            }
            _ => {
                self.spent = true;
                Err(E::custom("the document is too large"))
            }
        }
    }
}

/// Reads one node.
struct Node<'a>(&'a mut Budget);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.0.spend(0)?;
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.0.spend(0)?;
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.0.spend(0)?;
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.0.spend(0)?;
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.0.spend(0)?;
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.0.spend(value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        self.0.spend(0)?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(Node(&mut *self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Value, A::Error> {
        self.0.spend(0)?;
        let mut members = Map::new();
        while let Some(key) = mapping.next_key_seed(Key(&mut *self.0))? {
            let value = mapping.next_value_seed(Node(&mut *self.0))?;
            if members.contains_key(&key) {
                return Err(A::Error::custom(format_args!(
                    "the key `{}` stands there twice",
                    key.escape_debug()
                )));
            }
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

/// Reads a key of a mapping: a string and nothing that only looks like one.
struct Key<'a>(&'a mut Budget);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = String;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a string")
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<String, E> {
        self.0.spend(value.len())?;
        Ok(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::to_json;
    use crate::limits::Limits;

    #[test]
    fn turns_yaml_into_json() {
        let yaml = "a: [1, -2, 1.5, true, null, ~, yes, 'x']\nb: &anchor {c: d}\ne: *anchor\n";
        assert_eq!(
            to_json(yaml.as_bytes(), &Limits::default()).unwrap(),
            json!({"a": [1, -2, 1.5, true, null, null, "yes", "x"], "b": {"c": "d"}, "e": {"c": "d"}})
        );
    }

    #[test]
    fn refuses_what_json_does_not_have() {
        let cases = [
            ("a: 1\na: 2\n", "policy.malformed-yaml"),
            ("a: {b: 1, b: 1}\n", "policy.malformed-yaml"),
            ("1: a\n", "policy.malformed-yaml"),
            ("true: a\n", "policy.malformed-yaml"),
            ("? [a]\n: b\n", "policy.malformed-yaml"),
            ("a: !tag b\n", "policy.malformed-yaml"),
            ("a: .nan\n", "policy.malformed-yaml"),
            ("a: .inf\n", "policy.malformed-yaml"),
            (
                "a: 340282366920938463463374607431768211455\n",
                "policy.malformed-yaml",
            ),
            ("a: 1\n---\nb: 2\n", "policy.malformed-yaml"),
            ("a: *missing\n", "policy.malformed-yaml"),
            ("a: &loop [*loop]\n", "policy.malformed-yaml"),
            ("a: [\n", "policy.malformed-yaml"),
            ("a: \"\\xff\n", "policy.malformed-yaml"),
        ];
        for (yaml, code) in cases {
            let found = to_json(yaml.as_bytes(), &Limits::default()).map_err(|error| error.code());
            assert_eq!(found, Err(code), "{yaml:?}");
        }
        assert_eq!(
            to_json(b"a: \xff\xfe\n", &Limits::default()).map_err(|error| error.code()),
            Err("policy.malformed-yaml")
        );
    }

    #[test]
    fn refuses_deep_nesting() {
        let indented = (0..2_000).map(|level| format!("{}a:\n", " ".repeat(level)));
        let cases = [
            ("[".repeat(1_000_000), "limit.policy-nesting"),
            ("{a: ".repeat(1_000_000), "limit.policy-nesting"),
            ("{a: [\n".repeat(500_000), "limit.policy-nesting"),
            ("- ".repeat(1_000_000), "limit.policy-nesting"),
            ("-\t? ".repeat(500_000), "limit.policy-nesting"),
            (indented.collect(), "policy.malformed-yaml"),
            (vec!["["; 129].concat(), "limit.policy-nesting"),
        ];
        for (yaml, code) in cases {
            let found = to_json(yaml.as_bytes(), &Limits::default()).map_err(|error| error.code());
            assert_eq!(found, Err(code), "{}", yaml.get(..10).unwrap());
        }
        let fair = "[".repeat(128) + &"]".repeat(128);
        assert!(to_json(fair.as_bytes(), &Limits::default()).is_ok());
    }

    #[test]
    fn refuses_aliases_that_grow() {
        let mut doubling = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let below = level - 1;
            let list = vec![format!("*a{below}"); 10].join(", ");
            doubling.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        let many = format!(
            "a: &a [{}]\nb: [{}]\n",
            "x, ".repeat(5_000),
            "*a, ".repeat(5_000)
        );
        let long = format!(
            "a: &a {}\nb: [{}]\n",
            "x".repeat(100_000),
            "*a, ".repeat(5_000)
        );
        for yaml in [doubling, many, long] {
            let found = to_json(yaml.as_bytes(), &Limits::default()).map_err(|error| error.code());
            assert_eq!(found, Err("limit.policy-nodes"));
        }
    }
}
