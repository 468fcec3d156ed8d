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
    let images = list(&document, "images");
    let allowed = decision.allowed && decision.outcome == Outcome::Allowed;
    if images.is_empty() {
        write_verdict(verdict(allowed, decision.outcome), output)?;
        writeln!(output)?;
    }
    if decision.allowed && decision.outcome != Outcome::Allowed {
        let mode = match text(&document, "/mode") {
            "enforce" => "the mode of the rules lets it".to_owned(),
            mode => format!("the mode of the policy is {}", Printable(mode)),
        };
        writeln!(output, "{BAD}not allowed, but it passes{BAD:#}: {mode}")?;
    }
    if let Some(reason) = document.get("reason") {
        let (code, message) = (text(reason, "/code"), text(reason, "/message"));
        writeln!(output, "    {}: {}", Printable(code), Printable(message))?;
    }
    for image in images {
        // One image of several may be allowed within a denial; a single one may not.
        let may_be_allowed = allowed || images.len() > 1;
        write_image(image, may_be_allowed, output)?;
    }
    if let Some(problem) = document.get("problem") {
        write_failure(problem, output)?;
    }
    if let Some(advice) = first_failure(&document).and_then(advice::for_code) {
        writeln!(output, "{HELP}help{HELP:#}: {advice}")?;
    }
    Ok(())
}

/// The word for an outcome, and whether it is a good one.
fn verdict(allowed: bool, outcome: Outcome) -> (bool, &'static str) {
    match outcome {
        _ if allowed => (true, "allowed"),
        Outcome::Unavailable => (false, "unavailable"),
        _ => (false, "denied"),
    }
}

fn write_verdict((good, word): (bool, &str), output: &mut impl Write) -> io::Result<()> {
    let style = if good { GOOD } else { BAD };
    write!(output, "{style}{word}{style:#}")
}

fn write_image(image: &Value, may_be_allowed: bool, output: &mut impl Write) -> io::Result<()> {
    let allowed = may_be_allowed && image.get("allowed") == Some(&Value::Bool(true));
    let outcome = match text(image, "/outcome") {
        "unavailable" => Outcome::Unavailable,
        _ => Outcome::Rejected,
    };
    write_verdict(verdict(allowed, outcome), output)?;
    let (reference, digest) = (text(image, "/reference"), text(image, "/digest"));
    write!(output, "  {}", Printable(reference))?;
    if !digest.is_empty() && !reference.ends_with(digest) {
        write!(output, "  {}", Printable(digest))?;
    }
    writeln!(output)?;
    for (label, pointer) in [("source", "/source"), ("pin", "/pin")] {
        let value = text(image, pointer);
        if !value.is_empty() {
            writeln!(output, "  {LABEL}{label:<6}{LABEL:#} {}", Printable(value))?;
        }
    }
    let rules = list(image, "rules");
    if !allowed && rules.is_empty() {
        write_failure(image, output)?;
    }
    for rule in rules {
        write_rule(rule, output)?;
    }
    Ok(())
}

fn write_rule(rule: &Value, output: &mut impl Write) -> io::Result<()> {
    let name = Printable(text(rule, "/rule"));
    if text(rule, "/result") == "pass" {
        writeln!(output, "  {GOOD}pass{GOOD:#}  {name}")?;
        let met_by = list(rule, "metBy");
        for met in met_by {
            if met_by.len() > 1 {
                let digest = Printable(text(met, "/evidence"));
                writeln!(output, "    {LABEL}met by{LABEL:#}     sha256:{digest}")?;
            }
            write_facts(met, output)?;
        }
        return Ok(());
    }
    match text(rule, "/result") {
        word @ ("warn" | "skip") => writeln!(output, "  {HELP}{word}{HELP:#}  {name}")?,
        _ => writeln!(output, "  {BAD}fail{BAD:#}  {name}")?,
    }
    for (label, pointer) in [
        ("from", "/effectiveOn"),
        ("exception", "/exception/name"),
        ("reason", "/exception/reason"),
        ("ends", "/exception/ends"),
        ("mode", "/mode"),
    ] {
        match text(rule, pointer) {
            "" => {}
            value => write_row(label, value, output)?,
        }
    }
    write_failure(rule, output)?;
    for warning in list(rule, "warnings") {
        write_failure(warning, output)?;
    }
    let evidence = list(rule, "evidence");
    for piece in evidence.iter().take(SHOWN) {
        write_piece(piece, text(rule, "/message"), output)?;
    }
    if let more @ 1.. = evidence.len().saturating_sub(SHOWN) {
        writeln!(output, "    and {more} more pieces of evidence")?;
    }
    Ok(())
}

/// Why one piece of evidence does not count; its message only where it adds something.
fn write_piece(piece: &Value, known: &str, output: &mut impl Write) -> io::Result<()> {
    let digest = Printable(text(piece, "/sha256"));
    let code = Printable(text(piece, "/code"));
    let message = text(piece, "/message");
    write!(
        output,
        "    {LABEL}evidence{LABEL:#}   sha256:{digest}  {code}"
    )?;
    if message == known {
        writeln!(output)
    } else {
        writeln!(output, ": {}", Printable(message))
    }
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
    let level = level(facts);
    let verified = source_verified(facts);
    let insecure = insecure(facts);
    let rows = [
        ("authority", text(facts, "/authority")),
        ("signed by", text(facts, "/signer/subject")),
        ("issuer", text(facts, "/signer/issuer")),
        ("key", text(facts, "/signer/publicKeySha256")),
        ("predicate", text(facts, "/predicateType")),
        ("builder", text(facts, "/provenance/builder")),
        ("known as", text(facts, "/provenance/policyBuilder")),
        ("level", &level),
        ("source", &source),
        ("verified", &verified),
        ("build type", text(facts, "/provenance/buildType")),
        ("verifier", text(facts, "/verificationSummary/verifier")),
        ("resource", text(facts, "/verificationSummary/resourceUri")),
        ("insecure", &insecure),
    ];
    for (label, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        write_row(label, value, output)?;
    }
    for time in list(facts, "verifiedTimes") {
        write_row("time", &time_text(time), output)?;
    }
    for entry in list(facts, "logEntries") {
        let mut log = text(entry, "/log").to_owned();
        if entry.pointer("/index").is_some() {
            log.push_str(&format!(" index {}", scalar(entry, "/index")));
        }
        write_row("log", &log, output)?;
    }
    Ok(())
}

/// `SLSA Build level 3`, `SLSA Source level 2`, or both.
fn level(facts: &Value) -> String {
    let tracks = [
        ("Build", "/provenance/buildLevel"),
        ("Build", "/verificationSummary/buildLevel"),
        ("Source", "/verificationSummary/sourceLevel"),
    ];
    let levels = tracks.iter().filter_map(|(track, pointer)| {
        let level = facts.pointer(pointer)?;
        Some(format!("SLSA {track} level {level}"))
    });
    levels.collect::<Vec<_>>().join(", ")
}

/// `SLSA Source level 3 by source-checks, two-party reviewed`.
fn source_verified(facts: &Value) -> String {
    let Some(found) = facts.pointer("/provenance/sourceVerified") else {
        return String::new();
    };
    let mut text = format!(
        "SLSA Source level {} by {}",
        scalar(found, "/level"),
        text(found, "/verifier")
    );
    if found.get("twoPartyReviewed") == Some(&Value::Bool(true)) {
        text.push_str(", two-party reviewed");
    }
    text
}

/// The insecure fields of the policy on which the facts rely.
fn insecure(facts: &Value) -> String {
    let fields = [
        (
            "insecureIgnoreTransparencyLog",
            "/insecureIgnoreTransparencyLog",
        ),
        ("insecureIgnoreOthers", "/provenance/insecureIgnoreOthers"),
        (
            "insecureIgnoreUnidentified",
            "/sbom/insecureIgnoreUnidentified",
        ),
        ("insecureIgnoreUnknown", "/sbom/insecureIgnoreUnknown"),
    ];
    let used = fields
        .iter()
        .filter(|(_, pointer)| facts.pointer(pointer).is_some());
    used.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
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

/// The code of the first thing that failed: of the whole, or of the first image that is denied.
fn first_failure(document: &Value) -> Option<&str> {
    let denied = |image: &&Value| image.get("allowed") != Some(&Value::Bool(true));
    let failed = match document.get("problem") {
        Some(problem) => problem,
        None => list(document, "images").iter().find(denied)?,
    };
    Some(text(failed, "/code"))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write;
    use crate::runtime::{Decision, Outcome};

    #[test]
    fn facts_of_every_kind_are_shown() {
        let met = |facts: serde_json::Value| {
            let mut met = json!({
                "evidence": "e".repeat(64), "authority": "a", "signer": {"publicKeySha256": "k"},
                "verifiedTimes": [], "logEntries": [],
            });
            let facts = facts.as_object().cloned().unwrap_or_default();
            met.as_object_mut().unwrap().extend(facts);
            met
        };
        let first = met(
            json!({"insecureIgnoreTransparencyLog": true, "provenance": {
                "builder": "b", "policyBuilder": "known", "buildLevel": 3, "buildType": "t",
                "insecureIgnoreOthers": true,
                "sourceVerified": {"verifier": "v", "level": 2, "evidence": "s", "twoPartyReviewed": true},
            }}),
        );
        let second = met(json!({"verificationSummary": {
            "verifier": "checks", "resourceUri": "r.example/app", "buildLevel": 2, "sourceLevel": 1,
        }}));
        let document = json!({"outcome": "allowed", "images": [{
            "reference": "r.example/app", "allowed": true, "outcome": "allowed",
            "rules": [{"rule": "both", "result": "pass", "metBy": [first, second]}],
        }]});
        let decision = Decision {
            allowed: true,
            outcome: Outcome::Allowed,
            document: document.to_string().into_bytes(),
        };
        let mut output = anstream::StripStream::new(Vec::new());
        write(&decision, &mut output).unwrap();
        let digest = "e".repeat(64);
        let expected = format!(
            "\
allowed  r.example/app
  pass  both
    met by     sha256:{digest}
    authority  a
    key        k
    builder    b
    known as   known
    level      SLSA Build level 3
    verified   SLSA Source level 2 by v, two-party reviewed
    build type t
    insecure   insecureIgnoreTransparencyLog, insecureIgnoreOthers
    met by     sha256:{digest}
    authority  a
    key        k
    level      SLSA Build level 2, SLSA Source level 1
    verifier   checks
    resource   r.example/app
"
        );
        let written = String::from_utf8(output.into_inner()).unwrap();
        assert_eq!(written, expected);
    }
}
