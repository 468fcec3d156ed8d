//! The published schemas say what is read and written: every policy and decision of these tests is
//! held against them (see `world`), and what is malformed in its shape the schema refuses, too.

use sealstone_verify::json::Value as Strict;
use serde_json::Value;

use crate::policy_documents::{Edit, edited, malformed};
use crate::world::policy_schema_errors;

/// Faults of shape: a schema can say them.
const OF_SHAPE: [&str; 9] = [
    "policy.empty",
    "policy.exactly-one",
    "policy.level-out-of-range",
    "policy.missing-field",
    "policy.number-out-of-range",
    "policy.threshold-out-of-range",
    "policy.unknown-field",
    "policy.unknown-value",
    "policy.unknown-version",
];

/// What the schema allows and the reader refuses, with the reason.
const TIED: &str = "the schema does not tie one field to the value of another";

const EXCEPTIONS: [(&str, &str, &str); 7] = [
    (
        "/rules/2/attestation/signedBy",
        r#"{"atLeast":{"count":3,"of":["key","insecure"]}}"#,
        "a schema cannot compare a number with the length of a list",
    ),
    (
        "/trustRoots/0/requirements",
        r#"{"profile":"private","insecureCurrentTime":true,"observerTimestampThreshold":1}"#,
        TIED,
    ),
    ("/rules/1/provenance/legacyLevel", "3", TIED),
    ("/rules/1/provenance/minimumLevels", r#"{"source":1}"#, TIED),
    (
        "/rules/1/provenance/properties",
        r#"["TWO_PARTY_REVIEWED"]"#,
        TIED,
    ),
    (
        "/rules/0/match",
        r#"{"labels":{"matchExpressions":[{"key":"a","operator":"In"}]}}"#,
        TIED,
    ),
    (
        "/rules/0/match",
        r#"{"labels":{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]}}"#,
        TIED,
    ),
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_schema_refuses_what_is_malformed_in_shape() {
    let mut checked = 0;
    let mut used = Vec::new();
    let mut allowed = Vec::new();
    for case in malformed() {
        if !OF_SHAPE.contains(&case.code) && case.code != "policy.wrong-type" {
            continue;
        }
        checked += 1;
        if !policy_schema_errors(&json(&edited(case.path, &case.edit()))).is_empty() {
            continue;
        }
        let exception = EXCEPTIONS
            .iter()
            .find(|(path, edit, _)| *path == case.path && *edit == case.put);
        match exception {
            Some((path, ..)) => used.push(*path),
            None => allowed.push(format!("{} | {} | {}", case.path, case.put, case.code)),
        }
    }
    assert!(
        allowed.is_empty(),
        "the schema allows:\n{}",
        allowed.join("\n")
    );
    assert_eq!(
        used.len(),
        EXCEPTIONS.len(),
        "an exception is none any more: {used:?}"
    );
    assert!(checked > 120, "{checked}");
}

#[test]
fn the_schema_allows_what_is_well_formed() {
    let policy = edited("/metadata/name", &Edit::Put("\"again\""));
    assert_eq!(policy_schema_errors(&json(&policy)), Vec::<String>::new());
    let keyed = crate::support::keyed_policy(r#"["**"]"#);
    assert_eq!(policy_schema_errors(&json(&keyed)), Vec::<String>::new());
    // The two readers agree about what was put together here.
    assert!(matches!(crate::support::value(&policy), Strict::Object(_)));
}

/// The example policies, which stand in YAML.
#[test]
fn the_schema_allows_the_examples() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found = 0;
    for example in std::fs::read_dir(folder).unwrap() {
        let path = example.unwrap().path().join("policy.yaml");
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let policy: Value = yaml_serde::from_str(&text).unwrap();
        assert_eq!(
            policy_schema_errors(&policy),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
        found += 1;
    }
    assert!(found > 0);
}
