//! What past advisories of other verifiers taught, each as a case that must be refused.
//!
//! Lessons that need a policy (2, 3, 8, 10, 23: which predicate, which identity) are tests of the engine.

use std::sync::Arc;

use sealstone_forge::{
    Build, CertificateTransparencyLog, EntryKind, Evidence, Fault, Identity, KeyDetails, NOW,
    Signer, Subject, TransparencyLog, VirtualSigstore,
};
use sealstone_verify::internals::{Scheme, verify_signature};
use sealstone_verify::{
    DigestAlgorithm, Error, Facts, Limits, PublicKey, Requirements, SignedEntity, TrustedRoot,
    UnixTime, Verifier,
};
use serde_json::Value;

use crate::world::{By, FORMS, MANIFEST, SIGSTORE, artifact, digest, make, read, verify};

fn code(outcome: Result<Facts, Error>) -> &'static str {
    match outcome {
        Ok(_) => "verified",
        Err(error) => error.code(),
    }
}

/// Every form in which the fault can be made gives this code.
fn everywhere(fault: Fault, expected: &str) {
    let mut made = 0;
    for (form, form_make) in FORMS {
        for by in [By::Certificate, By::Key] {
            if let Ok(evidence) = make(*form_make, by, Some(fault)) {
                made += 1;
                assert_eq!(code(verify(&evidence, by)), expected, "{form} {by:?}");
            }
        }
    }
    assert!(made > 0, "the forge makes {fault} in some form");
}

fn signer() -> Signer<'static> {
    SIGSTORE.keyless(&Identity::github_actions(&Build::default()))
}

fn statement(name: &str, digest: &str) -> sealstone_forge::Statement {
    Build::default().provenance_v1(Subject::new(name, digest))
}

fn now() -> UnixTime {
    UnixTime::from_seconds(NOW.seconds())
}

fn verify_with(evidence: &Evidence, root: &[u8], requirements: Requirements) -> &'static str {
    let limits = Limits::default();
    let outcome = (|| {
        let root = Arc::new(TrustedRoot::from_json(root, &limits)?);
        let entity = SignedEntity::from_bundle(&evidence.content, &limits)?;
        Verifier::keyless(root, requirements, limits.clone())?.verify(&entity, &artifact(), now())
    })();
    code(outcome)
}

fn edited_root(edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut root = SIGSTORE.trusted_root_value(sealstone_forge::TrustedRootVersion::V01);
    edit(&mut root);
    serde_json::to_vec(&root).expect("JSON")
}

/// CVE-2022-23649: any valid Rekor bundle was accepted in the annotation.
#[test]
fn lesson_01_log_entry_of_another_image() {
    let sign = |digest: &str| {
        signer()
            .sign_legacy("app", digest)
            .expect("the forge makes it")
    };
    let mut evidence = sign(&digest());
    let other = sign(&format!("sha256:{}", "0".repeat(64)));
    let bundle = "dev.sigstore.cosign/bundle";
    let swapped = other.annotations[bundle].clone();
    evidence.annotations.insert(bundle.to_owned(), swapped);
    assert_eq!(
        code(verify(&evidence, By::Certificate)),
        "log-entry.artifact-mismatch"
    );
}

/// CVE-2022-36056: the log entry was not bound to the signature.
#[test]
fn lesson_04_log_entry_is_bound_to_the_signature() {
    for (fault, expected) in BODY_FAULTS {
        everywhere(fault, expected);
    }
}

/// What a log entry can say of something else.
const BODY_FAULTS: [(Fault, &str); 4] = [
    (Fault::BodyOtherSignature, "log-entry.signature-mismatch"),
    (Fault::BodyOtherVerifier, "log-entry.verifier-mismatch"),
    (Fault::BodyOtherArtifact, "log-entry.artifact-mismatch"),
    (Fault::BodyOtherPayload, "log-entry.artifact-mismatch"),
];

/// CVE-2026-22703: one path of several did not compare the log entry with what was signed.
#[test]
fn lesson_12_log_entry_is_bound_on_every_path() {
    for (form, form_make) in FORMS {
        for by in [By::Certificate, By::Key] {
            let codes: Vec<&str> = BODY_FAULTS
                .iter()
                .filter_map(|(fault, _)| make(*form_make, by, Some(*fault)).ok())
                .map(|evidence| code(verify(&evidence, by)))
                .collect();
            let content = [
                "log-entry.signature-mismatch",
                "log-entry.artifact-mismatch",
            ];
            for named in [&content[..], &["log-entry.verifier-mismatch"]] {
                assert!(
                    codes.iter().any(|code| named.contains(code)),
                    "{form} {by:?}: {codes:?}"
                );
            }
            let mismatch = |code: &&str| code.starts_with("log-entry.");
            assert!(codes.iter().all(mismatch), "{form} {by:?}: {codes:?}");
        }
    }
}

/// CVE-2022-47633: another manifest than the one that was verified.
#[test]
fn lesson_05_subject_is_the_digest() {
    for (form, expected) in [
        (FORMS[0].1, "statement.subject-mismatch"),
        (FORMS[5].1, "statement.subject-mismatch"),
        (FORMS[7].1, "simple-signing.digest-mismatch"),
    ] {
        let evidence = make(form, By::Certificate, Some(Fault::SubjectOtherDigest));
        let evidence = evidence.expect("the forge makes it");
        assert_eq!(code(verify(&evidence, By::Certificate)), expected);
    }
}

/// CVE-2023-33199, CVE-2026-23831: malformed entries panicked.
#[test]
fn lesson_06_malformed_entry_is_refused() {
    everywhere(Fault::BodyMalformed, "log-entry-body.json-malformed");
    everywhere(Fault::BodyKindUnknown, "log-entry.kind-unknown");
}

/// CVE-2023-46737 and others: endless data.
#[test]
fn lesson_07_counts_and_sizes_are_bounded() {
    everywhere(Fault::LogEntryTooMany, "limit.transparency-log-entries");
    everywhere(Fault::TimestampTooMany, "limit.timestamps");
    everywhere(Fault::SubjectTooMany, "limit.statement-subjects");
    everywhere(Fault::SubjectDigestTooMany, "limit.digests-per-subject");
    let limits = Limits::default();
    let huge = vec![b' '; limits.evidence_bytes + 1];
    let deep = "[".repeat(100_000);
    let code = |bytes: &[u8]| SignedEntity::from_bundle(bytes, &limits).map_err(|e| e.code());
    assert_eq!(code(&huge).err(), Some("limit.evidence-bytes"));
    assert_eq!(code(deep.as_bytes()).err(), Some("limit.json-nesting"));
}

/// CVE-2024-51746: a log entry was chosen by payload alone.
#[test]
fn lesson_09_entry_of_another_signing() {
    everywhere(Fault::EntryOther, "log-entry.artifact-mismatch");
}

/// GHSA-3xxc-pwj6-jgrj, CVE-2026-39984, rfc3161-client 1.0.3: signatures of timestamps were checked in part, and
/// certificates in a response decided who had signed. The vectors of rfc3161-client are trials of `vectors`.
#[test]
fn lesson_11_timestamps_are_by_the_authority() {
    for (fault, expected) in [
        (
            Fault::TimestampSignatureInvalid,
            "timestamp.signature-invalid",
        ),
        (
            Fault::TimestampMessageDigestOther,
            "timestamp.signature-invalid",
        ),
        (
            Fault::TimestampSignedAttributesMissing,
            "timestamp.malformed",
        ),
        (Fault::TimestampContentTypeOther, "timestamp.malformed"),
        (Fault::TimestampSignerTwo, "timestamp.malformed"),
        (
            Fault::TimestampCertificateIdOther,
            "timestamp.signing-certificate-mismatch",
        ),
        (
            Fault::TimestampAuthorityUntrusted,
            "timestamp.authority-unknown",
        ),
        (
            Fault::TimestampSignerIsAuthority,
            "certificate.is-authority",
        ),
        (
            Fault::TimestampExtendedKeyUsageNotCritical,
            "certificate.extended-key-usage",
        ),
        (
            Fault::TimestampExtendedKeyUsageTwo,
            "certificate.extended-key-usage",
        ),
        (
            Fault::TimestampExtendedKeyUsageOther,
            "certificate.extended-key-usage",
        ),
    ] {
        everywhere(fault, expected);
    }
}

/// CVE-2026-24122: the issuing authority had expired when the leaf had not.
#[test]
fn lesson_13_intermediate_expired_at_signing() {
    everywhere(Fault::IntermediateExpired, "certificate.expired");
}

/// CVE-2026-39395: a statement that could not be read counted as verified.
#[test]
fn lesson_14_unreadable_payloads_are_refused() {
    for (form, expected) in [
        (FORMS[0].1, "statement.type-unknown"),
        (FORMS[7].1, "simple-signing.malformed"),
    ] {
        let evidence = make(form, By::Certificate, Some(Fault::StatementTypeUnknown));
        let evidence = evidence.expect("the forge makes it");
        assert_eq!(code(verify(&evidence, By::Certificate)), expected);
    }
    everywhere(Fault::PayloadTypeOther, "dsse.payload-type");
    let evidence = signer()
        .attest_payload(b"not a statement")
        .expect("the forge makes it");
    assert_eq!(
        code(verify(&evidence, By::Certificate)),
        "statement.json-malformed"
    );
}

/// CVE-2026-49834: thresholds counted entries instead of logs.
#[test]
fn lesson_15_thresholds_count_distinct_logs() {
    let statement = statement("app", &digest());
    let two_logs = Requirements {
        transparency_log_threshold: 2,
        ..Requirements::default()
    };
    let root = SIGSTORE.trusted_root();
    let twice = |log| {
        signer()
            .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
            .entry(log, EntryKind::DsseV001)
            .attest(&statement)
            .expect("the forge makes it")
    };
    let distinct = twice(TransparencyLog::RekorSecond);
    assert_eq!(verify_with(&distinct, &root, two_logs.clone()), "verified");
    let same = twice(TransparencyLog::Rekor);
    assert_eq!(verify_with(&same, &root, two_logs), "log-entry.threshold");

    let two_promises = Requirements {
        signed_certificate_timestamp_threshold: 2,
        ..Requirements::default()
    };
    let promised = |second| {
        signer()
            .certificate_transparency(&[CertificateTransparencyLog::First, second])
            .attest(&statement)
            .expect("the forge makes it")
    };
    let distinct = promised(CertificateTransparencyLog::Second);
    assert_eq!(
        verify_with(&distinct, &root, two_promises.clone()),
        "verified"
    );
    let same = promised(CertificateTransparencyLog::First);
    assert_eq!(
        verify_with(&same, &root, two_promises),
        "certificate-timestamp.threshold"
    );
}

/// CVE-2026-54787: a key's validity was not looked at.
#[test]
fn lesson_16_key_validity() {
    let pair = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let evidence = make(FORMS[4].1, By::Key, None).expect("the forge makes it");
    let entity = read(&evidence).expect("a bundle");
    let limits = Limits::default();
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &limits).expect("a trust root");
    let requirements = Requirements {
        signed_certificate_timestamp_threshold: 0,
        ..Requirements::default()
    };
    let key = PublicKey::from_pem(&pair.public_key_pem()).expect("a key");
    let verifier = Verifier::keyed(key, Some(Arc::new(root)), requirements, limits)
        .expect("the requirements can be met");
    let signed = sealstone_forge::SIGNED.seconds();
    let within = |start: u64, end: u64| {
        let end = Some(UnixTime::from_seconds(end));
        let verifier = verifier
            .clone()
            .with_key_validity(UnixTime::from_seconds(start), end);
        code(
            verifier
                .expect("a window")
                .verify(&entity, &artifact(), now()),
        )
    };
    assert_eq!(within(signed - 3600, signed + 3600), "verified");
    assert_eq!(
        within(signed - 3600, signed - 1),
        "public-key.outside-validity"
    );
    assert_eq!(
        within(signed + 3600, signed + 7200),
        "public-key.outside-validity"
    );
}

/// GHSA-mhg6-2q2v-9h2c: the algorithm of a subject's digest was not compared.
#[test]
fn lesson_17_digest_under_another_algorithm() {
    everywhere(Fault::SubjectOtherAlgorithm, "statement.subject-mismatch");
    let mut statement = statement("first", &format!("sha256:{}", "0".repeat(64)));
    statement.subject.push(Subject::new("second", &digest()));
    let evidence = signer().attest(&statement).expect("the forge makes it");
    assert_eq!(code(verify(&evidence, By::Certificate)), "verified");
}

/// Several verifiers used `integratedTime` without its promise.
#[test]
fn lesson_18_integrated_time_needs_its_promise() {
    let promised = |name: &str| name.contains("0.3") && !name.contains("rekor-v2");
    for (form, form_make) in FORMS.iter().filter(|(name, _)| promised(name)) {
        let evidence = make(*form_make, By::Certificate, Some(Fault::SetMissing));
        let evidence = evidence.expect("the forge makes it");
        assert_eq!(
            code(verify(&evidence, By::Certificate)),
            "time.missing",
            "{form}"
        );
    }
    everywhere(
        Fault::IntegratedTimeChanged,
        "inclusion-promise.signature-invalid",
    );
}

/// TOB-SIGSTORE-4, -7, -9: every time, no tolerance, one signature.
#[test]
fn lesson_19_validity_is_exact_and_envelopes_have_one_signature() {
    everywhere(Fault::LeafExpired, "certificate.expired");
    everywhere(Fault::LeafNotYetValid, "certificate.not-yet-valid");
    everywhere(Fault::SignatureTwo, "dsse.signature-count");
    let root = edited_root(|root| {
        root["certificateAuthorities"][0]["certChain"]["certificates"] = Value::Array(Vec::new());
    });
    let evidence = make(FORMS[0].1, By::Certificate, None).expect("the forge makes it");
    let outcome = verify_with(&evidence, &root, Requirements::default());
    assert_eq!(outcome, "trusted-root.chain-empty");
}

/// Two authorities of one name: the path that verifies counts, whichever comes first.
#[test]
fn lesson_20_authorities_of_one_name() {
    let other = VirtualSigstore::new("another instance")
        .trusted_root_value(sealstone_forge::TrustedRootVersion::V01);
    let authority = other["certificateAuthorities"][0].clone();
    let evidence = make(FORMS[0].1, By::Certificate, None).expect("the forge makes it");
    for place in [0, 1] {
        let root = edited_root(|root| {
            let authorities = root["certificateAuthorities"]
                .as_array_mut()
                .expect("a list");
            authorities.insert(place, authority.clone());
        });
        assert_eq!(
            verify_with(&evidence, &root, Requirements::default()),
            "verified"
        );
    }
    let root = edited_root(|root| root["certificateAuthorities"] = Value::Array(vec![authority]));
    let outcome = verify_with(&evidence, &root, Requirements::default());
    assert_eq!(outcome, "certificate.signature-invalid");
}

/// A verifier used a payload type of its own instead of the envelope's.
#[test]
fn lesson_21_payload_type_is_signed() {
    everywhere(Fault::SignatureOtherPayloadType, "signature.invalid");
}

/// CVE-2026-44309: two parsers read one document differently.
#[test]
fn lesson_22_duplicate_members_are_refused() {
    everywhere(Fault::BundleFieldDuplicate, "bundle.duplicate-member");
    for (form, expected) in [
        (FORMS[0].1, "statement.duplicate-member"),
        (FORMS[7].1, "simple-signing.duplicate-member"),
    ] {
        let evidence = make(form, By::Certificate, Some(Fault::StatementMemberDuplicate));
        let evidence = evidence.expect("the forge makes it");
        assert_eq!(code(verify(&evidence, By::Certificate)), expected);
    }
}

/// CVE-2026-23992 and others: nothing to trust must never mean everything is trusted.
#[test]
fn lesson_24_empty_trust_is_an_error() {
    let limits = Limits::default();
    let empty = br#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#;
    let outcome = TrustedRoot::from_json(empty, &limits).map_err(|error| error.code());
    assert_eq!(outcome.err(), Some("trusted-root.empty"));
    let evidence = make(FORMS[0].1, By::Certificate, None).expect("the forge makes it");
    for list in ["tlogs", "ctlogs", "certificateAuthorities"] {
        let root = edited_root(|root| root[list] = Value::Array(Vec::new()));
        let outcome = verify_with(&evidence, &root, Requirements::default());
        assert_eq!(outcome, "requirements.unmeetable", "{list}");
    }
    // A certificate without any proven time is refused even when no threshold asks for one.
    let none = Requirements {
        transparency_log_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    };
    let bare = signer()
        .without_entries()
        .sign(MANIFEST)
        .expect("the forge makes it");
    assert_eq!(
        verify_with(&bare, &SIGSTORE.trusted_root(), none),
        "time.missing"
    );
}

/// RUSTSEC-2022-0093 and others: a signature has one form, and no key is good for every signature. The edge cases of
/// each algorithm are trials of `vectors`.
#[test]
fn lesson_25_signatures_have_one_form() {
    // Ed25519: S is below the order of the group, 2^252 + 27742317777372353535851937790883648493.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let pair = SIGSTORE.key_pair("lesson 25", KeyDetails::Ed25519);
    let key = PublicKey::from_pem(&pair.public_key_pem()).expect("a key");
    let signature = pair.sign(b"message");
    let holds = |signature: &[u8]| verify_signature(&key, Scheme::Ed25519, b"message", signature);
    assert!(holds(&signature));
    let mut shifted = signature.clone();
    let mut carry = 0;
    for (byte, order) in shifted[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "the same signature with S + L still fits");
    assert!(!holds(&shifted));

    // ECDSA: the integers of the signature in minimal DER and nothing after them.
    let pair = SIGSTORE.key_pair("lesson 25", KeyDetails::EcdsaP256Sha256);
    let key = PublicKey::from_pem(&pair.public_key_pem()).expect("a key");
    let signature = pair.sign(b"message");
    let scheme = Scheme::Ecdsa(DigestAlgorithm::Sha256);
    let holds = |signature: &[u8]| verify_signature(&key, scheme, b"message", signature);
    assert!(holds(&signature));
    let mut trailing = signature.clone();
    trailing.push(0);
    assert!(!holds(&trailing));
    let mut long_form = signature.clone();
    long_form.insert(1, 0x81);
    assert!(!holds(&long_form));
    let mut padded = signature.clone();
    padded[1] += 1;
    padded[3] += 1;
    padded.insert(4, 0);
    assert!(!holds(&padded));
}

/// A bundle path that never asked for certificate timestamps.
#[test]
fn lesson_26_certificate_timestamp_is_demanded_by_default() {
    everywhere(Fault::SctMissing, "certificate-timestamp.missing");
    everywhere(
        Fault::SctSignatureInvalid,
        "certificate-timestamp.signature-invalid",
    );
}
