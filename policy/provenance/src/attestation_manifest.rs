//! Docker's attestation manifests: statements that lie beside an image in its index.
//!
//! Follows <https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md>. The
//! statements are not signed; who signs the attestation manifest, or the index that lists it, vouches
//! for them. Each step from one document to the next is checked by digest: index, attestation manifest,
//! layer, subject of the statement.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::{Value, parse};
use sealstone_verify::{ArtifactDigest, DigestAlgorithm, Limits, Statement};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::limits::{INDEX_MANIFESTS, MANIFEST_BYTES, MANIFEST_LAYERS, MANIFEST_NESTING};
use crate::{AttestationManifestError, Limit, field};

const ARTIFACT_TYPE: &str = "application/vnd.docker.attestation.manifest.v1+json";
const STATEMENT: &str = "application/vnd.in-toto+json";
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

/// An attestation manifest that an index lists, by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttestationReference {
    /// The attestation manifest.
    pub manifest: ArtifactDigest,
    /// The image manifest of one platform that it is about. The index lists it too.
    pub platform: ArtifactDigest,
}

impl AttestationReference {
    /// The attestation manifests that the index with this digest lists under Docker's annotations. Those
    /// that name their image as OCI `subject` instead are not marked in the index: give their digests
    /// to [`AttestationManifest::read`].
    ///
    /// # Errors
    /// [`AttestationManifestError`], see there.
    pub fn all_in(
        index: &[u8],
        digest: &ArtifactDigest,
    ) -> Result<Vec<Self>, AttestationManifestError> {
        let index = document(index, digest)?;
        let manifests = entries(&index, "manifests", INDEX_MANIFESTS)?;
        let mut references = Vec::new();
        for entry in manifests {
            if annotation(entry, REFERENCE_TYPE) == Some("attestation-manifest") {
                let platform = annotation(entry, REFERENCE_DIGEST).ok_or(
                    AttestationManifestError::FieldMissing("manifests.annotations"),
                )?;
                references.push(Self {
                    manifest: descriptor_digest(entry, "manifests.digest")?,
                    platform: platform.parse().map_err(|_| {
                        AttestationManifestError::FieldMalformed("manifests.annotations")
                    })?,
                });
            }
        }
        // What an attestation manifest is about must itself be in the index, as an image.
        for reference in &references {
            let mut listed = false;
            for entry in manifests {
                let is_image = annotation(entry, REFERENCE_TYPE).is_none();
                listed |=
                    is_image && descriptor_digest(entry, "manifests.digest")? == reference.platform;
            }
            if !listed {
                return Err(AttestationManifestError::PlatformUnlisted);
            }
        }
        Ok(references)
    }
}

/// An attestation manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttestationManifest {
    /// Its digest.
    pub digest: ArtifactDigest,
    /// The image manifest that it names as OCI `subject`. `None` in the older form, in which only the
    /// index names it.
    pub platform: Option<ArtifactDigest>,
    /// The layers that are statements, in their order.
    pub statements: Vec<StatementLayer>,
}

/// A layer that is a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatementLayer {
    /// Its digest.
    pub digest: ArtifactDigest,
    /// The predicate type that the manifest announces.
    pub predicate_type: Option<String>,
}

impl AttestationManifest {
    /// Reads the attestation manifest with this digest. Layers of other media types are passed over.
    ///
    /// # Errors
    /// [`AttestationManifestError`], see there.
    pub fn read(
        manifest: &[u8],
        digest: &ArtifactDigest,
    ) -> Result<Self, AttestationManifestError> {
        let manifest = document(manifest, digest)?;
        let platform = match manifest.get("artifactType").filter(|it| !it.is_null()) {
            None => None,
            Some(artifact_type) if artifact_type.as_str() == Some(ARTIFACT_TYPE) => {
                let subject = manifest
                    .get("subject")
                    .ok_or(AttestationManifestError::FieldMissing("subject"))?;
                Some(descriptor_digest(subject, "subject.digest")?)
            }
            Some(_) => return Err(AttestationManifestError::ArtifactTypeUnknown),
        };
        let mut statements = Vec::new();
        for layer in entries(&manifest, "layers", MANIFEST_LAYERS)? {
            let media_type = layer
                .get("mediaType")
                .and_then(Value::as_str)
                .ok_or(AttestationManifestError::FieldMalformed("layers.mediaType"))?;
            if media_type == STATEMENT {
                statements.push(StatementLayer {
                    digest: descriptor_digest(layer, "layers.digest")?,
                    predicate_type: annotation(layer, PREDICATE_TYPE).map(Into::into),
                });
            }
        }
        Ok(Self {
            digest: digest.clone(),
            platform,
            statements,
        })
    }
}

impl StatementLayer {
    /// Reads the statement in this layer, and checks that it is about the image manifest `platform`.
    ///
    /// # Errors
    /// [`AttestationManifestError`], see there.
    pub fn statement(
        &self,
        layer: &[u8],
        platform: &ArtifactDigest,
        limits: &Limits,
    ) -> Result<Statement, AttestationManifestError> {
        check_digest(layer, &self.digest)?;
        let statement =
            Statement::from_json(layer, limits).map_err(AttestationManifestError::Statement)?;
        if let Some(announced) = &self.predicate_type
            && *announced != statement.predicate_type
        {
            return Err(AttestationManifestError::PredicateTypeMismatch);
        }
        if !statement.speaks_of(platform) {
            return Err(AttestationManifestError::SubjectMismatch);
        }
        Ok(statement)
    }
}

/// The JSON object with this digest.
fn document(bytes: &[u8], digest: &ArtifactDigest) -> Result<Value, AttestationManifestError> {
    if bytes.len() > MANIFEST_BYTES {
        return Err(AttestationManifestError::LimitExceeded(
            Limit::AttestationManifestBytes,
        ));
    }
    check_digest(bytes, digest)?;
    let document =
        parse(bytes, MANIFEST_NESTING).map_err(AttestationManifestError::JsonMalformed)?;
    match document {
        Value::Object(_) => Ok(document),
        _ => Err(AttestationManifestError::FieldMalformed("")),
    }
}

fn check_digest(bytes: &[u8], digest: &ArtifactDigest) -> Result<(), AttestationManifestError> {
    let algorithm = digest.algorithm();
    let found = match algorithm {
        DigestAlgorithm::Sha256 => ArtifactDigest::from_bytes(algorithm, &Sha256::digest(bytes)),
        DigestAlgorithm::Sha384 => ArtifactDigest::from_bytes(algorithm, &Sha384::digest(bytes)),
        DigestAlgorithm::Sha512 => ArtifactDigest::from_bytes(algorithm, &Sha512::digest(bytes)),
        // An algorithm that is not known here cannot have been checked.
        _ => return Err(AttestationManifestError::DigestMismatch),
    };
    match found {
        Ok(found) if found == *digest => Ok(()),
        _ => Err(AttestationManifestError::DigestMismatch),
    }
}

fn entries<'v>(
    document: &'v Value,
    name: &'static str,
    limit: usize,
) -> Result<&'v [Value], AttestationManifestError> {
    let entries = document
        .get(name)
        .ok_or(AttestationManifestError::FieldMissing(name))?
        .as_array()
        .ok_or(AttestationManifestError::FieldMalformed(name))?;
    if entries.len() > limit {
        return Err(AttestationManifestError::LimitExceeded(
            Limit::AttestationManifestEntries,
        ));
    }
    Ok(entries)
}

fn descriptor_digest(
    descriptor: &Value,
    path: &'static str,
) -> Result<ArtifactDigest, AttestationManifestError> {
    field::text(descriptor, "digest")
        .ok()
        .flatten()
        .and_then(|digest| digest.parse().ok())
        .ok_or(AttestationManifestError::FieldMalformed(path))
}

fn annotation<'v>(descriptor: &'v Value, name: &str) -> Option<&'v str> {
    descriptor.get("annotations")?.get(name)?.as_str()
}
