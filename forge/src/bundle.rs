//! Sigstore bundles (protobuf-specs `sigstore_bundle.proto`) in proto-JSON.

use serde_json::{Value, json};

use crate::encoding::base64;
use crate::evidence::{BUNDLE_V03_MEDIA_TYPE, Evidence};
use crate::fault::{Fault, Faults};
use crate::json;
use crate::rekor::{InclusionProof, LogEntry};
use crate::witness::Witnessed;

/// The version of a bundle's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BundleVersion {
    /// `application/vnd.dev.sigstore.bundle+json;version=0.1`: certificate chain, promises and no
    /// proofs.
    V01,
    /// `application/vnd.dev.sigstore.bundle+json;version=0.2`: certificate chain, promises and
    /// proofs.
    V02,
    /// `application/vnd.dev.sigstore.bundle.v0.3+json`: one certificate, promises and proofs.
    V03,
}

impl BundleVersion {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::V01 => "application/vnd.dev.sigstore.bundle+json;version=0.1",
            Self::V02 => "application/vnd.dev.sigstore.bundle+json;version=0.2",
            Self::V03 => BUNDLE_V03_MEDIA_TYPE,
        }
    }
}

/// The parts of a bundle.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) version: BundleVersion,
    pub(crate) material: Material<'a>,
    pub(crate) witnessed: &'a Witnessed,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Material<'a> {
    /// `hint`.
    PublicKey(String),
    Certificate {
        leaf: &'a [u8],
        /// What goes into a chain after the leaf.
        chain: Vec<&'a [u8]>,
        root: &'a [u8],
    },
}

#[derive(Debug)]
pub(crate) enum Content {
    /// `messageSignature`.
    Message(Value),
    /// `dsseEnvelope`.
    Envelope(Value),
}

/// Writes a bundle.
pub(crate) fn encode(parts: &Parts<'_>, faults: &Faults) -> Evidence {
    let mut media_type = parts.version.media_type();
    if faults.hits(Fault::BundleMediaTypeUnknown) {
        media_type = "application/vnd.dev.sigstore.bundle+json;version=99.9";
    }
    let mut bundle = json!({
        "mediaType": media_type,
        "verificationMaterial": verification_material(parts, faults),
    });
    let (name, other, content) = match &parts.content {
        Content::Message(signature) => ("messageSignature", "dsseEnvelope", signature),
        Content::Envelope(envelope) => ("dsseEnvelope", "messageSignature", envelope),
    };
    bundle[name] = content.clone();
    if faults.hits(Fault::BundleContentTwo) {
        bundle[other] = match &parts.content {
            Content::Message(_) => {
                json!({"payload": "", "payloadType": "", "signatures": [{"sig": "", "keyid": ""}]})
            }
            Content::Envelope(_) => json!({"signature": content["signatures"][0]["sig"]}),
        };
    }
    if faults.hits(Fault::BundleFieldUnknown) {
        bundle["unheardOf"] = json!(true);
    }
    let mut content = json::canonical(&bundle);
    if faults.hits(Fault::BundleFieldDuplicate) {
        let field = format!("{{\"mediaType\":\"{media_type}\",");
        content = [field.as_bytes(), &content[1..]].concat();
    }
    if faults.hits(Fault::BundleTruncated) {
        content.truncate(content.len() / 2);
    }
    Evidence {
        media_type: media_type.to_owned(),
        content,
        annotations: [].into(),
    }
}

fn verification_material(parts: &Parts<'_>, faults: &Faults) -> Value {
    let entries: Vec<Value> = parts
        .witnessed
        .entries
        .iter()
        .map(|entry| log_entry(entry, faults))
        .collect();
    let mut material = json!({ "tlogEntries": entries });
    if !parts.witnessed.timestamps.is_empty() {
        let timestamps: Vec<Value> = parts
            .witnessed
            .timestamps
            .iter()
            .map(|timestamp| json!({"signedTimestamp": base64(timestamp)}))
            .collect();
        material["timestampVerificationData"] = json!({ "rfc3161Timestamps": timestamps });
    }
    if faults.hits(Fault::BundleVerificationMaterialMissing) {
        return material;
    }
    match &parts.material {
        Material::PublicKey(hint) => material["publicKey"] = json!({ "hint": hint }),
        Material::Certificate { leaf, chain, root } => {
            certificates(parts.version, leaf, chain, root, &mut material, faults);
        }
    }
    material
}

fn certificates(
    version: BundleVersion,
    leaf: &[u8],
    chain: &[&[u8]],
    root: &[u8],
    material: &mut Value,
    faults: &Faults,
) {
    let raw = |der: &[u8]| json!({"rawBytes": base64(der)});
    let root_only = faults.hits(Fault::BundleRootCertificateOnly);
    let leaf = if root_only { root } else { leaf };
    if version == BundleVersion::V03 && !faults.hits(Fault::BundleChainForbidden) {
        material["certificate"] = raw(leaf);
        return;
    }
    let mut certificates = vec![raw(leaf)];
    if !root_only {
        certificates.extend(chain.iter().map(|der| raw(der)));
    }
    if version != BundleVersion::V03 {
        if faults.hits(Fault::BundleChainWithRoot) {
            certificates.push(raw(root));
        }
        if faults.hits(Fault::BundleChainEmpty) {
            certificates.clear();
        }
    }
    material["x509CertificateChain"] = json!({ "certificates": certificates });
}

/// `TransparencyLogEntry` (`sigstore_rekor.proto`).
fn log_entry(entry: &LogEntry, faults: &Faults) -> Value {
    let mut kind_version = json!({"kind": entry.body.kind, "version": entry.body.version});
    if faults.hits(Fault::BodyKindVersionMismatch) {
        kind_version["version"] = json!("0.0.3");
    }
    let mut value = json!({
        "logIndex": entry.log_index.to_string(),
        "logId": {"keyId": base64(entry.log_id)},
        "kindVersion": kind_version,
        "canonicalizedBody": base64(&entry.body.bytes),
    });
    if let Some(time) = entry.integrated_time {
        value["integratedTime"] = json!(time.seconds().to_string());
    }
    if let Some(timestamp) = &entry.signed_entry_timestamp {
        value["inclusionPromise"] = json!({"signedEntryTimestamp": base64(timestamp)});
    }
    if let Some(proof) = &entry.proof {
        value["inclusionProof"] = inclusion_proof(proof);
    }
    value
}

fn inclusion_proof(proof: &InclusionProof) -> Value {
    let hashes: Vec<String> = proof.hashes.iter().map(base64).collect();
    let mut value = json!({
        "logIndex": proof.log_index.to_string(),
        "treeSize": proof.tree_size.to_string(),
        "rootHash": base64(proof.root_hash),
        "hashes": hashes,
    });
    if let Some(checkpoint) = &proof.checkpoint {
        value["checkpoint"] = json!({ "envelope": checkpoint });
    }
    value
}
