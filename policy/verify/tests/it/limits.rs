//! Each limit is reached by evidence that is valid but for its size, and is named by the rejection.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{
    Build, CertificateTransparencyLog, EntryKind, Evidence, FulcioExtension, Identity, KeyDetails,
    NOW, Signer, TimestampAuthority, TransparencyLog, TrustedRootVersion,
};
use sealstone_verify::{
    Error, Limit, Limits, PublicKey, Requirements, SignedEntity, Statement, Subject, TrustedRoot,
    UnixTime, Verifier,
};
use serde_json::{Value, json};

use crate::world::{By, FORMS, MANIFEST, SIGSTORE, artifact, digest, make, read, verify};

/// Verifies a valid bundle under limits that were tightened.
fn verify_under(tighten: fn(&mut Limits)) -> Result<(), Error> {
    let mut limits = Limits::default();
    tighten(&mut limits);
    let (_, form) = FORMS[8];
    let evidence = make(form, By::Certificate, None).expect("the forge makes it");
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &limits)?;
    let entity = SignedEntity::from_bundle(&evidence.content, &limits)?;
    Verifier::keyless(Arc::new(root), Requirements::default(), limits)?
        .verify(&entity, &artifact(), UnixTime::from_seconds(NOW.seconds()))
        .map(drop)
}

/// Lowers one limit.
type Tighten = fn(&mut Limits);

#[test]
fn each_limit_is_reached_and_named() {
    assert_eq!(verify_under(|_| {}), Ok(()));
    let cases: &[(Limit, &str, Tighten)] = &[
        (Limit::CertificateBytes, "limit.certificate-bytes", |l| {
            l.certificate_bytes = 100;
        }),
        (Limit::ChainLength, "limit.chain-length", |l| {
            l.chain_length = 1;
        }),
        (
            Limit::CheckpointSignatures,
            "limit.checkpoint-signatures",
            |l| l.checkpoint_signatures = 0,
        ),
        (Limit::DigestsPerSubject, "limit.digests-per-subject", |l| {
            l.digests_per_subject = 0;
        }),
        (Limit::EvidenceBytes, "limit.evidence-bytes", |l| {
            l.evidence_bytes = 1000;
        }),
        (
            Limit::InclusionProofHashes,
            "limit.inclusion-proof-hashes",
            |l| l.inclusion_proof_hashes = 1,
        ),
        (Limit::JsonNesting, "limit.json-nesting", |l| {
            l.json_nesting = 3;
        }),
        (Limit::SignatureChecks, "limit.signature-checks", |l| {
            l.signature_checks = 1;
        }),
        (
            Limit::SignedCertificateTimestamps,
            "limit.signed-certificate-timestamps",
            |l| l.signed_certificate_timestamps = 0,
        ),
        (Limit::StatementSubjects, "limit.statement-subjects", |l| {
            l.statement_subjects = 0;
        }),
        (Limit::Timestamps, "limit.timestamps", |l| l.timestamps = 0),
        (
            Limit::TransparencyLogEntries,
            "limit.transparency-log-entries",
            |l| l.transparency_log_entries = 0,
        ),
        (Limit::TrustedRootBytes, "limit.trusted-root-bytes", |l| {
            l.trusted_root_bytes = 1000;
        }),
        (
            Limit::TrustedRootEntries,
            "limit.trusted-root-entries",
            |l| l.trusted_root_entries = 0,
        ),
    ];
    for (limit, code, tighten) in cases {
        let refused = verify_under(*tighten);
        assert_eq!(refused, Err(Error::LimitExceeded(*limit)), "{code}");
        assert_eq!(refused.err().map(|error| error.code()), Some(*code));
    }
}

// What an attacker can write, at the limits that every host uses: as much as is allowed, and one more.

fn code(evidence: &Evidence) -> &'static str {
    verify(evidence, By::Certificate).map_or_else(|error| error.code(), |_| "verified")
}

fn signer() -> Signer<'static> {
    SIGSTORE.keyless(&Identity::github_actions(&Build::default()))
}

fn statement() -> sealstone_forge::Statement {
    Build::default().provenance_v1(sealstone_forge::Subject::new("app", &digest()))
}

fn form(name: &str) -> Evidence {
    let (_, form) = FORMS
        .iter()
        .find(|(form, _)| *form == name)
        .expect("a form");
    make(*form, By::Certificate, None).expect("the forge makes it")
}

/// Edits evidence as JSON.
fn edited(mut evidence: Evidence, edit: impl FnOnce(&mut Value)) -> Evidence {
    let mut value: Value = serde_json::from_slice(&evidence.content).expect("JSON");
    edit(&mut value);
    evidence.content = value.to_string().into_bytes();
    evidence
}

fn entry(bundle: &mut Value) -> &mut Value {
    &mut bundle["verificationMaterial"]["tlogEntries"][0]
}

/// The same item so many times.
fn repeat(item: &Value, count: usize) -> Value {
    Value::Array(vec![item.clone(); count])
}

#[test]
fn log_entries_of_a_bundle() {
    let with = |count| {
        code(&edited(form("bundle-0.3-dsse"), |bundle| {
            let entries = repeat(entry(bundle), count);
            bundle["verificationMaterial"]["tlogEntries"] = entries;
        }))
    };
    assert_eq!(with(1), "verified");
    assert_eq!(with(32), "log-entry.duplicate");
    assert_eq!(with(33), "limit.transparency-log-entries");
}

#[test]
fn timestamps_of_a_bundle() {
    let with = |count| {
        code(&edited(form("bundle-0.3-dsse-rekor-v2"), |bundle| {
            let data = &mut bundle["verificationMaterial"]["timestampVerificationData"];
            data["rfc3161Timestamps"] = repeat(&data["rfc3161Timestamps"][0], count);
        }))
    };
    assert_eq!(with(32), "verified");
    assert_eq!(with(33), "limit.timestamps");
}

#[test]
fn signatures_of_an_envelope() {
    let with = |form_name: &str, count| {
        code(&edited(form(form_name), |document| {
            let envelope = if form_name.starts_with("bundle") {
                &mut document["dsseEnvelope"]
            } else {
                document
            };
            envelope["signatures"] = repeat(&envelope["signatures"][0], count);
        }))
    };
    assert_eq!(with("bundle-0.3-dsse", 1), "verified");
    for name in [
        "bundle-0.1-dsse",
        "bundle-0.3-dsse",
        "legacy-attestation-dsse",
    ] {
        for count in [0, 2, 1000] {
            assert_eq!(with(name, count), "dsse.signature-count", "{name} {count}");
        }
    }
}

#[test]
fn certificates_of_a_chain() {
    let evidence = signer()
        .bundle_version(sealstone_forge::BundleVersion::V02)
        .with_chain()
        .sign(MANIFEST)
        .expect("the forge makes it");
    let with = |count| {
        code(&edited(evidence.clone(), |bundle| {
            let chain = &mut bundle["verificationMaterial"]["x509CertificateChain"];
            chain["certificates"] = repeat(&chain["certificates"][0], count);
        }))
    };
    assert_eq!(with(10), "verified");
    assert_eq!(with(11), "limit.chain-length");
}

/// Certificates within a timestamp, which only its signer counts for.
#[test]
fn certificates_of_a_timestamp() {
    let evidence = signer()
        .without_entries()
        .timestamp(TimestampAuthority::Second)
        .embed_timestamp_certificates()
        .sign(MANIFEST)
        .expect("the forge makes it");
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &Limits::default());
    let root = Arc::new(root.expect("a trust root"));
    let entity = read(&evidence).expect("a bundle");
    let under = |chain_length| {
        let mut limits = Limits::default();
        limits.chain_length = chain_length;
        let requirements = Requirements {
            transparency_log_threshold: 0,
            ..Requirements::default()
        };
        let outcome = Verifier::keyless(Arc::clone(&root), requirements, limits)
            .expect("the requirements can be met")
            .verify(&entity, &artifact(), UnixTime::from_seconds(NOW.seconds()));
        outcome.map_or_else(|error| error.code(), |_| "verified")
    };
    assert_eq!(under(10), "verified");
    assert_eq!(under(0), "limit.chain-length");
}

#[test]
fn certificate_timestamps() {
    let with = |count| {
        let logs = vec![CertificateTransparencyLog::First; count];
        let evidence = signer().certificate_transparency(&logs).sign(MANIFEST);
        code(&evidence.expect("the forge makes it"))
    };
    assert_eq!(with(16), "verified");
    assert_eq!(with(17), "limit.signed-certificate-timestamps");
}

#[test]
fn bytes_of_a_certificate() {
    let with = |length| {
        let identity = Identity::github_actions(&Build::default())
            .with_extension(FulcioExtension::TokenSubject, &"a".repeat(length));
        let evidence = SIGSTORE.keyless(&identity).sign(MANIFEST);
        code(&evidence.expect("the forge makes it"))
    };
    assert_eq!(with(14 << 10), "verified");
    assert_eq!(with(16 << 10), "limit.certificate-bytes");
}

#[test]
fn subjects_and_digests_of_a_statement() {
    let subjects = |count: usize| {
        let mut statement = statement();
        let other = sealstone_forge::Subject::new("other", &format!("sha256:{}", "0".repeat(64)));
        statement
            .subject
            .splice(0..0, vec![other; count.saturating_sub(1)]);
        code(&signer().attest(&statement).expect("the forge makes it"))
    };
    assert_eq!(subjects(1024), "verified");
    assert_eq!(subjects(1025), "limit.statement-subjects");
    let digests = |count: usize| {
        let mut statement = statement();
        let others = (1..count).map(|number| (format!("algorithm{number}"), "0".to_owned()));
        statement.subject[0].digest.extend(others);
        code(&signer().attest(&statement).expect("the forge makes it"))
    };
    assert_eq!(digests(32), "verified");
    assert_eq!(digests(33), "limit.digests-per-subject");
}

#[test]
fn hashes_of_a_proof_and_lines_of_a_checkpoint() {
    let hash = STANDARD.encode([0; 32]);
    let hashes = |count| {
        code(&edited(form("bundle-0.3-dsse"), |bundle| {
            entry(bundle)["inclusionProof"]["hashes"] = repeat(&hash.clone().into(), count);
        }))
    };
    assert_eq!(hashes(64), "inclusion-proof.malformed");
    assert_eq!(hashes(65), "limit.inclusion-proof-hashes");

    let lines = |count: usize| {
        code(&edited(form("bundle-0.3-dsse"), |bundle| {
            let note = &mut entry(bundle)["inclusionProof"]["checkpoint"]["envelope"];
            let text = note.as_str().expect("text").to_owned();
            let there = text.lines().filter(|l| l.starts_with('\u{2014}')).count();
            let line = format!("\u{2014} witness.example {}\n", STANDARD.encode([7; 68]));
            *note = (text + &line.repeat(count - there)).into();
        }))
    };
    assert_eq!(lines(32), "verified");
    assert_eq!(lines(33), "limit.checkpoint-signatures");
}

#[test]
fn bytes_of_evidence() {
    const MOST: usize = 16 << 20;
    for name in [
        "bundle-0.3-dsse",
        "legacy-attestation-dsse",
        "legacy-signature",
    ] {
        let padded = |length: usize| {
            let mut evidence = form(name);
            let annotations: usize = evidence
                .annotations
                .iter()
                .map(|(k, v)| k.len() + v.len())
                .sum();
            evidence.content.resize(length - annotations, b' ');
            read(&evidence).map_or_else(|error| error.code(), |_| "read")
        };
        assert_eq!(padded(MOST), "read", "{name}");
        assert_eq!(padded(MOST + 1), "limit.evidence-bytes", "{name}");
    }
    // Annotations are brought by the same hands.
    for name in ["legacy-attestation-dsse", "legacy-signature"] {
        for key in ["dev.sigstore.cosign/bundle", "of.no.meaning"] {
            let mut evidence = form(name);
            let annotation = evidence.annotations.entry(key.to_owned()).or_default();
            annotation.push_str(&" ".repeat(MOST));
            let refused = read(&evidence).map_or_else(|error| error.code(), |_| "read");
            assert_eq!(refused, "limit.evidence-bytes", "{name} {key}");
        }
    }
}

/// Arrays within arrays, `depth` of them.
fn nested(depth: usize) -> Value {
    let text = "[".repeat(depth) + &"]".repeat(depth);
    serde_json::from_str(&text).expect("JSON")
}

/// Every document that evidence and trust roots consist of.
#[test]
fn nesting_of_every_document() {
    const MOST: usize = 64;
    let bundle = |depth: usize| {
        code(&edited(form("bundle-0.3-dsse"), |b| {
            b["more"] = nested(depth)
        }))
    };
    assert_eq!(bundle(MOST - 1), "bundle.field-unknown");
    assert_eq!(bundle(MOST), "limit.json-nesting");

    let envelope = |depth| {
        code(&edited(form("legacy-attestation-dsse"), |envelope| {
            envelope["more"] = nested(depth);
        }))
    };
    assert_eq!(envelope(MOST - 1), "dsse.field-unknown");
    assert_eq!(envelope(MOST), "limit.json-nesting");

    let predicate = |depth| {
        let mut statement = statement();
        statement.predicate = json!({"more": nested(depth)});
        code(&signer().attest(&statement).expect("the forge makes it"))
    };
    assert_eq!(predicate(MOST - 2), "verified");
    assert_eq!(predicate(MOST - 1), "limit.json-nesting");

    let statement = |depth: usize| {
        let mut statement: Value = serde_json::from_slice(&statement().to_json()).expect("JSON");
        statement["more"] = nested(depth);
        let read = Statement::from_json(statement.to_string().as_bytes(), &Limits::default());
        read.map_or_else(|error| error.code(), |_| "read")
    };
    assert_eq!(statement(MOST - 1), "read");
    assert_eq!(statement(MOST), "limit.json-nesting");

    let body = |depth: usize| {
        code(&edited(form("bundle-0.3-dsse"), |bundle| {
            let body = entry(bundle)["canonicalizedBody"].as_str().expect("text");
            let body = STANDARD.decode(body).expect("base64");
            let mut body: Value = serde_json::from_slice(&body).expect("JSON");
            body["more"] = nested(depth);
            entry(bundle)["canonicalizedBody"] = STANDARD.encode(body.to_string()).into();
        }))
    };
    // What no log has promised is not read at all.
    assert_eq!(body(MOST), "inclusion-promise.signature-invalid");
    let read_body = |depth: usize| {
        let body = json!({ "more": nested(depth) }).to_string();
        let read = sealstone_verify::internals::parse_log_entry_body(body.as_bytes());
        read.map_or_else(|error| error.code(), |()| "read")
    };
    assert_eq!(read_body(MOST - 1), "log-entry.kind-mismatch");
    assert_eq!(read_body(MOST), "limit.json-nesting");

    for (name, key) in [
        ("legacy-signature", "dev.sigstore.cosign/bundle"),
        (
            "legacy-signature-timestamp",
            "dev.sigstore.cosign/rfc3161timestamp",
        ),
    ] {
        let annotation = |depth: usize| {
            let mut evidence = form(name);
            let text = evidence.annotations.get_mut(key).expect("the annotation");
            let mut value: Value = serde_json::from_str(text).expect("JSON");
            value["more"] = nested(depth);
            *text = value.to_string();
            code(&evidence)
        };
        assert!(annotation(MOST - 1).ends_with(".field-unknown"), "{name}");
        assert_eq!(annotation(MOST), "limit.json-nesting", "{name}");
    }

    let root = |depth: usize| {
        let mut root = SIGSTORE.trusted_root_value(TrustedRootVersion::V01);
        root["more"] = nested(depth);
        let read = TrustedRoot::from_json(root.to_string().as_bytes(), &Limits::default());
        read.map_or_else(|error| error.code(), |_| "read")
    };
    assert_eq!(root(MOST - 1), "trusted-root.field-unknown");
    assert_eq!(root(MOST), "limit.json-nesting");
}

#[test]
fn bytes_and_entries_of_a_trust_root() {
    const MOST: usize = 1 << 20;
    let read = |json: &[u8]| {
        TrustedRoot::from_json(json, &Limits::default())
            .map_or_else(|error| error.code(), |_| "read")
    };
    let padded = |length| {
        let mut root = SIGSTORE.trusted_root();
        root.resize(length, b' ');
        read(&root)
    };
    assert_eq!(padded(MOST), "read");
    assert_eq!(padded(MOST + 1), "limit.trusted-root-bytes");

    let repeated = |list: &str, count| {
        let mut root = SIGSTORE.trusted_root_value(TrustedRootVersion::V01);
        root[list] = repeat(&root[list][0], count);
        read(root.to_string().as_bytes())
    };
    for (list, duplicate) in [
        ("tlogs", "trusted-root.log-duplicate"),
        ("ctlogs", "trusted-root.log-duplicate"),
        ("certificateAuthorities", "trusted-root.authority-duplicate"),
        ("timestampAuthorities", "trusted-root.authority-duplicate"),
    ] {
        assert_eq!(repeated(list, 64), duplicate);
        assert_eq!(repeated(list, 65), "limit.trusted-root-entries");
    }
}

/// The budget of public-key operations is spent by what an attacker can repeat.
#[test]
fn many_certificate_timestamps_spend_the_budget() {
    let mut limits = Limits::default();
    limits.signature_checks = 6;
    let logs = [CertificateTransparencyLog::First; 6];
    let evidence = signer()
        .certificate_transparency(&logs)
        .attest(&statement())
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

/// No other limit keeps evidence below the budget that every host uses: this bundle stays within all of them,
/// and every signature in it is good.
#[test]
fn signature_checks_in_all() {
    let with = |entries: usize, timestamps: usize| {
        let signer = (0..entries).fold(signer(), |signer, _| {
            signer.entry(TransparencyLog::Rekor, EntryKind::DsseV001)
        });
        let signer = signer
            .timestamp(TimestampAuthority::First)
            .certificate_transparency(&[CertificateTransparencyLog::First; 6]);
        let evidence = signer.attest(&statement()).expect("the forge makes it");
        code(&edited(evidence, |bundle| {
            let data = &mut bundle["verificationMaterial"]["timestampVerificationData"];
            data["rfc3161Timestamps"] = repeat(&data["rfc3161Timestamps"][0], timestamps);
        }))
    };
    assert_eq!(with(16, 16), "verified");
    assert_eq!(with(32, 32), "limit.signature-checks");
}

/// What a signature by one key costs of the work that a caller allows, and that one unit less is refused.
#[test]
fn work_by_kind_of_key() {
    let requirements = Requirements {
        transparency_log_threshold: 0,
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    };
    for (details, cost) in [
        (KeyDetails::EcdsaP256Sha256, 1),
        (KeyDetails::Ed25519, 1),
        (KeyDetails::RsaPkcs1v15_2048Sha256, 1),
        (KeyDetails::EcdsaP384Sha384, 4),
        (KeyDetails::EcdsaP521Sha512, 16),
    ] {
        let key = SIGSTORE.key_pair("work", details);
        let signer = SIGSTORE.keyed(&key).without_entries();
        let evidence = signer.attest(&statement()).expect("the forge makes it");
        let entity = SignedEntity::from_bundle(&evidence.content, &Limits::default());
        let entity = entity.expect("a bundle");
        let key = PublicKey::from_pem(&key.public_key_pem()).expect("a key");
        let verifier = Verifier::keyed(key, None, requirements.clone(), Limits::default());
        let verifier = verifier.expect("the requirements can be met");
        let verify = |work: &mut usize| {
            let now = UnixTime::from_seconds(NOW.seconds());
            verifier.verify_within(&entity, &Subject::Artifacts(&[artifact()]), now, work)
        };
        let mut work = cost + 1;
        assert!(verify(&mut work).is_ok(), "{details:?}");
        assert_eq!(work, 1, "{details:?}");
        let mut work = cost - 1;
        let refused = verify(&mut work).err();
        assert_eq!(refused, Some(Error::LimitExceeded(Limit::SignatureWork)));
        assert_eq!(work, 0, "nothing is left for cheaper ones");
    }
}
