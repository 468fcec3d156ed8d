//! Why evidence or a trust root was refused.
use core::fmt;
use crate::Limit;

/// Why evidence or a trust root was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The artifact digest is not `sha256:`, `sha384:` or `sha512:` with lower-case hexadecimal.
    ArtifactDigestMalformed,
    /// A limit was reached.
    LimitExceeded(Limit),
}

impl Error {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ArtifactDigestMalformed => "artifact.digest-malformed",
            Self::LimitExceeded(limit) => limit.code(),
        }
    }

    /// How far verification came before it failed: the larger, the more telling. Used to choose
    /// among the failures of several pieces of evidence.
    pub const fn rank(&self) -> u8 {
        0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
