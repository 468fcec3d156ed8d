//! DSSE envelopes.
//!
//! Follows <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md> and `Envelope` of
//! protobuf-specs. What is signed is the pre-authentication encoding of the envelope's own payload type
//! and its exact payload bytes.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use once_cell::race::OnceBox;

use crate::crypto::{Budget, Hash, Message, PublicKey, sha256};
use crate::encoding::base64;
use crate::error::Error;
use crate::json::{Fields, parse};
use crate::limits::Limits;
use crate::statement::Statement;

/// The payload type of in-toto statements.
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// The member that is left out when an envelope is read as JSON.
pub(crate) const PAYLOAD: &str = "payload";

/// An envelope with its one signature.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) payload_type: String,
    /// Shared with what is read of it: nothing large is copied.
    pub(crate) payload: Arc<Vec<u8>>,
    pub(crate) signature: Vec<u8>,
    pub(crate) key_id: String,
    /// SHA-256 of the payload and of the message, once they were asked for.
    hashes: [OnceBox<[u8; 32]>; 2],
    /// What the payload says, once it was read.
    statement: OnceBox<Result<Statement, Error>>,
}

impl Envelope {
    /// Reads an envelope whose payload was left out; `payload` is its text. Exactly one signature is
    /// demanded, as by protobuf-specs.
    pub(crate) fn from_fields(
        mut fields: Fields<'_>,
        payload: Option<&[u8]>,
    ) -> Result<Self, Error> {
        let payload_type = fields.text("payloadType")?.to_string();
        fields.optional(PAYLOAD);
        let missing = Error::FieldMissing(fields.document(), PAYLOAD);
        let payload = match payload {
            None | Some(b"null") => return Err(missing),
            Some(text) => decode(text).ok_or(fields.malformed(PAYLOAD))?,
        };
        if payload.is_empty() {
            return Err(missing);
        }
        let signatures = fields.array("signatures")?;
        let [signature] = signatures else {
            return Err(Error::DsseSignatureCount {
                count: signatures.len(),
            });
        };
        let mut signature = fields.within(signature)?;
        let bytes = signature.bytes("sig")?;
        let key_id = signature.optional_text("keyid")?.unwrap_or_default();
        let envelope = Self::new(payload_type, payload, bytes, key_id.to_string());
        // cosign 1 wrote the signer's certificate here; it is not read.
        signature.optional("cert");
        signature.finish()?;
        fields.finish()?;
        Ok(envelope)
    }

    pub(crate) fn new(
        payload_type: String,
        payload: Vec<u8>,
        signature: Vec<u8>,
        key_id: String,
    ) -> Self {
        Self {
            payload_type,
            payload: Arc::new(payload),
            signature,
            key_id,
            hashes: [OnceBox::new(), OnceBox::new()],
            statement: OnceBox::new(),
        }
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

    /// Whether the key made the signature.
    pub(crate) fn is_signed_by(&self, key: &PublicKey, budget: &mut Budget) -> Result<bool, Error> {
        for scheme in key.artifact_schemes() {
            let valid = if scheme.hash() == Some(Hash::Sha256) {
                let digest = self.message_sha256();
                let message = Message::Digest(Hash::Sha256, digest);
                key.verify(*scheme, message, &self.signature, budget)?
            } else {
                self.encode(|parts| {
                    key.verify(*scheme, Message::Parts(parts), &self.signature, budget)
                })?
            };
            if valid {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The digest of the message that was signed.
    pub(crate) fn message_digest(&self, hash: Hash) -> Vec<u8> {
        match hash {
            Hash::Sha256 => self.message_sha256().to_vec(),
            _ => self.encode(|parts| hash.digest(parts)),
        }
    }

    /// The payload as statement, whatever its type says.
    pub(crate) fn statement(&self, limits: &Limits) -> Result<&Statement, Error> {
        let read = || Box::new(Statement::from_payload(&self.payload, limits));
        self.statement
            .get_or_init(read)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// SHA-256 of the payload.
    pub(crate) fn payload_sha256(&self) -> &[u8; 32] {
        let [hash, _] = &self.hashes;
        hash.get_or_init(|| Box::new(sha256(&[&self.payload])))
    }

    fn message_sha256(&self) -> &[u8; 32] {
        let [_, hash] = &self.hashes;
        hash.get_or_init(|| Box::new(self.encode(sha256)))
    }
}

/// What the text of a JSON string encodes in base64. Only one with escapes is copied before.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if inner.contains(&b'\\') {
        return base64::decode(parse(text, 0).ok()?.as_str()?);
    }
    base64::decode(core::str::from_utf8(inner).ok()?)
}
