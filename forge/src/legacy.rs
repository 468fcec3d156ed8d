//! Layers as cosign stored them before bundles: evidence split over a blob and its annotations.

use alloc::collections::BTreeMap;

use serde_json::{Value, json};

use crate::encoding::{base64, hex};
use crate::fault::{Fault, Faults};
use crate::json;
use crate::leaf::Leaf;
use crate::rekor::LogEntry;
use crate::statement::{break_json, flip_hex};
use crate::time::UnixTime;
use crate::witness::Witnessed;

/// The annotations of a layer. `signature` is empty for attestations, whose blob holds it.
pub(crate) fn annotations(
    signature: String,
    certificate: Option<(&Leaf, String)>,
    witnessed: &Witnessed,
    faults: &Faults,
) -> BTreeMap<String, String> {
    let mut annotations =
        BTreeMap::from([("dev.cosignproject.cosign/signature".to_owned(), signature)]);
    if let Some((leaf, chain)) = certificate
        && !faults.hits(Fault::BundleVerificationMaterialMissing)
    {
        annotations.insert(
            "dev.sigstore.cosign/certificate".to_owned(),
            leaf.certificate_pem(),
        );
        annotations.insert("dev.sigstore.cosign/chain".to_owned(), chain);
    }
    if let Some(entry) = witnessed.entries.first() {
        let mut bundle = json::canonical(&bundle(entry));
        if faults.hits(Fault::BundleTruncated) {
            bundle.truncate(bundle.len() / 2);
        }
        annotations.insert(
            "dev.sigstore.cosign/bundle".to_owned(),
            String::from_utf8_lossy(&bundle).into_owned(),
        );
    }
    if let Some(timestamp) = witnessed.timestamps.first() {
        let timestamp = json!({"SignedRFC3161Timestamp": base64(timestamp)});
        annotations.insert(
            "dev.sigstore.cosign/rfc3161timestamp".to_owned(),
            String::from_utf8_lossy(&json::canonical(&timestamp)).into_owned(),
        );
    }
    annotations
}

/// The `RekorBundle` of cosign.
fn bundle(entry: &LogEntry) -> Value {
    json!({
        "SignedEntryTimestamp":
            entry.signed_entry_timestamp.as_ref().map_or_else(String::new, base64),
        "Payload": {
            "body": base64(&entry.body.bytes),
            "integratedTime": entry.integrated_time.map(UnixTime::seconds),
            "logIndex": entry.log_index,
            "logID": hex(entry.log_id),
        },
    })
}

/// The simple-signing payload for an image.
pub(crate) fn simple_signing(
    reference: &str,
    digest: &str,
    signed: &BTreeMap<String, String>,
    faults: &Faults,
) -> Vec<u8> {
    let mut digest = digest.to_owned();
    if faults.hits(Fault::SubjectOtherDigest) {
        flip_hex(&mut digest);
    }
    let mut kind = "cosign container image signature";
    if faults.hits(Fault::StatementTypeUnknown) {
        kind = "another signature";
    }
    let mut payload = json::canonical(&json!({
        "critical": {
            "identity": {"docker-reference": reference},
            "image": {"docker-manifest-digest": digest},
            "type": kind,
        },
        "optional": (!signed.is_empty()).then_some(signed),
    }));
    break_json(&mut payload, faults);
    payload
}
