//! `cargo xtask test`

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::workspace::Workspace;
use crate::{guest, progress};

/// Run every test of the workspace, documentation tests included
///
/// The tests on public vectors read the folder that `SEALSTONE_VECTORS` names, `../shared/vectors`
/// by default. The last line of the output sums up: `N passed, N failed`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Only tests whose name contains this
    filter: Option<String>,
}

/// The package that compares ours with verifiers written in other languages, which it must install.
const PEERS: &str = "sealstone-peers";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    guest::build_all(workspace)?;
    let mut test = test(workspace, &["--workspace", "--exclude", PEERS]);
    test.args(&arguments.filter);
    count_with_vectors(workspace, &mut test)
}

/// Runs the differential suite alone.
pub(crate) fn run_differential(workspace: &Workspace) -> Result<()> {
    let targets = ["--package", PEERS, "--lib", "--test", "differential"];
    count_with_vectors(workspace, &mut test(workspace, &targets))
}

/// The suites of [`PEERS`] that run our program and our modules beside programs of others.
const HOSTS: [&str; 9] = [
    "artifacts",
    "component",
    "cosign",
    "documents",
    "examples",
    "kubewarden",
    "opa",
    "registry",
    "reports",
];

/// Runs the suites with hosts of the modules, with programs that sign and store, and with `program`,
/// ours.
pub(crate) fn run_hosts(workspace: &Workspace, program: &Path) -> Result<()> {
    // Of the whole workspace, so that what the other tests are built with is not built anew with other
    // features.
    let suites = HOSTS.iter().flat_map(|suite| ["--test", suite]);
    let targets: Vec<&str> = ["--workspace"].into_iter().chain(suites).collect();
    let mut test = test(workspace, &targets);
    test.env("SEALSTONE_PROGRAM", program);
    count(test.env("SEALSTONE_ARTIFACTS", workspace.artifacts()))
}

fn test(workspace: &Workspace, targets: &[&str]) -> Command {
    let mut test = workspace.cargo("test");
    test.args(["--locked", "--no-fail-fast"]).args(targets);
    test
}

/// Runs tests of which some read the public vectors; these are left out where there are none.
fn count_with_vectors(workspace: &Workspace, test: &mut Command) -> Result<()> {
    match vectors(workspace)? {
        Some(folder) => count(test.env("SEALSTONE_VECTORS", folder)),
        None => {
            // By convention their path names them.
            let counted = count(test.args(["--", "--skip", "vectors"]));
            eprintln!("warning: {NO_VECTORS}");
            counted
        }
    }
}

/// Runs tests and sums up how they came out.
fn count(test: &mut Command) -> Result<()> {
    let finished = progress::collect("test", test)?;
    let counts = Counts::of(&finished.output);
    ensure!(
        counts != Counts::default(),
        "no test program ran to its end"
    );
    for (count, what) in [(counts.ignored, "ignored"), (counts.left_out, "left out")] {
        if count > 0 {
            println!("{count} {what}");
        }
    }
    println!("{} passed, {} failed", counts.passed, counts.failed);
    ensure!(finished.status.success(), "the tests did not pass");
    ensure!(counts.failed == 0, "a test failed");
    ensure!(counts.passed > 0, "no test ran");
    Ok(())
}

const NO_VECTORS: &str = "the public vectors are not here (`SEALSTONE_VECTORS`, by default \
    `../shared/vectors`): the tests that read them do not run, and count neither as passed nor as \
    failed";

/// The folder of the public vectors, if there is one. A folder that was asked for must exist.
pub(crate) fn vectors(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if let Some(asked) = env::var_os("SEALSTONE_VECTORS") {
        let folder = workspace.root.join(asked);
        ensure!(
            folder.is_dir(),
            "`SEALSTONE_VECTORS` names `{}`, which is not a folder",
            folder.display()
        );
        return Ok(Some(folder));
    }
    let folder = workspace.root.join("../shared/vectors");
    if folder.is_dir() {
        return Ok(Some(folder));
    }
    eprintln!("warning: {NO_VECTORS}");
    Ok(None)
}

/// How many tests came out how, over all test programs.
#[derive(Debug, Default, Eq, PartialEq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
    left_out: u64,
}

impl Counts {
    /// Sums up the closing lines, `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn of(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            let Some(result) = line.strip_prefix("test result: ") else {
                continue;
            };
            let numbers = result
                .split_once(". ")
                .map_or(result, |(_, numbers)| numbers);
            for part in numbers.split(';') {
                let mut words = part.split_whitespace();
                let (Some(number), Some(what)) = (words.next(), words.next()) else {
                    continue;
                };
                let count = match what {
                    "passed" => &mut counts.passed,
                    "failed" => &mut counts.failed,
                    "ignored" => &mut counts.ignored,
                    "filtered" => &mut counts.left_out,
                    _ => continue,
                };
                *count = count.saturating_add(number.parse().unwrap_or_default());
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn closing_lines_are_summed_up() {
        let output = "running 3 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s

test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s
test of_9_passed ... ok
";
        assert_eq!(
            Counts::of(output),
            Counts {
                passed: 12,
                failed: 3,
                ignored: 1,
                left_out: 7
            }
        );
        assert_eq!(Counts::of("error: could not compile"), Counts::default());
    }
}
