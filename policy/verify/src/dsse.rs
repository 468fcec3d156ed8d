//! DSSE envelopes.
//!
//! Follows <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md> and `Envelope` of
//! protobuf-specs. What is signed is the pre-authentication encoding of the envelope's own payload type
//! and its exact payload bytes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::crypto::{Hash, Message};
use crate::error::Error;
use crate::json::Fields;

/// The payload type of in-toto statements.
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// An envelope with its one signature.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) key_id: String,
}

impl Envelope {
    /// Reads an envelope. Exactly one signature is demanded, as by protobuf-specs.
    pub(crate) fn from_fields(mut fields: Fields<'_>) -> Result<Self, Error> {
        let payload_type = fields.text("payloadType")?.to_string();
        let payload = fields.bytes("payload")?;
        let signatures = fields.array("signatures")?;
        let [signature] = signatures else {
            return Err(Error::DsseSignatureCount {
                count: signatures.len(),
            });
        };
        let mut signature = fields.within(signature)?;
        let envelope = Self {
            payload_type,
            payload,
            signature: signature.bytes("sig")?,
            key_id: signature
                .optional_text("keyid")?
                .unwrap_or_default()
                .to_string(),
        };
        // cosign 1 wrote the signer's certificate here; it is not read.
        signature.optional("cert");
        signature.finish()?;
        fields.finish()?;
        Ok(envelope)
    }

    /// The parts of `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`.
    fn encode<T>(&self, use_parts: impl FnOnce(&[&[u8]]) -> T) -> T {
        let type_length = self.payload_type.len().to_string();
        let body_length = self.payload.len().to_string();
        use_parts(&[
            b"DSSEv1 ",
            type_length.as_bytes(),
            b" ",
            self.payload_type.as_bytes(),
            b" ",
            body_length.as_bytes(),
            b" ",
            &self.payload,
        ])
    }

    /// Calls `verify` with the message that was signed.
    pub(crate) fn with_message<T>(&self, verify: impl FnOnce(Message<'_>) -> T) -> T {
        self.encode(|parts| verify(Message::Parts(parts)))
    }

    /// The digest of the message that was signed.
    pub(crate) fn message_digest(&self, hash: Hash) -> Vec<u8> {
        self.encode(|parts| hash.digest(parts))
    }
}
