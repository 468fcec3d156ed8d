//! Results for people.

use std::io::{self, Write};

use serde_json::Value;

use super::Results;
use crate::cli::printable::Printable;
use crate::cli::style::{BAD, GOOD, HELP, LABEL};
use crate::policy_test::cover::{Coverage, Goal, What};
use crate::policy_test::{CaseReport, Difference};

/// Writes the results.
pub(super) fn write(results: &Results<'_>, output: &mut dyn Write) -> io::Result<()> {
    let report = results.report;
    let mut file = None;
    for case in &report.cases {
        if file != Some(&case.file) {
            writeln!(output, "{}", Printable(&case.file.display().to_string()))?;
            file = Some(&case.file);
        }
        let name = Printable(&case.name);
        let note = if case.blessed { "  (written)" } else { "" };
        if case.passed() {
            writeln!(output, "  {GOOD}pass{GOOD:#}  {name}{note}")?;
        } else {
            writeln!(output, "  {BAD}fail{BAD:#}  {name}{note}")?;
            failure(case, output)?;
        }
    }
    if results.cover {
        writeln!(output)?;
        coverage(results, output)?;
    }
    let failed = report.failed();
    let passed = report.cases.len().saturating_sub(failed);
    writeln!(output, "\n{passed} passed, {failed} failed")
}

/// In what a decision is not what is expected, and who decided so.
pub(super) fn failure(case: &CaseReport, output: &mut dyn Write) -> io::Result<()> {
    for difference in &case.differences {
        self::difference(difference, output)?;
    }
    let problem = ["problem", "reason"]
        .into_iter()
        .find_map(|name| case.decision.get(name));
    if let Some(problem) = problem {
        coded("        decided by the request", problem, output)?;
    }
    let images = case.decision.get("images").and_then(Value::as_array);
    for image in images.into_iter().flatten() {
        let name = Printable(text(image, "reference"));
        let outcome = text(image, "outcome");
        coded(
            &format!("        {LABEL}decided{LABEL:#}  {name}  {outcome}"),
            image,
            output,
        )?;
        let rules = image.get("rules").and_then(Value::as_array);
        for rule in rules.into_iter().flatten() {
            self::rule(case, rule, output)?;
        }
    }
    Ok(())
}

fn difference(difference: &Difference, output: &mut dyn Write) -> io::Result<()> {
    let field = Printable(&difference.field);
    let expected = shown(&difference.expected);
    let actual = shown(&difference.actual);
    let (expects, has) = if difference.field == "codes" {
        ("missing ", "there are")
    } else {
        ("expected", "actual   ")
    };
    writeln!(output, "        {field}")?;
    writeln!(
        output,
        "          {GOOD}{expects}{GOOD:#}   {}",
        Printable(&expected)
    )?;
    writeln!(
        output,
        "          {BAD}{has}{BAD:#}  {}",
        Printable(&actual)
    )
}

/// What a rule made of the evidence.
fn rule(case: &CaseReport, rule: &Value, output: &mut dyn Write) -> io::Result<()> {
    let (result, name) = (text(rule, "result"), Printable(text(rule, "rule")));
    let style = if result == "pass" { GOOD } else { BAD };
    coded(
        &format!("          {style}{result}{style:#}  {name}"),
        rule,
        output,
    )?;
    let pieces = rule.get("evidence").and_then(Value::as_array);
    for piece in pieces.into_iter().flatten() {
        let sha256 = text(piece, "sha256");
        let mut known = case.pieces.iter();
        let known = known.find(|known| known.sha256 == sha256);
        let described = match known {
            Some(known) => format!("evidence {} ({})", known.position, known.description),
            None => format!("evidence of the policy or the request, {sha256}"),
        };
        let described = Printable(&described);
        coded(&format!("                {described}"), piece, output)?;
    }
    Ok(())
}

/// A line with the code and the message of something, unless all is as it should be.
fn coded(line: &str, of: &Value, output: &mut dyn Write) -> io::Result<()> {
    let (code, message) = (text(of, "code"), Printable(text(of, "message")));
    if matches!(code, "" | "ok") {
        writeln!(output, "{line}")
    } else {
        writeln!(output, "{line}  {}: {message}", Printable(code))
    }
}

/// What the cases reach of each policy.
pub(super) fn coverage(results: &Results<'_>, output: &mut dyn Write) -> io::Result<()> {
    for policy in &results.report.coverage {
        of_policy(policy, output)?;
    }
    let (share, minimum) = (results.share, results.minimum);
    writeln!(
        output,
        "{LABEL}A code is listed where the rule asks for what it speaks of. Evidence that is broken is denied\n\
         with many more, whatever the policy asks.{LABEL:#}"
    )?;
    if results.covers_enough() {
        writeln!(output, "{share} % reached")
    } else {
        writeln!(
            output,
            "{BAD}{share} % reached, {minimum} % asked for{BAD:#}"
        )
    }
}

fn of_policy(coverage: &Coverage, output: &mut dyn Write) -> io::Result<()> {
    let path = coverage.policy.display().to_string();
    let (reached, all) = (coverage.reached(), coverage.goals.len());
    writeln!(output, "{}  {reached} of {all} reached", Printable(&path))?;
    for goal in coverage.goals.iter().filter(|goal| !goal.reached) {
        let Goal { of, what, .. } = goal;
        let of = Printable(of);
        write!(output, "  {HELP}{of}{HELP:#}  ")?;
        match what {
            What::Met => writeln!(output, "no case meets the rule")?,
            What::NotMet => writeln!(output, "no case fails to meet the rule")?,
            What::Code(code) => writeln!(output, "no case shows {code}")?,
            What::Used => writeln!(output, "no case uses the exception")?,
        }
    }
    Ok(())
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// A value in a line.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(shown).collect();
            if elements.is_empty() {
                "none".to_owned()
            } else {
                elements.join(", ")
            }
        }
        other => other.to_string(),
    }
}
