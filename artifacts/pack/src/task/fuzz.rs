//! `cargo xtask fuzz`

use anyhow::{Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{progress, tools};

/// Fuzz each target, or those named, for some seconds; a finding is an error
///
/// Seeds come from the forge. What was found stays in `fuzz/artifacts`, what was reached in
/// `fuzz/corpus`, where the next run starts from it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How long each target runs
    #[arg(long, default_value_t = SHORT)]
    seconds: u32,

    /// The targets, as in `fuzz/fuzz_targets`; all by default
    targets: Vec<String>,
}

/// Long enough to run all seeds and a while beyond.
const SHORT: u32 = 10;

impl Default for Arguments {
    fn default() -> Self {
        Self {
            seconds: SHORT,
            targets: Vec::new(),
        }
    }
}

/// More than the seeds need, and little enough that a stuck input and a growing heap show.
///
/// An input takes milliseconds of processor time. The timeout counts seconds of the wall clock, so it
/// must outlast every pause of a process that a loaded machine puts last; an endless loop outlasts it
/// all the same.
const LIMITS: [&str; 3] = ["-max_len=32768", "-timeout=180", "-rss_limit_mb=1024"];

/// The verifier has no unsafe code: panics, overflows, unbounded work and wrong acceptances all show
/// without a sanitizer, at several times the speed.
const WITHOUT_SANITIZER: [&str; 2] = ["--sanitizer", "none"];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let known = targets(workspace)?;
    if let Some(unknown) = arguments
        .targets
        .iter()
        .find(|target| !known.contains(target))
    {
        bail!(
            "there is no fuzz target `{unknown}`, only {}",
            known.join(", ")
        );
    }
    seed(workspace)?;
    let mut build = tools::cargo_fuzz(workspace, "build")?;
    build.args(WITHOUT_SANITIZER);
    progress::run("build fuzz targets", &mut build)?;
    let chosen = if arguments.targets.is_empty() {
        &known
    } else {
        &arguments.targets
    };
    for target in chosen {
        let mut fuzz = tools::cargo_fuzz(workspace, "run")?;
        fuzz.args(WITHOUT_SANITIZER)
            .args([target, "--"])
            .arg(format!("-max_total_time={}", arguments.seconds))
            .args(LIMITS);
        let finished = progress::collect(&format!("fuzz {target}"), &mut fuzz)?;
        ensure!(
            finished.status.success(),
            "the fuzz target `{target}` ended with {}",
            finished.status
        );
        // On a terminal the fuzzer has said so itself.
        if let Some(done) = work_done(&finished.output) {
            println!("{target}: {done}");
        }
    }
    println!("{} fuzz targets without a finding", chosen.len());
    Ok(())
}

/// How many inputs ran in how many seconds, as libFuzzer says it at the end: `Done 5 runs in 3 second(s)`.
fn work_done(output: &str) -> Option<&str> {
    let mut done = output.lines().filter_map(|line| line.strip_prefix("Done "));
    done.next_back()
}

/// The names of the targets.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let output = tools::cargo_fuzz(workspace, "list")?.output()?;
    ensure!(output.status.success(), "the fuzz targets cannot be listed");
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.lines().map(str::to_owned).collect())
}

/// Writes the seeds of every target.
fn seed(workspace: &Workspace) -> Result<()> {
    let mut seeds = workspace.cargo("run");
    seeds
        .args(["--locked", "--quiet", "--manifest-path", "fuzz/Cargo.toml"])
        .args(["--example", "seeds"])
        .env("CARGO_TARGET_DIR", workspace.target.join("fuzz"));
    progress::run("write seeds", &mut seeds)
}

#[cfg(test)]
mod tests {
    use super::work_done;

    #[test]
    fn the_last_line_of_the_fuzzer_says_what_was_done() {
        let output =
            "INFO: seed corpus\nDone 1 runs in 0 second(s)\n#5 DONE\nDone 5 runs in 3 second(s)\n";
        assert_eq!(work_done(output), Some("5 runs in 3 second(s)"));
        assert_eq!(work_done("==1== ERROR: libFuzzer: timeout"), None);
    }
}
