//! Rules whose verification summary must have been made from the attestations that were brought.

use sealstone_engine::{CompiledPolicy, Evidence};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::summaries::{CHECKER, VSA, summary};
use crate::support::DIGEST;
use crate::world::{
    IMAGE, assert_code, attestation, by_key, compiled, decide, evidence, key, policy, statement,
};

const BUILT: &str = "https://build.example/v1";
const SCANNED: &str = "https://scan.example/v1";
const MISSING: &str = "relation.input-missing";
const UNKNOWN: &str = "relation.input-unknown";

fn document(inputs: Value) -> Value {
    let attested = |name: &str, predicate_type: &str| {
        json!({"name": name, "images": ["elsewhere.example/**"], "attestation": {
            "signedBy": ["k1"], "predicateType": {"exact": predicate_type}, "quantifier": "any"}})
    };
    let rules = json!([
        {"name": "summary", "images": ["**"], "verificationSummary": {
            "verifiedBy": ["checker"],
            "resourceUris": ["{registry}/{repository}@{digest}"],
            "inputAttestations": inputs}},
        attested("built", BUILT),
        attested("scanned", SCANNED),
    ]);
    let verifiers = json!([{"name": "checker", "signedBy": ["vsa"], "id": {"exact": CHECKER},
        "maximumLevels": {"build": 3}}]);
    let authorities = json!([key("vsa"), key("k1")]);
    policy(authorities, rules, json!({ "verifiers": verifiers }))
}

fn asking(inputs: Value) -> CompiledPolicy {
    compiled(&document(inputs))
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn built() -> Evidence {
    attestation(&by_key("k1"), BUILT, json!({}))
}

fn scanned() -> Evidence {
    attestation(&by_key("k1"), SCANNED, json!({}))
}

/// As an input of a summary.
fn by_bytes(piece: &Evidence) -> Value {
    json!({"uri": "https://evidence.example", "digest": {"sha256": sha256(&piece.content)}})
}

fn vsa(inputs: &[Value]) -> Evidence {
    let changes = json!({ "inputAttestations": inputs });
    attestation(&by_key("vsa"), VSA, summary(changes))
}

#[test]
fn the_ways_to_name_a_piece() {
    let policy = asking(json!(["built"]));
    let bundle = built();
    assert_code(
        &decide(&policy, vec![bundle.clone(), vsa(&[by_bytes(&bundle)])]),
        "ok",
        "by the bundle",
    );
    // The exact bytes of the envelope within, also where somebody spaces them out.
    let value: Value = serde_json::from_slice(&bundle.content).unwrap();
    let envelope = serde_json::to_string_pretty(&value["dsseEnvelope"]).unwrap();
    let mut rest = value.clone();
    rest.as_object_mut().unwrap().remove("dsseEnvelope");
    let rest = rest.to_string();
    let spaced = Evidence {
        content: format!(
            r#"{{ "dsseEnvelope" : {envelope} ,{}"#,
            rest.trim_start_matches('{')
        )
        .into_bytes(),
        ..bundle
    };
    let by_envelope = json!({"digest": {"sha256": sha256(envelope.as_bytes())}});
    let decided = decide(&policy, vec![spaced, vsa(&[by_envelope])]);
    assert_code(&decided, "ok", "by the envelope");
    // An envelope that is a layer of its own.
    let legacy = evidence(by_key("k1").attest_legacy(&statement(BUILT, json!({}))));
    let decided = decide(&policy, vec![legacy.clone(), vsa(&[by_bytes(&legacy)])]);
    assert_code(&decided, "ok", "by the layer");
}

#[test]
fn each_fact_that_it_relies_on() {
    let one = asking(json!(["built"]));
    let two = asking(json!(["built", "scanned"]));
    let (build, scan) = (built(), scanned());
    let (of_build, of_scan) = (by_bytes(&build), by_bytes(&scan));
    let foreign = attestation(&by_key("stranger"), BUILT, json!({}));
    let of_foreign = by_bytes(&foreign);
    let other_algorithm = json!({"digest": {"sha512": "00"}});
    let other_case = json!({"digest": {"sha256": of_build["digest"]["sha256"].as_str().unwrap().to_uppercase()}});
    let unknown = json!({"digest": {"sha256": DIGEST.trim_start_matches("sha256:")}});
    for (case, policy, inputs, pieces, code) in [
        ("one", &one, vec![&of_build], vec![&build], "ok"),
        ("none named", &one, vec![], vec![&build], MISSING),
        ("not brought", &one, vec![&of_build], vec![], MISSING),
        ("another", &one, vec![&unknown], vec![&build], MISSING),
        (
            "no sha256",
            &one,
            vec![&other_algorithm],
            vec![&build],
            MISSING,
        ),
        ("upper case", &one, vec![&other_case], vec![&build], MISSING),
        (
            "by a stranger",
            &one,
            vec![&of_foreign],
            vec![&foreign],
            MISSING,
        ),
        (
            "of another type",
            &one,
            vec![&of_scan],
            vec![&scan],
            MISSING,
        ),
        (
            "one more that is not known",
            &one,
            vec![&of_build, &unknown],
            vec![&build],
            UNKNOWN,
        ),
        (
            "one more by no digest",
            &one,
            vec![&of_build, &other_algorithm],
            vec![&build],
            UNKNOWN,
        ),
        (
            "one more that was brought for no rule",
            &one,
            vec![&of_build, &of_scan],
            vec![&build, &scan],
            UNKNOWN,
        ),
        (
            "one more by a stranger",
            &one,
            vec![&of_build, &of_foreign],
            vec![&build, &foreign],
            UNKNOWN,
        ),
        (
            "brought beyond what is named",
            &one,
            vec![&of_build],
            vec![&build, &scan, &foreign],
            "ok",
        ),
        (
            "two",
            &two,
            vec![&of_build, &of_scan],
            vec![&build, &scan],
            "ok",
        ),
        (
            "one of two named",
            &two,
            vec![&of_build],
            vec![&build, &scan],
            MISSING,
        ),
        (
            "one of two brought",
            &two,
            vec![&of_build, &of_scan],
            vec![&build],
            MISSING,
        ),
    ] {
        let inputs: Vec<Value> = inputs.into_iter().cloned().collect();
        let pieces = pieces.into_iter().cloned().chain([vsa(&inputs)]);
        assert_code(&decide(policy, pieces.collect()), code, case);
    }
    let absent = attestation(&by_key("vsa"), VSA, summary(json!({})));
    assert_code(&decide(&one, vec![build, absent]), MISSING, "absent");
}

/// The older spelling names them, too.
#[test]
fn the_older_spelling() {
    let build = built();
    let older = json!({
        "verifier": {"id": CHECKER},
        "time_verified": "2026-03-01T00:00:00Z",
        "resource_uri": format!("{IMAGE}@{DIGEST}"),
        "policy": {"uri": "https://policy.example"},
        "input_attestations": [by_bytes(&build)],
        "verification_result": "PASSED",
        "policy_level": "SLSA_LEVEL_3",
    });
    let version = "https://slsa.dev/verification_summary/v0.2";
    let older = attestation(&by_key("vsa"), version, older);
    let policy = asking(json!(["built"]));
    assert_code(&decide(&policy, vec![build, older.clone()]), "ok", "v0.2");
    assert_code(&decide(&policy, vec![older]), MISSING, "v0.2 alone");
}

#[test]
fn what_a_policy_cannot_ask() {
    let path = "/rules/0/verificationSummary/inputAttestations";
    for (inputs, code, path) in [
        (
            json!(["nobody"]),
            "policy.unknown-reference",
            format!("{path}/0"),
        ),
        (
            json!(["built", "built"]),
            "policy.duplicate-name",
            format!("{path}/1"),
        ),
        (json!([]), "policy.empty", path.to_owned()),
        (json!("built"), "policy.wrong-type", path.to_owned()),
    ] {
        let document = document(inputs).to_string();
        let problems = CompiledPolicy::compile(document.as_bytes(), &[]).unwrap_err();
        assert_eq!(problems[0].code, code);
        assert_eq!(problems[0].path, path);
    }
}
