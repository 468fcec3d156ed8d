//! How what meets one rule stands to what meets another.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{Build, SIGNED, UnixTime};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::cases::Case;
use super::contents::{CYCLONEDX, VULNS, cyclonedx, vulns};
use super::world::{
    DIGEST, IMAGE, attestation, by_key, by_person, by_workflow, call, key, own_root, person, piece,
    policy, subject, workflows,
};

const DAY: u64 = 24 * 3600;

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = builds_and_scans()?;
    cases.extend(input_attestations()?);
    Ok(cases)
}

/// A scan must have been made within thirty days after the build, by somebody else than the SBOM, which
/// must be about the same artifact as the provenance.
fn asking() -> Value {
    let authorities = [
        workflows("ci", "https://github.com/octo-org/**"),
        person("people", "*@example.com"),
    ];
    let rules = json!([
        {"name": "scanned", "images": ["**"],
         "relations": [
            {"rule": "built", "after": {"maximum": "30d"}},
            {"rule": "listed", "signer": "different"}],
         "vulnerabilities": {"signedBy": ["people"], "maximumAge": "365d", "maximum": {"critical": 0}}},
        {"name": "listed", "images": ["**"], "relations": [{"rule": "built", "subject": "same"}],
         "sbom": {"signedBy": ["people"]}},
        {"name": "built", "images": ["**"], "provenance": {
            "signedBy": ["ci"], "source": {"uri": "https://github.com/octo-org/app"}}},
    ]);
    policy(&authorities, rules, own_root())
}

fn built(time: UnixTime) -> Result<Value> {
    let build = Build::default();
    let signer = by_workflow(&build).at(time);
    Ok(piece(&signer.attest(&build.provenance_v1(subject()))?))
}

fn scanned(address: &str, time: UnixTime) -> Result<Value> {
    let signer = by_person(address).at(time);
    Ok(attestation(&signer, VULNS, vulns(&[]))?)
}

fn listed() -> Result<Value> {
    let document = cyclonedx("pkg:npm/lib@2.0.0", json!({"license": {"id": "MIT"}}));
    Ok(attestation(
        &by_person("ann@example.com"),
        CYCLONEDX,
        document,
    )?)
}

fn builds_and_scans() -> Result<Vec<Case>> {
    let asking = asking();
    let bob = "bob@example.com";
    let of = |build: u64, scanner: &str, scan: u64| -> Result<Value> {
        let pieces = vec![
            built(SIGNED.plus(build.saturating_mul(DAY)))?,
            scanned(scanner, SIGNED.plus(scan.saturating_mul(DAY)))?,
            listed()?,
        ];
        Ok(call(&asking, pieces))
    };
    Ok(vec![
        Case::allowed("relations", of(0, bob, 30)?),
        Case::rejected("relation-too-early", "relation.too-early", of(1, bob, 0)?),
        Case::rejected("relation-too-late", "relation.too-late", of(0, bob, 31)?),
        Case::rejected(
            "relation-of-one-signer",
            "relation.signer-shared",
            of(0, "ann@example.com", 1)?,
        ),
        Case::rejected(
            "relation-to-what-is-missing",
            "relation.evidence-missing",
            call(&asking, vec![scanned(bob, SIGNED)?, listed()?]),
        ),
    ])
}

fn input_attestations() -> Result<Vec<Case>> {
    let checker = "https://checker.example";
    let rules = json!([
        {"name": "summary", "images": ["**"], "verificationSummary": {
            "verifiedBy": ["checker"], "resourceUris": ["{registry}/{repository}@{digest}"],
            "inputAttestations": ["scanned"]}},
        {"name": "scanned", "images": ["**"], "attestation": {
            "signedBy": ["checker"], "family": "vulns", "quantifier": "any"}},
    ]);
    let more = json!({"verifiers": [{"name": "checker", "signedBy": ["checker"],
        "id": {"exact": checker}, "maximumLevels": {"build": 3}}]});
    let asking = policy(&[key("checker")], rules, more);
    let scan = || attestation(&by_key("checker"), VULNS, vulns(&[]));
    let scanned = scan()?;
    let content = scanned["content"].as_str();
    let content = content.and_then(|content| STANDARD.decode(content).ok());
    let content = content.context("content")?;
    let digest = Sha256::digest(&content);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let summary = |inputs: Value| {
        let predicate = json!({
            "verifier": {"id": checker},
            "timeVerified": "2026-03-01T00:00:00Z",
            "resourceUri": format!("{IMAGE}@{DIGEST}"),
            "policy": {"uri": "https://policy.example"},
            "inputAttestations": inputs,
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
        });
        attestation(
            &by_key("checker"),
            "https://slsa.dev/verification_summary/v1",
            predicate,
        )
    };
    let this = json!({"digest": {"sha256": hex}});
    let other = json!({"digest": {"sha256": DIGEST.trim_start_matches("sha256:")}});
    Ok(vec![
        Case::allowed(
            "input-attestations",
            call(&asking, vec![scan()?, summary(json!([this]))?]),
        ),
        Case::rejected(
            "input-attestation-missing",
            "relation.input-missing",
            call(&asking, vec![scan()?, summary(json!([]))?]),
        ),
        Case::rejected(
            "input-attestation-unknown",
            "relation.input-unknown",
            call(&asking, vec![scan()?, summary(json!([this, other]))?]),
        ),
    ])
}
