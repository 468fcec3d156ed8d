//! Rules that ask for an attestation: which pieces they speak of, and what those must say.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{Fault, NOW};
use serde_json::{Value, json};

use crate::world::{
    assert_code, attestation, attestation_text, by_key, by_person, compiled, decide, key, person,
    policy, rule, signature,
};

const SCAN: &str = "https://scan.example/v1";
const OTHER: &str = "https://other.example/v1";
const OK: &str = "ok";
const MISMATCH: &str = "attestation.field-mismatch";
const MISSING: &str = "attestation.field-missing";
const TYPE: &str = "attestation.field-type";

fn asking(asked: Value) -> CompiledPolicy {
    let mut whole = json!({
        "signedBy": ["scanner"],
        "predicateType": {"exact": SCAN},
        "quantifier": "any",
    });
    for (name, value) in asked.as_object().unwrap() {
        whole[name] = value.clone();
    }
    let authorities = json!([key("scanner"), person("people", "*@example.com")]);
    compiled(&policy(authorities, rule("attestation", whole), json!({})))
}

fn scan(predicate: Value) -> Evidence {
    attestation(&by_key("scanner"), SCAN, predicate)
}

// The type of the predicate.

#[test]
fn predicate_types() {
    let exact = asking(json!({}));
    let glob = asking(json!({"predicateType": {"glob": "https://scan.example/*"}}));
    let regexp = asking(json!({"predicateType": {"regexp": "https://scan\\.example/v[12]"}}));
    let of_type = |name: &str| vec![attestation(&by_key("scanner"), name, json!({}))];
    const NONE: &str = "evidence.missing";
    for (found, by_exact, by_glob, by_regexp) in [
        (SCAN, OK, OK, OK),
        ("https://scan.example/v2", NONE, OK, OK),
        ("https://scan.example/v11", NONE, OK, NONE),
        ("https://scan.example/v1/x", NONE, NONE, NONE),
        ("https://scan.example/v1?x", NONE, OK, NONE),
        ("x https://scan.example/v1", NONE, NONE, NONE),
        ("HTTPS://scan.example/v1", NONE, NONE, NONE),
        (OTHER, NONE, NONE, NONE),
    ] {
        assert_code(&decide(&exact, of_type(found)), by_exact, found);
        assert_code(&decide(&glob, of_type(found)), by_glob, found);
        assert_code(&decide(&regexp, of_type(found)), by_regexp, found);
    }
    let decided = decide(&glob, of_type("https://scan.example/v2"));
    assert_eq!(
        decided.met_by()[0]["predicateType"],
        "https://scan.example/v2"
    );
}

/// A signature says nothing about what was found in an image, and an attestation may say that the
/// image is bad: neither stands for the other (CVE-2022-35929, CVE-2022-35930).
#[test]
fn signatures_and_attestations_are_not_the_same() {
    let authorities = || json!([key("scanner"), person("people", "*@example.com")]);
    for (authority, signer) in [
        ("scanner", by_key("scanner")),
        ("people", by_person("ann@example.com")),
    ] {
        let signed = rule("signature", json!({"signedBy": [authority]}));
        let signed = compiled(&policy(authorities(), signed, json!({})));
        let attested = asking(json!({"signedBy": [authority]}));
        let any_type = asking(json!({"signedBy": [authority], "predicateType": {"glob": "**"}}));
        let attestation = attestation(&signer, SCAN, json!({}));
        let signature = signature(&signer);
        assert_code(&decide(&signed, vec![signature.clone()]), OK, "");
        assert_code(&decide(&attested, vec![attestation.clone()]), OK, "");
        assert_code(&decide(&any_type, vec![attestation.clone()]), OK, "");
        for policy in [&attested, &any_type] {
            let decided = decide(policy, vec![signature.clone()]);
            assert_code(&decided, "evidence.missing", "a signature");
            assert_eq!(decided.piece_codes(), ["evidence.predicate-type-mismatch"]);
        }
        let decided = decide(&signed, vec![attestation.clone()]);
        assert_code(&decided, "evidence.missing", "an attestation");
        assert_eq!(decided.piece_codes(), ["evidence.predicate-type-mismatch"]);
        // Not even under the other's media type.
        let disguised = |media_type: &str| Evidence {
            media_type: media_type.to_owned(),
            ..attestation.clone()
        };
        for media_type in [
            "application/vnd.dev.cosign.simplesigning.v1+json",
            "application/vnd.dsse.envelope.v1+json",
        ] {
            assert!(
                !decide(&signed, vec![disguised(media_type)])
                    .decision
                    .allowed()
            );
        }
        let disguised = Evidence {
            media_type: attestation.media_type.clone(),
            ..signature
        };
        assert!(!decide(&attested, vec![disguised]).decision.allowed());
    }
}

/// What cosign stores as a bundle is a statement of one type that says no more than a signature does.
#[test]
fn the_statement_that_is_a_signature() {
    const SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
    let authorities = json!([key("scanner")]);
    let signed = rule("signature", json!({"signedBy": ["scanner"]}));
    let signed = compiled(&policy(authorities, signed, json!({})));
    let piece = |name| vec![attestation(&by_key("scanner"), name, json!({}))];
    assert_code(&decide(&signed, piece(SIGN)), OK, "");
    assert_code(
        &decide(&signed, piece("https://sigstore.dev/cosign/sign/v2")),
        "evidence.missing",
        "",
    );
    assert_code(
        &decide(&signed, piece("https://sigstore.dev/cosign/sign/v1 ")),
        "evidence.missing",
        "",
    );
}

// The quantifier.

fn result_is_pass(quantifier: &str) -> CompiledPolicy {
    asking(json!({
        "quantifier": quantifier,
        "conditions": [{"field": "/result", "equals": "pass"}],
    }))
}

#[test]
fn any_and_all() {
    let any = result_is_pass("any");
    let all = result_is_pass("all");
    let good = || scan(json!({"result": "pass"}));
    let better = || scan(json!({"result": "pass", "score": 10}));
    let bad = || scan(json!({"result": "fail"}));
    let empty = || scan(json!({}));
    let stranger = || attestation(&by_key("stranger"), SCAN, json!({"result": "fail"}));
    let person = || {
        attestation(
            &by_person("ann@example.com"),
            SCAN,
            json!({"result": "fail"}),
        )
    };
    let other_type = || attestation(&by_key("scanner"), OTHER, json!({"result": "fail"}));
    let broken = |fault| {
        attestation(
            &by_key("scanner").fault(fault),
            SCAN,
            json!({"result": "fail"}),
        )
    };
    let other_image = || broken(Fault::SubjectOtherDigest);
    let forged = || broken(Fault::SignatureInvalid);
    let garbage = Evidence::default;
    let cases: [(&str, Vec<Evidence>, &str, &str); 13] = [
        ("none", vec![], "evidence.missing", "evidence.missing"),
        ("good", vec![good()], OK, OK),
        ("two good", vec![good(), better()], OK, OK),
        ("bad", vec![bad()], MISMATCH, MISMATCH),
        ("good and bad", vec![good(), bad()], OK, MISMATCH),
        ("good and empty", vec![good(), empty()], OK, MISSING),
        (
            "good and bad by a stranger",
            vec![good(), stranger()],
            OK,
            OK,
        ),
        ("good and bad by a person", vec![good(), person()], OK, OK),
        ("good and another type", vec![good(), other_type()], OK, OK),
        (
            "good and bad for another image",
            vec![good(), other_image()],
            OK,
            OK,
        ),
        ("good and forged", vec![good(), forged()], OK, OK),
        ("good and garbage", vec![good(), garbage()], OK, OK),
        (
            "bad by a stranger",
            vec![stranger()],
            "signature.invalid",
            "signature.invalid",
        ),
    ];
    for (case, pieces, by_any, by_all) in cases {
        assert_code(&decide(&any, pieces.clone()), by_any, case);
        let decided = decide(&all, pieces);
        assert_code(&decided, by_all, case);
        assert_eq!(decided.met_by().is_empty(), by_all != OK, "{case}");
    }
    assert_code(
        &decide(&all, vec![other_type()]),
        "evidence.missing",
        "another type",
    );
    assert_code(&decide(&all, vec![forged()]), "signature.invalid", "forged");
}

/// `all` lists every piece that met, `any` stops where it has enough.
#[test]
fn what_met_is_listed() {
    let pieces = || -> Vec<Evidence> {
        (0..4)
            .map(|score| scan(json!({"result": "pass", "score": score})))
            .collect()
    };
    // The second piece of a signer that has met already adds nothing to count.
    let all = decide(&result_is_pass("all"), pieces());
    assert_eq!(all.piece_codes(), [OK; 4]);
    assert_eq!(all.met_by().len(), 1);
    let any = decide(&result_is_pass("any"), pieces());
    assert_eq!(any.piece_codes(), [OK]);
}

/// Under `all` a piece that one of the authorities signed spoils the rule, also where others count.
#[test]
fn all_with_several_signers() {
    let policy = asking(json!({
        "signedBy": {"allOf": ["scanner", "people"]},
        "quantifier": "all",
        "conditions": [{"field": "/result", "equals": "pass"}],
    }));
    let by_ann = |result: &str| {
        attestation(
            &by_person("ann@example.com"),
            SCAN,
            json!({"result": result}),
        )
    };
    let by_bob = |result: &str| {
        attestation(
            &by_person("bob@example.com"),
            SCAN,
            json!({"result": result}),
        )
    };
    let by_scanner = |result: &str| scan(json!({"result": result}));
    for (pieces, code) in [
        (vec![by_ann("pass"), by_scanner("pass")], OK),
        (vec![by_ann("pass"), by_scanner("pass"), by_bob("pass")], OK),
        (
            vec![by_ann("pass"), by_scanner("pass"), by_bob("fail")],
            MISMATCH,
        ),
        (vec![by_ann("pass"), by_scanner("fail")], MISMATCH),
        (vec![by_scanner("pass")], "signers.not-enough"),
    ] {
        assert_code(&decide(&policy, pieces), code, code);
    }
}

// Conditions.

/// Every operator: what it is asked with, the predicate's text, the code.
#[test]
fn operators() {
    let text_1025 = "x".repeat(1025);
    let long = format!(r#"{{"a":"{text_1025}"}}"#);
    let day = NOW.minus(24 * 3600).to_string();
    let day_ago = format!(r#"{{"a":"{day}"}}"#);
    let older = format!(r#"{{"a":"{}"}}"#, NOW.minus(24 * 3600 + 1));
    let now = format!(r#"{{"a":"{NOW}"}}"#);
    let future = format!(r#"{{"a":"{}"}}"#, NOW.plus(1));
    let cases: &[(Value, &str, &str)] = &[
        // equals
        (json!({"equals": "x"}), r#"{"a":"x"}"#, OK),
        (json!({"equals": "x"}), r#"{"a":"X"}"#, MISMATCH),
        (json!({"equals": "x"}), r#"{"a":"x "}"#, MISMATCH),
        (json!({"equals": "x"}), r#"{"b":"x"}"#, MISSING),
        (json!({"equals": "x"}), r#"{"a":["x"]}"#, TYPE),
        (json!({"equals": "x"}), r#"{"a":null}"#, TYPE),
        (json!({"equals": "x"}), r#"{"a":{}}"#, TYPE),
        (json!({"equals": "1"}), r#"{"a":1}"#, MISMATCH),
        (json!({"equals": 1}), r#"{"a":1}"#, OK),
        (json!({"equals": 1}), r#"{"a":"1"}"#, MISMATCH),
        (json!({"equals": 1}), r#"{"a":2}"#, MISMATCH),
        (json!({"equals": 1}), r#"{"a":true}"#, MISMATCH),
        (json!({"equals": 1.5}), r#"{"a":1.5}"#, OK),
        (json!({"equals": 1.5}), r#"{"a":15e-1}"#, OK),
        (json!({"equals": 0}), r#"{"a":false}"#, MISMATCH),
        (json!({"equals": -1}), r#"{"a":-1}"#, OK),
        (json!({"equals": true}), r#"{"a":true}"#, OK),
        (json!({"equals": true}), r#"{"a":false}"#, MISMATCH),
        (json!({"equals": true}), r#"{"a":"true"}"#, MISMATCH),
        (json!({"equals": true}), "[]", MISSING),
        (json!({"equals": "x"}), &long, MISMATCH),
        // notEquals
        (json!({"notEquals": "x"}), r#"{"a":"y"}"#, OK),
        (json!({"notEquals": "x"}), r#"{"a":"x"}"#, MISMATCH),
        (json!({"notEquals": "x"}), "{}", MISSING),
        (json!({"notEquals": "x"}), r#"{"a":null}"#, TYPE),
        (json!({"notEquals": "x"}), r#"{"a":["y"]}"#, TYPE),
        (json!({"notEquals": "x"}), r#"{"a":1}"#, OK),
        (json!({"notEquals": 1}), r#"{"a":1}"#, MISMATCH),
        (json!({"notEquals": 1}), r#"{"a":1.5}"#, OK),
        (json!({"notEquals": true}), r#"{"a":false}"#, OK),
        // oneOf
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":"x"}"#, OK),
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":1}"#, OK),
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":true}"#, OK),
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":"1"}"#, MISMATCH),
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":2}"#, MISMATCH),
        (json!({"oneOf": ["x", 1, true]}), "{}", MISSING),
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":["x"]}"#, TYPE),
        (json!({"oneOf": ["x", 1, true]}), r#"{"a":null}"#, TYPE),
        // matches
        (json!({"matches": {"exact": "x"}}), r#"{"a":"x"}"#, OK),
        (
            json!({"matches": {"exact": "x"}}),
            r#"{"a":"xx"}"#,
            MISMATCH,
        ),
        (json!({"matches": {"glob": "v*"}}), r#"{"a":"v1"}"#, OK),
        (
            json!({"matches": {"glob": "v*"}}),
            r#"{"a":"xv1"}"#,
            MISMATCH,
        ),
        (json!({"matches": {"regexp": "a|b"}}), r#"{"a":"b"}"#, OK),
        (
            json!({"matches": {"regexp": "a|b"}}),
            r#"{"a":"ab"}"#,
            MISMATCH,
        ),
        (
            json!({"matches": {"regexp": "a|b"}}),
            r#"{"a":"a\nb"}"#,
            MISMATCH,
        ),
        (json!({"matches": {"regexp": "1"}}), r#"{"a":1}"#, TYPE),
        (json!({"matches": {"exact": "x"}}), r#"{"a":["x"]}"#, TYPE),
        (json!({"matches": {"exact": "x"}}), "{}", MISSING),
        // atLeast
        (json!({"atLeast": 7}), r#"{"a":7}"#, OK),
        (json!({"atLeast": 7}), r#"{"a":8}"#, OK),
        (json!({"atLeast": 7}), r#"{"a":6}"#, MISMATCH),
        (json!({"atLeast": 7}), r#"{"a":-7}"#, MISMATCH),
        (json!({"atLeast": -1}), r#"{"a":-1}"#, OK),
        (json!({"atLeast": -1}), r#"{"a":-2}"#, MISMATCH),
        (json!({"atLeast": 7}), r#"{"a":7.5}"#, TYPE),
        (json!({"atLeast": 7}), r#"{"a":"8"}"#, TYPE),
        (json!({"atLeast": 7}), r#"{"a":true}"#, TYPE),
        (json!({"atLeast": 7}), r#"{"a":[8]}"#, TYPE),
        (
            json!({"atLeast": 7}),
            r#"{"a":1e400}"#,
            "statement.json-malformed",
        ),
        (json!({"atLeast": 7}), "{}", MISSING),
        (
            json!({"atLeast": i64::MAX}),
            r#"{"a":9223372036854775807}"#,
            OK,
        ),
        (
            json!({"atLeast": i64::MAX}),
            r#"{"a":9223372036854775806}"#,
            MISMATCH,
        ),
        (
            json!({"atLeast": i64::MAX}),
            r#"{"a":18446744073709551615}"#,
            OK,
        ),
        (
            json!({"atLeast": i64::MIN}),
            r#"{"a":-9223372036854775808}"#,
            OK,
        ),
        // Beyond what is told apart there are no whole numbers.
        (json!({"atLeast": 7}), r#"{"a":18446744073709551616}"#, TYPE),
        // atMost
        (json!({"atMost": 7}), r#"{"a":7}"#, OK),
        (json!({"atMost": 7}), r#"{"a":0}"#, OK),
        (json!({"atMost": 7}), r#"{"a":8}"#, MISMATCH),
        (json!({"atMost": 0}), r#"{"a":-1}"#, OK),
        (json!({"atMost": 7}), r#"{"a":6.5}"#, TYPE),
        (json!({"atMost": 7}), r#"{"a":"6"}"#, TYPE),
        (json!({"atMost": 7}), r#"{"a":null}"#, TYPE),
        (json!({"atMost": 7}), r#"{"a":[]}"#, TYPE),
        (json!({"atMost": 7}), "{}", MISSING),
        (
            json!({"atMost": i64::MIN}),
            r#"{"a":-9223372036854775808}"#,
            OK,
        ),
        (
            json!({"atMost": i64::MIN}),
            r#"{"a":-9223372036854775807}"#,
            MISMATCH,
        ),
        // contains
        (json!({"contains": "x"}), r#"{"a":["y","x"]}"#, OK),
        (json!({"contains": 1}), r#"{"a":[1]}"#, OK),
        (json!({"contains": true}), r#"{"a":[false,true]}"#, OK),
        (json!({"contains": "x"}), r#"{"a":["y"]}"#, MISMATCH),
        (json!({"contains": "x"}), r#"{"a":[]}"#, MISMATCH),
        (json!({"contains": "x"}), r#"{"a":[["x"]]}"#, MISMATCH),
        (json!({"contains": "1"}), r#"{"a":[1]}"#, MISMATCH),
        (json!({"contains": "x"}), r#"{"a":"x"}"#, TYPE),
        (json!({"contains": "x"}), r#"{"a":{"x":"x"}}"#, TYPE),
        (json!({"contains": "x"}), r#"{"a":null}"#, TYPE),
        (json!({"contains": "x"}), "{}", MISSING),
        // doesNotContain
        (json!({"doesNotContain": "x"}), r#"{"a":["y"]}"#, OK),
        (json!({"doesNotContain": "x"}), r#"{"a":[]}"#, OK),
        (
            json!({"doesNotContain": "x"}),
            r#"{"a":["y","x"]}"#,
            MISMATCH,
        ),
        (json!({"doesNotContain": 1}), r#"{"a":[1]}"#, MISMATCH),
        (json!({"doesNotContain": 1}), r#"{"a":["1"]}"#, OK),
        (json!({"doesNotContain": "x"}), r#"{"a":"y"}"#, TYPE),
        (json!({"doesNotContain": "x"}), r#"{"a":{}}"#, TYPE),
        (json!({"doesNotContain": "x"}), r#"{"a":null}"#, TYPE),
        (json!({"doesNotContain": "x"}), "{}", MISSING),
        // maximumLength
        (json!({"maximumLength": 0}), r#"{"a":[]}"#, OK),
        (json!({"maximumLength": 0}), r#"{"a":{}}"#, OK),
        (json!({"maximumLength": 0}), r#"{"a":[null]}"#, MISMATCH),
        (json!({"maximumLength": 2}), r#"{"a":[1,2]}"#, OK),
        (json!({"maximumLength": 2}), r#"{"a":[1,2,3]}"#, MISMATCH),
        (json!({"maximumLength": 1}), r#"{"a":{"b":1}}"#, OK),
        (
            json!({"maximumLength": 1}),
            r#"{"a":{"b":1,"c":1}}"#,
            MISMATCH,
        ),
        (json!({"maximumLength": 1}), r#"{"a":""}"#, TYPE),
        (json!({"maximumLength": 1}), r#"{"a":1}"#, TYPE),
        (json!({"maximumLength": 1}), r#"{"a":null}"#, TYPE),
        (json!({"maximumLength": 0}), "{}", MISSING),
        // notBefore
        (json!({"notBefore": day}), &day_ago, OK),
        (json!({"notBefore": day}), &now, OK),
        (json!({"notBefore": day}), &older, MISMATCH),
        (json!({"notBefore": "2026-06-01T02:00:00+02:00"}), &now, OK),
        (
            json!({"notBefore": "2026-06-01T00:00:00Z"}),
            r#"{"a":"2026-06-01T01:59:59+02:00"}"#,
            MISMATCH,
        ),
        (json!({"notBefore": day}), r#"{"a":"2026-06-01"}"#, TYPE),
        (json!({"notBefore": day}), r#"{"a":1780272000}"#, TYPE),
        (
            json!({"notBefore": day}),
            r#"{"a":["2026-06-01T00:00:00Z"]}"#,
            TYPE,
        ),
        (json!({"notBefore": day}), "{}", MISSING),
        // maximumAge
        (json!({"maximumAge": "1d"}), &day_ago, OK),
        (json!({"maximumAge": "24h"}), &now, OK),
        (json!({"maximumAge": "1d"}), &older, MISMATCH),
        (json!({"maximumAge": "1d"}), &future, MISMATCH),
        (json!({"maximumAge": "1d"}), r#"{"a":"yesterday"}"#, TYPE),
        (json!({"maximumAge": "1d"}), r#"{"a":0}"#, TYPE),
        (json!({"maximumAge": "1d"}), r#"{"a":null}"#, TYPE),
        (json!({"maximumAge": "1d"}), "{}", MISSING),
    ];
    let mut seen: Vec<&str> = Vec::new();
    for (operator, predicate, code) in cases {
        seen.extend(operator.as_object().unwrap().keys().map(String::as_str));
        hold(operator, "/a", predicate, code);
    }
    seen.dedup();
    assert_eq!(seen.len(), 11, "{seen:?}");
}

/// A number is the same whether it is written with a fraction of nothing or without: `1.0` must not
/// pass where `1` is forbidden.
#[test]
fn numbers_are_compared_by_value() {
    for (operator, predicate, code) in [
        (json!({"equals": 1}), r#"{"a":1.0}"#, OK),
        (json!({"equals": 1}), r#"{"a":1e0}"#, OK),
        (json!({"equals": 1.0}), r#"{"a":1}"#, OK),
        (json!({"equals": 0}), r#"{"a":-0.0}"#, OK),
        (json!({"equals": 1}), r#"{"a":1.0000001}"#, MISMATCH),
        (json!({"notEquals": 1}), r#"{"a":1.0}"#, MISMATCH),
        (json!({"notEquals": 1}), r#"{"a":10e-1}"#, MISMATCH),
        (json!({"notEquals": 1.0}), r#"{"a":1}"#, MISMATCH),
        (json!({"notEquals": 0}), r#"{"a":-0}"#, MISMATCH),
        (json!({"oneOf": [1, 2]}), r#"{"a":2.0}"#, OK),
        (json!({"contains": 1}), r#"{"a":[1.0]}"#, OK),
        (json!({"doesNotContain": 1}), r#"{"a":[2,1.0]}"#, MISMATCH),
        // Where a whole number is asked for, it must be written as one.
        (json!({"atLeast": 1}), r#"{"a":1.0}"#, TYPE),
        (json!({"atMost": 1}), r#"{"a":1.0}"#, TYPE),
        (json!({"atMost": 1}), r#"{"a":1e0}"#, TYPE),
        // Whole numbers that a floating-point number would not tell apart.
        (
            json!({"equals": 9_007_199_254_740_993_u64}),
            r#"{"a":9007199254740992}"#,
            MISMATCH,
        ),
        (
            json!({"notEquals": 9_007_199_254_740_993_u64}),
            r#"{"a":9007199254740992}"#,
            OK,
        ),
    ] {
        hold(&operator, "/a", predicate, code);
    }
}

/// A field is found by its JSON pointer (RFC 6901).
#[test]
fn pointers() {
    for (field, predicate, code) in [
        ("/a/b", r#"{"a":{"b":1}}"#, OK),
        ("/a/b", r#"{"a":{"b":2}}"#, MISMATCH),
        ("/a/b", r#"{"a/b":1}"#, MISSING),
        ("/a~1b", r#"{"a/b":1}"#, OK),
        ("/a~0b", r#"{"a~b":1}"#, OK),
        ("/a~01b", r#"{"a~1b":1}"#, OK),
        ("/a~01b", r#"{"a/b":1}"#, MISSING),
        ("/", r#"{"":1}"#, OK),
        ("/a/", r#"{"a":{"":1}}"#, OK),
        ("/a/0", r#"{"a":[1]}"#, OK),
        ("/a/0", r#"{"a":{"0":1}}"#, OK),
        ("/a/1", r#"{"a":[2,1]}"#, OK),
        ("/a/1", r#"{"a":[1]}"#, MISSING),
        ("/a/00", r#"{"a":[1]}"#, MISSING),
        ("/a/01", r#"{"a":[2,1]}"#, MISSING),
        ("/a/+0", r#"{"a":[1]}"#, MISSING),
        ("/a/-", r#"{"a":[1]}"#, MISSING),
        ("/a/99999999999999999999", r#"{"a":[1]}"#, MISSING),
        ("/0/a", r#"[{"a":1}]"#, OK),
        ("/a/b", r#"{"a":1}"#, MISSING),
        ("/a/b", r#"{"a":null}"#, MISSING),
        ("/A", r#"{"a":1}"#, MISSING),
        ("", "1", OK),
        ("", "2", MISMATCH),
        ("", r#"{"a":1}"#, TYPE),
    ] {
        hold(&json!({"equals": 1}), field, predicate, code);
    }
}

/// All conditions must be met, by one and the same piece.
#[test]
fn all_conditions_by_one_piece() {
    let policy = asking(json!({"conditions": [
        {"field": "/result", "equals": "pass"},
        {"field": "/score", "atLeast": 7},
    ]}));
    let both = || scan(json!({"result": "pass", "score": 7}));
    let result = || scan(json!({"result": "pass", "score": 6}));
    let score = || scan(json!({"result": "fail", "score": 9}));
    for (pieces, code) in [
        (vec![both()], OK),
        (vec![result()], MISMATCH),
        (vec![score()], MISMATCH),
        (vec![result(), score()], MISMATCH),
        (vec![result(), score(), both()], OK),
        (vec![scan(json!({"result": "pass"}))], MISSING),
    ] {
        assert_code(&decide(&policy, pieces), code, code);
    }
}

fn hold(operator: &Value, field: &str, predicate: &str, code: &str) {
    let mut condition = operator.clone();
    condition["field"] = json!(field);
    let policy = asking(json!({"conditions": [condition]}));
    let piece = attestation_text(&by_key("scanner"), SCAN, predicate);
    let decided = decide(&policy, vec![piece]);
    let case = format!("{operator} of {field} in {predicate}");
    assert_code(&decided, code, &case);
}
