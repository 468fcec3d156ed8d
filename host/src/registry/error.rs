//! What can go wrong with a registry.

use std::io;

use super::reference::ReferenceError;
use crate::digest::{Digest, DigestError};
use crate::limits::Limit;
use crate::oci::carrier::CarrierError;
use crate::oci::collect::Problem;

/// Why something cannot be had from a registry, or not be stored there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The registry lacks a blob that a manifest names.
    #[error("the registry lacks the blob {digest}")]
    BlobMissing {
        /// The digest of the blob.
        digest: Digest,
    },
    /// A carrier cannot be read.
    #[error("the carrier with the configuration {digest} cannot be read: {reason}")]
    CarrierMalformed {
        /// The digest of its configuration.
        digest: Digest,
        /// What is wrong.
        reason: CarrierError,
    },
    /// The registry demands a way of authentication that is not known.
    #[error("`{host}` demands a way of authentication that is not known")]
    ChallengeUnsupported {
        /// The registry.
        host: String,
    },
    /// The registry, or a service that it names, cannot be reached.
    #[error("`{host}` cannot be reached: {reason}")]
    Connection {
        /// The registry or the service.
        host: String,
        /// Why.
        reason: Box<ureq::Error>,
    },
    /// A credential helper fails.
    #[error("the credentials for `{host}` cannot be had: {reason}")]
    Credentials {
        /// The registry.
        host: String,
        /// Why.
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A descriptor has a digest that cannot be used.
    #[error("a descriptor is unusable: {0}")]
    Digest(DigestError),
    /// The content has another digest than the one by which it was asked for.
    #[error("what the registry gives for {digest} has another digest")]
    DigestMismatch {
        /// The digest that it should have.
        digest: Digest,
    },
    /// The credentials are not enough.
    #[error("`{host}` does not allow it with these credentials")]
    Forbidden {
        /// The registry.
        host: String,
    },
    /// The registry has no such image.
    #[error("the registry has no image `{reference}`")]
    ImageNotFound {
        /// The reference.
        reference: String,
    },
    /// A limit was hit.
    #[error("what the registry gives goes beyond the limit of {maximum} {limit}")]
    Limit {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
    /// A file on this side cannot be read or written.
    #[error("a local file fails: {0}")]
    Local(#[from] io::Error),
    /// A manifest or an image index is malformed.
    #[error("the manifest {digest} is malformed: {reason}")]
    ManifestMalformed {
        /// Its digest.
        digest: Digest,
        /// What is wrong.
        reason: serde_json::Error,
    },
    /// The registry lacks a manifest that an index names.
    #[error("the registry lacks the manifest {digest}")]
    ManifestMissing {
        /// The digest of the manifest.
        digest: Digest,
    },
    /// What the registry has under the name of an image is of a kind that is not known.
    #[error("the registry stores something of the unknown media type under `{reference}`")]
    MediaTypeUnknown {
        /// The tag or the digest.
        reference: String,
    },
    /// The way leads over plain HTTP, which is not allowed there.
    #[error("`{host}` is not spoken to over plain HTTP")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// The answer breaks the protocol.
    #[error("`{host}` breaks the protocol: {violation}")]
    Protocol {
        /// The registry.
        host: String,
        /// How.
        violation: Violation,
    },
    /// The name of an image is malformed.
    #[error("{0}")]
    Reference(#[from] ReferenceError),
    /// What lists the referrers of an image is no image index.
    #[error("what lists the referrers of {subject} is no image index")]
    ReferrersMalformed {
        /// The image.
        subject: Digest,
    },
    /// A blob has not the size that its descriptor says.
    #[error("the blob {digest} has another size than its descriptor says")]
    SizeMismatch {
        /// The digest of the blob.
        digest: Digest,
    },
    /// The registry answers with an error.
    #[error("`{host}` answers with the status {status}")]
    Status {
        /// The registry.
        host: String,
        /// The status of HTTP.
        status: u16,
    },
    /// The search took too long.
    #[error("`{host}` did not give everything in time")]
    Timeout {
        /// The registry.
        host: String,
    },
    /// The registry answers that it was asked too often.
    #[error("`{host}` was asked too often")]
    TooManyRequests {
        /// The registry.
        host: String,
    },
    /// The registry wants other credentials, or any.
    #[error("`{host}` wants credentials, or other ones")]
    Unauthorized {
        /// The registry.
        host: String,
    },
}

/// How an answer breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// No address where one is demanded, or a malformed one.
    #[error("no usable address in the answer")]
    Location,
    /// The list of referrers goes on at another host.
    #[error("the next page is not at the same registry")]
    NextPage,
    /// Too many redirects.
    #[error("too many redirects")]
    Redirects,
    /// The token service gives no token.
    #[error("no usable token in the answer")]
    Token,
}

impl RegistryError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BlobMissing { .. } => "registry.blob-missing",
            Self::CarrierMalformed { .. } => "carrier.malformed",
            Self::ChallengeUnsupported { .. } => "registry.challenge-unsupported",
            Self::Connection { .. } => "registry.unreachable",
            Self::Credentials { .. } => "registry.credentials",
            Self::Digest(error) => error.code(),
            Self::DigestMismatch { .. } => "registry.digest-mismatch",
            Self::Forbidden { .. } => "registry.forbidden",
            Self::ImageNotFound { .. } => "registry.image-not-found",
            Self::Limit { limit, .. } => limit.code(),
            Self::Local(_) => "file.unwritable",
            Self::ManifestMalformed { .. } => "registry.manifest-malformed",
            Self::ManifestMissing { .. } => "registry.manifest-missing",
            Self::MediaTypeUnknown { .. } => "registry.media-type-unknown",
            Self::PlainHttp { .. } => "registry.plain-http",
            Self::Protocol { violation, .. } => violation.code(),
            Self::Reference(error) => error.code(),
            Self::ReferrersMalformed { .. } => "registry.referrers-malformed",
            Self::SizeMismatch { .. } => "registry.size-mismatch",
            Self::Status { .. } => "registry.status",
            Self::Timeout { .. } => "registry.timeout",
            Self::TooManyRequests { .. } => "registry.too-many-requests",
            Self::Unauthorized { .. } => "registry.unauthorized",
        }
    }

    /// Whether the next question to the registry would end in the same way.
    pub(super) const fn is_about_all(&self) -> bool {
        matches!(
            self,
            Self::ChallengeUnsupported { .. }
                | Self::Connection { .. }
                | Self::Credentials { .. }
                | Self::Timeout { .. }
                | Self::TooManyRequests { .. }
                | Self::Unauthorized { .. }
        )
    }

    /// The image that is not what its digest says, where that is what is wrong.
    pub const fn altered(&self) -> Option<Digest> {
        match self {
            Self::DigestMismatch { digest } | Self::SizeMismatch { digest } => Some(*digest),
            _ => None,
        }
    }
}

impl Violation {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Location => "registry.location-malformed",
            Self::NextPage => "registry.next-page",
            Self::Redirects => "registry.redirects",
            Self::Token => "registry.token-malformed",
        }
    }
}

impl From<Problem> for RegistryError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Carrier { digest, reason } => Self::CarrierMalformed { digest, reason },
            Problem::Digest(error) => Self::Digest(error),
            Problem::Limit { limit, maximum } => Self::Limit { limit, maximum },
            Problem::Malformed { digest, reason } => Self::ManifestMalformed { digest, reason },
        }
    }
}
