//! What an entry's body says, and that it says it of this signature.
//!
//! Each kind is read from the exact bytes that the log vouches for. Follows the schemas under
//! <https://github.com/sigstore/rekor/tree/main/pkg/types> and, for Rekor v2, rekor-tiles' protobufs.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::LogEntry;
use crate::ArtifactDigest;
use crate::crypto::{Hash, PublicKey, sha256};
use crate::dsse::Envelope;
use crate::encoding::{base64, hex, pem};
use crate::error::{Document, Error};
use crate::json::{Fields, Map, Value};
use crate::limits::Limits;

/// What an entry must be about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding<'a> {
    pub(crate) content: SignedContent<'a>,
    /// The leaf certificate, or the public key, in DER.
    pub(crate) verifier: &'a [u8],
    /// Whether `verifier` is a certificate.
    pub(crate) is_certificate: bool,
    /// The public key in it.
    pub(crate) key: &'a PublicKey,
}

/// What was signed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignedContent<'a> {
    /// An artifact.
    Message {
        artifact: &'a ArtifactDigest,
        signature: &'a [u8],
    },
    /// An envelope, with its bytes as stored where they are at hand.
    Envelope {
        envelope: &'a Envelope,
        stored: Option<&'a [u8]>,
    },
}

/// Checks the body of an entry whose inclusion was verified.
pub(super) fn check(entry: &LogEntry, binding: &Binding<'_>, limits: &Limits) -> Result<(), Error> {
    let body = Fields::parse_document(Document::LogEntryBody, &entry.canonicalized_body, limits)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if text("kind") != Some(&entry.kind) || text("apiVersion") != Some(&entry.version) {
        return Err(Error::LogEntryKindMismatch);
    }
    let spec = body.get("spec").ok_or(Error::LogEntryBodyMalformed)?;
    match (entry.kind.as_str(), entry.version.as_str(), binding.content) {
        (
            "hashedrekord" | "rekord",
            "0.0.1",
            SignedContent::Message {
                artifact,
                signature,
            },
        ) => hashedrekord_v001(spec, artifact, signature, binding),
        ("dsse", "0.0.1", SignedContent::Envelope { envelope, stored }) => {
            dsse_v001(spec, envelope, stored, binding)
        }
        ("intoto", "0.0.1", SignedContent::Envelope { envelope, stored }) => {
            intoto_v001(spec, envelope, stored, binding)
        }
        ("intoto", "0.0.2", SignedContent::Envelope { envelope, .. }) => {
            intoto_v002(spec, envelope, binding)
        }
        ("hashedrekord", "0.0.2", content) => {
            hashedrekord_v002(&entry.canonicalized_body, spec, content, binding)
        }
        _ => Err(Error::LogEntryKindMismatch),
    }
}

fn hashedrekord_v001(
    spec: &Value,
    artifact: &ArtifactDigest,
    signature: &[u8],
    binding: &Binding<'_>,
) -> Result<(), Error> {
    // A `rekord` may hold signatures of other formats; only bare ones over X.509 keys are meant here.
    let format = spec.at(&["signature", "format"]).and_then(Value::as_str);
    if format.is_some_and(|format| format != "x509") {
        return Err(Error::LogEntryBodyMalformed);
    }
    let hash = digest_member(spec.at(&["data", "hash"]))?;
    if hash != (artifact.algorithm().name(), artifact.hex()) {
        return Err(Error::LogEntryArtifactMismatch);
    }
    same_signature(&bytes_at(spec, &["signature", "content"])?, signature)?;
    same_verifier(
        &bytes_at(spec, &["signature", "publicKey", "content"])?,
        binding,
    )
}

fn dsse_v001(
    spec: &Value,
    envelope: &Envelope,
    stored: Option<&[u8]>,
    binding: &Binding<'_>,
) -> Result<(), Error> {
    same_sha256(spec.get("payloadHash"), &envelope.payload)?;
    if let Some(stored) = stored {
        same_sha256(spec.get("envelopeHash"), stored)?;
    }
    let [signature] = array_at(spec, &["signatures"])? else {
        return Err(Error::LogEntrySignatureMismatch);
    };
    same_signature(&bytes_at(signature, &["signature"])?, &envelope.signature)?;
    same_verifier(&bytes_at(signature, &["verifier"])?, binding)
}

/// The body holds only hashes: of the stored envelope, which must be at hand, and of its payload.
fn intoto_v001(
    spec: &Value,
    envelope: &Envelope,
    stored: Option<&[u8]>,
    binding: &Binding<'_>,
) -> Result<(), Error> {
    let stored = stored.ok_or(Error::LogEntryEnvelopeUnavailable)?;
    same_sha256(spec.at(&["content", "hash"]), stored)?;
    if let Some(hash) = spec.at(&["content", "payloadHash"]) {
        same_sha256(Some(hash), &envelope.payload)?;
    }
    same_verifier(&bytes_at(spec, &["publicKey"])?, binding)
}

/// The envelope in the body has its signature in base64 twice.
fn intoto_v002(spec: &Value, envelope: &Envelope, binding: &Binding<'_>) -> Result<(), Error> {
    let content = spec.get("content").ok_or(Error::LogEntryBodyMalformed)?;
    same_sha256(content.get("payloadHash"), &envelope.payload)?;
    let logged = content
        .get("envelope")
        .ok_or(Error::LogEntryBodyMalformed)?;
    if logged.get("payloadType").and_then(Value::as_str) != Some(&envelope.payload_type) {
        return Err(Error::LogEntryArtifactMismatch);
    }
    let [signature] = array_at(logged, &["signatures"])? else {
        return Err(Error::LogEntrySignatureMismatch);
    };
    let once = bytes_at(signature, &["sig"])?;
    let twice = core::str::from_utf8(&once)
        .ok()
        .and_then(base64::decode)
        .ok_or(Error::LogEntrySignatureMismatch)?;
    same_signature(&twice, &envelope.signature)?;
    same_verifier(&bytes_at(signature, &["publicKey"])?, binding)
}

/// Rekor v2: one kind for artifacts and envelopes, whose digest is that of the signed encoding.
///
/// Beyond comparing what the body says, the whole body is made anew from what was verified and must have the
/// same bytes (rekor-v2-spec, 6.1.4): nothing else can stand in it.
fn hashedrekord_v002(
    body: &[u8],
    spec: &Value,
    content: SignedContent<'_>,
    binding: &Binding<'_>,
) -> Result<(), Error> {
    let entry = spec
        .get("hashedRekordV002")
        .ok_or(Error::LogEntryBodyMalformed)?;
    let algorithm = text_at(entry, &["data", "algorithm"])?;
    let hash = match algorithm {
        "SHA2_256" => Hash::Sha256,
        "SHA2_384" => Hash::Sha384,
        "SHA2_512" => Hash::Sha512,
        _ => return Err(Error::LogEntryBodyMalformed),
    };
    let (digest, signature) = match content {
        SignedContent::Message {
            artifact,
            signature,
        } => {
            let same_hash = Hash::from(artifact.algorithm()) == hash;
            let bytes = hex::decode(artifact.hex()).filter(|_| same_hash);
            (bytes.ok_or(Error::LogEntryArtifactMismatch)?, signature)
        }
        SignedContent::Envelope { envelope, .. } => {
            (envelope.message_digest(hash), envelope.signature.as_slice())
        }
    };
    if bytes_at(entry, &["data", "digest"])? != digest {
        return Err(Error::LogEntryArtifactMismatch);
    }
    same_signature(&bytes_at(entry, &["signature", "content"])?, signature)?;
    let form = if binding.is_certificate {
        "x509Certificate"
    } else {
        "publicKey"
    };
    let logged = bytes_at(entry, &["signature", "verifier", form, "rawBytes"])
        .map_err(|_| Error::LogEntryVerifierMismatch)?;
    let details = text_at(entry, &["signature", "verifier", "keyDetails"])?;
    if logged != binding.verifier || !binding.key.fits_details(details) {
        return Err(Error::LogEntryVerifierMismatch);
    }
    let verifier = object([
        (form, object([("rawBytes", base64::encode(&logged).into())])),
        ("keyDetails", details.into()),
    ]);
    let expected = object([
        ("apiVersion", "0.0.2".into()),
        ("kind", "hashedrekord".into()),
        (
            "spec",
            object([(
                "hashedRekordV002",
                object([
                    (
                        "data",
                        object([
                            ("algorithm", algorithm.into()),
                            ("digest", base64::encode(&digest).into()),
                        ]),
                    ),
                    (
                        "signature",
                        object([
                            ("content", base64::encode(signature).into()),
                            ("verifier", verifier),
                        ]),
                    ),
                ]),
            )]),
        ),
    ]);
    if expected.to_canonical_string().as_bytes() == body {
        Ok(())
    } else {
        Err(Error::LogEntryBodyMalformed)
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_string(), value);
    }
    Value::Object(object)
}

fn same_signature(logged: &[u8], signature: &[u8]) -> Result<(), Error> {
    if logged == signature {
        Ok(())
    } else {
        Err(Error::LogEntrySignatureMismatch)
    }
}

/// Compares a PEM certificate or public key with the one that verifies the signature.
fn same_verifier(logged: &[u8], binding: &Binding<'_>) -> Result<(), Error> {
    let label = if binding.is_certificate {
        "CERTIFICATE"
    } else {
        "PUBLIC KEY"
    };
    let der = core::str::from_utf8(logged)
        .ok()
        .and_then(|text| pem::decode_one(text, &[label]));
    if der.as_deref() == Some(binding.verifier) {
        Ok(())
    } else {
        Err(Error::LogEntryVerifierMismatch)
    }
}

/// Compares `{"algorithm": "sha256", "value": hex}` with the hash of `bytes`.
fn same_sha256(member: Option<&Value>, bytes: &[u8]) -> Result<(), Error> {
    let (algorithm, value) = digest_member(member)?;
    if algorithm == "sha256" && value == hex::encode(&sha256(&[bytes])) {
        Ok(())
    } else {
        Err(Error::LogEntryArtifactMismatch)
    }
}

fn digest_member(member: Option<&Value>) -> Result<(&str, &str), Error> {
    let text = |name| member?.get(name)?.as_str();
    text("algorithm")
        .zip(text("value"))
        .ok_or(Error::LogEntryBodyMalformed)
}

fn text_at<'a>(value: &'a Value, path: &[&str]) -> Result<&'a str, Error> {
    value
        .at(path)
        .and_then(Value::as_str)
        .ok_or(Error::LogEntryBodyMalformed)
}

fn bytes_at(value: &Value, path: &[&str]) -> Result<Vec<u8>, Error> {
    value
        .at(path)
        .and_then(Value::as_str)
        .and_then(base64::decode)
        .ok_or(Error::LogEntryBodyMalformed)
}

fn array_at<'a>(value: &'a Value, path: &[&str]) -> Result<&'a [Value], Error> {
    value
        .at(path)
        .and_then(Value::as_array)
        .ok_or(Error::LogEntryBodyMalformed)
}

/// Reads `body` as every kind, bound to something that it cannot match; the last refusal.
#[cfg(feature = "internals")]
pub(crate) fn check_all_kinds(body: &[u8], limits: &Limits) -> Result<(), Error> {
    let artifact = ArtifactDigest::from_bytes(crate::DigestAlgorithm::Sha256, &[0; 32])?;
    let envelope = Envelope {
        payload_type: Default::default(),
        payload: Vec::new(),
        signature: Vec::new(),
        key_id: Default::default(),
    };
    let contents = [
        SignedContent::Message {
            artifact: &artifact,
            signature: &[],
        },
        SignedContent::Envelope {
            envelope: &envelope,
            stored: Some(&[]),
        },
    ];
    let key = PublicKey::from_pem(GENERATOR)?;
    let mut outcome = Err(Error::LogEntryKindUnknown);
    for (kind, version) in KINDS {
        for content in contents {
            let entry = LogEntry {
                log_id: Vec::new(),
                log_index: 0,
                kind: (*kind).into(),
                version: (*version).into(),
                integrated_time: None,
                inclusion_promise: None,
                inclusion_proof: None,
                canonicalized_body: body.to_vec(),
            };
            let binding = Binding {
                content,
                verifier: &[],
                is_certificate: true,
                key: &key,
            };
            outcome = check(&entry, &binding, limits);
        }
    }
    outcome
}

/// The generator of P-256 as a public key: some key, which signed nothing.
#[cfg(feature = "internals")]
const GENERATOR: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----";

#[cfg(feature = "internals")]
const KINDS: &[(&str, &str)] = &[
    ("hashedrekord", "0.0.1"),
    ("rekord", "0.0.1"),
    ("dsse", "0.0.1"),
    ("intoto", "0.0.1"),
    ("intoto", "0.0.2"),
    ("hashedrekord", "0.0.2"),
];
