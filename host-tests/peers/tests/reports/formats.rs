//! Each format of every decision, as its readers take it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use libtest_mimic::Failed;
use sealstone_peers::Program;
use serde_json::{Value, json};

use crate::decisions::{About, Decisions};

pub(crate) fn junit_is_accepted() -> Result<(), Failed> {
    let decisions = Decisions::new("junit")?;
    for about in About::ALL {
        let read = junit(&decisions.print(about, "junit")?)?;
        ensure_accepted(&read, about)?;
        let cases: Vec<Value> = String::from_utf8(read.stdout)?
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()?;
        let kinds: Vec<String> = cases.iter().map(case).collect();
        let expected: &[&str] = match about {
            About::Mixed => &[
                "signed passed",
                "listed failure evidence.missing",
                "scanned failure evidence.missing",
                "built skipped",
                "excused skipped",
            ],
            About::Allowed => &["signed passed"],
            About::Unavailable => &["signed error evidence.unavailable"],
            About::Tagged => &["signed passed", "request failure image.digest-required"],
            About::Malformed => &["request error request.wrong-type"],
            About::Deletion => &["request skipped"],
        };
        ensure_equal(&kinds, expected)?;
    }
    Ok(())
}

/// `name outcome code` of a case.
fn case(case: &Value) -> String {
    let text = |pointer: &str| {
        let text = case.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let outcome = match text("/3/0/0").as_str() {
        "" => "passed".to_owned(),
        outcome => outcome.to_owned(),
    };
    format!("{} {outcome} {}", text("/2"), text("/3/0/1"))
        .trim_end()
        .to_owned()
}

pub(crate) fn broken_junit_is_refused() -> Result<(), Failed> {
    let decisions = Decisions::new("broken-junit")?;
    let whole = decisions.print(About::Mixed, "junit")?;
    for (from, to, problem) in [
        ("&lt;way&gt;", "<way>", "not well-formed"),
        ("&amp;", "&", "not well-formed"),
        ("failures=\"2\"", "failures=\"0\"", "it says"),
        ("testsuites", "tests", "Invalid format"),
    ] {
        let broken = replace(&whole, from, to)?;
        ensure_refused(&junit(&broken)?, problem)?;
    }
    Ok(())
}

pub(crate) fn sarif_is_accepted() -> Result<(), Failed> {
    let decisions = Decisions::new("sarif")?;
    for about in About::ALL {
        let log = decisions.print(about, "sarif")?;
        ensure_accepted(&sarif(&decisions, &log)?, about)?;
        let log: Value = serde_json::from_str(&log)?;
        let results = log.pointer("/runs/0/results").and_then(Value::as_array);
        let results = results.context("no results")?.iter();
        let results: Vec<String> = results
            .map(|result| {
                let suppressed = result.get("suppressions").map_or("", |_| " suppressed");
                let (rule, level) = (&result["ruleId"], &result["level"]);
                format!("{rule} {level}{suppressed}").replace('"', "")
            })
            .collect();
        let expected: &[&str] = match about {
            About::Mixed => &[
                "evidence.missing error",
                "evidence.missing note",
                "evidence.missing warning",
                "evidence.too-old note suppressed",
            ],
            About::Allowed | About::Deletion => &[],
            About::Unavailable => &["evidence.unavailable error"],
            About::Tagged => &["image.digest-required error"],
            About::Malformed => &["request.wrong-type error"],
        };
        ensure_equal(&results, expected)?;
    }
    Ok(())
}

pub(crate) fn broken_sarif_is_refused() -> Result<(), Failed> {
    let decisions = Decisions::new("broken-sarif")?;
    let whole = decisions.print(About::Mixed, "sarif")?;
    for (from, to, problem) in [
        ("\"startLine\"", "\"line\"", "JSON1005"),
        ("\"ruleIndex\":0", "\"ruleIndex\":7", "SARIF1"),
        ("\"uri\":\"localhost", "\"uri\":\" local host", "SARIF1002"),
        ("\"locations\"", "\"relatedLocations\"", "GH1"),
    ] {
        let broken = replace(&whole, from, to)?;
        ensure_refused(&sarif(&decisions, &broken)?, problem)?;
    }
    Ok(())
}

pub(crate) fn reports_are_accepted() -> Result<(), Failed> {
    let decisions = Decisions::new("openreports")?;
    for about in About::ALL {
        let report = decisions.print(about, "openreports")?;
        ensure_accepted(&open_reports(&report)?, about)?;
        let report: Value = serde_json::from_str(&report)?;
        let (results, scope) = match about {
            About::Mixed => ([1, 2, 1, 0, 1], Value::Null),
            About::Allowed => ([1, 0, 0, 0, 0], Value::Null),
            About::Unavailable => ([0, 0, 0, 1, 0], Value::Null),
            About::Tagged => ([1, 1, 0, 0, 0], pod()),
            About::Malformed => ([0, 0, 0, 1, 0], report["scope"].clone()),
            About::Deletion => ([0, 0, 0, 0, 1], pod()),
        };
        let [pass, fail, warn, error, skip] = results;
        let summary =
            json!({"pass": pass, "fail": fail, "warn": warn, "error": error, "skip": skip});
        ensure_equal(&report["summary"], &summary)?;
        ensure_equal(&report["scope"], &scope)?;
    }
    Ok(())
}

fn pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "name": "web", "namespace": "shop"})
}

pub(crate) fn broken_reports_are_refused() -> Result<(), Failed> {
    let decisions = Decisions::new("broken-openreports")?;
    let whole = decisions.print(About::Mixed, "openreports")?;
    for (from, to, problem) in [
        (
            "\"result\":\"pass\"",
            "\"result\":\"passed\"",
            "should be one of",
        ),
        ("\"scored\"", "\"scores\"", "unknown field"),
        (
            "\"severity\":\"high\"",
            "\"severity\":\"bad\"",
            "should be one of",
        ),
        ("\"policy\":", "\"rule\":", "policy in body is required"),
        ("\"nanos\":0", "\"nanos\":\"0\"", "nanos"),
        ("/v1alpha1", "/v1", "no version"),
    ] {
        let broken = replace(&whole, from, to)?;
        ensure_refused(&open_reports(&broken)?, problem)?;
    }
    Ok(())
}

fn junit(document: &str) -> Result<Output> {
    ask(&mut Program::Junitparser.command()?, document)
}

fn sarif(decisions: &Decisions, document: &str) -> Result<Output> {
    let path = decisions.write("log.sarif", document)?;
    ask(Program::SarifMultitool.command()?.arg(path), "")
}

fn open_reports(document: &str) -> Result<Output> {
    let program = Program::Openreports.install()?;
    let definition = program.with_file_name("crd.yaml");
    ask(
        Command::new(program).arg("report").arg(definition),
        document,
    )
}

/// Runs a reader on a document.
pub(crate) fn ask(command: &mut Command, document: &str) -> Result<Output> {
    command.current_dir(Path::new(env!("CARGO_TARGET_TMPDIR")));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().context("the pipe was asked for")?;
    input.write_all(document.as_bytes())?;
    drop(input);
    Ok(child.wait_with_output()?)
}

pub(crate) fn ensure_accepted(answer: &Output, about: About) -> Result<()> {
    ensure!(answer.status.code() == Some(0), "{about:?}: {answer:?}");
    Ok(())
}

pub(crate) fn ensure_refused(answer: &Output, problem: &str) -> Result<()> {
    ensure!(answer.status.code() == Some(1), "{problem}: {answer:?}");
    let said = [&answer.stdout[..], &answer.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(said.contains(problem), "{problem}: {said}");
    Ok(())
}

/// Replaces a text that must be there.
pub(crate) fn replace(document: &str, from: &str, to: &str) -> Result<String> {
    ensure!(document.contains(from), "{from} is not in {document}");
    Ok(document.replace(from, to))
}

fn ensure_equal<L, R>(found: &L, expected: &R) -> Result<()>
where
    L: PartialEq<R> + core::fmt::Debug + ?Sized,
    R: core::fmt::Debug + ?Sized,
{
    ensure!(found == expected, "{found:?} is not {expected:?}");
    Ok(())
}
