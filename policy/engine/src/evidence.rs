//! What a host brings for an image. All of it is untrusted.

mod document;
mod envelope;
#[cfg(test)]
mod tests;

pub(crate) use document::{read_array, read_bundle, read_carried_image, read_image};

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::AttestationManifestError;
use sealstone_verify::json::Map;
use sealstone_verify::{
    ArtifactDigest, EntityKind, Facts, Limits, SignedEntity, Subject, UnixTime, Verifier,
};
use sha2::{Digest as _, Sha256};

use crate::attestation_manifest::{self, Parts};
use crate::failure::Failure;
use crate::limits::Limit;
use crate::rules::Meeting;
use crate::work::Work;

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
    pub annotations: Map<String, String>,
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
    /// What evidence may be about.
    artifacts: Vec<ArtifactDigest>,
    /// Statements without a signature of their own, in manifests that may have one.
    parts: Parts<'e>,
    /// By the index of a rule and the one artifact that was asked about: what meets the rule.
    meetings: Vec<(usize, Option<ArtifactDigest>, Vec<Meeting>)>,
    now: UnixTime,
    work: &'e Work,
    limits: Limits,
}

#[derive(Debug)]
struct Piece<'e> {
    sha256: [u8; 32],
    evidence: &'e Evidence,
    entity: Option<Result<SignedEntity, Failure>>,
    /// By the index of the verifier.
    results: Map<usize, Result<Facts, Failure>>,
    /// By the index of the verifier and the commit that was asked about.
    of_commits: Map<(usize, String), Result<Facts, Failure>>,
    /// By the indices of the verifier and the statement: what its signature over the manifest
    /// proves of the statement.
    of_statements: Map<(usize, usize), Option<Facts>>,
}

impl<'e> Pieces<'e> {
    /// Sorts the evidence and drops pieces that were brought twice.
    ///
    /// # Errors
    /// More pieces than [`Limit::EvidencePieces`], more statements than
    /// [`Limit::ManifestStatements`].
    pub(crate) fn new(
        evidence: impl Iterator<Item = &'e Evidence>,
        artifacts: Vec<ArtifactDigest>,
        (now, work): (UnixTime, &'e Work),
        limits: &Limits,
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
                results: Map::new(),
                of_commits: Map::new(),
                of_statements: Map::new(),
            };
            let place = pieces.binary_search_by(|other| other.key().cmp(&piece.key()));
            if let Err(place) = place {
                pieces.insert(place, piece);
            }
        }
        let brought: Vec<&Evidence> = pieces.iter().map(|piece| piece.evidence).collect();
        let parts = Parts::read(&brought, &artifacts)?;
        pieces.retain(|piece| !attestation_manifest::is_part(piece.evidence));
        Ok(Self {
            pieces,
            artifacts,
            parts,
            meetings: Vec::new(),
            now,
            work,
            limits: limits.clone(),
        })
    }

    /// How many pieces there are: those that sign for themselves, and each statement in a manifest
    /// with each piece that may sign the manifest.
    pub(crate) fn len(&self) -> usize {
        let pairs = self
            .parts
            .statements
            .len()
            .saturating_mul(self.pieces.len());
        self.pieces.len().saturating_add(pairs)
    }

    /// Attestation manifests and statements in them that do not count, and why.
    pub(crate) fn refused(&self) -> &[(&'e Evidence, AttestationManifestError)] {
        &self.parts.refused
    }

    /// The time of the decision.
    pub(crate) fn now(&self) -> UnixTime {
        self.now
    }

    /// What evidence may be about.
    pub(crate) fn artifacts(&self) -> &[ArtifactDigest] {
        &self.artifacts
    }

    /// What meets a rule, if that was found out before.
    pub(crate) fn meeting(
        &self,
        rule: usize,
        about: Option<&ArtifactDigest>,
    ) -> Option<Vec<Meeting>> {
        let mut known = self.meetings.iter();
        let known = known.find(|(of, artifact, _)| *of == rule && artifact.as_ref() == about);
        known.map(|(_, _, found)| found.clone())
    }

    /// Keeps what meets a rule.
    pub(crate) fn keep_meeting(
        &mut self,
        rule: usize,
        about: Option<&ArtifactDigest>,
        found: Vec<Meeting>,
    ) {
        self.meetings.push((rule, about.cloned(), found));
    }

    /// By which SHA-256 a piece may be named: that of its bytes, and in a bundle that of its envelope.
    pub(crate) fn digests(&self, piece: usize) -> impl Iterator<Item = [u8; 32]> {
        let sha256 = self.describe(piece).map(|(sha256, _)| *sha256);
        let bundle = self.pieces.get(piece).map(|piece| piece.evidence);
        let bundle = bundle.filter(|piece| piece.media_type.starts_with(BUNDLE_PREFIX));
        let envelope = bundle.and_then(|piece| envelope::of_bundle(&piece.content));
        let envelope = envelope.map(|envelope| Sha256::digest(envelope).into());
        sha256.into_iter().chain(envelope)
    }

    /// What may be spent on the request.
    #[cfg(feature = "rego")]
    pub(crate) fn work(&self) -> &'e Work {
        self.work
    }

    /// SHA-256 of a piece and its media type.
    pub(crate) fn describe(&self, piece: usize) -> Option<(&[u8; 32], &str)> {
        match self.pair(piece) {
            Some((_, statement)) => {
                let statement = self.parts.statements.get(statement)?;
                Some((&statement.sha256, &statement.evidence.media_type))
            }
            None => {
                let piece = self.pieces.get(piece)?;
                Some((&piece.sha256, &piece.evidence.media_type))
            }
        }
    }

    /// Has the verifier prove a piece, unless it was asked before.
    pub(crate) fn prove(&mut self, piece: usize, verifier: usize, verifiers: &[Verifier]) {
        let Some(prepared) = verifiers.get(verifier) else {
            return;
        };
        if let Some((piece, statement)) = self.pair(piece) {
            self.prove_statement(piece, statement, verifier, prepared);
            return;
        }
        let subject = Subject::Artifacts(&self.artifacts);
        if let Some(piece) = self.pieces.get_mut(piece) {
            let entity = piece
                .entity
                .get_or_insert_with(|| read(piece.evidence, &self.limits));
            piece.results.get_or_insert_with(verifier, || {
                verify(prepared, entity, &subject, (self.now, self.work))
            });
        }
    }

    /// What the verifier proved about a piece; `None` when it was not asked, when there is no such
    /// piece, or when it does not sign the manifest of the statement that it is paired with.
    pub(crate) fn proved(&self, piece: usize, verifier: usize) -> Option<Result<&Facts, Failure>> {
        if let Some((piece, statement)) = self.pair(piece) {
            let piece = self.pieces.get(piece)?;
            let facts = piece.of_statements.get(&(verifier, statement))?;
            return facts.as_ref().map(Ok);
        }
        let result = self.pieces.get(piece)?.results.get(&verifier)?;
        Some(result.as_ref().map_err(Clone::clone))
    }

    /// What the verifier proves about a piece that must be about a commit; `None` when there is no
    /// such piece.
    pub(crate) fn commit_facts(
        &mut self,
        piece: usize,
        verifier: usize,
        verifiers: &[Verifier],
        commit: &str,
    ) -> Option<Result<&Facts, Failure>> {
        let piece = self.pieces.get_mut(piece)?;
        let prepared = verifiers.get(verifier)?;
        let entity = piece
            .entity
            .get_or_insert_with(|| read(piece.evidence, &self.limits));
        let subject = Subject::GitCommit(commit);
        let result = piece
            .of_commits
            .get_or_insert_with((verifier, commit.to_string()), || {
                verify(prepared, entity, &subject, (self.now, self.work))
            });
        Some(result.as_ref().map_err(Clone::clone))
    }

    /// The piece and the statement that a number beyond the pieces stands for.
    fn pair(&self, number: usize) -> Option<(usize, usize)> {
        let number = number.checked_sub(self.pieces.len())?;
        let statement = number.checked_div(self.pieces.len())?;
        Some((number.checked_rem(self.pieces.len())?, statement))
    }

    /// Keeps what a signature over a manifest proves about a statement in it.
    fn prove_statement(
        &mut self,
        piece: usize,
        statement: usize,
        verifier: usize,
        prepared: &Verifier,
    ) {
        let (Some(found), Some(piece)) = (
            self.parts.statements.get(statement),
            self.pieces.get_mut(piece),
        ) else {
            return;
        };
        let entity = piece
            .entity
            .get_or_insert_with(|| read(piece.evidence, &self.limits));
        let manifest = core::slice::from_ref(&found.manifest);
        piece
            .of_statements
            .get_or_insert_with((verifier, statement), || {
                let subject = Subject::Artifacts(manifest);
                let mut facts = verify(prepared, entity, &subject, (self.now, self.work)).ok()?;
                if !is_signature(&facts) {
                    return None;
                }
                facts.statement = Some(found.statement.clone());
                Some(facts)
            });
    }
}

/// The predicate type of image signatures that cosign stores as bundles.
pub(crate) const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// Whether the piece is a signature over its artifact. An attestation is not: it says something
/// about the artifact, and what it says may be that the artifact is bad.
pub(crate) fn is_signature(facts: &Facts) -> bool {
    match &facts.statement {
        Some(statement) => statement.predicate_type == COSIGN_SIGN,
        None => matches!(
            facts.kind,
            EntityKind::BundleMessageSignature | EntityKind::LegacySignature
        ),
    }
}

fn verify(
    verifier: &Verifier,
    entity: &Result<SignedEntity, Failure>,
    subject: &Subject<'_>,
    (now, work): (UnixTime, &Work),
) -> Result<Facts, Failure> {
    #[cfg(test)]
    tests::count();
    match entity {
        Ok(entity) => work
            .verify(verifier, entity, subject, now)
            .map_err(Failure::Verification),
        Err(failure) => Err(failure.clone()),
    }
}

impl Piece<'_> {
    /// Pieces with the same bytes differ by what stands beside them.
    fn key(&self) -> (&[u8; 32], &str, &Map<String, String>) {
        (
            &self.sha256,
            &self.evidence.media_type,
            &self.evidence.annotations,
        )
    }
}

/// Reads a piece as its media type says. The media type is a hint of the host: whatever it makes of
/// the bytes must still prove itself.
fn read(evidence: &Evidence, limits: &Limits) -> Result<SignedEntity, Failure> {
    let entity = match evidence.media_type.as_str() {
        bundle if bundle.starts_with(BUNDLE_PREFIX) => {
            SignedEntity::from_bundle(&evidence.content, limits)
        }
        LEGACY_ATTESTATION => {
            SignedEntity::from_legacy_attestation(&evidence.content, &evidence.annotations, limits)
        }
        LEGACY_SIGNATURE => {
            SignedEntity::from_legacy_signature(&evidence.content, &evidence.annotations, limits)
        }
        _ => return Err(Failure::MediaTypeUnknown),
    };
    entity.map_err(Failure::Verification)
}
