//! Evidence about the content of images and approvals of exceptions, each broken in every way that the
//! forge knows: none of it counts.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{Fault, Signer};
use serde_json::{Value, json};

use crate::exceptions::{approved, approving};
use crate::sboms::cyclonedx;
use crate::vex::vex;
use crate::world::{assert_code, by_person, compiled, decide, evidence, person, policy, statement};

const SCAN: &str = "https://in-toto.io/attestation/vulns/v0.2";
const TOO_MANY: &str = "vulnerability-scan.too-many";

fn asking(kind: &str, asked: &Value, more: Value) -> CompiledPolicy {
    let rules = json!([{"name": "rule", "images": ["**"], kind: asked}]);
    let authorities = json!([
        person("ann", "ann@example.com"),
        person("bob", "bob@example.com")
    ]);
    compiled(&policy(authorities, rules, more))
}

/// A signer with each fault, by name.
fn faulty() -> impl Iterator<Item = (&'static str, Signer<'static>)> {
    // A log names an envelope by a hash of the JSON that was sent to it, which no bundle holds.
    let all = Fault::ALL.iter();
    let all = all.filter(|fault| **fault != Fault::BodyOtherEnvelope);
    all.map(|fault| (fault.name(), by_person("ann@example.com").fault(*fault)))
}

fn signed(signer: &Signer<'_>, predicate_type: &str, predicate: &Value) -> Option<Evidence> {
    let made = signer.attest(&statement(predicate_type, predicate.clone()));
    made.ok().map(|made| evidence(Ok(made)))
}

fn scan(found: Value) -> Value {
    json!({"scanner": {"uri": "pkg:github/a/scanner", "result": found}})
}

fn critical() -> Value {
    scan(json!([{"id": "CVE-1", "severity": [{"method": "nvd", "score": "critical"}]}]))
}

/// The codes that refuse pieces with faults, without those that say that nothing was there.
fn refused(kind: &str, asked: &Value, predicate_type: &str, predicate: &Value) -> usize {
    let policy = asking(kind, asked, json!({}));
    let honest = signed(&by_person("ann@example.com"), predicate_type, predicate).unwrap();
    assert_code(&decide(&policy, vec![honest]), "ok", kind);
    let mut refused = 0_usize;
    for (fault, signer) in faulty() {
        let Some(piece) = signed(&signer, predicate_type, predicate) else {
            continue;
        };
        let decided = decide(&policy, vec![piece]);
        assert!(!decided.decision.allowed(), "{kind} with {fault}");
        refused = refused.saturating_add(1);
    }
    refused
}

#[test]
fn bills_and_scans() {
    let asked = json!({"signedBy": ["ann"]});
    let count = refused("sbom", &asked, "https://cyclonedx.org/bom", &cyclonedx(&[]));
    assert!(count > 20, "{count}");
    let asked = json!({"signedBy": ["ann"], "maximumAge": "365d", "maximum": {"critical": 0}});
    let count = refused("vulnerabilities", &asked, SCAN, &scan(json!([])));
    assert!(count > 20, "{count}");
}

#[test]
fn vex_documents() {
    let asked = json!({"signedBy": ["bob"], "maximumAge": "365d", "maximum": {"critical": 0},
        "vex": {"signedBy": ["ann"], "maximumAge": "365d"}});
    let policy = asking("vulnerabilities", &asked, json!({}));
    let found = signed(&by_person("bob@example.com"), SCAN, &critical()).unwrap();
    let lowering = |signer: &Signer<'_>| signed(signer, "https://openvex.dev/ns", &vex(json!({})));
    let honest = lowering(&by_person("ann@example.com")).unwrap();
    assert_code(
        &decide(&policy, vec![found.clone(), honest]),
        "ok",
        "honest",
    );
    let mut refused = 0_usize;
    for (fault, signer) in faulty() {
        let Some(document) = lowering(&signer) else {
            continue;
        };
        let decided = decide(&policy, vec![found.clone(), document]);
        assert!(!decided.decision.allowed(), "{fault}");
        let codes = decided.piece_codes();
        assert!(codes.contains(&TOO_MANY), "{fault}: {codes:?}");
        refused = refused.saturating_add(1);
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn approvals() {
    let exception = json!({"name": "e", "images": ["**"], "rules": ["rule"], "reason": "r",
        "ends": "2027-01-01T00:00:00Z"});
    let decided = |signer: &Signer<'_>| {
        let made = signer.attest(&approving(&exception)).ok()?;
        let bundle = serde_json::from_slice(&made.content).ok()?;
        let exceptions = json!({"exceptions": [approved(exception.clone(), "ann", bundle)]});
        let policy = policy(
            json!([
                person("ann", "ann@example.com"),
                person("bob", "bob@example.com")
            ]),
            json!([{"name": "rule", "images": ["**"], "signature": {"signedBy": ["bob"]}}]),
            exceptions,
        );
        // What is no bundle at all refuses the policy.
        let policy = CompiledPolicy::compile(policy.to_string().as_bytes(), &[]).ok()?;
        Some(decide(&policy, vec![]).decision.allowed())
    };
    assert_eq!(decided(&by_person("ann@example.com")), Some(true));
    // A member that stands there twice does not survive the writing of the policy.
    let others = faulty().filter(|(fault, _)| *fault != Fault::BundleFieldDuplicate.name());
    let answers = others.filter_map(|(fault, signer)| Some((fault, decided(&signer)?)));
    let answers: Vec<_> = answers.collect();
    let excused = answers.iter().filter(|(_, excused)| *excused);
    assert_eq!(excused.collect::<Vec<_>>(), Vec::<&(&str, bool)>::new());
    assert!(answers.len() > 20, "{answers:?}");
}
