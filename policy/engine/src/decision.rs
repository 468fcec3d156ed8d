//! The answer.

mod document;

pub(crate) use document::{object, problem_value};

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;
use sealstone_verify::{ArtifactDigest, UnixTime};

use crate::Problem;
use crate::compiled::Prepared;
use crate::document::Mode;
use crate::rules::RuleResult;

/// Which of the four kinds a decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the contract in wit/ names exactly these"
)]
pub enum Outcome {
    /// Every rule is met.
    Allowed,
    /// Evidence does not satisfy a rule.
    Rejected,
    /// Evidence could not be brought.
    Unavailable,
    /// The request is malformed.
    Invalid,
}

impl Outcome {
    /// The word that the decision document has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
        }
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    mode: Mode,
    outcome: Outcome,
    document: Value,
}

impl Decision {
    /// Whether everything in the request may run: every rule is met, or the policy's mode only
    /// warns or audits. A malformed request never passes.
    pub fn allowed(&self) -> bool {
        passes(self.mode, self.outcome)
    }

    /// Which kind of decision it is. Where one image is rejected and another unavailable, the
    /// decision is a rejection: bringing evidence would not help.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The whole decision as canonical JSON: members sorted, no white space.
    pub fn to_json(&self) -> String {
        self.document.to_canonical_string()
    }

    pub(crate) fn as_value(&self) -> &Value {
        &self.document
    }

    /// A decision over images; one without images allows nothing.
    pub(crate) fn of_images(policy: &Prepared, now: UnixTime, images: Vec<ImageResult>) -> Self {
        let any = |outcome| images.iter().any(|image| image.outcome == outcome);
        let outcome = if any(Outcome::Rejected) || any(Outcome::Invalid) || images.is_empty() {
            Outcome::Rejected
        } else if any(Outcome::Unavailable) {
            Outcome::Unavailable
        } else {
            Outcome::Allowed
        };
        let document = document::of_images(policy, now, outcome, &images);
        Self {
            mode: policy.mode,
            outcome,
            document,
        }
    }

    /// A decision about a request that cannot be read.
    pub(crate) fn invalid(policy: &Prepared, now: UnixTime, problem: Problem) -> Self {
        Self {
            mode: policy.mode,
            outcome: Outcome::Invalid,
            document: document::invalid(policy, now, problem),
        }
    }
}

/// The decision about one image.
#[derive(Debug)]
pub(crate) struct ImageResult {
    pub(crate) reference: String,
    pub(crate) digest: Option<ArtifactDigest>,
    pub(crate) outcome: Outcome,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) rules: Vec<RuleResult>,
}

/// Whether a request with this outcome passes.
fn passes(mode: Mode, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Allowed => true,
        Outcome::Rejected | Outcome::Unavailable => mode != Mode::Enforce,
        Outcome::Invalid => false,
    }
}
