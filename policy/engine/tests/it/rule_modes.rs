//! Modes of rules and of namespaces: the weaker one holds, and only what fails counts.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, Outcome, Webhook};
use sealstone_forge::NOW;
use serde_json::{Value, json};

use crate::support::DIGEST;
use crate::world::{Decided, IMAGE, by_key, compiled, decide_request, key, policy, signature};

const MODES: [Option<&str>; 4] = [None, Some("enforce"), Some("warn"), Some("audit")];

/// A rule that asks for a signature with the key of that name.
fn signed_by(name: &str, mode: Option<&str>) -> Value {
    let mut rule =
        json!({"name": name, "images": ["registry.example/**"], "signature": {"signedBy": [name]}});
    if let Some(mode) = mode {
        rule["mode"] = json!(mode);
    }
    rule
}

fn with_rules(rules: Value, mode: Option<&str>, modes: Option<Value>) -> CompiledPolicy {
    let mut more = json!({});
    if let Some(mode) = mode {
        more["mode"] = json!(mode);
    }
    if let Some(modes) = modes {
        more["modes"] = modes;
    }
    compiled(&policy(json!([key("a"), key("b")]), rules, more))
}

fn in_namespace(reference: &str, digest: Option<&str>, namespace: Option<&str>) -> String {
    let mut request = json!({"images": [{"reference": reference}]});
    if let Some(digest) = digest {
        request["images"][0]["digest"] = json!(digest);
    }
    if let Some(namespace) = namespace {
        request["namespace"] = json!(namespace);
    }
    request.to_string()
}

fn brought(reference: &str, evidence: Vec<Evidence>) -> ImageEvidence {
    ImageEvidence {
        reference: reference.to_owned(),
        digest: DIGEST.to_owned(),
        evidence,
        unavailable: None,
    }
}

fn decide(policy: &CompiledPolicy, namespace: Option<&str>, signers: &[&str]) -> Decided {
    let evidence = signers.iter().map(|name| signature(&by_key(name)));
    let brought = [brought(IMAGE, evidence.collect())];
    let request = in_namespace(IMAGE, Some(DIGEST), namespace);
    decide_request(policy, &request, &brought, NOW)
}

fn response(decided: &Decided, webhook: Webhook) -> Value {
    let review = decided.decision.to_admission_review(webhook);
    serde_json::from_str::<Value>(&review).unwrap()["response"].clone()
}

/// The weaker of two modes.
fn weaker<'m>(one: &'m str, other: &'m str) -> &'m str {
    let rank = |mode: &str| ["enforce", "warn", "audit"].iter().position(|m| *m == mode);
    if rank(one) >= rank(other) { one } else { other }
}

#[test]
fn the_weaker_one_holds() {
    for document in MODES {
        for of_rule in MODES {
            for of_namespace in MODES {
                let modes = of_namespace.map(|mode| json!([{"namespaces": ["dev"], "mode": mode}]));
                let rules = json!([signed_by("a", of_rule)]);
                let policy = with_rules(rules, document, modes);
                let own = of_rule.or(document).unwrap_or("enforce");
                for namespace in [None, Some("prod"), Some("dev")] {
                    let case = format!("{document:?} {of_rule:?} {of_namespace:?} {namespace:?}");
                    let there = of_namespace.filter(|_| namespace == Some("dev"));
                    let there = there.unwrap_or("enforce");
                    let holds = weaker(own, there);
                    let decided = decide(&policy, namespace, &[]);
                    assert_eq!(decided.code(), "evidence.missing", "{case}");
                    assert_eq!(decided.decision.outcome(), Outcome::Rejected, "{case}");
                    assert_eq!(decided.decision.allowed(), holds != "enforce", "{case}");
                    let general = weaker(document.unwrap_or("enforce"), there);
                    assert_eq!(decided.document["mode"], general, "{case}");
                    let image = &decided.document["images"][0];
                    for place in [image, &image["rules"][0]] {
                        let said = place["mode"].as_str().unwrap_or(general);
                        assert_eq!(said, holds, "{case}");
                        assert_eq!(place["mode"].is_null(), holds == general, "{case}");
                    }
                    let response = response(&decided, Webhook::Validating);
                    assert_eq!(response["allowed"], holds != "enforce", "{case}");
                    assert_eq!(response["warnings"].is_array(), holds == "warn", "{case}");
                    // What is met is allowed in every mode.
                    let met = decide(&policy, namespace, &["a"]);
                    assert_eq!(met.decision.outcome(), Outcome::Allowed, "{case}");
                    assert!(met.decision.allowed(), "{case}");
                }
            }
        }
    }
}

#[test]
fn the_weakest_of_several_namespace_modes_holds() {
    let modes = json!([
        {"namespaces": ["dev-*"], "mode": "warn"},
        {"excludeNamespaces": ["prod", "dev-*"], "mode": "audit"},
        {"namespaces": ["dev-b"], "mode": "audit"},
        {"namespaces": ["**"], "mode": "enforce"},
    ]);
    let policy = with_rules(json!([signed_by("a", None)]), None, Some(modes));
    for (namespace, mode) in [
        (Some("prod"), "enforce"),
        (Some("dev-a"), "warn"),
        (Some("dev-b"), "audit"),
        (Some("other"), "audit"),
        // Nothing is said of requests without a namespace.
        (None, "enforce"),
    ] {
        let decided = decide(&policy, namespace, &[]);
        assert_eq!(decided.document["mode"], mode, "{namespace:?}");
        let allowed = decided.decision.allowed();
        assert_eq!(allowed, mode != "enforce", "{namespace:?}");
    }
}

/// Of two rules, what the stricter one of those that fail says is what follows.
#[test]
fn what_fails_counts() {
    let policy = with_rules(
        json!([signed_by("a", Some("warn")), signed_by("b", None)]),
        None,
        None,
    );
    for (signers, allowed, warned) in [
        (&["a", "b"][..], true, false),
        (&["a"], false, false),
        (&["b"], true, true),
        (&[], false, false),
    ] {
        let decided = decide(&policy, None, signers);
        assert_eq!(decided.decision.allowed(), allowed, "{signers:?}");
        let response = response(&decided, Webhook::Validating);
        assert_eq!(response["allowed"], allowed, "{signers:?}");
        assert_eq!(response["warnings"].is_array(), warned, "{signers:?}");
        // The message names the rule that denies, not one that would only warn.
        if !allowed {
            let message = response["status"]["message"].as_str().unwrap();
            assert!(message.contains("rule b: "), "{message}");
        }
        let record: Value = serde_json::from_str(&decided.decision.to_compact_json()).unwrap();
        let rules = &record["images"][0]["rules"];
        assert_eq!(rules[0]["mode"], "warn");
        assert_eq!(rules[1]["mode"], Value::Null);
    }
}

/// One image that is denied and one that is only warned of: the message is about the first.
#[test]
fn of_several_images_the_denied_one_is_named() {
    const OTHER: &str = "registry.example/other";
    let mut rules = json!([signed_by("a", Some("warn")), signed_by("b", None)]);
    rules[0]["images"] = json!([IMAGE]);
    rules[1]["images"] = json!([OTHER]);
    let policy = with_rules(rules, None, None);
    let request = json!({"images": [
        {"reference": IMAGE, "digest": DIGEST}, {"reference": OTHER, "digest": DIGEST},
    ]})
    .to_string();
    let decide = |other: Vec<Evidence>| {
        let brought = [brought(IMAGE, vec![]), brought(OTHER, other)];
        decide_request(&policy, &request, &brought, NOW)
    };
    let denied = response(&decide(vec![]), Webhook::Mutating);
    assert_eq!(denied["allowed"], false);
    let message = denied["status"]["message"].as_str().unwrap();
    assert!(message.contains(OTHER) && message.contains("rule b: "));
    assert_eq!(denied["warnings"].as_array().unwrap().len(), 1);
    let decided = decide(vec![signature(&by_key("b"))]);
    assert_eq!(decided.decision.outcome(), Outcome::Rejected);
    assert!(decided.decision.allowed());
    assert_eq!(response(&decided, Webhook::Mutating)["allowed"], true);
}

/// A rule that warns does not open what another enforces: the tag is pinned all the same.
#[test]
fn what_is_enforced_is_pinned() {
    let decide = |document: Option<&str>, a: Option<&str>, b: Option<&str>| {
        let policy = with_rules(
            json!([signed_by("a", a), signed_by("b", b)]),
            document,
            None,
        );
        let object =
            json!({"kind": "Pod", "spec": {"containers": [{"name": "c", "image": IMAGE}]}});
        let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request":
            {"uid": "u", "operation": "CREATE", "kind": kind, "object": object}});
        let brought = [brought(IMAGE, vec![signature(&by_key("a"))])];
        decide_request(&policy, &review.to_string(), &brought, NOW)
    };
    for (document, a, b, pinned) in [
        (None, None, Some("warn"), true),
        (Some("enforce"), None, Some("audit"), true),
        (Some("warn"), Some("enforce"), None, true),
        (Some("warn"), None, None, false),
        (None, Some("audit"), Some("warn"), false),
    ] {
        let case = format!("{document:?} {a:?} {b:?}");
        let decided = decide(document, a, b);
        assert!(decided.decision.allowed(), "{case}");
        assert_eq!(decided.decision.to_json_patch().is_some(), pinned, "{case}");
        assert_eq!(
            decided.document["images"][0]["pin"].is_string(),
            pinned,
            "{case}"
        );
        let mutating = response(&decided, Webhook::Mutating);
        assert_eq!(mutating["allowed"], true, "{case}");
        assert_eq!(mutating["patch"].is_string(), pinned, "{case}");
        let validating = response(&decided, Webhook::Validating);
        assert_eq!(validating["allowed"], !pinned, "{case}");
    }
}

/// What keeps a rule from being evaluated counts as what the strictest rule of the image says; an
/// image without a rule, what the policy says.
#[test]
fn what_is_not_evaluated() {
    let flood: Vec<Evidence> = (0..200)
        .map(|index| Evidence {
            media_type: "application/octet-stream".to_owned(),
            content: vec![index],
            ..Evidence::default()
        })
        .collect();
    let digest = Some(DIGEST);
    let cases = [
        (IMAGE, digest, vec![], "evidence.not-brought"),
        (IMAGE, None, vec![], "image.digest-missing"),
        (
            IMAGE,
            digest,
            vec![brought(IMAGE, flood)],
            "limit.evidence-pieces",
        ),
        ("elsewhere.example/app", digest, vec![], "image.no-rule"),
    ];
    for (reference, digest, brought, code) in cases {
        for (document, other, passes) in [
            ("enforce", None, false),
            ("enforce", Some("warn"), code != "image.no-rule"),
            ("warn", None, true),
            ("warn", Some("enforce"), code == "image.no-rule"),
        ] {
            let rules = json!([signed_by("a", Some("audit")), signed_by("b", other)]);
            let policy = with_rules(rules, Some(document), None);
            let request = in_namespace(reference, digest, None);
            let decided = decide_request(&policy, &request, &brought, NOW);
            assert_eq!(decided.code(), code);
            assert_eq!(
                decided.decision.allowed(),
                passes,
                "{code} {document} {other:?}"
            );
            // The mode of a namespace holds for them as well.
            let modes = json!([{"namespaces": ["dev"], "mode": "warn"}]);
            let rules = json!([signed_by("a", Some("audit")), signed_by("b", other)]);
            let policy = with_rules(rules, Some(document), Some(modes));
            let request = in_namespace(reference, digest, Some("dev"));
            let decided = decide_request(&policy, &request, &brought, NOW);
            assert!(decided.decision.allowed(), "{code} {document} {other:?}");
        }
    }
}

/// A malformed request passes in no mode of a rule or namespace.
#[test]
fn what_is_malformed_never_passes() {
    let modes = json!([{"namespaces": ["**"], "mode": "audit"}]);
    let rules = json!([signed_by("a", Some("audit"))]);
    let policy = with_rules(rules, Some("audit"), Some(modes));
    for request in ["", "{}", r#"{"images":[],"namespace":"dev"}"#] {
        let decided = decide_request(&policy, request, &[], NOW);
        assert_eq!(decided.decision.outcome(), Outcome::Invalid);
        assert!(!decided.decision.allowed());
    }
}
