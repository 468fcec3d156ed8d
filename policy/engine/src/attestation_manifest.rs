//! Statements that Docker keeps beside an image: they have no signature of their own, but the
//! manifest that lists them may have one.
//!
//! The way goes from the signature to the digest of the attestation manifest, from there to the
//! digest of a layer, and from the statement in that layer to the image. Follows
//! <https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md>.

use alloc::vec::Vec;

use sealstone_provenance::AttestationManifest;
use sealstone_verify::{ArtifactDigest, DigestAlgorithm, Limits, Statement};
use sha2::{Digest as _, Sha256};

use crate::evidence::{COSIGN_SIGN, Evidence};
use crate::limits::Limit;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const STATEMENT: &str = "application/vnd.in-toto+json";

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

/// The statements about any of the artifacts, in the order of the pieces. What is not well-formed
/// counts for nothing.
///
/// # Errors
/// More statements than [`Limit::ManifestStatements`].
pub(crate) fn statements<'e>(
    brought: &[&'e Evidence],
    artifacts: &[ArtifactDigest],
) -> Result<Vec<ManifestStatement<'e>>, Limit> {
    let mut found = Vec::new();
    for manifest in brought.iter().filter(|piece| piece.media_type == MANIFEST) {
        let Some(digest) = digest(&manifest.content) else {
            continue;
        };
        let Ok(manifest) = AttestationManifest::read(&manifest.content, &digest) else {
            continue;
        };
        for artifact in artifacts {
            if manifest
                .platform
                .as_ref()
                .is_some_and(|platform| platform != artifact)
            {
                continue;
            }
            collect(&manifest, artifact, brought, &mut found)?;
        }
    }
    Ok(found)
}

fn collect<'e>(
    manifest: &AttestationManifest,
    artifact: &ArtifactDigest,
    brought: &[&'e Evidence],
    found: &mut Vec<ManifestStatement<'e>>,
) -> Result<(), Limit> {
    for layer in &manifest.statements {
        for piece in brought.iter().filter(|piece| piece.media_type == STATEMENT) {
            let Ok(statement) = layer.statement(&piece.content, artifact, &Limits::default())
            else {
                continue;
            };
            // The signature over the manifest is one over the manifest, not over the image.
            if statement.predicate_type == COSIGN_SIGN {
                continue;
            }
            if found.len() == Limit::ManifestStatements.value() {
                return Err(Limit::ManifestStatements);
            }
            found.push(ManifestStatement {
                manifest: manifest.digest.clone(),
                statement,
                sha256: Sha256::digest(&piece.content).into(),
                evidence: piece,
            });
        }
    }
    Ok(())
}

fn digest(content: &[u8]) -> Option<ArtifactDigest> {
    ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &Sha256::digest(content)).ok()
}
