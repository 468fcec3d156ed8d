//! What a case expects.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What is to be decided. What is left out is not compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Expectation {
    /// The kind of the decision.
    pub outcome: Outcome,
    /// Whether the request passes. It also does where a mode only warns of what is not met.
    pub allowed: Option<bool>,
    /// Codes of images, rules, pieces of evidence, warnings or problems, each of which must stand in
    /// the decision.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub codes: Option<Vec<String>>,
    /// What comes of rules, by their names, for every image that they are about.
    pub rules: Option<BTreeMap<String, RuleResult>>,
    /// The authorities whose evidence met a rule, by its name; all of them.
    pub met_by: Option<BTreeMap<String, Vec<String>>>,
    /// File with the whole decision, which `--bless` writes. The path begins at this file.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub decision: Option<PathBuf>,
}

/// The kind of a decision.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "decisions are of these four kinds")]
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

/// What comes of a rule.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "decisions know these four results")]
pub enum RuleResult {
    /// The rule is met.
    Pass,
    /// The rule is not met.
    Fail,
    /// The rule is not met, and not yet in effect.
    Warn,
    /// The rule is not met, and an exception excuses from it.
    Skip,
}

impl Outcome {
    /// The word in a decision.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
        }
    }
}

impl RuleResult {
    /// The word in a decision.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
        }
    }
}
