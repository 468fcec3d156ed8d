//! What a policy may ask for or allow beyond the default, and each way in which it is then refused.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sealstone_forge::{
    Build, EntryKind, Evidence, Identity, KeyDetails, NOW, SIGNED, Signer, TransparencyLog,
    TrustedRootVersion,
};
use sealstone_verify::{
    Error, Facts, Limits, PublicKey, Requirements, SignedEntity, TimeSource, TrustedRoot, UnixTime,
    Verifier, Witness, WitnessQuorum,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::world::{By, FORMS, MANIFEST, SIGSTORE, artifact, make};

fn code(outcome: Result<Facts, Error>) -> &'static str {
    match outcome {
        Ok(_) => "verified",
        Err(error) => error.code(),
    }
}

fn root() -> Arc<TrustedRoot> {
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &Limits::default());
    Arc::new(root.expect("the forged trust root is valid"))
}

fn signer() -> Signer<'static> {
    SIGSTORE.keyless(&Identity::github_actions(&Build::default()))
}

fn at(time: sealstone_forge::UnixTime) -> UnixTime {
    UnixTime::from_seconds(time.seconds())
}

fn entity(evidence: &Evidence) -> SignedEntity {
    SignedEntity::from_bundle(&evidence.content, &Limits::default()).expect("a bundle")
}

// Witnesses.

const NAME: &str = "witness.example";

fn witness_key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn witness(number: u8) -> Witness {
    let raw = witness_key(number).verifying_key().to_bytes();
    let mut spki = vec![
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0,
    ];
    spki.extend(raw);
    Witness::new(NAME, PublicKey::from_spki(&spki).expect("a key")).expect("a witness")
}

/// A line of `tlog-cosignature`: by the key of `number`, under `name`, over `text`.
fn cosignature(number: u8, name: &str, text: &str) -> String {
    let key = witness_key(number);
    let time = SIGNED.seconds();
    let signed = format!("cosignature/v1\ntime {time}\n{text}");
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update(b"\n\x04");
    hash.update(key.verifying_key().to_bytes());
    let mut line = hash.finalize()[..4].to_vec();
    line.extend(time.to_be_bytes());
    line.extend(key.sign(signed.as_bytes()).to_bytes());
    format!("\u{2014} {name} {}\n", STANDARD.encode(line))
}

/// A Rekor v1 and a Rekor v2 bundle with lines added to their checkpoint.
fn witnessed(form: &str, lines: impl Fn(&str) -> String) -> SignedEntity {
    let (_, form) = FORMS
        .iter()
        .find(|(name, _)| *name == form)
        .expect("a form");
    let evidence = make(*form, By::Certificate, None).expect("the forge makes it");
    let mut bundle: Value = serde_json::from_slice(&evidence.content).expect("JSON");
    let checkpoint = &mut bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]
        ["envelope"];
    let note = checkpoint.as_str().expect("a note").to_owned();
    let (text, _) = note.split_once("\n\n").expect("signatures follow");
    *checkpoint = format!("{note}{}", lines(&format!("{text}\n"))).into();
    SignedEntity::from_bundle(bundle.to_string().as_bytes(), &Limits::default()).expect("a bundle")
}

fn with_quorum(entity: &SignedEntity, required: usize) -> &'static str {
    let quorum = WitnessQuorum::new(vec![witness(1), witness(2)], required).expect("a quorum");
    let verifier = Verifier::keyless(root(), Requirements::default(), Limits::default());
    code(
        verifier
            .expect("the requirements can be met")
            .with_witnesses(quorum)
            .verify(entity, &artifact(), at(NOW)),
    )
}

#[test]
fn witnesses_make_a_quorum() {
    const SHORT: &str = "checkpoint.witness-quorum";
    for form in ["bundle-0.3-dsse", "bundle-0.3-dsse-rekor-v2"] {
        let one = |text: &str| cosignature(1, NAME, text);
        let both = |text: &str| cosignature(1, NAME, text) + &cosignature(2, NAME, text);
        let cases: &[(&str, &dyn Fn(&str) -> String, usize, &str)] = &[
            ("both", &both, 2, "verified"),
            ("one of two", &one, 1, "verified"),
            ("one where two are asked", &one, 2, SHORT),
            ("none", &|_| String::new(), 1, SHORT),
            ("one twice", &|t| one(t) + &one(t), 2, SHORT),
            (
                "another name",
                &|t| cosignature(1, "other.example", t),
                1,
                SHORT,
            ),
            ("an unknown key", &|t| cosignature(3, NAME, t), 1, SHORT),
            (
                "another text",
                &|t| cosignature(1, NAME, &format!("x{t}")),
                1,
                SHORT,
            ),
        ];
        for (case, lines, required, expected) in cases {
            let entity = witnessed(form, lines);
            assert_eq!(with_quorum(&entity, *required), *expected, "{form}, {case}");
        }
    }
}

/// A cosignature is over its time too.
#[test]
fn the_time_of_a_cosignature_is_signed() {
    let entity = witnessed("bundle-0.3-dsse", |text| {
        let line = cosignature(1, NAME, text);
        let (start, encoded) = line.trim_end().rsplit_once(' ').expect("a line");
        let mut bytes = STANDARD.decode(encoded).expect("base64");
        bytes[11] ^= 1;
        format!("{start} {}\n", STANDARD.encode(bytes))
    });
    assert_eq!(with_quorum(&entity, 1), "checkpoint.witness-quorum");
}

/// Evidence without a checkpoint has nothing that a witness could have cosigned.
#[test]
fn an_entry_without_a_checkpoint_has_no_witness() {
    let (_, form) = FORMS
        .iter()
        .find(|(name, _)| *name == "bundle-0.1-dsse")
        .expect("a form");
    let evidence = make(*form, By::Certificate, None).expect("the forge makes it");
    assert_eq!(
        with_quorum(&entity(&evidence), 1),
        "checkpoint.witness-quorum"
    );
}

#[test]
fn a_quorum_that_says_nothing_is_an_error() {
    let refused = |witnesses, required| {
        let quorum = WitnessQuorum::new(witnesses, required);
        assert_eq!(quorum.err(), Some(Error::RequirementsUnmeetable));
    };
    refused(vec![witness(1)], 0);
    refused(vec![witness(1)], 2);
    refused(Vec::new(), 1);
    refused(vec![witness(1), witness(1)], 1);
    let pair = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let key = PublicKey::from_pem(&pair.public_key_pem()).expect("a key");
    assert_eq!(
        Witness::new(NAME, key).err(),
        Some(Error::PublicKeyUnsupported)
    );
}

// The time of the decision in place of a proven one.

#[test]
fn current_time_counts_only_where_it_is_allowed_and_the_certificate_is_valid() {
    let bare = signer()
        .without_entries()
        .sign(MANIFEST)
        .expect("the forge makes it");
    let verify = |insecure_current_time, now| {
        let requirements = Requirements {
            transparency_log_threshold: 0,
            insecure_current_time,
            ..Requirements::default()
        };
        Verifier::keyless(root(), requirements, Limits::default())
            .expect("the requirements can be met")
            .verify(&entity(&bare), &artifact(), now)
    };
    let facts = verify(true, at(SIGNED)).expect("it verifies");
    assert_eq!(facts.verified_times.len(), 1);
    assert_eq!(facts.verified_times[0].source, TimeSource::CurrentTime);
    assert_eq!(code(verify(false, at(SIGNED))), "time.missing");
    assert_eq!(code(verify(true, at(NOW))), "certificate.expired");
    let before = UnixTime::from_seconds(SIGNED.seconds() - 3600);
    assert_eq!(code(verify(true, before)), "certificate.not-yet-valid");
}

/// A proven time is never replaced, and a demanded source of time stays demanded.
#[test]
fn current_time_replaces_nothing_that_is_proved_or_demanded() {
    let evidence = make(FORMS[0].1, By::Certificate, None).expect("the forge makes it");
    let verify = |signed_timestamp_threshold| {
        let requirements = Requirements {
            signed_timestamp_threshold,
            insecure_current_time: true,
            ..Requirements::default()
        };
        Verifier::keyless(root(), requirements, Limits::default())
            .expect("the requirements can be met")
            .verify(&entity(&evidence), &artifact(), at(NOW))
    };
    let facts = verify(0).expect("it verifies");
    assert!(matches!(
        facts.verified_times[0].source,
        TimeSource::TransparencyLog(_)
    ));
    assert_eq!(code(verify(1)), "time.missing");
}

#[test]
fn sources_of_time_are_counted() {
    let evidence = make(FORMS[0].1, By::Certificate, None).expect("the forge makes it");
    let requirements = Requirements {
        observer_timestamp_threshold: 2,
        ..Requirements::default()
    };
    let outcome = Verifier::keyless(root(), requirements, Limits::default())
        .expect("the requirements can be met")
        .verify(&entity(&evidence), &artifact(), at(NOW));
    assert_eq!(code(outcome), "time.threshold");
}

// Entries that no time is proved for.

/// Where neither entry nor timestamp proves a time, the log must be in force at the time of the decision.
#[test]
fn an_untimed_entry_needs_a_log_in_force() {
    let pair = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let evidence = SIGSTORE
        .keyed(&pair)
        .entry(TransparencyLog::RekorV2, EntryKind::HashedRekordV002)
        .sign(MANIFEST)
        .expect("the forge makes it");
    let verify = |window: Option<(&str, Option<&str>)>| {
        let mut root = SIGSTORE.trusted_root_value(TrustedRootVersion::V01);
        if let Some((start, end)) = window {
            for log in root["tlogs"].as_array_mut().expect("a list") {
                log["publicKey"]["validFor"] = serde_json::json!({"start": start, "end": end});
            }
        }
        let root = TrustedRoot::from_json(root.to_string().as_bytes(), &Limits::default())?;
        let requirements = Requirements {
            signed_certificate_timestamp_threshold: 0,
            observer_timestamp_threshold: 0,
            ..Requirements::default()
        };
        let key = PublicKey::from_pem(&pair.public_key_pem())?;
        Verifier::keyed(key, Some(Arc::new(root)), requirements, Limits::default())?.verify(
            &entity(&evidence),
            &artifact(),
            at(NOW),
        )
    };
    const OUTSIDE: &str = "log-entry.outside-log-validity";
    assert_eq!(code(verify(None)), "verified");
    assert_eq!(
        code(verify(Some(("2020-01-01T00:00:00Z", None)))),
        "verified"
    );
    assert_eq!(
        code(verify(Some((
            "2020-01-01T00:00:00Z",
            Some("2026-05-31T23:59:59Z")
        )))),
        OUTSIDE
    );
    assert_eq!(code(verify(Some(("2026-06-01T00:00:01Z", None)))), OUTSIDE);
}
