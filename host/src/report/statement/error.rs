//! Why no statement was made.

/// Why a decision gives no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// It is no decision document of a known version.
    #[error("the document is not of the kind `Decision`")]
    KindUnknown,
    /// The member at this JSON pointer is not what the schema of decisions says.
    #[error("the decision is malformed: {0}")]
    Malformed(String),
    /// The decision is about no image.
    #[error("the decision is about no image")]
    ImageMissing,
    /// The decision is about several images, and none was chosen.
    #[error("the decision is about {count} images")]
    ImageAmbiguous {
        /// How many.
        count: usize,
    },
    /// The decision is not about the image.
    #[error("the decision is not about the image `{reference}`")]
    ImageUnknown {
        /// What was asked for.
        reference: String,
    },
    /// The decision does not say the digest of the image.
    #[error("the decision does not say the digest of `{reference}`")]
    DigestMissing {
        /// The image.
        reference: String,
    },
    /// The evidence could not be brought, so nothing was verified.
    #[error("nothing was decided about `{reference}`, because evidence could not be brought")]
    Undecided {
        /// The image.
        reference: String,
    },
    /// The image is allowed and a rule is not met, or the other way round.
    #[error("the decision about `{reference}` contradicts itself")]
    Contradictory {
        /// The image.
        reference: String,
    },
}

impl StatementError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KindUnknown => "decision.kind-unknown",
            Self::Malformed(_) => "decision.malformed",
            Self::ImageMissing => "decision.image-missing",
            Self::ImageAmbiguous { .. } => "decision.image-ambiguous",
            Self::ImageUnknown { .. } => "decision.image-unknown",
            Self::DigestMissing { .. } => "decision.digest-missing",
            Self::Undecided { .. } => "decision.undecided",
            Self::Contradictory { .. } => "decision.contradictory",
        }
    }
}
