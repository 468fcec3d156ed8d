//! The targets, one function each: they must not panic, and what they accept must be right.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{Evidence, KeyDetails, NOW, SIGNED};
use sealstone_verify::json::{Value, parse};
use sealstone_verify::{
    Facts, Limits, PemTrustedRoot, PublicKey, Requirements, SignedEntity, Statement, TrustedRoot,
    UnixTime, Verifier, internals,
};

use crate::world::{By, FORMS, SIGSTORE, artifact, digest, make, read, verify};
use crate::{oracle, seeds};

fn now() -> UnixTime {
    UnixTime::from_seconds(NOW.seconds())
}

/// The valid bundle whose parts some targets exchange, as text.
fn template(by: By) -> serde_json::Value {
    let (_, form) = FORMS[0];
    let evidence = make(form, by, None).expect("the forge makes it");
    serde_json::from_slice(&evidence.content).expect("a bundle is JSON")
}

/// A Sigstore bundle, read and verified: it proves what a seed proves, or is refused.
pub fn bundle(data: &[u8]) {
    if let Ok(entity) = SignedEntity::from_bundle(data, &Limits::default()) {
        oracle::check(&entity);
    }
}

/// A layer `{"mediaType", "content", "annotations"}`, read and verified: it proves what a seed proves, or
/// is refused.
pub fn legacy(data: &[u8]) {
    let Ok(layer) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    let annotations: BTreeMap<String, String> = layer["annotations"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    let evidence = Evidence {
        media_type: layer["mediaType"].as_str().unwrap_or_default().to_owned(),
        content: layer["content"]
            .as_str()
            .unwrap_or_default()
            .as_bytes()
            .to_vec(),
        annotations,
    };
    if let Ok(entity) = read(&evidence) {
        oracle::check(&entity);
    }
}

/// A response of a timestamp authority. Within a valid bundle it proves the time of the seeds, or is refused.
pub fn cms_timestamp(data: &[u8]) {
    static SEED: LazyLock<(serde_json::Value, Verifier)> = LazyLock::new(|| {
        let evidence = seeds::timestamped(None).expect("the forge makes it");
        let bundle = serde_json::from_slice(&evidence.content).expect("a bundle is JSON");
        let requirements = Requirements {
            transparency_log_threshold: 0,
            signed_certificate_timestamp_threshold: 0,
            signed_timestamp_threshold: 1,
            ..Requirements::default()
        };
        let verifier = keyed(requirements);
        let verified =
            read(&evidence).and_then(|entity| verifier.verify(&entity, &artifact(), now()));
        verified.expect("a valid seed verifies");
        (bundle, verifier)
    });
    let mut bundle = SEED.0.clone();
    bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] =
        serde_json::json!([{ "signedTimestamp": STANDARD.encode(data) }]);
    let facts = SignedEntity::from_bundle(bundle.to_string().as_bytes(), &Limits::default())
        .and_then(|entity| SEED.1.verify(&entity, &artifact(), now()));
    if let Ok(facts) = facts {
        let times: Vec<u64> = facts
            .verified_times
            .iter()
            .map(|time| time.time.seconds())
            .collect();
        assert_eq!(times, [SIGNED.seconds()], "another time is accepted");
    }
}

/// A trust root, in JSON or a chain in PEM. A bundle that it lets verify has the same signer, content and times as with the right one.
pub fn trusted_root(data: &[u8]) {
    static SEED: LazyLock<(SignedEntity, Facts)> = LazyLock::new(|| {
        let (by, evidence) = seeds::valid().next().expect("there are seeds");
        (
            read(&evidence).expect("a valid seed is well-formed"),
            verify(&evidence, by).expect("a valid seed verifies"),
        )
    });
    let limits = Limits::default();
    let parsed = TrustedRoot::from_json(data, &limits).or_else(|_| {
        let text = String::from_utf8_lossy(data).into_owned();
        let parts = PemTrustedRoot {
            certificate_authorities: vec![text.clone()],
            timestamp_authorities: vec![text],
            ..PemTrustedRoot::default()
        };
        TrustedRoot::from_pem(&parts, &limits)
    });
    let Ok(root) = parsed else { return };
    let Ok(verifier) = Verifier::keyless(Arc::new(root), Requirements::default(), limits) else {
        return;
    };
    if let Ok(facts) = verifier.verify(&SEED.0, &artifact(), now()) {
        assert!(
            oracle::same_signer_and_content(&facts, &SEED.1),
            "another signer or content: {facts:#?}"
        );
    }
}

/// A certificate in DER. Within a valid bundle only the certificate that was issued for it is accepted.
pub fn certificate(data: &[u8]) {
    static SEED: LazyLock<(serde_json::Value, Vec<u8>)> = LazyLock::new(|| {
        let template = template(By::Certificate);
        let encoded = &template["verificationMaterial"]["certificate"]["rawBytes"];
        let der = STANDARD
            .decode(encoded.as_str().expect("text"))
            .expect("base64");
        assert!(
            verifies(&template, By::Certificate),
            "a valid seed verifies"
        );
        (template, der)
    });
    if internals::parse_certificate(data).is_err() {
        return;
    }
    let mut bundle = SEED.0.clone();
    bundle["verificationMaterial"]["certificate"]["rawBytes"] = STANDARD.encode(data).into();
    if verifies(&bundle, By::Certificate) {
        assert_eq!(data, SEED.1, "another certificate is accepted");
    }
}

/// A list of signed certificate timestamps. Whatever is accepted is framed without a byte to spare.
pub fn sct_list(data: &[u8]) {
    if internals::parse_sct_list(data).is_ok() {
        let (length, mut rest) = data.split_first_chunk::<2>().expect("a length");
        assert_eq!(usize::from(u16::from_be_bytes(*length)), rest.len());
        let mut count = 0;
        while let Some((length, entry)) = rest.split_first_chunk::<2>() {
            rest = &entry[usize::from(u16::from_be_bytes(*length))..];
            count += 1;
        }
        assert!(rest.is_empty());
        assert!((1..=Limits::default().signed_certificate_timestamps).contains(&count));
    }
}

/// A checkpoint. Within a valid bundle only the text that the log signed is accepted.
pub fn checkpoint(data: &[u8]) {
    // Nothing but the checkpoint vouches for the entry: no promise, no certificate.
    static SEED: LazyLock<(serde_json::Value, String)> = LazyLock::new(|| {
        let mut template = template(By::Key);
        let entry = &mut template["verificationMaterial"]["tlogEntries"][0];
        entry
            .as_object_mut()
            .expect("an object")
            .remove("inclusionPromise");
        let note = entry["inclusionProof"]["checkpoint"]["envelope"].as_str();
        let note = note.expect("text").to_owned();
        assert!(verifies(&template, By::Key), "a valid seed verifies");
        (template, note)
    });
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if internals::parse_checkpoint(text).is_err() {
        return;
    }
    let mut bundle = SEED.0.clone();
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"] =
        text.into();
    if verifies(&bundle, By::Key) {
        let signed = |note: &str| note.split("\n\n").next().map(str::to_owned);
        assert_eq!(
            signed(text),
            signed(&SEED.1),
            "another tree head is accepted"
        );
    }
}

/// The body of a log entry, as every kind. What is no strict JSON is refused.
pub fn log_entry_body(data: &[u8]) {
    if internals::parse_log_entry_body(data).is_ok() {
        assert!(parse(data, Limits::default().json_nesting).is_ok());
    }
}

/// A statement. Whether it speaks of an artifact agrees with a plain search for the digest.
pub fn statement(data: &[u8]) {
    let limits = Limits::default();
    let Ok(statement) = Statement::from_json(data, &limits) else {
        return;
    };
    let value = parse(data, limits.json_nesting).expect("a statement is strict JSON");
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    assert_eq!(text("_type"), Some(&*statement.statement_type));
    assert_eq!(text("predicateType"), Some(&*statement.predicate_type));
    let hexadecimal = digest();
    let hexadecimal = hexadecimal.trim_start_matches("sha256:");
    let named = value
        .get("subject")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|subject| {
            subject.at(&["digest", "sha256"]).and_then(Value::as_str) == Some(hexadecimal)
        });
    assert_eq!(statement.speaks_of(&artifact()), named);
}

/// JSON. What the strict reader accepts, a lenient one reads alike, and the canonical form keeps its value.
pub fn json(data: &[u8]) {
    let nesting = Limits::default().json_nesting;
    let Ok(value) = parse(data, nesting) else {
        return;
    };
    let canonical = value.to_canonical_string();
    let lenient: serde_json::Value = serde_json::from_slice(data).expect("it is JSON");
    assert_eq!(canonical, lenient.to_string());
    let again = parse(canonical.as_bytes(), nesting).expect("the canonical form is strict JSON");
    // Numbers beyond the integers are read to the last place but one, and none is ever written.
    if !has_floating_point(&value) {
        assert_eq!(value, again);
        assert_eq!(canonical, again.to_canonical_string());
    }
}

pub(crate) fn has_floating_point(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_floating_point),
        Value::Object(members) => members.values().any(has_floating_point),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Whether a bundle verifies, where a key needs no time.
fn verifies(bundle: &serde_json::Value, by: By) -> bool {
    static KEYLESS: LazyLock<Verifier> = LazyLock::new(|| crate::world::verifier(By::Certificate));
    static KEYED: LazyLock<Verifier> = LazyLock::new(|| {
        keyed(Requirements {
            signed_certificate_timestamp_threshold: 0,
            observer_timestamp_threshold: 0,
            ..Requirements::default()
        })
    });
    let verifier = match by {
        By::Certificate => &KEYLESS,
        By::Key => &KEYED,
    };
    SignedEntity::from_bundle(bundle.to_string().as_bytes(), &Limits::default())
        .and_then(|entity| verifier.verify(&entity, &artifact(), now()))
        .is_ok()
}

fn keyed(requirements: Requirements) -> Verifier {
    let limits = Limits::default();
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &limits).expect("a trust root");
    let pair = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let key = PublicKey::from_pem(&pair.public_key_pem()).expect("a key");
    Verifier::keyed(key, Some(Arc::new(root)), requirements, limits)
        .expect("the requirements can be met")
}
