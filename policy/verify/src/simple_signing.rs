//! Simple-signing payloads of container images.
//!
//! Follows <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>: `critical.type` names the
//! format, `critical.image.docker-manifest-digest` the image; `critical.identity.docker-reference` is for
//! people and decides nothing.

use crate::artifact::ArtifactDigest;
use crate::error::{Document, Error};
use crate::json::{Fields, Value};
use crate::limits::Limits;

/// Checks that a signed payload names `artifact`, and returns what stands under `optional`.
pub(crate) fn check(
    payload: &[u8],
    artifact: &ArtifactDigest,
    limits: &Limits,
) -> Result<Value, Error> {
    let document = Fields::parse_document(Document::SimpleSigning, payload, limits)?;
    let text = |path: &[&str]| document.at(path).and_then(Value::as_str);
    if text(&["critical", "type"]) != Some("cosign container image signature") {
        return Err(Error::SimpleSigningMalformed);
    }
    let digest = text(&["critical", "image", "docker-manifest-digest"])
        .ok_or(Error::SimpleSigningMalformed)?;
    let digest: ArtifactDigest = digest.parse().map_err(|_| Error::SimpleSigningMalformed)?;
    if digest != *artifact {
        return Err(Error::SimpleSigningDigestMismatch);
    }
    Ok(document.get("optional").cloned().unwrap_or_default())
}
