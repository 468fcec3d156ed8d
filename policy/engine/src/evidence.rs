//! What a host brings for an image. All of it is untrusted.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::{ArtifactDigest, Facts, Limits, SignedEntity, Subject, UnixTime, Verifier};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::limits::Limit;

/// Media types of Sigstore bundles begin with this; the version follows, before or after `+json`.
const BUNDLE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";
const LEGACY_ATTESTATION: &str = "application/vnd.dsse.envelope.v1+json";
const LEGACY_SIGNATURE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// One piece of evidence, exactly as the registry stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI builds it field by field"
)]
pub struct Evidence {
    /// Media type of the blob or layer.
    pub media_type: String,
    /// The bytes, unchanged.
    pub content: Vec<u8>,
    /// Annotations of the layer's descriptor. Unauthenticated.
    pub annotations: BTreeMap<String, String>,
}

/// What the host brought for one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI builds it field by field"
)]
pub struct ImageEvidence {
    /// The reference, as [`crate::CompiledPolicy::images`] returned it.
    pub reference: String,
    /// The digest, as [`crate::CompiledPolicy::images`] returned it or as the host resolved it.
    pub digest: String,
    /// The evidence. An empty list says: looked for, and there is none.
    pub evidence: Vec<Evidence>,
    /// Set when evidence could not be brought: why, for people.
    pub unavailable: Option<String>,
}

/// The evidence of one image in an order that does not depend on how the host brought it. Every
/// piece is read once and verified once by every verifier that is asked about it.
#[derive(Debug)]
pub(crate) struct Pieces<'e> {
    pieces: Vec<Piece<'e>>,
    artifact: &'e ArtifactDigest,
    now: UnixTime,
}

#[derive(Debug)]
struct Piece<'e> {
    sha256: [u8; 32],
    evidence: &'e Evidence,
    entity: Option<Result<SignedEntity, Failure>>,
    /// By the index of the verifier.
    results: BTreeMap<usize, Result<Facts, Failure>>,
    /// By the index of the verifier and the commit that was asked about.
    of_commits: BTreeMap<(usize, String), Result<Facts, Failure>>,
}

impl<'e> Pieces<'e> {
    /// Sorts the evidence and drops pieces that were brought twice.
    ///
    /// # Errors
    /// More pieces than [`Limit::EvidencePieces`].
    pub(crate) fn new(
        evidence: impl Iterator<Item = &'e Evidence>,
        artifact: &'e ArtifactDigest,
        now: UnixTime,
    ) -> Result<Self, Limit> {
        let mut pieces: Vec<Piece<'e>> = Vec::new();
        for (count, evidence) in evidence.enumerate() {
            if count == Limit::EvidencePieces.value() {
                return Err(Limit::EvidencePieces);
            }
            let piece = Piece {
                sha256: Sha256::digest(&evidence.content).into(),
                evidence,
                entity: None,
                results: BTreeMap::new(),
                of_commits: BTreeMap::new(),
            };
            let place = pieces.binary_search_by(|other| other.key().cmp(&piece.key()));
            if let Err(place) = place {
                pieces.insert(place, piece);
            }
        }
        Ok(Self {
            pieces,
            artifact,
            now,
        })
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The time of the decision.
    pub(crate) fn now(&self) -> UnixTime {
        self.now
    }

    /// SHA-256 of a piece and its media type.
    pub(crate) fn describe(&self, piece: usize) -> Option<(&[u8; 32], &str)> {
        let piece = self.pieces.get(piece)?;
        Some((&piece.sha256, &piece.evidence.media_type))
    }

    /// What the verifier proves about a piece; `None` when there is no such piece.
    pub(crate) fn facts(
        &mut self,
        piece: usize,
        verifier: usize,
        verifiers: &[Verifier],
    ) -> Option<Result<&Facts, Failure>> {
        let (artifact, now) = (self.artifact, self.now);
        let piece = self.pieces.get_mut(piece)?;
        let prepared = verifiers.get(verifier)?;
        let entity = piece.entity.get_or_insert_with(|| read(piece.evidence));
        let result = piece
            .results
            .entry(verifier)
            .or_insert_with(|| match entity {
                Ok(entity) => prepared
                    .verify(entity, artifact, now)
                    .map_err(Failure::Verification),
                Err(failure) => Err(failure.clone()),
            });
        Some(result.as_ref().map_err(Clone::clone))
    }
}

impl Pieces<'_> {
    /// What the verifier proves about a piece that must be about a commit; `None` when there is no
    /// such piece.
    pub(crate) fn commit_facts(
        &mut self,
        piece: usize,
        verifier: usize,
        verifiers: &[Verifier],
        commit: &str,
    ) -> Option<Result<&Facts, Failure>> {
        let now = self.now;
        let piece = self.pieces.get_mut(piece)?;
        let prepared = verifiers.get(verifier)?;
        let entity = piece.entity.get_or_insert_with(|| read(piece.evidence));
        let result = piece
            .of_commits
            .entry((verifier, commit.to_string()))
            .or_insert_with(|| match entity {
                Ok(entity) => prepared
                    .verify_subject(entity, &Subject::GitCommit(commit), now)
                    .map_err(Failure::Verification),
                Err(failure) => Err(failure.clone()),
            });
        Some(result.as_ref().map_err(Clone::clone))
    }
}

impl Piece<'_> {
    /// Pieces with the same bytes differ by what stands beside them.
    fn key(&self) -> (&[u8; 32], &str, &BTreeMap<String, String>) {
        (
            &self.sha256,
            &self.evidence.media_type,
            &self.evidence.annotations,
        )
    }
}

/// Reads a piece as its media type says. The media type is a hint of the host: whatever it makes of
/// the bytes must still prove itself.
fn read(evidence: &Evidence) -> Result<SignedEntity, Failure> {
    let limits = Limits::default();
    let entity = match evidence.media_type.as_str() {
        bundle if bundle.starts_with(BUNDLE_PREFIX) => {
            SignedEntity::from_bundle(&evidence.content, &limits)
        }
        LEGACY_ATTESTATION => {
            SignedEntity::from_legacy_attestation(&evidence.content, &evidence.annotations, &limits)
        }
        LEGACY_SIGNATURE => {
            SignedEntity::from_legacy_signature(&evidence.content, &evidence.annotations, &limits)
        }
        _ => return Err(Failure::MediaTypeUnknown),
    };
    entity.map_err(Failure::Verification)
}
