//! The JSON form of Sigstore bundles.
//!
//! Follows
//! <https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto> and what
//! sigstore-go demands of each version.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{Content, SignedEntity, VerificationMaterial};
use crate::certificate::Certificate;
use crate::dsse::Envelope;
use crate::error::{Document, Error};
use crate::facts::EntityKind;
use crate::json::{Fields, Value};
use crate::limits::{Limit, Limits};
use crate::time::UnixTime;
use crate::tlog::{InclusionProof, LogEntry};

const DOCUMENT: Document = Document::Bundle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V01,
    V02,
    V03,
}

impl Version {
    fn from_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            "application/vnd.dev.sigstore.bundle+json;version=0.1" => Some(Self::V01),
            "application/vnd.dev.sigstore.bundle+json;version=0.2" => Some(Self::V02),
            "application/vnd.dev.sigstore.bundle+json;version=0.3"
            | "application/vnd.dev.sigstore.bundle.v0.3+json" => Some(Self::V03),
            _ => None,
        }
    }
}

pub(super) fn read(json: &[u8], limits: &Limits) -> Result<SignedEntity, Error> {
    let value = Fields::parse_document(DOCUMENT, json, limits)?;
    let mut fields = Fields::of(DOCUMENT, &value)?;
    let version =
        Version::from_media_type(fields.text("mediaType")?).ok_or(Error::BundleMediaTypeUnknown)?;
    let mut material_fields = fields.object("verificationMaterial")?;
    let material = verification_material(&mut material_fields, version, limits)?;
    let log_entries = log_entries(material_fields.array("tlogEntries")?, version, limits)?;
    let timestamps = timestamps(
        material_fields.optional_object("timestampVerificationData")?,
        limits,
    )?;
    material_fields.finish()?;
    let message = fields.optional_object("messageSignature")?;
    let envelope = fields.optional_object("dsseEnvelope")?;
    fields.finish()?;
    let (kind, content) = match (message, envelope) {
        (Some(message), None) => (
            EntityKind::BundleMessageSignature,
            message_signature(message)?,
        ),
        (None, Some(envelope)) => (
            EntityKind::BundleDsse,
            Content::Envelope {
                envelope: Envelope::from_fields(envelope)?,
                stored: None,
            },
        ),
        _ => return Err(Error::BundleContentAmbiguous),
    };
    if let (Content::Envelope { envelope, .. }, VerificationMaterial::PublicKey { hint }) =
        (&content, &material)
    {
        // sigstore_bundle.proto: the two hints are the same when both are given.
        if !hint.is_empty() && !envelope.key_id.is_empty() && *hint != envelope.key_id {
            return Err(Error::BundleKeyHintMismatch);
        }
    }
    Ok(SignedEntity {
        kind,
        content,
        material,
        log_entries,
        timestamps,
    })
}

fn verification_material(
    fields: &mut Fields<'_>,
    version: Version,
    limits: &Limits,
) -> Result<VerificationMaterial, Error> {
    let public_key = fields.optional_object("publicKey")?;
    let chain = fields.optional_object("x509CertificateChain")?;
    let certificate = fields.optional_object("certificate")?;
    match (public_key, chain, certificate) {
        (Some(mut key), None, None) => {
            let hint = key.optional_text("hint")?.unwrap_or_default().to_string();
            key.finish()?;
            Ok(VerificationMaterial::PublicKey { hint })
        }
        (None, Some(_), None) if version == Version::V03 => Err(Error::BundleChainForbidden),
        (None, Some(mut chain), None) => {
            let certificates = chain.array("certificates")?;
            chain.finish()?;
            if certificates.len() > limits.chain_length {
                return Err(Error::LimitExceeded(Limit::ChainLength));
            }
            // The rest of the chain is a hint that nothing here needs: paths lead through the trust root.
            let leaf = certificates.first().ok_or(Error::BundleChainEmpty)?;
            let leaf = Fields::of(DOCUMENT, leaf)?;
            certificate_from(leaf, limits)
        }
        (None, None, Some(certificate)) => certificate_from(certificate, limits),
        _ => Err(Error::BundleMaterialAmbiguous),
    }
}

fn certificate_from(
    mut fields: Fields<'_>,
    limits: &Limits,
) -> Result<VerificationMaterial, Error> {
    let der = fields.bytes("rawBytes")?;
    fields.finish()?;
    Certificate::from_der(&der, limits).map(VerificationMaterial::Certificate)
}

fn message_signature(mut fields: Fields<'_>) -> Result<Content, Error> {
    let digest_hint = match fields.optional_object("messageDigest")? {
        Some(mut digest) => {
            let algorithm = digest.text("algorithm")?.to_string();
            let bytes = digest.bytes("digest")?;
            digest.finish()?;
            Some((algorithm, bytes))
        }
        None => None,
    };
    let signature = fields.bytes("signature")?;
    fields.finish()?;
    Ok(Content::MessageSignature {
        signature,
        digest_hint,
    })
}

fn timestamps(fields: Option<Fields<'_>>, limits: &Limits) -> Result<Vec<Vec<u8>>, Error> {
    let Some(mut fields) = fields else {
        return Ok(Vec::new());
    };
    let entries = fields.array("rfc3161Timestamps")?;
    fields.finish()?;
    if entries.len() > limits.timestamps {
        return Err(Error::LimitExceeded(Limit::Timestamps));
    }
    entries
        .iter()
        .map(|entry| {
            let mut fields = Fields::of(DOCUMENT, entry)?;
            let response = fields.bytes("signedTimestamp")?;
            fields.finish()?;
            Ok(response)
        })
        .collect()
}

fn log_entries(
    entries: &[Value],
    version: Version,
    limits: &Limits,
) -> Result<Vec<LogEntry>, Error> {
    if entries.len() > limits.transparency_log_entries {
        return Err(Error::LimitExceeded(Limit::TransparencyLogEntries));
    }
    let mut read: Vec<LogEntry> = Vec::new();
    for entry in entries {
        let entry = log_entry(Fields::of(DOCUMENT, entry)?, version)?;
        let again =
            |other: &LogEntry| other.log_id == entry.log_id && other.log_index == entry.log_index;
        if read.iter().any(again) {
            return Err(Error::LogEntryDuplicate);
        }
        read.push(entry);
    }
    Ok(read)
}

fn log_entry(mut fields: Fields<'_>, version: Version) -> Result<LogEntry, Error> {
    let log_index = fields.integer("logIndex")?;
    let mut log_id = fields.object("logId")?;
    let key_id = log_id.bytes("keyId")?;
    log_id.finish()?;
    let mut kind_version = fields.object("kindVersion")?;
    let kind = kind_version.text("kind")?.to_string();
    let entry_version = kind_version.text("version")?.to_string();
    kind_version.finish()?;
    let integrated_time = fields
        .optional_integer("integratedTime")?
        .filter(|seconds| *seconds != 0)
        .map(UnixTime::from_seconds);
    let inclusion_promise = match fields.optional_object("inclusionPromise")? {
        Some(mut promise) => {
            let signature = promise.bytes("signedEntryTimestamp")?;
            promise.finish()?;
            Some(signature)
        }
        None => None,
    };
    let inclusion_proof = fields
        .optional_object("inclusionProof")?
        .map(inclusion_proof)
        .transpose()?;
    let canonicalized_body = fields.bytes("canonicalizedBody")?;
    fields.finish()?;
    match version {
        Version::V01 if inclusion_promise.is_none() => return Err(Error::InclusionPromiseMissing),
        Version::V02 | Version::V03 if inclusion_proof.is_none() => {
            return Err(Error::InclusionProofMissing);
        }
        _ => {}
    }
    Ok(LogEntry {
        log_id: key_id,
        log_index,
        kind,
        version: entry_version,
        integrated_time,
        inclusion_promise,
        inclusion_proof,
        canonicalized_body,
    })
}

fn inclusion_proof(mut fields: Fields<'_>) -> Result<InclusionProof, Error> {
    let log_index = fields.integer("logIndex")?;
    let root_hash = fields.optional_bytes("rootHash")?.unwrap_or_default();
    let tree_size = fields.integer("treeSize")?;
    let hashes = fields
        .array("hashes")?
        .iter()
        .map(|hash| {
            hash.as_str()
                .and_then(crate::encoding::base64::decode)
                .ok_or(Error::FieldMalformed(DOCUMENT, "hashes"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let checkpoint = match fields.optional_object("checkpoint")? {
        Some(mut checkpoint) => {
            let envelope = checkpoint.optional_text("envelope")?.unwrap_or_default();
            checkpoint.finish()?;
            envelope
        }
        None => "",
    };
    fields.finish()?;
    // A proof without a signed head proves nothing.
    if checkpoint.is_empty() {
        return Err(Error::CheckpointMissing);
    }
    Ok(InclusionProof {
        log_index,
        root_hash,
        tree_size,
        hashes,
        checkpoint: checkpoint.to_string(),
    })
}
