//! The form-independent view of a signature with everything that came with it.

use alloc::string::String;
use alloc::vec::Vec;

use super::{legacy, sigstore};
use crate::artifact::ArtifactDigest;
use crate::certificate::Certificate;
use crate::dsse::Envelope;
use crate::error::Error;
use crate::facts::EntityKind;
use crate::json::Map;
use crate::limits::{Limit, Limits};
use crate::tlog::LogEntry;

/// A signature with its verification material, read and well-formed. Nothing in it is trusted yet.
#[derive(Clone, Debug)]
pub struct SignedEntity {
    pub(crate) kind: EntityKind,
    pub(crate) content: Content,
    pub(crate) material: VerificationMaterial,
    pub(crate) log_entries: Vec<LogEntry>,
    /// RFC 3161 responses in DER.
    pub(crate) timestamps: Vec<Vec<u8>>,
}

/// What was signed.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// A signature over an artifact that is elsewhere.
    MessageSignature {
        signature: Vec<u8>,
        /// A hint for finding the artifact: algorithm name and digest. Unauthenticated.
        digest_hint: Option<(String, Vec<u8>)>,
    },
    /// A DSSE envelope, with its bytes as stored where the form keeps them.
    Envelope {
        envelope: Envelope,
        stored: Option<Vec<u8>>,
    },
    /// A simple-signing payload, which names an image, and the signature over it.
    SimpleSigning {
        payload: Vec<u8>,
        /// SHA-256 of the payload.
        digest: ArtifactDigest,
        signature: Vec<u8>,
    },
}

/// With what the signature is to be verified.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each piece of evidence"
)]
#[derive(Clone, Debug)]
pub(crate) enum VerificationMaterial {
    Certificate(Certificate),
    /// A key that is known elsewhere, with the hint that the bundle gives.
    PublicKey {
        hint: String,
    },
}

impl SignedEntity {
    /// Reads a Sigstore bundle (`sigstore_bundle.proto`), media type version 0.1, 0.2 or 0.3.
    ///
    /// # Errors
    /// Whatever is not of that form: see [`Error`], codes `bundle.…`, `json.…`, `limit.…`.
    pub fn from_bundle(json: &[u8], limits: &Limits) -> Result<Self, Error> {
        check_size(json, &Map::new(), limits)?;
        sigstore::read(json, limits)
    }

    /// Reads a layer `application/vnd.dsse.envelope.v1+json` as cosign stores it under
    /// `sha256-….att`, with the annotations of its descriptor.
    ///
    /// # Errors
    /// See [`Error`], codes `legacy-bundle.…`, `dsse.…`, `json.…`, `limit.…`.
    pub fn from_legacy_attestation(
        envelope: &[u8],
        annotations: &Map<String, String>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        check_size(envelope, annotations, limits)?;
        legacy::attestation(envelope, annotations, limits)
    }

    /// Reads a layer `application/vnd.dev.cosign.simplesigning.v1+json` as cosign stores it under
    /// `sha256-….sig`, with the annotations of its descriptor.
    ///
    /// # Errors
    /// See [`Error`], codes `legacy-bundle.…`, `simple-signing.…`, `json.…`, `limit.…`.
    pub fn from_legacy_signature(
        payload: &[u8],
        annotations: &Map<String, String>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        check_size(payload, annotations, limits)?;
        legacy::signature(payload, annotations, limits)
    }

    /// Whether the entity names no certificate, so that a key from elsewhere must verify it.
    pub fn is_keyed(&self) -> bool {
        matches!(self.material, VerificationMaterial::PublicKey { .. })
    }

    /// The form in which it came.
    pub fn kind(&self) -> EntityKind {
        self.kind
    }
}

/// The size of everything that was brought: content, and names and values of annotations.
fn check_size(
    content: &[u8],
    annotations: &Map<String, String>,
    limits: &Limits,
) -> Result<(), Error> {
    let lengths = annotations
        .iter()
        .flat_map(|(name, value)| [name.len(), value.len()]);
    let size = lengths.fold(content.len(), usize::saturating_add);
    if size > limits.evidence_bytes {
        Err(Error::LimitExceeded(Limit::EvidenceBytes))
    } else {
        Ok(())
    }
}
