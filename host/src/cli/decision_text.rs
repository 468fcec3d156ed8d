//! A decision for people.
//!
//! Reads the canonical JSON that programs get, so both always say the same. The decision itself is
//! taken from the module's typed answer, never from this document.

use std::io::{self, Write};

use serde_json::Value;

use super::advice;
use super::printable::Printable;
use super::style::{BAD, GOOD, HELP, LABEL};
use crate::runtime::{Decision, Outcome};

/// Pieces of evidence whose failure is shown for one rule.
const SHOWN: usize = 8;

/// Writes what was proved and by whom for each image, or what failed and what to do.
pub(super) fn write(decision: &Decision, output: &mut impl Write) -> io::Result<()> {
    let document: Value = serde_json::from_slice(&decision.document).unwrap_or_default();
    for image in list(&document, "images") {
        write_image(image, decision.outcome, output)?;
    }
    if let Some(problem) = document.get("problem") {
        write_failure(problem, output)?;
    }
    match first_failure(&document).and_then(advice::for_code) {
        Some(advice) => writeln!(output, "{HELP}help{HELP:#}: {advice}")?,
        None if list(&document, "images").is_empty() => write_verdict(decision.outcome, output)?,
        None => {}
    }
    Ok(())
}

fn write_verdict(outcome: Outcome, output: &mut impl Write) -> io::Result<()> {
    let (style, verdict) = verdict(outcome == Outcome::Allowed, outcome);
    writeln!(output, "{style}{verdict}{style:#}")
}

fn verdict(allowed: bool, outcome: Outcome) -> (anstyle::Style, &'static str) {
    match outcome {
        _ if allowed => (GOOD, "allowed"),
        Outcome::Unavailable => (BAD, "unavailable"),
        _ => (BAD, "denied"),
    }
}

fn write_image(image: &Value, outcome: Outcome, output: &mut impl Write) -> io::Result<()> {
    let allowed = image.get("allowed") == Some(&Value::Bool(true));
    let (style, verdict) = verdict(allowed, outcome);
    let (reference, digest) = (text(image, "/reference"), text(image, "/digest"));
    write!(
        output,
        "{style}{verdict}{style:#}  {}",
        Printable(reference)
    )?;
    match digest {
        "" => {}
        digest if reference.ends_with(digest) => {}
        digest => write!(output, "  {}", Printable(digest))?,
    }
    writeln!(output)?;
    for rule in list(image, "rules") {
        write_rule(rule, output)?;
    }
    Ok(())
}

fn write_rule(rule: &Value, output: &mut impl Write) -> io::Result<()> {
    let name = Printable(text(rule, "/rule"));
    if text(rule, "/result") == "pass" {
        writeln!(output, "  {GOOD}pass{GOOD:#}  {name}")?;
        return write_facts(rule.get("facts").unwrap_or(&Value::Null), output);
    }
    writeln!(output, "  {BAD}fail{BAD:#}  {name}")?;
    write_failure(rule, output)?;
    let evidence = list(rule, "evidence");
    for piece in evidence.iter().take(SHOWN) {
        let digest = Printable(text(piece, "/sha256"));
        writeln!(output, "    {LABEL}evidence{LABEL:#}   sha256:{digest}")?;
        write_failure(piece, output)?;
    }
    if let more @ 1.. = evidence.len().saturating_sub(SHOWN) {
        writeln!(output, "    and {more} more pieces of evidence")?;
    }
    Ok(())
}

fn write_failure(failure: &Value, output: &mut impl Write) -> io::Result<()> {
    let code = Printable(text(failure, "/code"));
    let message = Printable(text(failure, "/message"));
    match text(failure, "/path") {
        "" => writeln!(output, "    {BAD}{code}{BAD:#}: {message}"),
        path => writeln!(
            output,
            "    {BAD}{code}{BAD:#}: {}: {message}",
            Printable(path)
        ),
    }
}

fn write_facts(facts: &Value, output: &mut impl Write) -> io::Result<()> {
    let source = source(facts);
    let rows = [
        ("authority", text(facts, "/authority")),
        ("signed by", text(facts, "/signer/subject")),
        ("issuer", text(facts, "/signer/issuer")),
        ("key", text(facts, "/signer/key")),
        ("builder", text(facts, "/provenance/builder")),
        ("source", &source),
        ("build type", text(facts, "/provenance/buildType")),
    ];
    for (label, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        write_row(label, value, output)?;
    }
    for time in list(facts, "verifiedTimes") {
        write_row("time", &time_text(time), output)?;
    }
    for entry in list(facts, "logEntries") {
        let log = format!("{} index {}", text(entry, "/log"), scalar(entry, "/index"));
        write_row("log", &log, output)?;
    }
    Ok(())
}

fn write_row(label: &str, value: &str, output: &mut impl Write) -> io::Result<()> {
    let value = Printable(value);
    writeln!(output, "    {LABEL}{label:<10}{LABEL:#} {value}")
}

/// `source@ref (commit)`.
fn source(facts: &Value) -> String {
    let mut source = text(facts, "/provenance/source/uri").to_owned();
    match text(facts, "/provenance/source/ref") {
        "" => {}
        reference => source.push_str(&format!("@{reference}")),
    }
    match text(facts, "/provenance/source/commit") {
        "" => {}
        commit => source.push_str(&format!(" (commit {commit})")),
    }
    source
}

fn time_text(time: &Value) -> String {
    match (text(time, "/time"), text(time, "/source")) {
        ("", _) => time.as_str().unwrap_or_default().to_owned(),
        (time, "") => time.to_owned(),
        (time, source) => format!("{time} ({source})"),
    }
}

/// The code of the first thing that failed: of the whole, or of the first rule that did.
fn first_failure(document: &Value) -> Option<&str> {
    if let Some(problem) = document.get("problem") {
        return Some(text(problem, "/code"));
    }
    let images = list(document, "images").iter();
    images
        .flat_map(|image| list(image, "rules"))
        .find(|rule| text(rule, "/result") == "fail")
        .map(|rule| text(rule, "/code"))
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    let list = value.get(member).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn scalar(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
