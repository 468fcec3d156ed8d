//! Rules that take effect later: before, what they would deny is a warning with the date.

use sealstone_engine::{CompiledPolicy, ImageEvidence, Outcome, Webhook};
use sealstone_forge::{NOW, UnixTime};
use serde_json::{Value, json};

use crate::support::{DIGEST, request};
use crate::world::{
    Decided, IMAGE, assert_code, by_key, compiled, decide, decide_at, decide_request, key, policy,
    signature,
};

/// `NOW` and the second before and after.
const BEFORE: &str = "2026-05-31T23:59:59Z";
const AT: &str = "2026-06-01T00:00:00Z";
const AFTER: &str = "2026-06-01T00:00:01Z";

/// A rule that asks for a signature with the key of that name.
fn signed_by(name: &str, effective_on: Option<&str>) -> Value {
    let mut rule =
        json!({"name": name, "images": ["registry.example/**"], "signature": {"signedBy": [name]}});
    if let Some(date) = effective_on {
        rule["effectiveOn"] = json!(date);
    }
    rule
}

fn with_rules(rules: Value, more: Value) -> CompiledPolicy {
    compiled(&policy(json!([key("old"), key("new")]), rules, more))
}

fn rules_of(decided: &Decided) -> &Value {
    &decided.document["images"][0]["rules"]
}

fn warnings(decided: &Decided) -> Value {
    let review = decided.decision.to_admission_review(Webhook::Mutating);
    let review: Value = serde_json::from_str(&review).unwrap();
    review["response"]["warnings"].clone()
}

#[test]
fn the_date_is_the_first_moment() {
    assert_eq!(NOW.to_string(), AT);
    for (date, code) in [
        (None, "signature.invalid"),
        (Some("1971-01-01T00:00:00Z"), "signature.invalid"),
        (Some(BEFORE), "signature.invalid"),
        (Some(AT), "signature.invalid"),
        (Some("2026-06-01T02:00:00+02:00"), "signature.invalid"),
        (Some("2026-06-01T00:00:00-00:01"), "ok"),
        (Some(AFTER), "ok"),
        (Some("9999-12-31T23:59:59Z"), "ok"),
    ] {
        let rules = json!([signed_by("old", None), signed_by("new", date)]);
        let policy = with_rules(rules, json!({}));
        let old = || signature(&by_key("old"));
        let decided = decide(&policy, vec![old()]);
        assert_code(&decided, code, &format!("{date:?}"));
        // What is met is met, whether it is in effect or not.
        let both = decide(&policy, vec![old(), signature(&by_key("new"))]);
        assert_code(&both, "ok", &format!("{date:?}"));
        assert_eq!(rules_of(&both)[1]["result"], "pass");
        assert_eq!(warnings(&both), Value::Null);
        // A rule that is in effect is not helped.
        let neither = decide(&policy, vec![]);
        assert_code(&neither, "evidence.missing", &format!("{date:?}"));
    }
}

#[test]
fn the_decision_says_the_date_and_the_code() {
    let rules = json!([signed_by("old", None), signed_by("new", Some(AFTER))]);
    let policy = with_rules(rules, json!({}));
    let decided = decide(&policy, vec![signature(&by_key("old"))]);
    let rule = &rules_of(&decided)[1];
    assert_eq!(rule["result"], "warn");
    assert_eq!(rule["code"], "signature.invalid");
    assert_eq!(rule["effectiveOn"], AFTER);
    assert_eq!(rule["metBy"], Value::Null);
    let warning = format!("sealstone will deny this from {AFTER} (signature.invalid): {IMAGE}");
    assert_eq!(warnings(&decided), json!([warning]));
    let compact: Value = serde_json::from_str(&decided.decision.to_compact_json()).unwrap();
    assert_eq!(compact["images"][0]["rules"][1]["effectiveOn"], AFTER);
    // One second later it denies.
    let later = UnixTime::from_seconds(NOW.seconds() + 1);
    let decided = decide_at(&policy, vec![signature(&by_key("old"))], later);
    assert_code(&decided, "signature.invalid", "later");
    assert_eq!(rules_of(&decided)[1]["result"], "fail");
    assert_eq!(rules_of(&decided)[1]["effectiveOn"], Value::Null);
    assert_eq!(warnings(&decided), Value::Null);
}

/// Who is not to be warned in this mode is not warned of what comes, either.
#[test]
fn audit_warns_nobody() {
    for (mode, warned) in [("enforce", true), ("warn", true), ("audit", false)] {
        let rules = json!([signed_by("new", Some(AFTER))]);
        let policy = with_rules(rules, json!({"mode": mode}));
        let decided = decide(&policy, vec![]);
        assert_code(&decided, "ok", mode);
        assert_eq!(rules_of(&decided)[0]["result"], "warn", "{mode}");
        assert_eq!(warnings(&decided) != Value::Null, warned, "{mode}");
    }
}

/// Only a rule waits: an image without one, and one for which nothing was brought, are denied.
#[test]
fn what_is_no_rule_is_in_effect() {
    let policy = with_rules(json!([signed_by("new", Some(AFTER))]), json!({}));
    let decided = decide_request(&policy, &request(IMAGE, Some(DIGEST)), &[], NOW);
    assert_eq!(decided.code(), "evidence.not-brought");
    assert!(!decided.decision.allowed());
    let other = request("elsewhere.example/app", Some(DIGEST));
    let decided = decide_request(&policy, &other, &[], NOW);
    assert_eq!(decided.code(), "image.no-rule");
    assert!(!decided.decision.allowed());
    // Evidence that could not be brought for the rule is one of the reasons why it is not met.
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: vec![],
        unavailable: Some("timeout".to_owned()),
    };
    let decided = decide_request(&policy, &request(IMAGE, Some(DIGEST)), &[brought], NOW);
    assert_eq!(decided.decision.outcome(), Outcome::Allowed);
    assert_eq!(rules_of(&decided)[0]["result"], "warn");
    assert_eq!(rules_of(&decided)[0]["code"], "evidence.unavailable");
}
