//! Bodies of log entries: what a log keeps of a signing.

use serde_json::{Value, json};

use crate::Error;
use crate::dsse::pre_authentication_encoding;
use crate::encoding::{base64, hex, pem, sha256};
use crate::fault::{Fault, Faults};
use crate::json;
use crate::key::KeyPair;
use crate::key_details::HashAlgorithm;

/// The type of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// `hashedrekord` 0.0.1: digest, signature and verifier of a message.
    HashedRekordV001,
    /// `dsse` 0.0.1: hashes, signatures and verifiers of an envelope.
    DsseV001,
    /// `intoto` 0.0.1: hashes and verifier of an envelope, no signature. Only in legacy layers.
    IntotoV001,
    /// `intoto` 0.0.2: hashes, signatures and verifiers of an envelope.
    IntotoV002,
    /// `hashedrekord` 0.0.2, of Rekor v2: digest, signature and verifier of a message or of an
    /// envelope's pre-authentication encoding.
    HashedRekordV002,
}

impl EntryKind {
    /// The kind's name.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::HashedRekordV001 | Self::HashedRekordV002 => "hashedrekord",
            Self::DsseV001 => "dsse",
            Self::IntotoV001 | Self::IntotoV002 => "intoto",
        }
    }

    /// The kind's version.
    pub const fn version(self) -> &'static str {
        match self {
            Self::HashedRekordV001 | Self::DsseV001 | Self::IntotoV001 => "0.0.1",
            Self::IntotoV002 | Self::HashedRekordV002 => "0.0.2",
        }
    }

    /// Whether Rekor v2 logs hold such entries, and not Rekor v1 logs.
    pub(crate) const fn is_v2(self) -> bool {
        matches!(self, Self::HashedRekordV002)
    }
}

/// A body with the type that it claims.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) kind: String,
    pub(crate) version: String,
    pub(crate) bytes: Vec<u8>,
}

/// What a signer sends to a log.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub(crate) content: Content,
    pub(crate) signature: Vec<u8>,
    /// Whose signature it is.
    pub(crate) key: KeyPair,
    pub(crate) verifier: Verifier,
}

/// What a log can check the signature with: DER Certificate or SubjectPublicKeyInfo.
#[derive(Clone, Debug)]
pub(crate) enum Verifier {
    Certificate(Vec<u8>),
    PublicKey(Vec<u8>),
}

impl Verifier {
    /// Base64 of PEM, as in Rekor v1 bodies.
    fn base64_pem(&self) -> String {
        base64(match self {
            Self::Certificate(der) => pem("CERTIFICATE", der),
            Self::PublicKey(der) => pem("PUBLIC KEY", der),
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Message {
        hash: HashAlgorithm,
        digest: Vec<u8>,
    },
    Envelope {
        payload_type: String,
        payload: Vec<u8>,
        /// The whole envelope as sent.
        json: Vec<u8>,
    },
}

impl Submission {
    /// The body of an entry of type `kind`.
    pub(crate) fn body(&self, kind: EntryKind, faults: &Faults) -> Result<Body, Error> {
        let spec = match (kind, &self.content) {
            (EntryKind::HashedRekordV001, Content::Message { hash, digest }) => {
                self.hashed_rekord_v001(*hash, digest, faults)
            }
            (EntryKind::DsseV001, Content::Envelope { payload, json, .. }) => {
                self.dsse_v001(payload, json, faults)
            }
            (EntryKind::IntotoV001, Content::Envelope { payload, json, .. }) => json!({
                "content": hashes(payload, json, faults),
                "publicKey": self.verifier.base64_pem(),
            }),
            (EntryKind::IntotoV002, Content::Envelope { .. }) => self.intoto_v002(faults),
            (EntryKind::HashedRekordV002, content) => self.hashed_rekord_v002(content, faults),
            _ => return Err(Error::EntryKindNotApplicable(kind)),
        };
        Ok(finish(kind, spec, faults))
    }

    fn signature(&self, faults: &Faults) -> Vec<u8> {
        if faults.hits(Fault::BodyOtherSignature) {
            self.key.sign(b"another message")
        } else {
            self.signature.clone()
        }
    }

    fn hashed_rekord_v001(&self, hash: HashAlgorithm, digest: &[u8], faults: &Faults) -> Value {
        let mut digest = digest.to_vec();
        if faults.hits(Fault::BodyOtherArtifact) {
            digest = hash.digest(b"another artifact");
        }
        json!({
            "data": {"hash": {"algorithm": hash.short_name(), "value": hex(digest)}},
            "signature": {
                "content": base64(self.signature(faults)),
                "publicKey": {"content": self.verifier.base64_pem()},
            },
        })
    }

    fn hashed_rekord_v002(&self, content: &Content, faults: &Faults) -> Value {
        let details = self.key.details();
        let (hash, digest) = match content {
            Content::Message { hash, .. } if faults.hits(Fault::BodyOtherArtifact) => {
                (*hash, hash.digest(b"another artifact"))
            }
            Content::Message { hash, digest } => (*hash, digest.clone()),
            Content::Envelope {
                payload_type,
                payload,
                ..
            } => {
                let mut payload = payload.as_slice();
                if faults.hits(Fault::BodyOtherPayload) {
                    payload = b"another payload";
                }
                let message = pre_authentication_encoding(payload_type, payload);
                (details.hash(), details.hash().digest(&message))
            }
        };
        let mut key_details = details.name();
        if faults.hits(Fault::BodyOtherKeyDetails) {
            key_details = "PKIX_RSA_PKCS1V15_4096_SHA256";
        }
        let mut verifier = json!({ "keyDetails": key_details });
        match &self.verifier {
            Verifier::Certificate(der) => {
                verifier["x509Certificate"] = json!({"rawBytes": base64(der)});
            }
            Verifier::PublicKey(der) => verifier["publicKey"] = json!({"rawBytes": base64(der)}),
        }
        json!({
            "hashedRekordV002": {
                "data": {"algorithm": hash.name(), "digest": base64(digest)},
                "signature": {
                    "content": base64(self.signature(faults)),
                    "verifier": verifier,
                },
            },
        })
    }

    fn dsse_v001(&self, payload: &[u8], json: &[u8], faults: &Faults) -> Value {
        let hashes = hashes(payload, json, faults);
        let signature = json!({
            "signature": base64(self.signature(faults)),
            "verifier": self.verifier.base64_pem(),
        });
        json!({
            "envelopeHash": hashes["hash"],
            "payloadHash": hashes["payloadHash"],
            "signatures": repeat(signature, faults),
        })
    }

    fn intoto_v002(&self, faults: &Faults) -> Value {
        let Content::Envelope {
            payload_type,
            payload,
            json,
        } = &self.content
        else {
            return Value::Null;
        };
        // The signature's base64 text is itself base64-encoded.
        let signature = json!({
            "sig": base64(base64(self.signature(faults))),
            "publicKey": self.verifier.base64_pem(),
        });
        let mut content = hashes(payload, json, faults);
        content["envelope"] = json!({
            "payloadType": payload_type,
            "signatures": repeat(signature, faults),
        });
        json!({ "content": content })
    }
}

/// `hash` of the envelope and `payloadHash`.
fn hashes(payload: &[u8], envelope: &[u8], faults: &Faults) -> Value {
    let mut payload_hash = sha256(payload);
    if faults.hits(Fault::BodyOtherPayload) {
        payload_hash = sha256(b"another payload");
    }
    let mut envelope_hash = sha256(envelope);
    if faults.hits(Fault::BodyOtherEnvelope) {
        envelope_hash = sha256(b"another envelope");
    }
    json!({
        "hash": {"algorithm": "sha256", "value": hex(envelope_hash)},
        "payloadHash": {"algorithm": "sha256", "value": hex(payload_hash)},
    })
}

fn repeat(signature: Value, faults: &Faults) -> Vec<Value> {
    if faults.hits(Fault::BodySignatureTwo) {
        vec![signature.clone(), signature]
    } else {
        vec![signature]
    }
}

fn finish(kind: EntryKind, spec: Value, faults: &Faults) -> Body {
    let mut body = Body {
        kind: kind.kind().to_owned(),
        version: kind.version().to_owned(),
        bytes: Vec::new(),
    };
    if faults.hits(Fault::BodyKindUnknown) {
        body.kind = "unheardof".to_owned();
    }
    if faults.hits(Fault::BodyVersionUnknown) {
        body.version = "9.9.9".to_owned();
    }
    body.bytes = json::canonical(&json!({
        "apiVersion": body.version,
        "kind": body.kind,
        "spec": spec,
    }));
    if faults.hits(Fault::BodyMalformed) {
        body.bytes.pop();
    }
    body
}
