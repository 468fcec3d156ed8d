//! Policies with every kind of rule at once, relations, dates, modes and exceptions: a further piece
//! never denies, nothing is gained by taking anything away, and no order matters.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use sealstone_engine::Evidence;
use sealstone_forge::{Build, Fault, Identity, SIGNED, Signer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::exceptions::{approved, approving, bundle};
use crate::property::both_kinds;
use crate::summaries::{CHECKER, VSA, summary};
use crate::vex::vex;
use crate::world::{
    SIGSTORE, assert_code, attestation, by_key, by_person, compiled, decide, evidence, key, person,
    policy, signature, subject,
};

const DAY: u64 = 24 * 3600;
const SBOM: &str = "https://cyclonedx.org/bom";
const SCAN: &str = "https://in-toto.io/attestation/vulns/v0.2";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
const TESTED: &str = "https://in-toto.io/attestation/test-result/v0.1";

fn authorities() -> Value {
    let identity = json!({
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"glob": "https://github.com/octo-org/**"},
    });
    json!([
        person("anyone", "*@example.com"),
        person("ann", "ann@example.com"),
        key("k1"),
        {"name": "ci", "keyless": {"trustRoot": "root", "identities": [identity]}},
    ])
}

fn ann() -> Signer<'static> {
    by_person("ann@example.com")
}

fn bob() -> Signer<'static> {
    by_person("bob@example.com")
}

fn sbom(purl: &str) -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "lib", "purl": purl, "licenses": [{"license": {"id": "MIT"}}]}]})
}

fn scan(found: &[&str]) -> Value {
    let found: Vec<Value> = found
        .iter()
        .map(|id| json!({"id": id, "severity": [{"method": "nvd", "score": "critical"}]}))
        .collect();
    json!({"scanner": {"uri": "pkg:github/a/scanner", "result": found}})
}

fn later(signer: &Signer<'static>, days: u64) -> Signer<'static> {
    signer.clone().at(SIGNED.plus(days.saturating_mul(DAY)))
}

/// As an input of a summary.
fn input(piece: &Evidence) -> Value {
    let digest = Sha256::digest(&piece.content);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"digest": {"sha256": hex}})
}

/// One piece for each rule, which meet all of them and stand in every relation.
static WHOLE: LazyLock<Vec<Evidence>> = LazyLock::new(|| {
    let build = Build::default();
    let ci = SIGSTORE.keyless(&Identity::github_actions(&build));
    let listed = attestation(&later(&ann(), 1), SBOM, sbom("pkg:npm/lib@2.0.0"));
    let scanned = attestation(&later(&bob(), 2), SCAN, scan(&["CVE-1"]));
    let inputs = json!({"inputAttestations": [input(&listed), input(&scanned)]});
    vec![
        signature(&by_key("k1")),
        evidence(ci.attest(&build.provenance_v1(subject()))),
        attestation(&by_key("k1"), VSA, summary(inputs)),
        attestation(&later(&ann(), 2), TESTED, json!({"result": "PASSED"})),
        attestation(&later(&ann(), 3), OPENVEX, vex(json!({}))),
        listed,
        scanned,
    ]
});

/// Pieces that meet rules, but do not stand in every relation, or meet none.
static OTHERS: LazyLock<Vec<Evidence>> = LazyLock::new(|| {
    let mut pieces = Vec::new();
    for signer in [
        ann(),
        bob(),
        by_key("k1"),
        by_person("eve@elsewhere.example"),
    ] {
        pieces.push(signature(&signer));
        for purl in ["pkg:npm/lib@1.0.0", "pkg:npm/lib@2.0.0"] {
            pieces.push(attestation(&signer, SBOM, sbom(purl)));
        }
        for count in 0..=2 {
            let found = ["CVE-1", "CVE-2"].get(..count).unwrap();
            pieces.push(attestation(&later(&signer, 40), SCAN, scan(found)));
        }
        for status in ["not_affected", "affected", "strange"] {
            pieces.push(attestation(
                &signer,
                OPENVEX,
                vex(json!({"status": status})),
            ));
        }
        for result in ["PASSED", "FAILED"] {
            pieces.push(attestation(&signer, TESTED, json!({ "result": result })));
        }
        pieces.push(attestation(&signer, VSA, summary(json!({}))));
        let broken = signer.fault(Fault::SignatureInvalid);
        pieces.push(attestation(&broken, SCAN, scan(&[])));
    }
    // Summaries of one of the two, and of something that nobody has.
    let unknown = json!({"digest": {"sha256": "00"}});
    for inputs in [
        vec![input(&WHOLE[5])],
        vec![input(&WHOLE[5]), input(&WHOLE[6]), unknown],
    ] {
        let predicate = summary(json!({ "inputAttestations": inputs }));
        pieces.push(attestation(&by_key("k1"), VSA, predicate));
    }
    let branch = Build {
        source_ref: "refs/heads/main".to_owned(),
        ..Build::default()
    };
    let ci = SIGSTORE.keyless(&Identity::github_actions(&branch));
    pieces.push(evidence(ci.attest(&branch.provenance_v1(subject()))));
    let build = Build::default();
    pieces.push(evidence(
        later(&bob(), 5).attest(&build.provenance_v1(subject())),
    ));
    pieces.push(Evidence::default());
    pieces
});

/// Every kind of rule, each with every relation that [`WHOLE`] stands in.
fn rules() -> Vec<Value> {
    let after = |rule: &str| json!({"rule": rule, "subject": "same", "after": {"maximum": "30d"}});
    let named = |name: &str, kind: &str, asked: Value, relations: Value| {
        let mut rule = json!({"name": name, "images": ["**"], kind: asked});
        if relations != json!([]) {
            rule["relations"] = relations;
        }
        rule
    };
    let scanned = json!({
        "signedBy": ["anyone", "k1"], "maximumAge": "365d", "maximum": {"critical": 0},
        "vex": {"signedBy": ["ann"], "maximumAge": "365d"},
    });
    vec![
        named(
            "signed",
            "signature",
            json!({"signedBy": {"anyOf": ["k1", {"atLeast": {"count": 2, "of": ["ann", "anyone"]}}]}}),
            json!([{"rule": "summed-up", "signer": "same"}]),
        ),
        named(
            "built",
            "provenance",
            json!({"signedBy": ["ci"], "source": {
                "uri": "https://github.com/octo-org/app", "ref": {"glob": "refs/tags/*"}}}),
            json!([]),
        ),
        named(
            "listed",
            "sbom",
            json!({"signedBy": ["anyone", "k1"], "licenses": {"allow": ["MIT"]},
                "packages": {"deny": [{"package": "pkg:npm/lib", "versions": "<2.0.0"}]}}),
            json!([after("built"), {"rule": "scanned", "signer": "different"}]),
        ),
        named(
            "scanned",
            "vulnerabilities",
            scanned,
            json!([after("built"), {"rule": "listed", "after": {"minimum": "1h"}}]),
        ),
        named(
            "tested",
            "attestation",
            json!({"signedBy": ["anyone"], "family": "testResult", "quantifier": "any",
                "conditions": [{"field": "/result", "equals": "PASSED"}]}),
            json!([after("built"), {"rule": "scanned", "signer": "different"}]),
        ),
        named(
            "summed-up",
            "verificationSummary",
            json!({"verifiedBy": ["checker"], "resourceUris": ["{registry}/{repository}@{digest}"],
                "minimumLevels": {"build": 2}, "inputAttestations": ["listed", "scanned"]}),
            json!([]),
        ),
    ]
}

fn document(rules: &[Value], more: Value) -> Value {
    let mut members = json!({"verifiers": [{"name": "checker", "signedBy": ["k1"],
        "id": {"exact": CHECKER}, "maximumLevels": {"build": 3}}]});
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    policy(authorities(), json!(rules), members)
}

/// An exception from these rules, and what becomes of it.
fn exception() -> impl Strategy<Value = Value> {
    let names = [
        "signed",
        "built",
        "listed",
        "scanned",
        "tested",
        "summed-up",
    ];
    let rules = subsequence(names.to_vec(), 1..=3);
    let ends = select(vec![
        "2027-01-01T00:00:00Z",
        "2026-05-01T00:00:00Z",
        "never",
    ]);
    (rules, ends, 0..3_usize).prop_map(|(rules, ends, approval)| {
        let exception =
            json!({"name": "e", "images": ["**"], "rules": rules, "reason": "r", "ends": ends});
        let statement = approving(&exception);
        match approval {
            0 => exception,
            1 => approved(exception, "ann", bundle(&ann(), &statement)),
            _ => approved(exception, "ann", bundle(&bob(), &statement)),
        }
    })
}

/// What a rule loses of its relations, its mode, and its date.
type Change = (Index, bool, Option<&'static str>, Option<&'static str>);

fn policies() -> impl Strategy<Value = Value> {
    let mode = weighted(0.2, select(vec!["warn", "audit", "enforce"]));
    let date = weighted(
        0.2,
        select(vec!["2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]),
    );
    let change = (any::<Index>(), any::<bool>(), mode, date);
    let exceptions = weighted(0.4, exception());
    let lenient = prop::bool::weighted(0.1);
    (vec(change, 6), exceptions, lenient).prop_map(
        |(changes, exception, lenient): (Vec<Change>, _, _)| {
            let mut rules = rules();
            for (rule, (kept, bare, mode, date)) in rules.iter_mut().zip(changes) {
                let members = rule.as_object_mut().unwrap();
                if bare {
                    members.remove("relations");
                } else if let Some(relations) = members.get_mut("relations") {
                    *relations = json!([kept.get(relations.as_array().unwrap())]);
                }
                members.extend(mode.map(|mode| ("mode".to_owned(), json!(mode))));
                members.extend(date.map(|date| ("effectiveOn".to_owned(), json!(date))));
            }
            let mut more = json!({});
            if let Some(exception) = exception {
                more["exceptions"] = json!([exception]);
            }
            if lenient {
                more["modes"] = json!([{"excludeNamespaces": ["production"], "mode": "warn"}]);
            }
            document(&rules, more)
        },
    )
}

/// Most of what meets everything, and something else, in any order.
fn pieces() -> impl Strategy<Value = Vec<Evidence>> {
    let whole = subsequence((0..WHOLE.len()).collect::<Vec<_>>(), 5..=WHOLE.len());
    let others = vec(any::<Index>(), 0..=4);
    (whole, others)
        .prop_map(|(whole, others)| {
            let whole = whole.into_iter().map(|index| WHOLE[index].clone());
            let others = others.iter().map(|index| index.get(&OTHERS).clone());
            whole.chain(others).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

/// A policy that asks for everything is met by the whole evidence, and by nothing less.
#[test]
fn everything_is_asked_and_met() {
    let strict = compiled(&document(&rules(), json!({})));
    let decided = decide(&strict, WHOLE.clone());
    assert_code(&decided, "ok", "all");
    assert!(
        decided.document["images"][0]["rules"][3]["metBy"][0]["vulnerabilities"]["vex"].is_array()
    );
    for index in 0..WHOLE.len() {
        let mut fewer = WHOLE.clone();
        fewer.remove(index);
        let decided = decide(&strict, fewer);
        assert!(!decided.decision.allowed(), "without piece {index}");
    }
    let everything: Vec<Evidence> = WHOLE.iter().chain(&*OTHERS).cloned().collect();
    assert_code(&decide(&strict, everything), "ok", "with others");
    let others = decide(&strict, OTHERS.clone());
    assert!(!others.decision.allowed(), "the others alone");
}

#[test]
fn nothing_is_gained_by_taking_away() {
    both_kinds(64, 10, &(policies(), pieces()), |(policy, pieces), saw| {
        let whole = compiled(&policy);
        let decided = decide(&whole, pieces.clone());
        let before = decided.decision.allowed();
        // Not a piece: an SBOM, a scan, a VEX document, a summary, or any other.
        for index in 0..pieces.len() {
            let mut fewer = pieces.clone();
            fewer.remove(index);
            let now = decide(&whole, fewer).decision.allowed();
            prop_assert!(before || !now, "without piece {index} it is allowed");
        }
        // Not an exception.
        let mut without = policy.clone();
        without.as_object_mut().unwrap().remove("exceptions");
        let now = decide(&compiled(&without), pieces.clone());
        prop_assert!(before || !now.decision.allowed(), "an exception denies");
        // A rule without its relations or inputs asks for less.
        let mut without = policy.clone();
        for rule in without["rules"].as_array_mut().unwrap() {
            rule.as_object_mut().unwrap().remove("relations");
            if let Some(asked) = rule.get_mut("verificationSummary") {
                asked.as_object_mut().unwrap().remove("inputAttestations");
            }
        }
        let now = decide(&compiled(&without), pieces.clone());
        prop_assert!(now.decision.allowed() || !before, "a relation allows");
        saw(before);
        Ok(())
    });
}

#[test]
fn no_order_matters() {
    let shuffled = pieces().prop_flat_map(|pieces| {
        let again = Just(pieces.clone()).prop_shuffle();
        (Just(pieces), again, any::<Index>())
    });
    both_kinds(
        32,
        5,
        &(policies(), shuffled),
        |(policy, (pieces, again, twice)), saw| {
            let compiled = compiled(&policy);
            let expected = decide(&compiled, pieces.clone());
            let mut again = again;
            again.push(twice.get(&pieces).clone());
            let found = decide(&compiled, again);
            prop_assert_eq!(found.decision.to_json(), expected.decision.to_json());
            saw(expected.decision.allowed());
            Ok(())
        },
    );
}
