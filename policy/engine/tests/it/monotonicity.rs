//! Evidence only ever helps: a further piece never turns what is allowed into what is denied, so that
//! nothing is gained by taking one away. (Rules that ask for all attestations are the exception, and say
//! so.)

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use sealstone_engine::Evidence;
use sealstone_forge::{Build, Fault, Identity};
use serde_json::{Value, json};

use crate::property::both_kinds;
use crate::support::DIGEST;
use crate::world::{
    SIGSTORE, attestation, by_key, by_person, compiled, decide, evidence, key, person, policy,
    signature, subject,
};

const SCAN: &str = "https://scan.example/v1";
const NAMES: [&str; 8] = [
    "k1", "k2", "k1-again", "ann", "bob", "anyone", "workflow", "tenant",
];

fn authorities() -> Value {
    let mut again = key("k1");
    again["name"] = json!("k1-again");
    let github = |name: &str, subject: &str| {
        let issuer = "https://token.actions.githubusercontent.com";
        let identity = json!({"issuer": {"exact": issuer}, "subject": {"glob": subject}});
        json!({"name": name, "keyless": {"trustRoot": "root", "identities": [identity]}})
    };
    json!([
        key("k1"),
        key("k2"),
        again,
        person("ann", "ann@example.com"),
        person("bob", "bob@example.com"),
        person("anyone", "*@example.com"),
        github("workflow", "https://github.com/octo-org/build-workflows/**"),
        github("tenant", "https://github.com/octo-org/**"),
    ])
}

const SBOM: &str = "https://cyclonedx.org/bom";
const VULNS: &str = "https://in-toto.io/attestation/vulns/v0.2";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";

fn sbom(purl: &str) -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "lib", "purl": purl}]})
}

fn scan(severity: Option<&str>) -> Value {
    let found = severity
        .map(|severity| json!({"id": "CVE-1", "severity": [{"method": "nvd", "score": severity}]}));
    json!({"scanner": {"uri": "pkg:github/a/scanner", "result": Vec::from_iter(found)}})
}

fn vex(status: &str, day: u8) -> Value {
    let product = format!("pkg:oci/app@{}", DIGEST.replace(':', "%3A"));
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "author": "A",
        "timestamp": format!("2026-02-0{day}T00:00:00Z"), "statements": [{
            "vulnerability": {"name": "CVE-1"}, "products": [{"@id": product}], "status": status,
            "justification": "vulnerable_code_not_present"}]})
}

/// Good pieces.
static GOOD: LazyLock<Vec<Evidence>> = LazyLock::new(|| {
    let mut pieces = Vec::new();
    for signer in [
        by_key("k1"),
        by_key("k2"),
        by_person("ann@example.com"),
        by_person("bob@example.com"),
    ] {
        pieces.push(signature(&signer));
        pieces.push(attestation(&signer, SCAN, json!({"result": "pass"})));
        pieces.push(attestation(&signer, SBOM, sbom("pkg:npm/lib@2.0.0")));
        pieces.push(attestation(&signer, VULNS, scan(None)));
        pieces.push(attestation(&signer, VULNS, scan(Some("critical"))));
        pieces.push(attestation(&signer, OPENVEX, vex("not_affected", 1)));
    }
    let build = Build::default();
    let provenance = || build.provenance_v1(subject());
    pieces.push(evidence(
        SIGSTORE
            .keyless(&Identity::github_actions(&build))
            .attest(&provenance()),
    ));
    pieces.push(evidence(by_key("k1").attest(&provenance())));
    pieces
});

/// Good, bad, foreign and broken pieces.
static PIECES: LazyLock<Vec<Evidence>> = LazyLock::new(|| {
    let signers = [
        by_key("k1"),
        by_key("k2"),
        by_key("stranger"),
        by_person("ann@example.com"),
        by_person("bob@example.com"),
        by_person("eve@elsewhere.example"),
    ];
    let mut pieces = Vec::new();
    for signer in &signers {
        pieces.push(signature(signer));
        for result in ["pass", "fail"] {
            pieces.push(attestation(signer, SCAN, json!({"result": result})));
        }
        for purl in ["pkg:npm/lib@1.0.0", "pkg:npm/lib@2.0.0"] {
            pieces.push(attestation(signer, SBOM, sbom(purl)));
        }
        for severity in [None, Some("low"), Some("critical")] {
            pieces.push(attestation(signer, VULNS, scan(severity)));
        }
        for (status, day) in [("not_affected", 1), ("affected", 2), ("strange", 3)] {
            pieces.push(attestation(signer, OPENVEX, vex(status, day)));
        }
        for fault in [Fault::SignatureInvalid, Fault::SubjectOtherDigest] {
            let broken = signer.clone().fault(fault);
            pieces.push(signature(&broken));
            pieces.push(attestation(&broken, SCAN, json!({"result": "pass"})));
        }
    }
    let run = |change: fn(&mut Build)| {
        let mut build = Build::default();
        change(&mut build);
        build
    };
    let honest = Build::default();
    for build in [
        run(|_| {}),
        run(|build| build.repository = "octo-org/other".to_owned()),
        run(|build| build.source_ref = "refs/heads/main".to_owned()),
        run(|build| {
            build.builder_id = "https://github.com/octo-org/app/x.yml@refs/tags/v1".to_owned()
        }),
    ] {
        let signer = SIGSTORE.keyless(&Identity::github_actions(&build));
        pieces.push(evidence(signer.attest(&build.provenance_v1(subject()))));
        pieces.push(evidence(signer.attest(&honest.provenance_v02(subject()))));
        pieces.push(evidence(
            by_key("k1").attest(&build.provenance_v1(subject())),
        ));
    }
    // The same bytes under other names, and no evidence at all.
    for index in [0, 1, 3] {
        let mut renamed: Evidence = pieces[index].clone();
        renamed.media_type = "application/octet-stream".to_owned();
        pieces.push(renamed);
        let mut annotated: Evidence = pieces[index].clone();
        annotated
            .annotations
            .insert("note".to_owned(), "x".to_owned());
        pieces.push(annotated);
        let mut cut: Evidence = pieces[index].clone();
        cut.content.truncate(cut.content.len() / 2);
        pieces.push(cut);
    }
    pieces.push(Evidence::default());
    pieces
});

fn signers() -> impl Strategy<Value = Value> {
    let names = subsequence(NAMES.to_vec(), 1..=3);
    let flat = (names, 0..4_usize, any::<Index>()).prop_map(|(names, kind, count)| {
        combined(names.into_iter().map(Value::from).collect(), kind, count)
    });
    flat.prop_recursive(3, 12, 3, |inner| {
        let names = subsequence(NAMES.to_vec(), 0..=2);
        (names, vec(inner, 1..=2), 1..4_usize, any::<Index>()).prop_map(
            |(names, inner, kind, count)| {
                let mut of: Vec<Value> = names.into_iter().map(Value::from).collect();
                // A bare list stands only at the top.
                of.extend(inner.into_iter().map(|inner| {
                    if inner.is_array() {
                        json!({"anyOf": inner})
                    } else {
                        inner
                    }
                }));
                combined(of, kind, count)
            },
        )
    })
}

fn combined(of: Vec<Value>, kind: usize, count: Index) -> Value {
    match kind {
        0 => json!(of),
        1 => json!({"anyOf": of}),
        2 => json!({"allOf": of}),
        _ => json!({"atLeast": {"count": count.index(of.len()).saturating_add(1), "of": of}}),
    }
}

/// What a rule asks for; never all attestations.
fn requirement() -> impl Strategy<Value = (&'static str, Value)> {
    let age = select(vec![None, None, None, Some("1d"), Some("3650d")]);
    let limited = |mut asked: Value, age: Option<&str>| {
        if let Some(age) = age {
            asked["maximumAge"] = json!(age);
        }
        asked
    };
    let signature = (signers(), age.clone())
        .prop_map(move |(signers, age)| ("signature", limited(json!({"signedBy": signers}), age)));
    let attestation =
        (signers(), any::<bool>(), age.clone()).prop_map(move |(signers, pass, age)| {
            let mut asked = json!({
                "signedBy": signers,
                "predicateType": {"glob": "https://scan.example/*"},
                "quantifier": "any",
            });
            if pass {
                asked["conditions"] = json!([{"field": "/result", "equals": "pass"}]);
            }
            ("attestation", limited(asked, age))
        });
    let sbom = (signers(), any::<bool>(), age.clone()).prop_map(move |(signers, deny, age)| {
        let mut asked = json!({ "signedBy": signers });
        if deny {
            asked["packages"] = json!({"deny": [{"package": "pkg:npm/lib", "versions": "<2.0.0"}]});
        }
        ("sbom", limited(asked, age))
    });
    let heeded = subsequence(vec!["ann", "bob", "anyone", "k1"], 0..=3);
    let vulnerabilities =
        (signers(), heeded, select(vec!["1d", "3650d"])).prop_map(move |(signers, heeded, age)| {
            let mut asked =
                json!({"signedBy": signers, "maximum": {"critical": 0}, "maximumAge": age});
            if !heeded.is_empty() {
                asked["vex"] = json!({"signedBy": heeded, "maximumAge": "3650d"});
            }
            ("vulnerabilities", asked)
        });
    let levels = select(vec![None, Some(2), Some(3)]);
    let builders = subsequence(vec!["container", "tenants", "key"], 1..=3);
    let by = prop_oneof![
        signers().prop_map(|signers| json!({"signedBy": signers})),
        builders.prop_map(|builders| json!({"builders": builders})),
    ];
    let provenance = (by, levels, age).prop_map(move |(mut asked, level, age)| {
        asked["source"] =
            json!({"uri": "https://github.com/octo-org/app", "ref": {"glob": "refs/tags/*"}});
        if let Some(level) = level {
            asked["minimumLevels"] = json!({"build": level});
        }
        ("provenance", limited(asked, age))
    });
    let names = || subsequence(NAMES.to_vec(), 3..=8);
    let rego = (names(), names(), any::<bool>()).prop_map(|(scanners, listers, joined)| {
        let module = "package m\n\ndeny contains \"scan\" if not input.attestations.scan.predicate.result == \"pass\"\n\ndeny contains \"SBOM\" if input.attestations.sbom.predicate.components[0].purl == \"pkg:npm/lib@1.0.0\"\n";
        let scan = json!({"name": "scan", "signedBy": scanners, "predicateType": {"exact": SCAN}});
        let sbom = json!({"name": "sbom", "signedBy": listers, "family": "cycloneDx"});
        let attestations = if joined { json!([scan, sbom]) } else { json!([scan]) };
        let asked =
            json!({"modules": [module], "deny": "data.m.deny", "attestations": attestations});
        ("rego", asked)
    });
    prop_oneof![
        2 => signature,
        1 => rego,
        2 => attestation,
        2 => provenance,
        2 => sbom,
        3 => vulnerabilities,
    ]
}

fn policies() -> impl Strategy<Value = Value> {
    prop_oneof![3 => vec(requirement(), 1), 1 => vec(requirement(), 2)].prop_map(|requirements| {
        let rules: Vec<Value> = requirements
            .into_iter()
            .enumerate()
            .map(|(index, (kind, asked))| {
                json!({"name": format!("rule-{index}"), "images": ["**"], kind: asked})
            })
            .collect();
        let builders = json!([
            {"name": "container", "signedBy": ["workflow"], "id": {"glob": "https://github.com/octo-org/build-workflows/**"}, "maximumLevel": 3},
            {"name": "tenants", "signedBy": ["tenant"], "id": {"glob": "https://github.com/**"}, "maximumLevel": 2},
            {"name": "key", "signedBy": ["k1"], "id": {"glob": "**"}, "maximumLevel": 2},
        ]);
        policy(authorities(), json!(rules), json!({"builders": builders}))
    })
}

fn pieces(most: usize) -> impl Strategy<Value = Vec<Evidence>> {
    let piece = (any::<bool>(), any::<Index>()).prop_map(|(good, index)| {
        let pieces = if good { &*GOOD } else { &*PIECES };
        index.get(pieces).clone()
    });
    vec(piece, 0..=most)
}

/// A rule that takes effect later never denies more than one that is in effect, and one whose day has
/// come denies the same.
#[test]
fn a_later_rule_never_denies_more() {
    let which = (any::<Index>(), any::<bool>());
    both_kinds(
        48,
        3,
        &(policies(), pieces(6), which),
        |(mut policy, pieces, (index, future)), saw| {
            let allows =
                |policy: &Value| decide(&compiled(policy), pieces.clone()).decision.allowed();
            let before = allows(&policy);
            let index = index.index(policy["rules"].as_array().unwrap().len());
            let year = if future { 2027 } else { 2026 };
            policy["rules"][index]["effectiveOn"] = json!(format!("{year}-06-01T00:00:00Z"));
            let after = allows(&policy);
            prop_assert!(after || !before);
            prop_assert!(future || after == before);
            saw(after == before);
            Ok(())
        },
    );
}

/// Nothing is gained by taking an exception out of a policy, nor, while it is there, by taking evidence
/// away.
#[test]
fn an_exception_never_denies() {
    let ends = select(vec![
        "2027-06-01T00:00:00Z",
        "2027-06-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
        "never",
    ]);
    both_kinds(
        48,
        5,
        &(policies(), pieces(6), ends),
        |(policy, pieces, ends), saw| {
            let exception = json!({"name": "e", "images": ["**"], "rules": ["rule-0"], "reason": "r", "ends": ends});
            let mut excused = policy.clone();
            excused["exceptions"] = json!([exception]);
            let (asked, excused) = (compiled(&policy), compiled(&excused));
            let mut before = false;
            for end in 0..=pieces.len() {
                let without = decide(&asked, pieces[..end].to_vec()).decision.allowed();
                let with = decide(&excused, pieces[..end].to_vec()).decision.allowed();
                prop_assert!(with || !without, "the exception denies");
                prop_assert!(ends.starts_with("2027") || with == without);
                prop_assert!(with || !before, "piece {end} denies");
                before = with;
                saw(with == without);
            }
            Ok(())
        },
    );
}

#[test]
fn a_further_piece_never_denies() {
    let brought = pieces(14);
    both_kinds(96, 5, &(policies(), brought), |(policy, pieces), saw| {
        let compiled = compiled(&policy);
        let allows = |pieces: &[Evidence]| decide(&compiled, pieces.to_vec()).decision.allowed();
        // One piece after the other.
        let mut before = allows(&[]);
        prop_assert!(!before, "nothing was brought");
        for end in 1..=pieces.len() {
            let now = allows(&pieces[..end]);
            prop_assert!(now || !before, "piece {end} denies");
            before = now;
        }
        saw(before);
        // Without any one of them.
        for index in 0..pieces.len() {
            let mut fewer = pieces.clone();
            fewer.remove(index);
            prop_assert!(
                before || !allows(&fewer),
                "without piece {index} it is allowed"
            );
        }
        // A piece that comes twice is one.
        let twice: Vec<Evidence> = pieces.iter().chain(&pieces).cloned().collect();
        prop_assert_eq!(allows(&twice), before);
        Ok(())
    });
}

/// Every piece that is well made helps somewhere, every other nowhere: the property above is about
/// pieces that matter.
#[test]
fn the_pieces_are_of_both_kinds() {
    let anybody = json!(NAMES);
    let rule = |kind: &str, mut asked: Value| {
        asked["signedBy"] = anybody.clone();
        let rules = json!([{"name": "rule", "images": ["**"], kind: asked}]);
        compiled(&policy(authorities(), rules, json!({})))
    };
    let policies = [
        rule("signature", json!({})),
        rule(
            "attestation",
            json!({"predicateType": {"exact": SCAN}, "quantifier": "any"}),
        ),
        rule(
            "provenance",
            json!({"source": {"uri": "https://github.com/octo-org/app"}}),
        ),
        rule("sbom", json!({})),
        rule("vulnerabilities", json!({"maximumAge": "3650d"})),
    ];
    for policy in &policies {
        let good = PIECES
            .iter()
            .filter(|piece| decide(policy, vec![(*piece).clone()]).decision.allowed())
            .count();
        assert!(
            good >= 4 && good < PIECES.len() / 2,
            "{good} of {}",
            PIECES.len()
        );
    }
}
