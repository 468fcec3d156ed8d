//! The documents that are read, by name.

use core::fmt;

/// A document that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Document {
    /// A Sigstore bundle.
    Bundle,
    /// A stored DSSE envelope.
    DsseEnvelope,
    /// cosign's bundle annotation.
    LegacyBundle,
    /// cosign's timestamp annotation.
    LegacyTimestamp,
    /// The body of a transparency-log entry.
    LogEntryBody,
    /// A simple-signing payload.
    SimpleSigning,
    /// An in-toto statement.
    Statement,
    /// A trust root.
    TrustedRoot,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundle => "bundle",
            Self::DsseEnvelope => "envelope",
            Self::LegacyBundle => "annotation `dev.sigstore.cosign/bundle`",
            Self::LegacyTimestamp => "annotation `dev.sigstore.cosign/rfc3161timestamp`",
            Self::LogEntryBody => "log entry body",
            Self::SimpleSigning => "simple-signing payload",
            Self::Statement => "statement",
            Self::TrustedRoot => "trust root",
        })
    }
}
