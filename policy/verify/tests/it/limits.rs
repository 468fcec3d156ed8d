//! Each limit is reached by evidence that is valid but for its size, and is named by the rejection.

use std::sync::Arc;

use sealstone_forge::{CertificateTransparencyLog, NOW};
use sealstone_verify::{
    Error, Limit, Limits, Requirements, SignedEntity, TrustedRoot, UnixTime, Verifier,
};

use crate::world::{By, FORMS, SIGSTORE, artifact, make};

/// Verifies a valid bundle under limits that were tightened.
fn verify_under(tighten: fn(&mut Limits)) -> Result<(), Error> {
    let mut limits = Limits::default();
    tighten(&mut limits);
    let (_, form) = FORMS[0];
    let evidence = make(form, By::Certificate, None).expect("the forge makes it");
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &limits)?;
    let entity = SignedEntity::from_bundle(&evidence.content, &limits)?;
    Verifier::keyless(Arc::new(root), Requirements::default(), limits)?
        .verify(&entity, &artifact(), UnixTime::from_seconds(NOW.seconds()))
        .map(drop)
}

#[test]
fn each_limit_is_reached_and_named() {
    assert_eq!(verify_under(|_| {}), Ok(()));
    let cases: &[(Limit, fn(&mut Limits))] = &[
        (Limit::CertificateBytes, |limits| {
            limits.certificate_bytes = 100
        }),
        (Limit::ChainLength, |limits| limits.chain_length = 1),
        (Limit::CheckpointSignatures, |limits| {
            limits.checkpoint_signatures = 0
        }),
        (Limit::DigestsPerSubject, |limits| {
            limits.digests_per_subject = 0
        }),
        (Limit::EvidenceBytes, |limits| limits.evidence_bytes = 1000),
        (Limit::InclusionProofHashes, |limits| {
            limits.inclusion_proof_hashes = 1
        }),
        (Limit::JsonNesting, |limits| limits.json_nesting = 3),
        (Limit::SignatureChecks, |limits| limits.signature_checks = 1),
        (Limit::SignedCertificateTimestamps, |limits| {
            limits.signed_certificate_timestamps = 0;
        }),
        (Limit::StatementSubjects, |limits| {
            limits.statement_subjects = 0
        }),
        (Limit::TransparencyLogEntries, |limits| {
            limits.transparency_log_entries = 0
        }),
        (Limit::TrustedRootBytes, |limits| {
            limits.trusted_root_bytes = 1000
        }),
        (Limit::TrustedRootEntries, |limits| {
            limits.trusted_root_entries = 0
        }),
    ];
    for (limit, tighten) in cases {
        assert_eq!(
            verify_under(*tighten),
            Err(Error::LimitExceeded(*limit)),
            "{}",
            limit.name()
        );
    }
}

/// The budget of public-key operations is spent by what an attacker can repeat.
#[test]
fn many_certificate_timestamps_spend_the_budget() {
    let mut limits = Limits::default();
    limits.signature_checks = 6;
    let logs = [CertificateTransparencyLog::First; 6];
    let build = sealstone_forge::Build::default();
    let subject = sealstone_forge::Subject::new("app", &artifact().to_string());
    let evidence = SIGSTORE
        .keyless(&sealstone_forge::Identity::github_actions(&build))
        .certificate_transparency(&logs)
        .attest(&build.provenance_v1(subject))
        .expect("the forge makes it");
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &limits).expect("a trust root");
    let entity = SignedEntity::from_bundle(&evidence.content, &limits).expect("a bundle");
    let outcome = Verifier::keyless(Arc::new(root), Requirements::default(), limits)
        .expect("the requirements can be met")
        .verify(&entity, &artifact(), UnixTime::from_seconds(NOW.seconds()));
    assert_eq!(
        outcome.err(),
        Some(Error::LimitExceeded(Limit::SignatureChecks))
    );
}
