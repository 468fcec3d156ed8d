//! Evidence that is not whole, not of this image, not what it seems, too much or too little.

use sealstone_engine::{Evidence, ImageEvidence};
use sealstone_forge::{Build, Fault, SIGNED, Statement, StatementType, Subject};
use serde_json::json;

use super::{VETTED, own_workflow};
use crate::forging::{
    IMAGE, NOW, assert_code, decide, evidence_of, faulty, honest, piece_codes, policy, policy_with,
    rule, run, signed, strict, subject, workflow,
};
use crate::support::{DIGEST, OTHER_DIGEST, document, image_code, text};

/// A certificate that had expired when the log saw the signature, and a signature that no log saw.
#[test]
fn attack_03_expired_certificate_and_no_log_entry() {
    let build = Build::default();
    let expired = faulty(&build, Fault::LeafExpired);
    assert_code(&strict(), vec![expired], "certificate.expired");
    let unlogged = workflow(&build).without_entries();
    let unlogged = unlogged.attest(&build.provenance_v1(subject())).unwrap();
    assert_code(&strict(), vec![evidence_of(unlogged)], "log-entry.missing");
}

/// Any subject of a statement will do; every image of a request must have one.
#[test]
fn attack_04_many_subjects() {
    let build = Build::default();
    let statement = |digests: &[&str]| Statement {
        subject: digests
            .iter()
            .map(|digest| Subject::new("artifact", digest))
            .collect(),
        ..build.provenance_v1(subject())
    };
    let stranger = format!("sha256:{}", "1".repeat(64));
    for (digests, code) in [
        ([DIGEST, OTHER_DIGEST], "ok"),
        ([OTHER_DIGEST, DIGEST], "ok"),
        ([OTHER_DIGEST, &stranger], "statement.subject-mismatch"),
    ] {
        assert_code(&strict(), vec![signed(&build, &statement(&digests))], code);
    }

    let both = signed(&build, &statement(&[DIGEST, OTHER_DIGEST]));
    let decide_both = |second: &str| {
        let images = [DIGEST, second].map(|digest| {
            let brought = ImageEvidence {
                reference: IMAGE.to_owned(),
                digest: digest.to_owned(),
                evidence: vec![both.clone()],
                unavailable: None,
            };
            (
                format!(r#"{{"reference":"{IMAGE}","digest":"{digest}"}}"#),
                brought,
            )
        });
        let (asked, brought): (Vec<String>, Vec<ImageEvidence>) = images.into_iter().unzip();
        let request = format!(r#"{{"images":[{}]}}"#, asked.join(","));
        strict().decide(request.as_bytes(), &brought, NOW)
    };
    assert!(decide_both(OTHER_DIGEST).allowed());
    let decision = decide_both(&stranger);
    assert!(!decision.allowed());
    let code = |image| text(&document(&decision), &["images", image, "code"]);
    assert_eq!(
        (code("0").as_str(), code("1").as_str()),
        ("ok", "statement.subject-mismatch")
    );
}

/// Signature, promise and log entry each must be of this very envelope.
#[test]
fn attack_09_signature_promise_and_entry() {
    for (fault, code) in [
        (Fault::SignatureInvalid, "signature.invalid"),
        (
            Fault::SetSignatureInvalid,
            "inclusion-promise.signature-invalid",
        ),
        (Fault::SetOtherEntry, "inclusion-promise.signature-invalid"),
        (Fault::BodyOtherSignature, "log-entry.signature-mismatch"),
        (Fault::BodyOtherPayload, "log-entry.artifact-mismatch"),
        (Fault::EntryOther, "log-entry.artifact-mismatch"),
    ] {
        let decision = decide(&strict(), vec![faulty(&Build::default(), fault)]);
        assert_eq!(image_code(&decision), code, "{fault:?}");
    }
    // An entry of the kind that holds the hash of the whole envelope.
    let build = Build::default();
    let signer = workflow(&build).fault(Fault::BodyOtherEnvelope);
    let layer = signer
        .attest_legacy(&build.provenance_v1(subject()))
        .unwrap();
    assert_code(
        &strict(),
        vec![evidence_of(layer)],
        "log-entry.artifact-mismatch",
    );
}

/// What a signed document calls itself is part of what was signed.
#[test]
fn attack_10_types_swapped() {
    let build = Build::default();
    for (fault, code) in [
        (Fault::PayloadTypeOther, "dsse.payload-type"),
        (Fault::SignatureOtherPayloadType, "signature.invalid"),
        (Fault::StatementTypeUnknown, "statement.type-unknown"),
    ] {
        assert_code(&strict(), vec![faulty(&build, fault)], code);
    }
    // The predicate of one version under the type of another.
    for (predicate_type, code) in [
        (
            "https://slsa.dev/provenance/v0.2",
            "provenance.field-missing",
        ),
        (
            "https://slsa.dev/provenance/v0.1",
            "provenance.field-missing",
        ),
    ] {
        let statement = Statement {
            predicate_type: predicate_type.to_owned(),
            ..build.provenance_v1(subject())
        };
        assert_code(&strict(), vec![signed(&build, &statement)], code);
    }
    // Under a type that is no provenance it is none.
    for predicate_type in [
        "https://slsa.dev/provenance/v1.0",
        "https://slsa.dev/provenance/v2",
        "https://slsa.dev/provenance/v1/",
        "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
    ] {
        let statement = Statement {
            predicate_type: predicate_type.to_owned(),
            ..build.provenance_v1(subject())
        };
        let decision = decide(&strict(), vec![signed(&build, &statement)]);
        assert_eq!(image_code(&decision), "evidence.missing");
        assert_eq!(piece_codes(&decision), ["evidence.predicate-type-mismatch"]);
    }
}

/// The first piece that is wrong does not hide a later one that is right, in whatever order.
#[test]
fn attack_11_many_envelopes() {
    let build = Build::default();
    let main = run(|run| run.source_ref = "refs/heads/main".to_owned());
    let mut evidence = vec![
        faulty(&build, Fault::SignatureInvalid),
        honest(&main),
        faulty(&build, Fault::SignatureTwo),
        Evidence::default(),
    ];
    assert_code(&strict(), evidence.clone(), "provenance.ref-mismatch");
    evidence.push(honest(&build));
    for _ in 0..evidence.len() {
        evidence.rotate_left(1);
        assert_code(&strict(), evidence.clone(), "ok");
    }
    // An envelope of a bundle has one signature, so that there is no question of whose.
    let two = faulty(&build, Fault::SignatureTwo);
    assert_code(&strict(), vec![two], "dsse.signature-count");
}

/// Evidence piles up in a registry; what was once signed stays signed.
#[test]
fn attack_16_old_envelopes_pile_up() {
    let policy = policy(&rule(VETTED, "", r#","maximumAge":"120d""#));
    let build = Build::default();
    let at = |days: u64| {
        let signer = workflow(&build).at(SIGNED.minus(days * 86_400));
        evidence_of(signer.attest(&build.provenance_v1(subject())).unwrap())
    };
    // The decision is 91 days and a half after the default time of signing.
    let (fresh, old) = (at(0), at(60));
    assert_code(&policy, vec![fresh.clone()], "ok");
    assert_code(&policy, vec![old.clone()], "evidence.too-old");
    assert_code(&policy, vec![old, fresh], "ok");
}

/// Documents that different readers read differently.
#[test]
fn attack_21_ambiguous_documents() {
    let build = Build::default();
    let twice = faulty(&build, Fault::StatementMemberDuplicate);
    assert_code(&strict(), vec![twice], "statement.duplicate-member");

    let good = String::from_utf8(build.provenance_v1(subject()).to_json()).unwrap();
    let with = |from: &str, to: &str| {
        let payload = good.replacen(from, to, 1);
        assert_ne!(payload, good);
        evidence_of(workflow(&build).attest_payload(payload.as_bytes()).unwrap())
    };
    let deep = format!(
        r#""predicate":{{"x":{}{},"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    let event = r#""event_name":"push""#;
    for (from, to, code) in [
        (
            r#""predicate":{"#,
            r#""predicate":{"x":NaN,"#,
            "statement.json-malformed",
        ),
        (
            r#""predicate":{"#,
            r#""predicate":{"x":Infinity,"#,
            "statement.json-malformed",
        ),
        (
            r#""predicate":{"#,
            r#""predicate":{"x":1e999,"#,
            "statement.json-malformed",
        ),
        (
            r#""predicate":{"#,
            r#""predicate":{"x":01,"#,
            "statement.json-malformed",
        ),
        (
            r#""predicate":{"#,
            r#""predicate":{"x":"\ud800","#,
            "statement.json-malformed",
        ),
        (r#""predicate":{"#, deep.as_str(), "limit.json-nesting"),
        // Inside of the predicate too.
        (
            event,
            r#""event_name":"push","event_name":"push""#,
            "statement.duplicate-member",
        ),
        (
            event,
            r#""event_name":"push","event\u005fname":"push""#,
            "statement.duplicate-member",
        ),
    ] {
        let decision = decide(&strict(), vec![with(from, to)]);
        assert_eq!(image_code(&decision), code, "{to}");
    }

    // Base64 that is not the canonical text of its bytes. Line breaks are passed over: published
    // bundles have them, and what counts is what was signed.
    let mut padded = good.clone();
    while padded.len() % 3 != 1 {
        padded.push(' ');
    }
    let bundle = evidence_of(workflow(&build).attest_payload(padded.as_bytes()).unwrap());
    assert_code(&strict(), vec![bundle.clone()], "ok");
    let mut value: serde_json::Value = serde_json::from_slice(&bundle.content).unwrap();
    let payload = value["dsseEnvelope"]["payload"]
        .as_str()
        .unwrap()
        .to_owned();
    let bare = payload.strip_suffix("==").unwrap();
    let (head, last) = bare.split_at(bare.len() - 1);
    // The last character has four bits that no byte is made of.
    let stray = char::from(last.as_bytes()[0] + 1);
    for text in [
        format!("{head}{stray}=="),
        format!("{payload}=="),
        format!("{bare}== "),
        format!("{bare}==AAAA"),
        format!("-_{bare}+/=="),
        payload.replacen(char::is_uppercase, "\u{e4}", 1),
    ] {
        value["dsseEnvelope"]["payload"] = json!(text);
        let evidence = Evidence {
            content: serde_json::to_vec(&value).unwrap(),
            ..bundle.clone()
        };
        let decision = decide(&strict(), vec![evidence]);
        assert_eq!(image_code(&decision), "bundle.field-malformed", "{text:?}");
    }
}

/// A verification summary is about one image under one name.
#[test]
fn attack_22_summary_of_something_else() {
    let verifier = run(|run| {
        run.builder_id =
            "https://github.com/octo-org/verifier/.github/workflows/check.yml@refs/tags/v1"
                .to_owned();
    });
    let summary = |digest: &str, resource: &str| {
        let statement = Statement {
            statement_type: StatementType::V1,
            subject: vec![Subject::new("image", digest)],
            predicate_type: "https://slsa.dev/verification_summary/v1".to_owned(),
            predicate: json!({
                "verifier": {"id": "https://octo-org.example/verifier"},
                "timeVerified": "2026-03-01T12:00:00Z",
                "resourceUri": resource,
                "policy": {"uri": "https://octo-org.example/policy"},
                "verificationResult": "PASSED",
                "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
            }),
        };
        vec![signed(&verifier, &statement)]
    };
    let policy = policy_with(
        r#""verifiers":[{"name":"checks","signedBy":["tenant"],"id":{"exact":"https://octo-org.example/verifier"},"maximumLevels":{"build":3}}],"#,
        r#"{"name":"checked","images":["registry.example/**"],"verificationSummary":{"verifiedBy":["checks"],
            "resourceUris":["{registry}/{repository}@{digest}"],"minimumLevels":{"build":3}}}"#,
    );
    let own = format!("{IMAGE}@{DIGEST}");
    assert_code(&policy, summary(DIGEST, &own), "ok");
    for resource in [
        format!("registry.example/octo-org/other@{DIGEST}"),
        format!("{IMAGE}@{OTHER_DIGEST}"),
        format!("{own}x"),
        format!("x{own}"),
    ] {
        let decision = decide(&policy, summary(DIGEST, &resource));
        let code = image_code(&decision);
        assert_eq!(code, "verification-summary.resource-mismatch", "{resource}");
    }
    let nothing = summary(DIGEST, "");
    assert_code(&policy, nothing, "verification-summary.field-missing");
    let replayed = summary(OTHER_DIGEST, &own);
    assert_code(&policy, replayed, "statement.subject-mismatch");
}

/// Whoever can delete evidence gains nothing by it.
#[test]
fn attack_23_deleted_evidence() {
    let policy = policy(&rule(
        r#""signedBy":{"anyOf":["builder","tenant"]}"#,
        r#","ref":{"glob":"refs/tags/v*"}"#,
        r#","minimumLevels":{"build":3}"#,
    ));
    let pieces = [
        honest(&run(|run| run.source_ref = "refs/heads/main".to_owned())),
        honest(&own_workflow()),
        honest(&Build::default()),
        faulty(&Build::default(), Fault::SignatureInvalid),
    ];
    assert_code(&policy, Vec::new(), "evidence.missing");
    assert_code(&policy, vec![pieces[1].clone()], "provenance.build-level");
    for kept in 0_u32..16 {
        let evidence: Vec<Evidence> = pieces
            .iter()
            .enumerate()
            .filter(|(place, _)| kept & (1 << place) != 0)
            .map(|(_, piece)| piece.clone())
            .collect();
        // Only what the vetted builder signed for a release reaches the level.
        let allowed = decide(&policy, evidence).allowed();
        assert_eq!(allowed, kept & 0b100 != 0, "{kept:04b}");
    }
}
