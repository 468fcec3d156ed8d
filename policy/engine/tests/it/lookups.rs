//! What hosts are told that find evidence by name.

use sealstone_engine::json::Value;
use sealstone_engine::{CompiledPolicy, ImageLookup};

use crate::support::{DIGEST, codes, problems, value};
use crate::world::{compiled, key, policy, rule};
use serde_json::json;

fn lookups(policy: &CompiledPolicy, request: &serde_json::Value) -> Vec<ImageLookup> {
    let found = policy.lookups(&value(&request.to_string()));
    found.unwrap_or_default()
}

fn raw(references: &[&str]) -> serde_json::Value {
    let images: Vec<_> = references
        .iter()
        .map(|reference| json!({"reference": reference}))
        .collect();
    json!({ "images": images })
}

fn signed(more: serde_json::Value) -> CompiledPolicy {
    let rules = rule("signature", json!({"signedBy": ["release"]}));
    compiled(&policy(json!([key("release")]), rules, more))
}

#[test]
fn names() {
    let mirrors =
        json!({"images": {"mirrors": [{"from": "mirror.example/hub", "to": "docker.io"}]}});
    let policy = signed(mirrors);
    for (reference, repository, tag, names) in [
        (
            "r.example/a:v1",
            "r.example/a",
            Some("v1"),
            &["r.example/a"][..],
        ),
        (
            "nginx",
            "docker.io/library/nginx",
            None,
            &["index.docker.io/library/nginx", "docker.io/library/nginx"],
        ),
        (
            "mirror.example/hub/library/nginx:1",
            "mirror.example/hub/library/nginx",
            Some("1"),
            &[
                "mirror.example/hub/library/nginx",
                "index.docker.io/library/nginx",
                "docker.io/library/nginx",
            ],
        ),
    ] {
        let found = lookups(&policy, &raw(&[reference]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].reference, reference);
        assert_eq!(found[0].digest, None);
        assert_eq!(found[0].repository, repository);
        assert_eq!(found[0].tag.as_deref(), tag);
        assert_eq!(found[0].names, names);
    }
    let found = lookups(&policy, &raw(&[&format!("r.example/a:v1@{DIGEST}")]));
    assert_eq!(found[0].digest.as_deref(), Some(DIGEST));
    assert_eq!(found[0].repository, "r.example/a");
}

#[test]
fn what_is_wanted() {
    let signature = json!({"signedBy": ["release"]});
    let vulnerability = json!({
        "signedBy": ["release"], "predicateType": {"exact": "https://example.com/x"}, "quantifier": "any",
    });
    let rules = json!([
        {"name": "signed", "images": ["r.example/signed/**", "r.example/both/**"], "signature": signature},
        {"name": "stated", "images": ["r.example/stated/**", "r.example/both/**"], "attestation": vulnerability},
    ]);
    let policy_of = |more| compiled(&policy(json!([key("release")]), rules.clone(), more));
    for (reference, signatures, statements) in [
        ("r.example/signed/a", true, false),
        ("r.example/stated/a", false, true),
        ("r.example/both/a", true, true),
        ("r.example/other/a", false, false),
    ] {
        let wanted = lookups(&policy_of(json!({})), &raw(&[reference]))[0].wanted;
        assert!(wanted.digest);
        assert_eq!(
            (wanted.signatures, wanted.statements),
            (signatures, statements),
            "{reference}"
        );
        // What is denied by its tag is not looked up.
        let strict = policy_of(json!({"images": {"tags": "deny"}}));
        let wanted = lookups(&strict, &raw(&[reference]))[0].wanted;
        assert_eq!(
            (wanted.digest, wanted.signatures, wanted.statements),
            (false, false, false)
        );
    }
}

#[test]
fn annotations() {
    let asking = |annotations| json!({"signedBy": ["release"], "annotations": annotations});
    let rules = json!([
        {"name": "one", "images": ["**"], "signature": asking(json!({"a": {"exact": "1"}}))},
        {"name": "two", "images": ["**"], "signature": asking(json!({"b": {"exact": "2"}, "c": {"exact": "3"}}))},
        {"name": "pattern", "images": ["**"], "signature": asking(json!({"d": {"exact": "4"}, "e": {"glob": "*"}}))},
        {"name": "elsewhere", "images": ["elsewhere.example/**"], "signature": asking(json!({"f": {"exact": "5"}}))},
    ]);
    let policy = compiled(&policy(json!([key("release")]), rules, json!({})));
    let found = lookups(&policy, &raw(&["r.example/a"]));
    let written: Vec<String> = found[0]
        .annotations
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    assert_eq!(
        written,
        [
            r#"{"a": "1"}"#,
            r#"{"b": "2", "c": "3"}"#,
            r#"{"a": "1", "b": "2", "c": "3"}"#
        ]
    );
}

#[test]
fn nothing_is_looked_up_for_what_is_refused() {
    let policy = signed(json!({"limits": {"images": 1}}));
    assert_eq!(lookups(&policy, &raw(&["r.example/a"])).len(), 1);
    assert!(lookups(&policy, &raw(&["r.example/a", "r.example/b"])).is_empty());
    let problem = policy.lookups(&Value::Null).unwrap_err();
    assert_eq!(problem.code, "request.wrong-type");
}

#[test]
fn config_maps() {
    let sources = |maps: serde_json::Value| json!({"evidenceSources": {"configMaps": maps}});
    let policy_of = |more| {
        policy(
            json!([key("release")]),
            rule("signature", json!({"signedBy": ["release"]})),
            more,
        )
    };
    assert!(signed(json!({})).config_maps().is_empty());
    let named = signed(sources(
        json!([{"namespace": "sealstone", "name": "evidence"}]),
    ));
    let [map] = named.config_maps() else {
        panic!("one is named");
    };
    assert_eq!((&*map.namespace, &*map.name), ("sealstone", "evidence"));
    for (maps, expected) in [
        (
            json!([{"namespace": "a/b", "name": "c"}]),
            (
                "policy.name-malformed",
                "/evidenceSources/configMaps/0/namespace",
            ),
        ),
        (
            json!([{"namespace": "a", "name": "C"}]),
            (
                "policy.name-malformed",
                "/evidenceSources/configMaps/0/name",
            ),
        ),
        (
            json!([{"namespace": "a"}]),
            ("policy.missing-field", "/evidenceSources/configMaps/0/name"),
        ),
        (json!([]), ("policy.empty", "/evidenceSources/configMaps")),
    ] {
        let found = problems(&policy_of(sources(maps)).to_string());
        assert_eq!(codes(&found), [expected]);
    }
    let found = problems(&policy_of(json!({"evidenceSources": {}})).to_string());
    assert_eq!(
        codes(&found),
        [("policy.missing-field", "/evidenceSources/configMaps")]
    );
}

/// A policy that was read as JSON before is the same policy.
#[test]
fn policies_that_are_json_already() {
    let text = policy(
        json!([key("release")]),
        rule("signature", json!({"signedBy": ["release"]})),
        json!({}),
    )
    .to_string();
    let request = raw(&["r.example/a"]).to_string();
    let now = sealstone_engine::UnixTime::from_seconds(sealstone_forge::NOW.seconds());
    let decided = |policy: &CompiledPolicy| policy.decide(request.as_bytes(), &[], now);
    let of_value = CompiledPolicy::compile_value(&value(&text), &[]).unwrap();
    let of_text = CompiledPolicy::compile(text.as_bytes(), &[]).unwrap();
    assert_eq!(decided(&of_value), decided(&of_text));
    let large = json!({"x": "y".repeat(2 << 20)}).to_string();
    let found = CompiledPolicy::compile_value(&value(&large), &[]).unwrap_err();
    assert_eq!(codes(&found), [("limit.policy-bytes", "")]);
}
