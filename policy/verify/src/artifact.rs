//! The digest that a signature or a statement must be bound to.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::Error;
use crate::encoding::hex;

/// A digest algorithm that may bind an artifact. MD5 and SHA-1 never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-256, spelled `sha256`.
    Sha256,
    /// SHA-384, spelled `sha384`.
    Sha384,
    /// SHA-512, spelled `sha512`.
    Sha512,
}

impl DigestAlgorithm {
    /// The name that OCI digests and in-toto digest sets use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Bytes of a digest.
    pub const fn size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The digest of an artifact, for images the digest of the manifest or index.
///
/// Parsed from and displayed as `algorithm:lowercase-hex`, the form of an OCI digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactDigest {
    algorithm: DigestAlgorithm,
    hex: String,
}

impl ArtifactDigest {
    /// The algorithm.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The digest in lower-case hexadecimal.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// Makes a digest from its bytes; the length must be that of the algorithm.
    ///
    /// # Errors
    /// [`Error::ArtifactDigestMalformed`] for another length.
    pub fn from_bytes(algorithm: DigestAlgorithm, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() != algorithm.size() {
            return Err(Error::ArtifactDigestMalformed);
        }
        Ok(Self {
            algorithm,
            hex: hex::encode(bytes),
        })
    }
}

/// What evidence must be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers name what they ask about")]
pub enum Subject<'a> {
    /// Any of these artifacts. Without any, nothing is about it.
    Artifacts(&'a [ArtifactDigest]),
    /// The git commit of this name, in lower-case hexadecimal. Only statements speak of commits, under the
    /// digest name `gitCommit` (in-toto digest set; SLSA v1.2, source track).
    GitCommit(&'a str),
}

impl<'a> Subject<'a> {
    /// The artifacts; none where a commit is asked about.
    pub(crate) fn artifacts(&self) -> &'a [ArtifactDigest] {
        match self {
            Self::Artifacts(artifacts) => artifacts,
            Self::GitCommit(_) => &[],
        }
    }
}

impl FromStr for ArtifactDigest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, hex) = text.split_once(':').ok_or(Error::ArtifactDigestMalformed)?;
        let algorithm = [
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
            DigestAlgorithm::Sha512,
        ]
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
        .ok_or(Error::ArtifactDigestMalformed)?;
        let lower = hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !lower || hex.len() != algorithm.size().saturating_mul(2) {
            return Err(Error::ArtifactDigestMalformed);
        }
        Ok(Self {
            algorithm,
            hex: hex.into(),
        })
    }
}

impl fmt::Display for ArtifactDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex)
    }
}
