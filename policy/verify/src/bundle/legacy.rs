//! Layers that cosign stored before bundles existed.
//!
//! Follows <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md> and
//! `ATTESTATION_SPEC.md`. Annotations carry certificate and log entry; none of them is authenticated, so
//! each is verified like its counterpart in a bundle.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Content, SignedEntity, VerificationMaterial};
use crate::artifact::{ArtifactDigest, DigestAlgorithm};
use crate::certificate::Certificate;
use crate::crypto::sha256;
use crate::dsse::Envelope;
use crate::encoding::{base64, hex, pem};
use crate::error::{Document, Error};
use crate::facts::EntityKind;
use crate::json::{Fields, Map, Value};
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::tlog::LogEntry;

const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
const BUNDLE: &str = "dev.sigstore.cosign/bundle";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

pub(super) fn attestation(
    stored: &[u8],
    annotations: &Map<String, String>,
    limits: &Limits,
) -> Result<SignedEntity, Error> {
    let value = Fields::parse_document(Document::DsseEnvelope, stored, limits)?;
    let envelope = Envelope::from_fields(Fields::of(Document::DsseEnvelope, &value)?)?;
    Ok(SignedEntity {
        kind: EntityKind::LegacyAttestation,
        content: Content::Envelope {
            envelope,
            stored: Some(stored.to_vec()),
        },
        material: material(annotations, limits)?,
        log_entries: log_entry(annotations, limits)?,
        timestamps: timestamps(annotations, limits)?,
    })
}

pub(super) fn signature(
    payload: &[u8],
    annotations: &Map<String, String>,
    limits: &Limits,
) -> Result<SignedEntity, Error> {
    let signature = annotations
        .get(SIGNATURE)
        .filter(|text| !text.is_empty())
        .ok_or(Error::LegacySignatureMissing)?;
    let signature = base64::decode(signature).ok_or(Error::LegacySignatureMissing)?;
    Ok(SignedEntity {
        kind: EntityKind::LegacySignature,
        content: Content::SimpleSigning {
            payload: payload.to_vec(),
            digest: ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &sha256(&[payload]))?,
            signature,
        },
        material: material(annotations, limits)?,
        log_entries: log_entry(annotations, limits)?,
        timestamps: timestamps(annotations, limits)?,
    })
}

/// The certificate annotation, where it is not empty; the chain annotation is not needed.
fn material(
    annotations: &Map<String, String>,
    limits: &Limits,
) -> Result<VerificationMaterial, Error> {
    match annotations.get(CERTIFICATE).filter(|text| !text.is_empty()) {
        Some(text) => {
            let der = pem::decode_one(text, &["CERTIFICATE"]).ok_or(Error::CertificateMalformed)?;
            Certificate::from_der(&der, limits).map(VerificationMaterial::Certificate)
        }
        None => Ok(VerificationMaterial::PublicKey {
            hint: String::new(),
        }),
    }
}

/// `{"SignedEntryTimestamp": base64, "Payload": {"body": base64, "integratedTime": integer,
/// "logIndex": integer, "logID": hexadecimal}}`. The kind stands in the body alone.
fn log_entry(annotations: &Map<String, String>, limits: &Limits) -> Result<Vec<LogEntry>, Error> {
    let document = Document::LegacyBundle;
    let Some(text) = annotations.get(BUNDLE).filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let value = Fields::parse_document(document, text.as_bytes(), limits)?;
    let mut fields = Fields::of(document, &value)?;
    let promise = fields.bytes("SignedEntryTimestamp")?;
    let mut payload = fields.object("Payload")?;
    fields.finish()?;
    let canonicalized_body = payload.bytes("body")?;
    let integrated_time = payload.integer("integratedTime")?;
    let log_index = payload.integer("logIndex")?;
    let log_id = hex::decode(payload.text("logID")?).ok_or(payload.malformed("logID"))?;
    payload.finish()?;
    let body = Fields::parse_document(Document::LogEntryBody, &canonicalized_body, limits)?;
    let member = |name| {
        body.get(name)
            .and_then(Value::as_str)
            .map(ToString::to_string)
            .ok_or(Error::LogEntryBodyMalformed)
    };
    Ok(alloc::vec![LogEntry {
        log_id,
        log_index,
        kind: member("kind")?,
        version: member("apiVersion")?,
        integrated_time: Some(UnixTime::from_seconds(integrated_time)),
        inclusion_promise: Some(promise),
        inclusion_proof: None,
        canonicalized_body,
    }])
}

/// `{"SignedRFC3161Timestamp": base64 of the response}`.
fn timestamps(annotations: &Map<String, String>, limits: &Limits) -> Result<Vec<Vec<u8>>, Error> {
    let document = Document::LegacyTimestamp;
    let Some(text) = annotations.get(TIMESTAMP).filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let value = Fields::parse_document(document, text.as_bytes(), limits)?;
    let mut fields = Fields::of(document, &value)?;
    let response = fields.bytes("SignedRFC3161Timestamp")?;
    fields.finish()?;
    Ok(alloc::vec![response])
}
