//! Statements that Docker keeps beside an image: they have no signature of their own, but the
//! manifest that lists them may have one.
//!
//! The way goes from the signature to the digest of the attestation manifest, from there to the
//! digest of a layer, and from the statement in that layer to the image. Follows
//! <https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md>.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_provenance::{AttestationManifest, AttestationManifestError, StatementLayer};
use sealstone_verify::{ArtifactDigest, DigestAlgorithm, Error, Limits, Statement};
use sha2::{Digest as _, Sha256};

use crate::evidence::{COSIGN_SIGN, Evidence};
use crate::limits::Limit;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const STATEMENT: &str = "application/vnd.in-toto+json";

/// What attestation manifests and the statements in them come to.
#[derive(Debug, Default)]
pub(crate) struct Parts<'e> {
    /// The statements about any of the artifacts, in the order of the pieces.
    pub(crate) statements: Vec<ManifestStatement<'e>>,
    /// Manifests and statements that do not count, and why.
    pub(crate) refused: Vec<(&'e Evidence, AttestationManifestError)>,
}

/// A statement in an attestation manifest.
#[derive(Debug)]
pub(crate) struct ManifestStatement<'e> {
    /// The manifest, whose signature vouches for the statement.
    pub(crate) manifest: ArtifactDigest,
    pub(crate) statement: Statement,
    /// The layer that holds it.
    pub(crate) evidence: &'e Evidence,
    /// SHA-256 of the layer.
    pub(crate) sha256: [u8; 32],
}

/// Whether a piece is a manifest or a statement of a manifest: it signs nothing itself.
pub(crate) fn is_part(evidence: &Evidence) -> bool {
    evidence.media_type == MANIFEST || evidence.media_type == STATEMENT
}

impl<'e> Parts<'e> {
    /// Reads the manifests and the statements among the pieces, each once.
    ///
    /// # Errors
    /// More statements about the artifacts than [`Limit::ManifestStatements`].
    pub(crate) fn read(
        brought: &[&'e Evidence],
        artifacts: &[ArtifactDigest],
    ) -> Result<Self, Limit> {
        let of_type = |media_type: &'static str| {
            let pieces = brought.iter().copied();
            pieces.filter(move |piece| piece.media_type == media_type)
        };
        let mut layers: Vec<Layer<'e>> = of_type(STATEMENT)
            .map(|piece| Layer::read(piece, artifacts))
            .collect();
        let mut parts = Self::default();
        for piece in of_type(MANIFEST) {
            let manifest = digest(&Sha256::digest(&piece.content).into())
                .ok_or(AttestationManifestError::DigestMismatch)
                .and_then(|digest| AttestationManifest::read(&piece.content, &digest));
            match manifest {
                Ok(manifest) => parts.collect(&manifest, artifacts, &mut layers)?,
                Err(error) => parts.refused.push((piece, error)),
            }
        }
        for layer in layers.into_iter().filter(|layer| !layer.counts) {
            let mismatch = AttestationManifestError::DigestMismatch;
            let error = layer.failure.unwrap_or(mismatch);
            parts.refused.push((layer.evidence, error));
        }
        Ok(parts)
    }

    fn collect(
        &mut self,
        manifest: &AttestationManifest,
        artifacts: &[ArtifactDigest],
        layers: &mut [Layer<'e>],
    ) -> Result<(), Limit> {
        for layer in layers {
            let mut listed = manifest.statements.iter();
            let Some(listed) = listed.find(|listed| Some(&listed.digest) == layer.digest.as_ref())
            else {
                continue;
            };
            match layer.statement_of(manifest, listed, artifacts) {
                // The signature over the manifest is one over the manifest, not over the image.
                Ok(statement) if statement.predicate_type == COSIGN_SIGN => layer.counts = true,
                Ok(statement) => {
                    if self.statements.len() == Limit::ManifestStatements.value() {
                        return Err(Limit::ManifestStatements);
                    }
                    self.statements.push(ManifestStatement {
                        manifest: manifest.digest.clone(),
                        statement: statement.clone(),
                        evidence: layer.evidence,
                        sha256: layer.sha256,
                    });
                    layer.counts = true;
                }
                Err(error) => layer.failure = Some(error),
            }
        }
        Ok(())
    }
}

/// A piece that is a statement, read once whatever manifests list it.
struct Layer<'e> {
    evidence: &'e Evidence,
    sha256: [u8; 32],
    digest: Option<ArtifactDigest>,
    statement: Result<Statement, Error>,
    /// The artifacts that the statement is about, by index.
    about: Vec<usize>,
    /// Whether a manifest makes it count.
    counts: bool,
    /// Why a manifest that lists it does not.
    failure: Option<AttestationManifestError>,
}

impl<'e> Layer<'e> {
    fn read(evidence: &'e Evidence, artifacts: &[ArtifactDigest]) -> Self {
        let sha256 = Sha256::digest(&evidence.content).into();
        let statement = Statement::from_json(&evidence.content, &Limits::default());
        let about = match &statement {
            Ok(statement) => (0..)
                .zip(artifacts)
                .filter(|(_, artifact)| statement.speaks_of(artifact))
                .map(|(index, _)| index)
                .collect(),
            Err(_) => Vec::new(),
        };
        Self {
            evidence,
            sha256,
            digest: digest(&sha256),
            statement,
            about,
            counts: false,
            failure: None,
        }
    }

    /// The statement, if the manifest lists it as what it is, and both are about one artifact.
    fn statement_of(
        &self,
        manifest: &AttestationManifest,
        listed: &StatementLayer,
        artifacts: &[ArtifactDigest],
    ) -> Result<&Statement, AttestationManifestError> {
        let statement = self.statement.as_ref();
        let statement =
            statement.map_err(|error| AttestationManifestError::Statement(error.clone()))?;
        let announced = listed.predicate_type.as_ref();
        let is_announced = |announced: &String| *announced == statement.predicate_type;
        if !announced.is_none_or(is_announced) {
            return Err(AttestationManifestError::PredicateTypeMismatch);
        }
        let is_meant = |artifact: &&ArtifactDigest| {
            let platform = manifest.platform.as_ref();
            platform.is_none_or(|platform| platform == *artifact)
        };
        let mut about = self.about.iter().filter_map(|index| artifacts.get(*index));
        match about.find(is_meant) {
            Some(_) => Ok(statement),
            None => Err(AttestationManifestError::SubjectMismatch),
        }
    }
}

fn digest(sha256: &[u8; 32]) -> Option<ArtifactDigest> {
    ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, sha256).ok()
}
