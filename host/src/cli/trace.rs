//! How a decision came about, for people.
//!
//! The document may come from anywhere: every text in it is escaped and cut, every list is bounded.

use core::fmt;
use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::Value;

use super::advice;
use super::printable::Printable;
use super::style::{BAD, GOOD, HELP, LABEL};
use crate::code_table;

/// Elements of one list that are shown.
const SHOWN: usize = 64;
/// Characters of one text that are shown.
const CHARACTERS: usize = 400;

/// Writes for each image and rule what was looked at, what each piece lacked, and what to do.
pub(super) fn write(document: &Value, output: &mut impl Write) -> io::Result<()> {
    let outcome = text(document, "outcome");
    write!(output, "decision  {}", Shown(outcome))?;
    let passes = document.get("allowed") == Some(&Value::Bool(true));
    if passes && outcome != "allowed" {
        match text(document, "mode") {
            "enforce" => write!(output, ", but it passes: the mode of the rules lets it")?,
            mode => write!(
                output,
                ", but it passes: the mode of the policy is {}",
                Shown(mode)
            )?,
        }
    }
    writeln!(output)?;
    let policy = document.get("policy").unwrap_or(&Value::Null);
    match text(policy, "name") {
        "" => {}
        name => writeln!(output, "policy    {}", Shown(name))?,
    }
    match text(document, "time") {
        "" => {}
        time => writeln!(output, "time      {}", Shown(time))?,
    }
    if let Some(reason) = document.get("reason") {
        write_finding("no image was looked at", reason, "", output)?;
    }
    if let Some(problem) = document.get("problem") {
        write_finding("the request cannot be read", problem, "", output)?;
        write_next(problem, "", output)?;
    }
    each(document, "images", "images", "", output, write_image)
}

fn write_image(image: &Value, output: &mut impl Write) -> io::Result<()> {
    let reference = Shown(text(image, "reference"));
    writeln!(
        output,
        "\nimage {reference}  {}",
        Shown(text(image, "digest"))
    )?;
    match text(image, "source") {
        "" => {}
        source => writeln!(output, "  rules saw it as {}", Shown(source))?,
    }
    match text(image, "pin") {
        "" => {}
        pin => writeln!(output, "  run it as {}", Shown(pin))?,
    }
    write_finding(text(image, "outcome"), image, "  ", output)?;
    if list(image, "rules").is_empty() && text(image, "outcome") != "allowed" {
        write_next(image, "  ", output)?;
    }
    each(image, "rules", "rules", "  ", output, write_rule)
}

fn write_rule(rule: &Value, output: &mut impl Write) -> io::Result<()> {
    let passed = text(rule, "result") == "pass";
    let (style, word) = match text(rule, "result") {
        "pass" => (GOOD, "pass"),
        "warn" => (HELP, "warn"),
        "skip" => (HELP, "skip"),
        _ => (BAD, "fail"),
    };
    writeln!(
        output,
        "  rule {}: {style}{word}{style:#}",
        Shown(text(rule, "rule"))
    )?;
    let exception = rule.get("exception").unwrap_or(&Value::Null);
    for (part, name, label) in [
        (rule, "mode", "mode"),
        (rule, "effectiveOn", "in effect from"),
        (exception, "name", "excused by the exception"),
        (exception, "reason", "because"),
        (exception, "ends", "until"),
    ] {
        match text(part, name) {
            "" => {}
            value => writeln!(output, "    {label} {}", Shown(value))?,
        }
    }
    each(
        rule,
        "warnings",
        "warnings",
        "    ",
        output,
        |warning, output| write_finding("warning", warning, "    ", output),
    )?;
    each(rule, "metBy", "pieces", "    ", output, write_met)?;
    if list(rule, "evidence").is_empty() && !passed {
        writeln!(output, "    no evidence was looked at")?;
    }
    // What to do about a code is told once.
    let mut told = BTreeSet::new();
    each(
        rule,
        "evidence",
        "pieces",
        "    ",
        output,
        |piece, output| {
            let first = told.insert(text(piece, "code").to_owned());
            write_piece(piece, first, output)
        },
    )?;
    if !passed {
        write_finding("so the rule is not met", rule, "    ", output)?;
        if !told.contains(text(rule, "code")) {
            write_next(rule, "    ", output)?;
        }
    }
    Ok(())
}

fn write_met(met: &Value, output: &mut impl Write) -> io::Result<()> {
    let signer = met.get("signer").unwrap_or(&Value::Null);
    let signer = match text(signer, "subject") {
        "" => text(signer, "publicKeySha256"),
        subject => subject,
    };
    writeln!(
        output,
        "    {GOOD}met by{GOOD:#} sha256:{}: signed by {} as {}",
        Shown(text(met, "evidence")),
        Shown(signer),
        Shown(text(met, "authority"))
    )
}

fn write_piece(piece: &Value, first: bool, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "    {LABEL}looked at{LABEL:#} sha256:{}  {}",
        Shown(text(piece, "sha256")),
        Shown(text(piece, "mediaType"))
    )?;
    if text(piece, "code") == "ok" {
        return writeln!(output, "      it meets the rule");
    }
    write_finding("it first lacked", piece, "      ", output)?;
    if first {
        write_next(piece, "      ", output)?;
    }
    Ok(())
}

/// `words: message [code]`, and where in the request.
fn write_finding(
    words: &str,
    finding: &Value,
    indent: &str,
    output: &mut impl Write,
) -> io::Result<()> {
    write!(output, "{indent}{}: ", Shown(words))?;
    match text(finding, "path") {
        "" => {}
        path => write!(output, "{}: ", Shown(path))?,
    }
    let (message, code) = (text(finding, "message"), text(finding, "code"));
    writeln!(output, "{} [{}]", Shown(message), Shown(code))
}

fn write_next(finding: &Value, indent: &str, output: &mut impl Write) -> io::Result<()> {
    let code = text(finding, "code");
    let next = code_table::row(code)
        .map(|row| row.action)
        .or_else(|| advice::for_code(code));
    match next {
        Some(next) => writeln!(output, "{indent}{HELP}next{HELP:#}: {next}"),
        None => Ok(()),
    }
}

/// Writes the first elements of a list, and how many more there are.
fn each<W: Write>(
    value: &Value,
    member: &str,
    what: &str,
    indent: &str,
    output: &mut W,
    mut write: impl FnMut(&Value, &mut W) -> io::Result<()>,
) -> io::Result<()> {
    let elements = list(value, member);
    for element in elements.iter().take(SHOWN) {
        write(element, output)?;
    }
    match elements.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(output, "{indent}and {more} more {what}"),
    }
}

/// Text that is escaped, and cut where it is long.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(CHARACTERS) {
            Some((end, _)) => {
                let (head, _) = self.0.split_at(end);
                write!(f, "{}…", Printable(head))
            }
            None => write!(f, "{}", Printable(self.0)),
        }
    }
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    let list = value.get(member).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
