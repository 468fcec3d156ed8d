//! What a peer says to a job.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Whether a peer accepts a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The bundle proves what was asked.
    Accepted,
    /// It does not, or cannot be read.
    Rejected,
    /// The peer has no way to be asked this.
    Unsupported,
}

/// The answer to one job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Answer {
    /// What the peer decided.
    pub outcome: Outcome,
    /// In the peer's words, why it did not accept.
    pub error: Option<String>,
    /// Processor time of one iteration, if it was measured.
    pub cpu: Option<Duration>,
}

impl Answer {
    pub(super) fn from_json(line: &str) -> Result<Self> {
        let value: Value =
            serde_json::from_str(line).with_context(|| format!("not an answer: {line}"))?;
        let outcome = match value.get("outcome").and_then(Value::as_str) {
            Some("accepted") => Outcome::Accepted,
            Some("rejected") => Outcome::Rejected,
            Some("unsupported") => Outcome::Unsupported,
            _ => bail!("an answer without a known outcome: {line}"),
        };
        let error = value.get("error").and_then(Value::as_str);
        let cpu = value.get("cpuMicroseconds").and_then(Value::as_f64);
        Ok(Self {
            outcome,
            error: error.map(str::to_owned),
            cpu: cpu
                .map(|microseconds| Duration::try_from_secs_f64(microseconds / 1e6))
                .transpose()?,
        })
    }
}
