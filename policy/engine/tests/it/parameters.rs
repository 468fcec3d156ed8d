//! External parameters: each must be expected, or the rule says aloud that it is not.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{Build, Identity};
use serde_json::{Value, json};

use crate::world::{
    SIGSTORE, assert_code, by_key, compiled, decide, evidence, key, policy, rule, subject,
};

const UNKNOWN: &str = "provenance.parameter-unknown";

fn asking(parameters: Value) -> CompiledPolicy {
    let identity = json!({
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"glob": "https://github.com/octo-org/**"},
    });
    let authorities = json!([
        key("builder"),
        {"name": "ci", "keyless": {"trustRoot": "root", "identities": [identity]}},
    ]);
    let asked = json!({
        "signedBy": ["builder", "ci"],
        "source": {"uri": "https://github.com/octo-org/app"},
        "externalParameters": parameters,
    });
    compiled(&policy(authorities, rule("provenance", asked), json!({})))
}

/// Provenance v0.2 of a build with these parameters.
fn built_with(parameters: &str) -> Evidence {
    let mut statement = Build::default().provenance_v02(subject());
    statement.predicate["invocation"]["parameters"] = serde_json::from_str(parameters).unwrap();
    evidence(by_key("builder").attest(&statement))
}

#[test]
fn every_parameter_is_covered() {
    let a = json!([{"field": "/a", "equals": 1}]);
    let within = json!([{"field": "/a/b", "equals": 1}]);
    let first = json!([{"field": "/a/0", "equals": 1}]);
    let all_of_a = json!([{"field": "/a", "maximumLength": 2}]);
    let two = json!([{"field": "/a", "equals": 1}, {"field": "/b", "equals": 2}]);
    let slash = json!([{"field": "/a~1b", "equals": 1}]);
    let tilde = json!([{"field": "/a~0b", "equals": 1}]);
    let both = json!([{"field": "/a~0~1b/c", "equals": 1}]);
    let whole = json!([{"field": "", "maximumLength": 2}]);
    let cases: &[(&Value, &str, &str)] = &[
        (&a, r#"{"a":1}"#, "ok"),
        (&a, r#"{"a":1,"b":2}"#, "/b"),
        (&a, r#"{"a":1,"b":""}"#, "/b"),
        (&a, r#"{"a":1,"b":0}"#, "/b"),
        (&a, r#"{"a":1,"b":false}"#, "/b"),
        (&a, r#"{"a":1,"":1}"#, "/"),
        (&a, r#"{"a":1,"A":1}"#, "/A"),
        (&a, r#"{"a":1,"a ":1}"#, "/a "),
        // Where nothing was given there is nothing to cover.
        (&a, r#"{"a":1,"b":null}"#, "ok"),
        (&a, r#"{"a":1,"b":[]}"#, "ok"),
        (&a, r#"{"a":1,"b":{}}"#, "ok"),
        (&a, r#"{"a":1,"b":{"c":[null,{}]}}"#, "ok"),
        (&a, r#"{"a":1,"b":{"c":[null,{"d":0}]}}"#, "/b/c/1/d"),
        (&a, r#"{"a":2}"#, "attestation.field-mismatch"),
        (&a, r#"{"b":1}"#, "attestation.field-missing"),
        (&a, r#"{"a":[1]}"#, "attestation.field-type"),
        (&a, r#"{"a":{"a":1}}"#, "attestation.field-type"),
        (&a, "{}", "attestation.field-missing"),
        // Within an object.
        (&within, r#"{"a":{"b":1}}"#, "ok"),
        (&within, r#"{"a":{"b":1,"c":2}}"#, "/a/c"),
        (&within, r#"{"a":{"b":1},"b":1}"#, "/b"),
        (&within, r#"{"a/b":1}"#, "attestation.field-missing"),
        (&within, r#"{"a":{"b":1},"a/b":1}"#, "/a~1b"),
        // Within a list.
        (&first, r#"{"a":[1]}"#, "ok"),
        (&first, r#"{"a":[1,2]}"#, "/a/1"),
        (&first, r#"{"a":[1,[2]]}"#, "/a/1/0"),
        (&first, r#"{"a":[2,1]}"#, "attestation.field-mismatch"),
        // A condition covers all that lies in its field, and only that.
        (&all_of_a, r#"{"a":[{"b":1},{"c":{"d":2}}]}"#, "ok"),
        (&all_of_a, r#"{"a":{"b":{"c":1}}}"#, "ok"),
        (&all_of_a, r#"{"a":[1,2,3]}"#, "attestation.field-mismatch"),
        (&all_of_a, r#"{"a":[1],"ab":1}"#, "/ab"),
        (&two, r#"{"a":1,"b":2}"#, "ok"),
        (&two, r#"{"a":1,"b":2,"c":3}"#, "/c"),
        (&two, r#"{"a":1}"#, "attestation.field-missing"),
        // Names that a pointer escapes.
        (&slash, r#"{"a/b":1}"#, "ok"),
        (&slash, r#"{"a/b":1,"a":{"b":1}}"#, "/a/b"),
        (&slash, r#"{"a":{"b":1}}"#, "attestation.field-missing"),
        (&tilde, r#"{"a~b":1}"#, "ok"),
        (&tilde, r#"{"a~b":1,"a~0b":1}"#, "/a~00b"),
        (&both, r#"{"a~/b":{"c":1}}"#, "ok"),
        (&both, r#"{"a~/b":{"c":1,"~1":2}}"#, "/a~0~1b/~01"),
        (&whole, r#"{"a":{"b":1},"c":2}"#, "ok"),
        (
            &whole,
            r#"{"a":1,"b":2,"c":3}"#,
            "attestation.field-mismatch",
        ),
    ];
    for (conditions, parameters, expected) in cases {
        let policy = asking(json!({"conditions": conditions}));
        let decided = decide(&policy, vec![built_with(parameters)]);
        let case = format!("{conditions} over {parameters}");
        let uncovered = expected.starts_with('/');
        let code = if uncovered { UNKNOWN } else { expected };
        assert_code(&decided, code, &case);
        if uncovered {
            let message = decided.document["images"][0]["message"].as_str().unwrap();
            assert!(
                message.contains(&format!("`{expected}`")),
                "{case}: {message}"
            );
        }
    }
}

/// What is passed over is told, and only where something is.
#[test]
fn others_may_be_ignored_aloud() {
    let policy = asking(json!({
        "conditions": [{"field": "/a", "equals": 1}],
        "insecureIgnoreOthers": true,
    }));
    for (parameters, ignored) in [
        (r#"{"a":1}"#, false),
        (r#"{"a":1,"b":null}"#, false),
        (r#"{"a":1,"b":2}"#, true),
        (r#"{"a":1,"b":{"c":[0]}}"#, true),
    ] {
        let decided = decide(&policy, vec![built_with(parameters)]);
        assert_code(&decided, "ok", parameters);
        let provenance = &decided.met_by()[0]["provenance"];
        assert_eq!(
            provenance.get("insecureIgnoreOthers").is_some(),
            ignored,
            "{parameters}"
        );
    }
    // The conditions hold all the same.
    for (parameters, code) in [
        (r#"{"a":2,"b":2}"#, "attestation.field-mismatch"),
        (r#"{"b":2}"#, "attestation.field-missing"),
    ] {
        assert_code(
            &decide(&policy, vec![built_with(parameters)]),
            code,
            parameters,
        );
    }
}

/// Without the requirement parameters are not looked at.
#[test]
fn not_asked_for() {
    let mut policy = policy(
        json!([key("builder")]),
        rule(
            "provenance",
            json!({"signedBy": ["builder"], "source": {"uri": "https://github.com/octo-org/app"}}),
        ),
        json!({}),
    );
    policy["metadata"]["name"] = json!("no-parameters");
    let decided = decide(&compiled(&policy), vec![built_with(r#"{"debug":true}"#)]);
    assert_code(&decided, "ok", "");
    assert_eq!(
        decided.met_by()[0]["provenance"].get("insecureIgnoreOthers"),
        None
    );
}

/// In provenance v1 the parameters are those of the workflow; an input is one that nobody expects.
#[test]
fn of_a_workflow() {
    let policy = asking(json!({"conditions": [
        {"field": "/workflow/ref", "matches": {"glob": "refs/tags/v*"}},
        {"field": "/workflow/repository", "equals": "https://github.com/octo-org/app"},
        {"field": "/workflow/path", "equals": ".github/workflows/release.yml"},
    ]}));
    let build = Build::default();
    let with = |inputs: Option<Value>| {
        let mut statement = build.provenance_v1(subject());
        if let Some(inputs) = inputs {
            statement.predicate["buildDefinition"]["externalParameters"]["inputs"] = inputs;
        }
        let signer = SIGSTORE.keyless(&Identity::github_actions(&build));
        vec![evidence(signer.attest(&statement))]
    };
    assert_code(&decide(&policy, with(None)), "ok", "no inputs");
    assert_code(
        &decide(&policy, with(Some(json!({})))),
        "ok",
        "empty inputs",
    );
    let decided = decide(&policy, with(Some(json!({"skip-tests": "true"}))));
    assert_code(&decided, UNKNOWN, "an input");
    let other = Build {
        source_ref: "refs/heads/main".to_owned(),
        ..Build::default()
    };
    let signer = SIGSTORE.keyless(&Identity::github_actions(&other));
    let piece = evidence(signer.attest(&other.provenance_v1(subject())));
    assert_code(
        &decide(&policy, vec![piece]),
        "attestation.field-mismatch",
        "another ref",
    );
}

/// Conditions on parameters are met by one envelope, too.
#[test]
fn envelopes_are_not_mixed() {
    let policy = asking(json!({"conditions": [
        {"field": "/a", "equals": 1}, {"field": "/b", "equals": 2},
    ]}));
    let halves = vec![
        built_with(r#"{"a":1,"b":0}"#),
        built_with(r#"{"a":0,"b":2}"#),
    ];
    assert_code(
        &decide(&policy, halves.clone()),
        "attestation.field-mismatch",
        "halves",
    );
    let mut pieces = halves;
    pieces.push(built_with(r#"{"a":1,"b":2}"#));
    assert_code(&decide(&policy, pieces), "ok", "one whole");
}
