//! Statements to be signed, read into the types of in-toto.

use std::process::{Command, Output};

use anyhow::Result;
use libtest_mimic::Failed;
use sealstone_peers::Program;

use crate::decisions::{About, Decisions};
use crate::formats::{ask, ensure_accepted, ensure_refused, replace};

const SUMMARY: [&str; 2] = ["vsa", "--policy-uri=https://example.com/policy"];
const RESULT: [&str; 1] = ["svr"];

pub(crate) fn are_accepted() -> Result<(), Failed> {
    let decisions = Decisions::new("statements")?;
    for about in [About::Mixed, About::Allowed] {
        for arguments in [&SUMMARY[..], &RESULT[..]] {
            let statement = decisions.statement(about, arguments)?;
            let read = read(arguments, &statement.to_string())?;
            ensure_accepted(&read, about)?;
        }
    }
    Ok(())
}

pub(crate) fn broken_are_refused() -> Result<(), Failed> {
    let decisions = Decisions::new("broken-statements")?;
    let cases: [(&[&str], &str, &str, &str); 7] = [
        (
            &SUMMARY,
            "\"PASSED\"",
            "\"GOOD\"",
            "verificationResult is unknown",
        ),
        (&SUMMARY, "\"PASSED\"", "\"FAILED\"", "contradict"),
        (&SUMMARY, "\"resourceUri\"", "\"uri\"", "no resourceUri"),
        (&SUMMARY, "2026-06-01T00:00:00Z", "yesterday", "Timestamp"),
        (&SUMMARY, "\"sha256\":\"", "\"sha256\":\"x", "digest"),
        (&RESULT, "\"timeCreated\"", "\"time\"", "no timeCreated"),
        (&RESULT, "/svr/v0.1", "/svr/v9", "the predicate type is"),
    ];
    for (arguments, from, to, problem) in cases {
        let whole = decisions.statement(About::Allowed, arguments)?.to_string();
        let broken = replace(&whole, from, to)?;
        ensure_refused(&read(arguments, &broken)?, problem)?;
    }
    Ok(())
}

fn read(arguments: &[&str], document: &str) -> Result<Output> {
    let mut program = Command::new(Program::Openreports.install()?);
    ask(program.args(arguments.first()), document)
}
