//! `sealstone explain`.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::error::{Error, Exit};
use super::{read_input, trace, written};
use crate::limits::{Limit, Limits};

const EXAMPLES: &str = "\
Examples:
  sealstone explain decision.json
  sealstone verify layout --policy policy.yaml --output json | sealstone explain

`sealstone verify --explain` shows the same in one step.

Exit status: 0 explained, 2 not a decision. What was decided changes nothing about it.";

/// Tell how a decision came about: for each rule the evidence that was looked at, the first thing
/// that each piece lacked, and what to do next.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The decision, as `sealstone verify --output json` prints it; `-` is standard input.
    #[arg(default_value = "-")]
    decision: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let maximum = Limits::default().decision_bytes;
    let path = &arguments.decision;
    let content = read_input(path, "decision", Limit::DecisionBytes, maximum)?;
    let document: Value = serde_json::from_slice(&content).map_err(|error| {
        let message = format!("the decision is not JSON: {error}");
        Error::usage("decision.malformed", message)
    })?;
    if document.get("kind").and_then(Value::as_str) != Some("Decision") {
        let message = "the document is not of the kind `Decision`";
        return Err(Error::usage("decision.kind-unknown", message));
    }
    written(trace::write(&document, &mut anstream::stdout().lock()))?;
    Ok(Exit::Success)
}
