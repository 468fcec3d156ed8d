//! Evidence documents: all evidence about some images in one file.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{EvidenceError, PathBuf};
use crate::digest::DigestError;
use crate::file::{self, Kind, ReadError};
use crate::limits::{Limit, Limits};
use crate::oci::carrier::{CarrierError, Piece};
use crate::runtime::{Evidence, ImageEvidence};

const API_VERSION: &str = "sealstone.dev/v1alpha1";
const KIND: &str = "Evidence";

/// The evidence about some images.
#[derive(Clone, Debug, Default)]
pub struct Evidences {
    /// The images, each with what was found for it.
    pub images: Vec<ImageEvidence>,
}

/// What is wrong with an Evidence document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// Not JSON of the form of an Evidence document.
    #[error("it is malformed: {0}")]
    Malformed(serde_json::Error),
    /// A piece is malformed.
    #[error("{0}")]
    Piece(CarrierError),
    /// The digest of an image is malformed.
    #[error("{0}")]
    Digest(DigestError),
    /// Another kind or version.
    #[error("it is not of the kind `{KIND}` and the version `{API_VERSION}`")]
    Version,
}

impl DocumentProblem {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Piece(_) => "evidence.document-malformed",
            Self::Digest(error) => error.code(),
            Self::Version => "evidence.document-version",
        }
    }
}

impl Evidences {
    /// Reads an Evidence document.
    ///
    /// # Errors
    /// The file cannot be read, is too large or malformed.
    pub fn from_file(path: &Path, limits: &Limits) -> Result<Self, EvidenceError> {
        let path_buf = || path.to_owned();
        let (limit, maximum) = (Limit::EvidenceDocumentBytes, limits.evidence_document_bytes);
        let content =
            file::read(path, Kind::Named, limit, maximum).map_err(|error| match error {
                ReadError::TooLarge { limit, maximum } => EvidenceError::Limit {
                    path: path_buf(),
                    limit,
                    maximum,
                },
                other => EvidenceError::Unreadable {
                    path: path_buf(),
                    reason: other.into_io(),
                },
            })?;
        Self::from_json(&content).map_err(|reason| EvidenceError::Document {
            path: PathBuf::from(path),
            reason,
        })
    }

    /// Reads an Evidence document in JSON.
    ///
    /// # Errors
    /// See [`DocumentProblem`].
    pub fn from_json(content: &[u8]) -> Result<Self, DocumentProblem> {
        let document: Document =
            serde_json::from_slice(content).map_err(DocumentProblem::Malformed)?;
        if document.api_version != API_VERSION || document.kind != KIND {
            return Err(DocumentProblem::Version);
        }
        let images = document.images.into_iter().map(Image::into_evidence);
        Ok(Self {
            images: images.collect::<Result<_, _>>()?,
        })
    }

    /// Writes the document. The same evidence gives the same bytes, in whatever order it comes.
    pub fn to_json(&self) -> Vec<u8> {
        let document = Document {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            images: self.images.iter().map(Image::from).collect(),
        };
        let mut json = serde_json::to_vec(&document).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    api_version: String,
    kind: String,
    images: Vec<Image>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Image {
    reference: String,
    digest: String,
    evidence: Vec<Piece>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unavailable: Option<String>,
}

impl Image {
    fn into_evidence(self) -> Result<ImageEvidence, DocumentProblem> {
        self.digest
            .parse::<crate::digest::Digest>()
            .map_err(DocumentProblem::Digest)?;
        let pieces = self.evidence.into_iter().map(Piece::into_evidence);
        Ok(ImageEvidence {
            reference: self.reference,
            digest: self.digest,
            evidence: pieces
                .collect::<Result<Vec<Evidence>, _>>()
                .map_err(DocumentProblem::Piece)?,
            unavailable: self.unavailable,
        })
    }
}

impl From<&ImageEvidence> for Image {
    fn from(image: &ImageEvidence) -> Self {
        let mut pieces: Vec<&Evidence> = image.evidence.iter().collect();
        let key = |piece: &Evidence| {
            let (kind, content) = (piece.media_type.clone(), piece.content.clone());
            (kind, content, piece.annotations.clone())
        };
        pieces.sort_by_cached_key(|piece| key(piece));
        Self {
            reference: image.reference.clone(),
            digest: image.digest.clone(),
            evidence: pieces.into_iter().map(Piece::from).collect(),
            unavailable: image.unavailable.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Evidences;
    use crate::digest::Digest;
    use crate::runtime::{Evidence, ImageEvidence};

    fn document() -> Evidences {
        let piece = |content: &str| Evidence {
            media_type: "application/vnd.dsse.envelope.v1+json".into(),
            content: content.as_bytes().to_owned(),
            annotations: vec![("name".into(), "value".into())],
        };
        Evidences {
            images: vec![ImageEvidence {
                reference: "a.example/app".into(),
                digest: Digest::of(b"image").to_string(),
                evidence: vec![piece("b"), piece("a")],
                unavailable: Some("why".into()),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_again_in_one_order() {
        let json = document().to_json();
        let read = Evidences::from_json(&json).unwrap();
        assert_eq!(read.to_json(), json);
        let image = read.images.first().unwrap();
        let contents: Vec<&[u8]> = image.evidence.iter().map(|piece| &*piece.content).collect();
        assert_eq!(contents, [b"a", b"b"]);
        assert_eq!(image.unavailable.as_deref(), Some("why"));
        let annotations = &image.evidence.first().unwrap().annotations;
        assert_eq!(*annotations, [("name".to_owned(), "value".to_owned())]);
    }

    #[test]
    fn refuses_what_is_no_evidence_document() {
        let json = String::from_utf8(document().to_json()).unwrap();
        let cases = [
            ("", "", "evidence.document-malformed"),
            ("\"images\"", "\"pictures\"", "evidence.document-malformed"),
            (
                "\"images\"",
                "\"x\":1,\"images\"",
                "evidence.document-malformed",
            ),
            (
                "\"content\":\"",
                "\"content\":\"?",
                "evidence.document-malformed",
            ),
            ("v1alpha1", "v2", "evidence.document-version"),
            ("\"Evidence\"", "\"Policy\"", "evidence.document-version"),
            ("sha256:", "sha256:0", "digest.malformed"),
            ("sha256:", "sha512:", "digest.unsupported-algorithm"),
        ];
        for (from, to, code) in cases {
            let changed = if from.is_empty() {
                String::new()
            } else {
                json.replace(from, to)
            };
            let error = Evidences::from_json(changed.as_bytes()).unwrap_err();
            assert_eq!(error.code(), code, "{from} {to}");
        }
    }
}
