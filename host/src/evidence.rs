//! Evidence that comes as files: Sigstore bundles next to the artifact that they speak about, and
//! documents with all evidence about some images.

mod document;

use std::path::{Path, PathBuf};

pub use document::{DocumentProblem, Evidences};

use crate::file::{self, Kind, ReadError};
use crate::limits::{Limit, Limits};
use crate::runtime::Evidence;

/// The media type under which a bundle file is handed to the module. Which version of the format it
/// is, the bundle says itself.
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle+json";

/// Why bundle files could not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A file cannot be read.
    #[error("the file `{}` cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// A file without content.
    #[error("the bundle file `{}` is empty", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A document of evidence is malformed.
    #[error("the Evidence document `{}` cannot be used: {reason}", .path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: DocumentProblem,
    },
    /// A limit was hit.
    #[error("the file `{}` goes beyond the limit of {maximum} {limit}", .path.display())]
    Limit {
        /// The file.
        path: PathBuf,
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
}

impl EvidenceError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "evidence.unreadable",
            Self::Document { reason, .. } => reason.code(),
            Self::Empty { .. } => "evidence.empty",
            Self::Limit { limit, .. } => limit.code(),
        }
    }
}

/// Reads bundle files: one bundle a file, or one bundle a line (JSON Lines).
///
/// Only the lines are told apart here; what stands in them is for the module to judge.
///
/// # Errors
///
/// A file that cannot be read or is empty, or a limit that was hit.
pub fn from_bundle_files(
    paths: &[PathBuf],
    limits: &Limits,
) -> Result<Vec<Evidence>, EvidenceError> {
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut total = 0_usize;
    for path in paths {
        let over = |limit, maximum| EvidenceError::Limit {
            path: path.clone(),
            limit,
            maximum,
        };
        let content = read(path, limits)?;
        total = total.saturating_add(content.len());
        if total > limits.evidence_total_bytes {
            return Err(over(Limit::EvidenceTotalBytes, limits.evidence_total_bytes));
        }
        for bundle in bundles(&content) {
            if bundle.len() > limits.evidence_bytes {
                return Err(over(Limit::EvidenceBytes, limits.evidence_bytes));
            }
            if evidence.len() >= limits.evidence_pieces {
                return Err(over(Limit::EvidencePieces, limits.evidence_pieces));
            }
            evidence.push(Evidence {
                media_type: BUNDLE.to_owned(),
                content: bundle.to_owned(),
                annotations: Vec::new(),
            });
        }
    }
    Ok(evidence)
}

fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, EvidenceError> {
    let path_buf = || path.to_owned();
    let maximum = limits.evidence_total_bytes;
    let content =
        file::read(path, Kind::Named, Limit::EvidenceTotalBytes, maximum).map_err(|error| {
            match error {
                ReadError::TooLarge { limit, maximum } => EvidenceError::Limit {
                    path: path_buf(),
                    limit,
                    maximum,
                },
                other => EvidenceError::Unreadable {
                    path: path_buf(),
                    reason: other.into_io(),
                },
            }
        })?;
    if content.trim_ascii().is_empty() {
        return Err(EvidenceError::Empty { path: path_buf() });
    }
    Ok(content)
}

/// The bundles of one file. A file is taken for JSON Lines when it has several lines with content
/// and each of them is an object by its first and last character; a bundle that is laid out over
/// several lines never is.
fn bundles(content: &[u8]) -> Vec<&[u8]> {
    let lines: Vec<&[u8]> = content
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect();
    let is_object = |line: &&[u8]| line.starts_with(b"{") && line.ends_with(b"}");
    if lines.len() > 1 && lines.iter().all(is_object) {
        lines
    } else {
        vec![content]
    }
}

#[cfg(test)]
mod tests {
    use super::bundles;

    #[test]
    fn tells_lines_from_one_document() {
        let cases: [(&str, &[&str]); 5] = [
            (r#"{"a":1}"#, &[r#"{"a":1}"#]),
            ("{\"a\":1}\n", &["{\"a\":1}\n"]),
            ("{\"a\":1}\r\n\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
            ("{\n  \"a\": {}\n}\n", &["{\n  \"a\": {}\n}\n"]),
            ("{\"a\":1}\nrubbish\n", &["{\"a\":1}\nrubbish\n"]),
        ];
        for (content, expected) in cases {
            let expected: Vec<&[u8]> = expected.iter().map(|line| line.as_bytes()).collect();
            assert_eq!(bundles(content.as_bytes()), expected, "{content:?}");
        }
    }
}
