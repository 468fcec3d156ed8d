//! The answer.

use alloc::string::String;

use sealstone_verify::json::Value;

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

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    outcome: Outcome,
    document: Value,
}

impl Decision {
    /// Whether everything in the request may run.
    pub fn allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// Which kind of decision it is.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The whole decision as canonical JSON: members sorted, no white space.
    pub fn to_json(&self) -> String {
        self.document.to_canonical_string()
    }

    pub(crate) fn new(outcome: Outcome, document: Value) -> Self {
        Self { outcome, document }
    }
}
