//! DSSE envelopes (secure-systems-lab/dsse, protocol and envelope).

use serde_json::{Value, json};

use crate::encoding::base64;
use crate::fault::{Fault, Faults};
use crate::json;
use crate::key::KeyPair;

/// The payload type of in-toto statements.
pub const IN_TOTO_PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A payload, its type and the signatures over both.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) signatures: Vec<Vec<u8>>,
}

impl Envelope {
    pub(crate) fn sign(payload: Vec<u8>, key: &KeyPair, faults: &Faults) -> Self {
        let payload_type = if faults.hits(Fault::PayloadTypeOther) {
            "application/vnd.example+json".to_owned()
        } else {
            IN_TOTO_PAYLOAD_TYPE.to_owned()
        };
        let signed_type = if faults.hits(Fault::SignatureOtherPayloadType) {
            "application/json"
        } else {
            &payload_type
        };
        let mut message = pre_authentication_encoding(signed_type, &payload);
        if faults.hits(Fault::SignatureInvalid) {
            message.push(0);
        }
        let signature = key.sign(&message);
        let mut signatures = vec![signature.clone()];
        if faults.hits(Fault::SignatureTwo) {
            signatures.push(signature);
        }
        Self {
            payload_type,
            payload,
            signatures,
        }
    }

    /// As in an envelope file and in a bundle's `dsseEnvelope`.
    pub(crate) fn to_value(&self) -> Value {
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|signature| json!({"sig": base64(signature), "keyid": ""}))
            .collect();
        json!({
            "payloadType": self.payload_type,
            "payload": base64(&self.payload),
            "signatures": signatures,
        })
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        json::canonical(&self.to_value())
    }
}

/// `PAE(type, body)`: what DSSE signs.
pub(crate) fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}
