//! The documents of evidence, each broken at one place.

use sealstone_forge::{Build, EntryKind, Evidence, Identity, Subject, TransparencyLog};
use sealstone_verify::internals::parse_log_entry_body;
use sealstone_verify::{ArtifactDigest, Error};
use serde_json::Value;

use crate::world::{By, FORMS, SIGSTORE, digest, make, verify};

fn form(name: &str, by: By) -> Evidence {
    let (_, form) = FORMS
        .iter()
        .find(|(form, _)| *form == name)
        .expect("a form");
    make(*form, by, None).expect("the forge makes it")
}

fn code(evidence: &Evidence, by: By) -> &'static str {
    verify(evidence, by).map_or_else(|error| error.code(), |_| "verified")
}

/// Edits the content as JSON.
fn content(name: &str, by: By, edit: impl FnOnce(&mut Value)) -> &'static str {
    let mut evidence = form(name, by);
    let mut value: Value = serde_json::from_slice(&evidence.content).expect("JSON");
    edit(&mut value);
    evidence.content = value.to_string().into_bytes();
    code(&evidence, by)
}

/// Edits one annotation as text.
fn annotation(name: &str, key: &str, edit: impl FnOnce(&mut String)) -> &'static str {
    let mut evidence = form(name, By::Certificate);
    edit(evidence.annotations.get_mut(key).expect("the annotation"));
    code(&evidence, By::Certificate)
}

#[test]
fn digests_are_lower_case_and_of_known_algorithms() {
    let hex = "0".repeat(64);
    for text in [
        String::new(),
        hex.clone(),
        format!("sha1:{}", "0".repeat(40)),
        format!("md5:{}", "0".repeat(32)),
        format!("SHA256:{hex}"),
        format!("sha256:{}", "A".repeat(64)),
        format!("sha256:{}", "0".repeat(63)),
        format!("sha512:{hex}"),
        format!("sha256:{hex} "),
    ] {
        let parsed = text.parse::<ArtifactDigest>();
        assert_eq!(parsed, Err(Error::ArtifactDigestMalformed), "{text}");
    }
    assert_eq!(
        Error::ArtifactDigestMalformed.code(),
        "artifact.digest-malformed"
    );
}

#[test]
fn key_hints_agree() {
    let hint = |bundle: &mut Value| {
        bundle["verificationMaterial"]["publicKey"]["hint"] = "one".into();
        bundle["dsseEnvelope"]["signatures"][0]["keyid"] = "another".into();
    };
    assert_eq!(
        content("bundle-0.3-dsse", By::Key, hint),
        "bundle.key-hint-mismatch"
    );
    let same = |bundle: &mut Value| {
        bundle["verificationMaterial"]["publicKey"]["hint"] = "one".into();
        bundle["dsseEnvelope"]["signatures"][0]["keyid"] = "one".into();
    };
    assert_eq!(content("bundle-0.3-dsse", By::Key, same), "verified");
}

#[test]
fn entries_are_of_the_kind_that_they_say() {
    let kind = |kind: &'static str, version: &'static str| {
        content("bundle-0.3-dsse", By::Certificate, |bundle| {
            bundle["verificationMaterial"]["tlogEntries"][0]["kindVersion"] =
                serde_json::json!({"kind": kind, "version": version});
        })
    };
    assert_eq!(kind("dsse", "0.0.1"), "verified");
    assert_eq!(kind("intoto", "0.0.2"), "log-entry.kind-mismatch");
    assert_eq!(kind("hashedrekord", "0.0.1"), "log-entry.kind-mismatch");
    assert_eq!(kind("dsse", "0.0.2"), "log-entry.kind-unknown");
}

#[test]
fn a_promise_needs_its_time() {
    let outcome = content("bundle-0.3-dsse", By::Certificate, |bundle| {
        let entry = bundle["verificationMaterial"]["tlogEntries"][0].as_object_mut();
        entry.expect("an entry").remove("integratedTime");
    });
    assert_eq!(outcome, "inclusion-promise.time-missing");
}

/// `intoto` 0.0.1 binds the stored envelope, which a bundle does not keep.
#[test]
fn intoto_001_in_a_bundle_binds_nothing() {
    let build = Build::default();
    let evidence = SIGSTORE
        .keyless(&Identity::github_actions(&build))
        .entry(TransparencyLog::Rekor, EntryKind::IntotoV001)
        .attest(&build.provenance_v1(Subject::new("app", &digest())))
        .expect("the forge makes it");
    assert_eq!(
        code(&evidence, By::Certificate),
        "log-entry.envelope-unavailable"
    );
}

#[test]
fn bodies_have_what_their_kind_demands() {
    let body = br#"{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{}}}"#;
    let code = |body: &[u8]| parse_log_entry_body(body).err().map(|error| error.code());
    assert_eq!(code(body), Some("log-entry.body-malformed"));
    let twice = br#"{"kind":"dsse","kind":"dsse"}"#;
    assert_eq!(code(twice), Some("log-entry-body.duplicate-member"));
}

#[test]
fn stored_envelopes_are_read_strictly() {
    let name = "legacy-attestation-intoto";
    let edit = |edit: fn(&mut Value)| content(name, By::Certificate, edit);
    assert_eq!(
        edit(|envelope| envelope["more"] = 1.into()),
        "dsse.field-unknown"
    );
    assert_eq!(
        edit(|envelope| envelope["payload"] = "*".into()),
        "dsse.field-malformed"
    );
    assert_eq!(
        edit(|envelope| envelope["payload"] = Value::Null),
        "dsse.field-missing"
    );
    let broken = |edit: fn(String) -> String| {
        let mut evidence = form(name, By::Certificate);
        let text = String::from_utf8(evidence.content).expect("UTF-8");
        evidence.content = edit(text).into_bytes();
        code(&evidence, By::Certificate)
    };
    assert_eq!(
        broken(|text| text.replacen('{', "", 1)),
        "dsse.json-malformed"
    );
    let twice = broken(|text| text.replacen('{', r#"{"payloadType":"x","#, 1));
    assert_eq!(twice, "dsse.duplicate-member");
    // The log vouches for the bytes as they are stored, white space included.
    let spaced = broken(|text| text.replacen('{', "{ ", 1));
    assert_eq!(spaced, "log-entry.artifact-mismatch");
}

#[test]
fn annotations_are_read_strictly() {
    let bundle = "dev.sigstore.cosign/bundle";
    let in_bundle = |edit: fn(&mut String)| annotation("legacy-signature", bundle, edit);
    let more = in_bundle(|text| *text = text.replacen('{', r#"{"more":1,"#, 1));
    assert_eq!(more, "legacy-bundle.field-unknown");
    let twice = in_bundle(|text| *text = text.replacen('{', r#"{"Payload":{},"#, 1));
    assert_eq!(twice, "legacy-bundle.duplicate-member");

    let signature = "dev.cosignproject.cosign/signature";
    let cleared = annotation("legacy-signature", signature, String::clear);
    assert_eq!(cleared, "legacy-signature.missing");
    let changed = annotation("legacy-signature", signature, |text| text.insert(0, '*'));
    assert_eq!(changed, "legacy-signature.missing");

    let timestamp = "dev.sigstore.cosign/rfc3161timestamp";
    let in_timestamp =
        |edit: fn(&mut String)| annotation("legacy-signature-timestamp", timestamp, edit);
    let cases: [(&str, fn(&mut String)); 5] = [
        ("legacy-timestamp.json-malformed", |text| {
            *text = text.replacen('{', "", 1)
        }),
        ("legacy-timestamp.field-missing", |text| {
            *text = "{}".to_owned()
        }),
        ("legacy-timestamp.field-unknown", |text| {
            *text = text.replacen('{', r#"{"more":1,"#, 1)
        }),
        ("legacy-timestamp.field-malformed", |text| {
            *text = r#"{"SignedRFC3161Timestamp":"*"}"#.to_owned();
        }),
        ("legacy-timestamp.duplicate-member", |text| {
            *text = text.replacen('{', r#"{"SignedRFC3161Timestamp":"","#, 1);
        }),
    ];
    for (expected, edit) in cases {
        assert_eq!(in_timestamp(edit), expected);
    }
}

#[test]
fn statements_have_their_members() {
    let payload = |payload: &str| {
        let evidence = SIGSTORE
            .keyless(&Identity::github_actions(&Build::default()))
            .attest_payload(payload.as_bytes())
            .expect("the forge makes it");
        code(&evidence, By::Certificate)
    };
    let statement = |rest: &str| {
        payload(&format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1",{rest}}}"#
        ))
    };
    assert_eq!(payload("{}"), "statement.field-missing");
    assert_eq!(statement(r#""subject":[]"#), "statement.field-missing");
    assert_eq!(
        statement(r#""subject":{},"predicateType":"x""#),
        "statement.field-malformed"
    );
    let digest = r#""subject":[{"digest":{"sha256":1}}],"predicateType":"x""#;
    assert_eq!(statement(digest), "statement.field-malformed");
}

/// Edits the value at a JSON pointer of a bundle.
fn bundle_at(pointer: &str, edit: impl FnOnce(&mut Value)) -> &'static str {
    content("bundle-0.3-dsse-rekor-v2", By::Certificate, |bundle| {
        edit(bundle.pointer_mut(pointer).expect(pointer));
    })
}

#[test]
fn bundles_have_their_members() {
    const ENTRY: &str = "/verificationMaterial/tlogEntries/0";
    const TIMESTAMP: &str = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0";
    // Where, what, and what it means when it is not there.
    let cases = [
        ("", "mediaType", "bundle.field-missing"),
        ("", "verificationMaterial", "bundle.field-missing"),
        ("", "dsseEnvelope", "bundle.content-ambiguous"),
        (
            "/verificationMaterial",
            "certificate",
            "bundle.verification-material-ambiguous",
        ),
        ("/verificationMaterial", "tlogEntries", "log-entry.missing"),
        (
            "/verificationMaterial",
            "timestampVerificationData",
            "time.missing",
        ),
        (
            "/verificationMaterial/certificate",
            "rawBytes",
            "bundle.field-missing",
        ),
        (ENTRY, "logId", "bundle.field-missing"),
        (ENTRY, "kindVersion", "bundle.field-missing"),
        (ENTRY, "canonicalizedBody", "bundle.field-missing"),
        (ENTRY, "inclusionProof", "inclusion-proof.missing"),
        (TIMESTAMP, "signedTimestamp", "bundle.field-missing"),
        ("/dsseEnvelope", "payload", "bundle.field-missing"),
        ("/dsseEnvelope", "payloadType", "bundle.field-missing"),
        ("/dsseEnvelope", "signatures", "dsse.signature-count"),
        ("/dsseEnvelope/signatures/0", "sig", "bundle.field-missing"),
    ];
    for (object, name, expected) in cases {
        let without = bundle_at(object, |value| {
            let members = value.as_object_mut().expect("an object");
            assert!(members.remove(name).is_some(), "{object}/{name}");
        });
        assert_eq!(without, expected, "{object}/{name} removed");
        // `null` counts as absent, as in the JSON mapping of Protocol Buffers.
        let null = bundle_at(object, |value| value[name] = Value::Null);
        assert_eq!(null, expected, "{object}/{name} null");
        let boolean = bundle_at(object, |value| value[name] = true.into());
        assert_eq!(boolean, "bundle.field-malformed", "{object}/{name} true");
        let more = bundle_at(object, |value| value["more"] = 1.into());
        assert_eq!(more, "bundle.field-unknown", "{object}/more");
    }
}
