//! Holds a decision against what is expected of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::document::Expectation;

/// A field in which a decision is not what is expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The field of `expect`, with the name of a rule or a JSON pointer into the decision after it.
    pub field: String,
    /// What is expected; `null` for nothing.
    pub expected: Value,
    /// What is there; `null` for nothing.
    pub actual: Value,
}

/// The differences in every field but the whole decision.
pub(super) fn differences(expected: &Expectation, decision: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |field: &str, expected: Value, actual: Value| {
        if expected != actual {
            differences.push(Difference {
                field: field.to_owned(),
                expected,
                actual,
            });
        }
    };
    let member = |name: &str| decision.get(name).cloned().unwrap_or_default();
    compare(
        "outcome",
        expected.outcome.as_str().into(),
        member("outcome"),
    );
    if let Some(allowed) = expected.allowed {
        compare("allowed", allowed.into(), member("allowed"));
    }
    for (rule, result) in expected.rules.iter().flatten() {
        let actual = rules(decision).filter(|of| is_called(of, rule));
        let actual = one(actual.filter_map(|of| of.get("result")?.as_str()));
        compare(&format!("rules.{rule}"), result.as_str().into(), actual);
    }
    for (rule, authorities) in expected.met_by.iter().flatten() {
        let met = rules(decision).filter(|of| is_called(of, rule));
        let met = met.filter_map(|of| of.get("metBy")?.as_array()).flatten();
        let met: BTreeSet<&str> = met.filter_map(|of| of.get("authority")?.as_str()).collect();
        let wanted: BTreeSet<&str> = authorities.iter().map(String::as_str).collect();
        compare(&format!("metBy.{rule}"), json!(wanted), json!(met));
    }
    let mut shown = BTreeSet::new();
    codes(decision, &mut shown);
    let wanted = expected.codes.iter().flatten();
    let missing: Vec<&String> = wanted
        .filter(|code| !shown.contains(code.as_str()))
        .collect();
    if !missing.is_empty() {
        differences.push(Difference {
            field: "codes".to_owned(),
            expected: json!(missing),
            actual: json!(shown),
        });
    }
    differences
}

/// The decision as it is kept in a file: without the digest of the policy, which changes with every
/// change of it.
pub(super) fn kept(decision: &Value) -> Value {
    let mut kept = decision.clone();
    let policy = kept.get_mut("policy").and_then(Value::as_object_mut);
    if let Some(policy) = policy {
        policy.remove("sha256");
    }
    kept
}

/// The differences between a decision and one that was kept.
pub(super) fn from_kept(expected: &Value, decision: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare_at(
        "decision",
        Some(expected),
        Some(&kept(decision)),
        &mut differences,
    );
    differences
}

fn compare_at(
    path: &str,
    expected: Option<&Value>,
    actual: Option<&Value>,
    differences: &mut Vec<Difference>,
) {
    match (expected, actual) {
        (expected, actual) if expected == actual => {}
        (Some(Value::Object(expected)), Some(Value::Object(actual))) => {
            let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
            for name in names {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                compare_at(&path, expected.get(name), actual.get(name), differences);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(actual))) => {
            for position in 0..expected.len().max(actual.len()) {
                let path = format!("{path}/{position}");
                compare_at(
                    &path,
                    expected.get(position),
                    actual.get(position),
                    differences,
                );
            }
        }
        (expected, actual) => differences.push(Difference {
            field: path.to_owned(),
            expected: expected.cloned().unwrap_or_default(),
            actual: actual.cloned().unwrap_or_default(),
        }),
    }
}

/// The rules of all images of a decision.
pub(super) fn rules(decision: &Value) -> impl Iterator<Item = &Value> {
    let images = decision.get("images").and_then(Value::as_array);
    let images = images.into_iter().flatten();
    images
        .filter_map(|image| image.get("rules")?.as_array())
        .flatten()
}

fn is_called(rule: &Value, name: &str) -> bool {
    rule.get("rule").and_then(Value::as_str) == Some(name)
}

/// The one text that all are, or a list of those that there are.
fn one<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let all: BTreeSet<&str> = texts.collect();
    let mut texts = all.iter();
    match (texts.next(), texts.next()) {
        (None, _) => Value::Null,
        (Some(only), None) => (*only).into(),
        _ => json!(all),
    }
}

/// Every code in a decision.
fn codes<'a>(value: &'a Value, shown: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(code) if name == "code" => {
                        shown.insert(code);
                    }
                    value => codes(value, shown),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|value| codes(value, shown)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{differences, from_kept};
    use crate::policy_test::document::Expectation;

    fn decision() -> Value {
        json!({
            "outcome": "rejected",
            "allowed": false,
            "policy": {"name": "p", "sha256": "00"},
            "images": [
                {"code": "a.b", "rules": [
                    {"rule": "x", "result": "fail", "code": "a.b", "evidence": [{"code": "c.d"}]},
                    {"rule": "y", "result": "pass", "code": "ok", "metBy": [{"authority": "k"}]},
                ]},
                {"code": "ok", "rules": [{"rule": "x", "result": "pass", "code": "ok"}]},
            ],
        })
    }

    #[test]
    fn each_field() {
        let cases = [
            (json!({"outcome": "rejected"}), vec![]),
            (json!({"outcome": "allowed"}), vec!["outcome"]),
            (json!({"outcome": "rejected", "allowed": false}), vec![]),
            (
                json!({"outcome": "rejected", "allowed": true}),
                vec!["allowed"],
            ),
            (
                json!({"outcome": "rejected", "codes": ["a.b", "c.d", "ok"]}),
                vec![],
            ),
            (
                json!({"outcome": "rejected", "codes": ["a.b", "e.f"]}),
                vec!["codes"],
            ),
            (
                json!({"outcome": "rejected", "rules": {"y": "pass"}}),
                vec![],
            ),
            (
                json!({"outcome": "rejected", "rules": {"y": "fail"}}),
                vec!["rules.y"],
            ),
            // It is not the same for every image.
            (
                json!({"outcome": "rejected", "rules": {"x": "fail"}}),
                vec!["rules.x"],
            ),
            (
                json!({"outcome": "rejected", "rules": {"z": "fail"}}),
                vec!["rules.z"],
            ),
            (
                json!({"outcome": "rejected", "metBy": {"y": ["k"], "x": []}}),
                vec![],
            ),
            (
                json!({"outcome": "rejected", "metBy": {"y": ["k", "l"]}}),
                vec!["metBy.y"],
            ),
        ];
        for (expected, fields) in cases {
            let expectation: Expectation = serde_json::from_value(expected.clone()).unwrap();
            let found = differences(&expectation, &decision());
            let found: Vec<&str> = found.iter().map(|of| of.field.as_str()).collect();
            assert_eq!(found, fields, "{expected}");
        }
    }

    #[test]
    fn a_whole_decision() {
        let mut expected = decision();
        expected["policy"].as_object_mut().unwrap().remove("sha256");
        assert_eq!(from_kept(&expected, &decision()), []);
        expected["images"][0]["rules"][1]["result"] = json!("fail");
        expected["images"].as_array_mut().unwrap().pop();
        let found = from_kept(&expected, &decision());
        let fields: Vec<&str> = found.iter().map(|of| of.field.as_str()).collect();
        assert_eq!(
            fields,
            ["decision/images/0/rules/1/result", "decision/images/1"]
        );
    }
}
