//! The answer to a webhook for people.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::cli::decision_text;
use crate::cli::printable::Printable;
use crate::cli::style::{BAD, GOOD, LABEL};
use crate::runtime::Decision;

/// Writes the decision, then what the response says beside it.
pub(super) fn write(
    decision: &Decision,
    review: &Value,
    output: &mut impl Write,
) -> io::Result<()> {
    decision_text::write(decision, output)?;
    let response = review.get("response").unwrap_or(&Value::Null);
    let allowed = response.get("allowed") == Some(&Value::Bool(true));
    let (style, word) = if allowed {
        (GOOD, "allowed")
    } else {
        (BAD, "denied")
    };
    writeln!(output, "response  {style}{word}{style:#}")?;
    if let Some(message) = response.pointer("/status/message").and_then(Value::as_str) {
        let code = response.pointer("/status/code").unwrap_or(&Value::Null);
        row("status", &format!("{code} {message}"), output)?;
    }
    for (path, value) in replacements(response) {
        row("pin", &format!("{path}: {value}"), output)?;
    }
    let warnings = response.get("warnings").and_then(Value::as_array);
    for warning in warnings.into_iter().flatten() {
        row("warning", warning.as_str().unwrap_or_default(), output)?;
    }
    Ok(())
}

fn row(label: &str, value: &str, output: &mut impl Write) -> io::Result<()> {
    let value = Printable(value);
    writeln!(output, "  {LABEL}{label:<10}{LABEL:#} {value}")
}

/// What the patch replaces: where, and by what.
fn replacements(response: &Value) -> Vec<(String, String)> {
    let patch = response.get("patch").and_then(Value::as_str);
    let patch = patch.and_then(|patch| STANDARD.decode(patch).ok());
    let patch: Value = patch
        .and_then(|patch| serde_json::from_slice(&patch).ok())
        .unwrap_or_default();
    let text = |operation: &Value, name| operation.get(name)?.as_str().map(str::to_owned);
    let operations = patch.as_array().into_iter().flatten();
    operations
        .filter(|operation| operation.get("op") == Some(&"replace".into()))
        .filter_map(|operation| Some((text(operation, "path")?, text(operation, "value")?)))
        .collect()
}
