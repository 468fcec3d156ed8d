//! VEX documents beside a vulnerability scan: they lower what it says, and nothing else.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence};
use sealstone_forge::{NOW, Statement, Subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{DIGEST, request};
use crate::vulnerabilities::{PURL, TOO_MANY, asking, critical, finding, found, with};
use crate::world::{
    IMAGE, assert_code, attestation, by_key, by_person, decide, decide_request, evidence, statement,
};

const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
const OK: &str = "ok";

fn heeding(more: Value) -> CompiledPolicy {
    let vex = with(json!({"signedBy": ["triage"], "maximumAge": "120d"}), more);
    asking(json!({"maximum": {"critical": 0}, "vex": vex}))
}

pub(crate) fn vex(changes: Value) -> Value {
    let statement = json!({
        "vulnerability": {"name": "CVE-1"},
        "products": [{"@id": format!("pkg:oci/app@{}", DIGEST.replace(':', "%3A"))}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    });
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example/1",
        "author": "Triage",
        "timestamp": "2026-02-01T00:00:00Z",
        "version": 1,
        "statements": [with(statement, changes)],
    })
}

pub(crate) fn triaged(document: Value) -> Evidence {
    attestation(&by_person("triage@example.com"), OPENVEX, document)
}

#[test]
fn vex_lowers() {
    let policy = heeding(json!({}));
    for spelling in [
        "https://openvex.dev/ns",
        OPENVEX,
        "https://openvex.dev/ns/v0.0.1",
    ] {
        let document = vex(json!({}));
        for predicate in [document.clone(), json!(document.to_string())] {
            let signer = by_person("triage@example.com");
            let piece = attestation(&signer, spelling, predicate);
            let decided = decide(&policy, vec![critical(), piece.clone()]);
            assert_code(&decided, OK, spelling);
            let lowered = &decided.met_by()[0]["vulnerabilities"];
            assert_eq!(lowered["counted"], 0);
            assert_eq!(lowered["vex"].as_array().unwrap().len(), 1);
            // It meets nothing by itself, and nothing was signed by its signer alone.
            assert_code(&decide(&policy, vec![piece]), "evidence.missing", "no scan");
        }
    }
    assert_code(&decide(&policy, vec![critical()]), TOO_MANY, "no VEX");
    let without = asking(json!({"maximum": {"critical": 0}}));
    let pieces = vec![critical(), triaged(vex(json!({})))];
    assert_code(&decide(&without, pieces), TOO_MANY, "not heeded");
}

#[test]
fn each_fact_that_vex_relies_on() {
    let policy = heeding(json!({}));
    let other =
        "pkg:oci/app@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let (_, name) = IMAGE.split_once('/').unwrap();
    for (changes, code) in [
        (json!({}), OK),
        (json!({"status": "fixed"}), OK),
        (json!({"status": "affected"}), TOO_MANY),
        (json!({"status": "under_investigation"}), TOO_MANY),
        (json!({"vulnerability": {"name": "CVE-2"}}), TOO_MANY),
        (
            json!({"vulnerability": {"name": "CVE-2", "aliases": ["CVE-1"]}}),
            OK,
        ),
        (json!({"products": []}), TOO_MANY),
        (json!({"products": [{"@id": other}]}), TOO_MANY),
        (json!({"products": [{"@id": PURL}]}), OK),
        (
            json!({"products": [{"@id": "pkg:npm/lib@2.0.1"}]}),
            TOO_MANY,
        ),
        (
            json!({"products": [{"@id": format!("pkg:oci/app?repository_url={IMAGE}")}]}),
            OK,
        ),
        (
            json!({"products": [{"@id": format!("pkg:oci/app?repository_url={name}")}]}),
            TOO_MANY,
        ),
    ] {
        let pieces = vec![critical(), triaged(vex(changes.clone()))];
        assert_code(&decide(&policy, pieces), code, &changes.to_string());
    }
}

/// A document that does not count lowers nothing and refuses nothing; it is listed with its reason.
#[test]
fn vex_that_does_not_count() {
    let policy = heeding(json!({}));
    let malformed = with(vex(json!({})), json!({"statements": {}}));
    let unknown = with(
        vex(json!({})),
        json!({"@context": "https://openvex.dev/ns/v9"}),
    );
    let strange = vex(json!({"status": "harmless"}));
    let text = json!("{");
    for (document, code) in [
        (malformed, "vex.field-malformed"),
        (unknown, "vex.version-unsupported"),
        (strange, "vex.status-unknown"),
        (text, "vex.json-malformed"),
        (
            with(vex(json!({})), json!({"author": ""})),
            "vex.field-missing",
        ),
    ] {
        let decided = decide(&policy, vec![critical(), triaged(document.clone())]);
        assert_code(&decided, TOO_MANY, code);
        assert!(
            decided.piece_codes().contains(&code),
            "{:?}",
            decided.piece_codes()
        );
        let decided = decide(&policy, vec![found(json!([])), triaged(document)]);
        assert_code(&decided, OK, code);
    }
    // Of others, too old, for another image.
    let by_scanner = attestation(&by_person("scanner@example.com"), OPENVEX, vex(json!({})));
    assert_code(
        &decide(&policy, vec![critical(), by_scanner]),
        TOO_MANY,
        "the scanner",
    );
    let unproven = attestation(&by_key("unlogged"), OPENVEX, vex(json!({})));
    let by_key = heeding(json!({"signedBy": ["unlogged"]}));
    let decided = decide(&by_key, vec![critical(), unproven]);
    assert_code(&decided, TOO_MANY, "no time");
    assert!(decided.piece_codes().contains(&"evidence.age-unproven"));
    let young = heeding(json!({"maximumAge": "30d"}));
    let decided = decide(&young, vec![critical(), triaged(vex(json!({})))]);
    assert_code(&decided, TOO_MANY, "too old");
    assert!(decided.piece_codes().contains(&"evidence.too-old"));
    let elsewhere =
        by_person("triage@example.com").fault(sealstone_forge::Fault::SubjectOtherDigest);
    let elsewhere = attestation(&elsewhere, OPENVEX, vex(json!({})));
    assert_code(
        &decide(&policy, vec![critical(), elsewhere]),
        TOO_MANY,
        "another image",
    );
}

#[test]
fn justifications() {
    let policy = heeding(
        json!({"justifications": ["component_not_present", "vulnerable_code_not_present"]}),
    );
    for (changes, code) in [
        (json!({"justification": "component_not_present"}), OK),
        (
            json!({"justification": "vulnerable_code_not_in_execute_path"}),
            TOO_MANY,
        ),
        (
            json!({"justification": null, "impact_statement": "trust me"}),
            TOO_MANY,
        ),
        (json!({"status": "fixed", "justification": null}), OK),
    ] {
        let pieces = vec![critical(), triaged(vex(changes.clone()))];
        assert_code(&decide(&policy, pieces), code, &changes.to_string());
    }
}

/// No document raises what another one lowers: whoever could remove it would be helped by that.
#[test]
fn vex_never_raises() {
    let policy = heeding(json!({}));
    let later = |status: &str| {
        triaged(with(
            vex(json!({"status": status})),
            json!({"timestamp": "2026-02-02T00:00:00Z"}),
        ))
    };
    for status in ["affected", "under_investigation"] {
        let pieces = vec![critical(), triaged(vex(json!({}))), later(status)];
        assert_code(&decide(&policy, pieces), OK, status);
        let pieces = vec![found(json!([finding("CVE-1", "LOW")])), later(status)];
        assert_code(&decide(&policy, pieces), OK, status);
    }
}

/// A document about one platform says nothing about another one.
#[test]
fn vex_of_platforms() {
    const AMD64: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    const ARM64: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    let platform = |digest: &str, architecture: &str| {
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 7,
            "platform": {"os": "linux", "architecture": architecture}})
    };
    let index = json!({"schemaVersion": 2, "mediaType": INDEX,
        "manifests": [platform(AMD64, "amd64"), platform(ARM64, "arm64")]});
    let index = index.to_string().into_bytes();
    let hex: String = Sha256::digest(&index)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let about = |digest: &str, who: &str, predicate_type: &str, predicate: Value| {
        let statement = Statement {
            subject: vec![Subject::new(IMAGE, digest)],
            ..statement(predicate_type, predicate)
        };
        evidence(by_person(who).attest(&statement))
    };
    let scan = |digest: &str| {
        let result = json!([{"id": "CVE-1", "severity": [{"method": "nvd", "score": "critical"}]}]);
        let predicate = json!({"scanner": {"uri": "s", "result": result}});
        let predicate_type = "https://in-toto.io/attestation/vulns/v0.2";
        about(digest, "scanner@example.com", predicate_type, predicate)
    };
    let vex = |digest: &str| {
        let product = format!("pkg:oci/app@{}", digest.replace(':', "%3A"));
        let document = vex(json!({"products": [{"@id": product}]}));
        about(digest, "triage@example.com", OPENVEX, document)
    };
    let policy = crate::vulnerabilities::asking_with(
        json!({"maximum": {"critical": 0}, "vex": {"signedBy": ["triage"], "maximumAge": "120d"}}),
        json!({"images": {"subjects": {"platforms": true}}}),
    );
    let whole = format!("sha256:{hex}");
    for (lowered, allowed) in [
        (&[AMD64, ARM64][..], true),
        (&[AMD64], false),
        (&[ARM64], false),
        (&[], false),
    ] {
        let mut pieces = vec![scan(AMD64), scan(ARM64)];
        pieces.extend(lowered.iter().map(|digest| vex(digest)));
        pieces.push(Evidence {
            media_type: INDEX.to_owned(),
            content: index.clone(),
            ..Evidence::default()
        });
        let brought = ImageEvidence {
            reference: IMAGE.to_owned(),
            digest: whole.clone(),
            evidence: pieces,
            unavailable: None,
        };
        let request = request(IMAGE, Some(&whole));
        let decided = decide_request(&policy, &request, &[brought], NOW);
        assert_eq!(
            decided.decision.allowed(),
            allowed,
            "{:#}",
            decided.document
        );
    }
}
