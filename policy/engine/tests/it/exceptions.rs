//! Exceptions: whom they excuse, until when, and who must have approved them.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, Outcome, Webhook};
use sealstone_forge::{Fault, NOW, Signer, Statement, StatementType, Subject, UnixTime};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::DIGEST;
use crate::world::{
    Decided, IMAGE, by_key, by_person, compiled, decide, decide_at, decide_request, key, person,
    policy, signature,
};

const PREDICATE_TYPE: &str = "https://sealstone.dev/exception/v0.1";
/// In a year.
const ENDS: &str = "2027-06-01T00:00:00Z";

fn exception() -> Value {
    json!({
        "name": "legacy",
        "images": ["registry.example/octo-org/*"],
        "rules": ["a"],
        "reason": "moves to the new pipeline",
        "ends": ENDS,
    })
}

/// Two rules, each of which asks for a signature with the key of its name.
fn with_exceptions(exceptions: Value, more: Value) -> CompiledPolicy {
    let rule = |name: &str| json!({"name": name, "images": ["registry.example/**"], "signature": {"signedBy": [name]}});
    let mut more = more;
    more["exceptions"] = exceptions;
    let authorities = json!([
        key("a"),
        key("b"),
        person("security", "security@example.com")
    ]);
    compiled(&policy(authorities, json!([rule("a"), rule("b")]), more))
}

fn with(exception: Value) -> CompiledPolicy {
    with_exceptions(json!([exception]), json!({}))
}

fn signed(names: &[&str]) -> Vec<Evidence> {
    names.iter().map(|name| signature(&by_key(name))).collect()
}

/// The result of rule `a`.
fn rule(decided: &Decided) -> &Value {
    &decided.document["images"][0]["rules"][0]
}

#[track_caller]
fn assert_excused(decided: &Decided, excused: bool, case: &str) {
    let result = if excused { "skip" } else { "fail" };
    assert_eq!(
        rule(decided)["result"],
        result,
        "{case}\n{:#}",
        decided.document
    );
    assert_eq!(decided.decision.allowed(), excused, "{case}");
    assert_eq!(rule(decided)["exception"].is_object(), excused, "{case}");
    assert_eq!(rule(decided)["metBy"], Value::Null, "{case}");
}

/// The codes of the warnings of rule `a`.
fn warned(decided: &Decided) -> Vec<&str> {
    let warnings = rule(decided)["warnings"].as_array();
    let codes = warnings.into_iter().flatten();
    codes
        .map(|warning| warning["code"].as_str().unwrap())
        .collect()
}

fn responded(decided: &Decided) -> Vec<String> {
    let review = decided.decision.to_admission_review(Webhook::Mutating);
    let review: Value = serde_json::from_str(&review).unwrap();
    let warnings = review["response"]["warnings"].as_array();
    let texts = warnings.into_iter().flatten();
    texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_used_exception_shows() {
    let policy = with(exception());
    let decided = decide(&policy, signed(&["b"]));
    assert_excused(&decided, true, "");
    assert_eq!(decided.code(), "ok");
    assert_eq!(rule(&decided)["code"], "signature.invalid");
    let shown = json!({"name": "legacy", "reason": "moves to the new pipeline", "ends": ENDS});
    assert_eq!(rule(&decided)["exception"], shown);
    assert!(warned(&decided).is_empty() && responded(&decided).is_empty());
    let compact: Value = serde_json::from_str(&decided.decision.to_compact_json()).unwrap();
    assert_eq!(compact["images"][0]["rules"][0]["exception"], "legacy");
    // A rule that is met needs none.
    let met = decide(&policy, signed(&["a", "b"]));
    assert_eq!(rule(&met)["result"], "pass");
    assert_eq!(rule(&met)["exception"], Value::Null);
    // Another rule is asked as ever.
    let other = decide(&policy, signed(&["a"]));
    assert_eq!(other.code(), "signature.invalid");
    assert!(!other.decision.allowed());
}

#[test]
fn scope() {
    let cases = [
        ("images", json!(["registry.example/octo-org/app"]), true),
        (
            "images",
            json!(["registry.example/other", "registry.example/**/app"]),
            true,
        ),
        ("images", json!(["registry.example/octo-org"]), false),
        ("images", json!(["docker.io/octo-org/app"]), false),
        ("rules", json!(["b", "a"]), true),
        ("rules", json!(["b"]), false),
        ("namespaces", json!(["dev"]), true),
        ("namespaces", json!(["x", "d*"]), true),
        ("namespaces", json!(["de"]), false),
        ("namespaces", json!(["Dev"]), false),
    ];
    let request = json!({"images": [{"reference": IMAGE, "digest": DIGEST}], "namespace": "dev"});
    let brought = [ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: signed(&["b"]),
        unavailable: None,
    }];
    for (field, value, excused) in cases {
        let mut exception = exception();
        exception[field] = value;
        let case = exception.to_string();
        let policy = with(exception);
        let decided = decide_request(&policy, &request.to_string(), &brought, NOW);
        assert_excused(&decided, excused, &case);
        if field == "namespaces" {
            // A request without a namespace is in none.
            assert_excused(&decide(&policy, signed(&["b"])), false, &case);
        }
    }
}

#[test]
fn the_end() {
    for (ends, seconds_before, excused, codes) in [
        (ENDS, 15 * 86_400, true, &[][..]),
        (ENDS, 14 * 86_400 + 1, true, &[]),
        (ENDS, 14 * 86_400, true, &["exception.ends-soon"]),
        (ENDS, 1, true, &["exception.ends-soon"]),
        (ENDS, 0, false, &["exception.ended"]),
        (
            "2027-06-01T02:00:00+02:00",
            1,
            true,
            &["exception.ends-soon"],
        ),
        ("2027-06-01T02:00:00+02:00", 0, false, &["exception.ended"]),
        ("2027-06-01", 86_400, false, &["exception.end-malformed"]),
        (
            "2027-06-01T00:00:00",
            86_400,
            false,
            &["exception.end-malformed"],
        ),
        (
            "2027-06-31T00:00:00Z",
            86_400,
            false,
            &["exception.end-malformed"],
        ),
        ("never", 86_400, false, &["exception.end-malformed"]),
    ] {
        let mut exception = exception();
        exception["ends"] = json!(ends);
        let policy = with(exception);
        let ends_at = UnixTime::from_date(2027, 6, 1).seconds();
        let now = UnixTime::from_seconds(ends_at - seconds_before);
        let decided = decide_at(&policy, signed(&["b"]), now);
        let case = format!("{ends} {seconds_before}");
        assert_excused(&decided, excused, &case);
        assert_eq!(warned(&decided), codes, "{case}");
        let responded = responded(&decided);
        assert_eq!(responded.len(), codes.len(), "{case}");
        for (text, code) in responded.iter().zip(codes) {
            let start = format!("sealstone ({code}): the exception `legacy` ");
            assert!(text.starts_with(&start), "{text}");
        }
    }
}

/// One that is not in effect does not stand in the way of one that is.
#[test]
fn the_first_in_effect_excuses() {
    let mut ended = exception();
    ended["name"] = json!("ended");
    ended["ends"] = json!("2026-01-01T00:00:00Z");
    let policy = with_exceptions(json!([ended, exception()]), json!({}));
    let decided = decide(&policy, signed(&["b"]));
    assert_excused(&decided, true, "");
    assert_eq!(rule(&decided)["exception"]["name"], "legacy");
    assert_eq!(warned(&decided), ["exception.ended"]);
}

/// What no rule says, an exception does not excuse.
#[test]
fn requests_and_images_are_not_excused() {
    let mut all = exception();
    all["images"] = json!(["**"]);
    all["rules"] = json!(["a", "b"]);
    let policy = with(all);
    let raw = |reference: &str, digest: &str| {
        json!({"images": [{"reference": reference, "digest": digest}]}).to_string()
    };
    let brought = |unavailable: Option<&str>, evidence: Vec<Evidence>| ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence,
        unavailable: unavailable.map(str::to_owned),
    };
    let decided = decide_request(&policy, &raw("elsewhere.example/app", DIGEST), &[], NOW);
    assert_eq!(decided.code(), "image.no-rule");
    assert!(!decided.decision.allowed());
    let decided = decide_request(&policy, &raw(IMAGE, DIGEST), &[], NOW);
    assert_eq!(decided.code(), "evidence.not-brought");
    assert!(!decided.decision.allowed());
    let flood = (0..200).map(|index| Evidence {
        content: vec![index],
        ..Evidence::default()
    });
    let flood = brought(None, flood.collect());
    let decided = decide_request(&policy, &raw(IMAGE, DIGEST), &[flood], NOW);
    assert_eq!(decided.code(), "limit.evidence-pieces");
    assert!(!decided.decision.allowed());
    let decided = decide_request(&policy, "{}", &[], NOW);
    assert_eq!(decided.decision.outcome(), Outcome::Invalid);
    assert!(!decided.decision.allowed());
    // The rule is not asked of the image, whether its evidence is bad or could not be brought.
    let decided = decide_request(
        &policy,
        &raw(IMAGE, DIGEST),
        &[brought(Some("timeout"), vec![])],
        NOW,
    );
    assert_excused(&decided, true, "unavailable");
    assert_eq!(rule(&decided)["code"], "evidence.unavailable");
}

/// The statement that approves what the exception says without its approval.
pub(crate) fn approving(exception: &Value) -> Statement {
    let mut approved = exception.clone();
    approved.as_object_mut().unwrap().remove("approval");
    // The keys of a JSON object are sorted here.
    let digest = Sha256::digest(approved.to_string().as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Statement {
        statement_type: StatementType::V1,
        subject: vec![Subject::new("exception", &format!("sha256:{hex}"))],
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate: json!({}),
    }
}

pub(crate) fn bundle(signer: &Signer<'_>, statement: &Statement) -> Value {
    serde_json::from_slice(&signer.attest(statement).unwrap().content).unwrap()
}

pub(crate) fn approved(mut exception: Value, signed_by: &str, bundle: Value) -> Value {
    exception["approval"] = json!({"signedBy": signed_by, "bundle": bundle});
    exception
}

#[test]
fn an_approval_is_verified() {
    let security = by_person("security@example.com");
    let statement = approving(&exception());
    let of = |change: fn(&mut Value)| {
        let mut exception = exception();
        change(&mut exception);
        exception
    };
    let with_type = |predicate_type: &str| {
        let mut other = approving(&exception());
        other.predicate_type = predicate_type.to_owned();
        bundle(&security, &other)
    };
    // A signature over the exception itself says nothing of approval.
    let bare = security.sign(exception().to_string().as_bytes()).unwrap();
    let bare: Value = serde_json::from_slice(&bare.content).unwrap();
    let good = bundle(&security, &statement);
    let cases = [
        (approved(exception(), "security", good.clone()), "ok"),
        (
            approved(exception(), "b", bundle(&by_key("b"), &statement)),
            "ok",
        ),
        // By somebody else.
        (
            approved(
                exception(),
                "security",
                bundle(&by_person("eve@example.com"), &statement),
            ),
            "identity.subject-mismatch",
        ),
        (
            approved(exception(), "security", bundle(&by_key("b"), &statement)),
            "certificate.missing",
        ),
        (
            approved(exception(), "a", bundle(&by_key("b"), &statement)),
            "signature.invalid",
        ),
        // Broken.
        (
            approved(
                exception(),
                "security",
                bundle(&security.clone().fault(Fault::SignatureInvalid), &statement),
            ),
            "signature.invalid",
        ),
        // Of another kind.
        (
            approved(
                exception(),
                "security",
                with_type("https://sealstone.dev/exception/v0.2"),
            ),
            "evidence.predicate-type-mismatch",
        ),
        // Of another exception: nothing in it may change afterwards.
        (
            approved(
                of(|e| e["ends"] = json!("2028-06-01T00:00:00Z")),
                "security",
                good.clone(),
            ),
            "statement.subject-mismatch",
        ),
        (
            approved(
                of(|e| e["images"] = json!(["**"])),
                "security",
                good.clone(),
            ),
            "statement.subject-mismatch",
        ),
        (
            approved(
                of(|e| e["rules"] = json!(["a", "b"])),
                "security",
                good.clone(),
            ),
            "statement.subject-mismatch",
        ),
        (
            approved(
                of(|e| e["reason"] = json!("another")),
                "security",
                good.clone(),
            ),
            "statement.subject-mismatch",
        ),
        (
            approved(of(|e| e["name"] = json!("other")), "security", good),
            "statement.subject-mismatch",
        ),
        // No statement at all.
        (
            approved(exception(), "security", bare),
            "evidence.predicate-type-mismatch",
        ),
    ];
    for (exception, code) in cases {
        let policy = with(exception);
        let decided = decide(&policy, signed(&["b"]));
        assert_eq!(
            warned(&decided),
            if code == "ok" { vec![] } else { vec![code] }
        );
        assert_excused(&decided, code == "ok", code);
        // An end is an end, approved or not.
        let late = decide_at(&policy, signed(&["b"]), UnixTime::from_date(2029, 1, 1));
        assert_eq!(warned(&late), ["exception.ended"]);
        assert_excused(&late, false, code);
    }
}

/// Whoever is excused need not wait, and who is not excused may still have time.
#[test]
fn beside_dates_and_modes() {
    let decide = |ends: &str, change: fn(&mut Value)| {
        let mut rules = json!([{"name": "a", "images": ["**"], "signature": {"signedBy": ["a"]}}]);
        change(&mut rules[0]);
        let mut exception = exception();
        exception["ends"] = json!(ends);
        let policy = policy(json!([key("a")]), rules, json!({"exceptions": [exception]}));
        decide(&compiled(&policy), vec![])
    };
    let later: fn(&mut Value) = |rule| rule["effectiveOn"] = json!("2026-07-01T00:00:00Z");
    assert_eq!(rule(&decide(ENDS, later))["result"], "skip");
    let decided = decide("2026-01-01T00:00:00Z", later);
    assert_eq!(rule(&decided)["result"], "warn");
    assert_eq!(warned(&decided), ["exception.ended"]);
    assert_eq!(responded(&decided).len(), 2);
    let audited = decide("2026-01-01T00:00:00Z", |rule| rule["mode"] = json!("audit"));
    assert_eq!(rule(&audited)["result"], "fail");
    assert!(audited.decision.allowed());
    assert_eq!(warned(&audited), ["exception.ended"]);
    assert!(responded(&audited).is_empty());
}
