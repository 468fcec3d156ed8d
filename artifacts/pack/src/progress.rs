//! Steps that tell how far they are.
//!
//! On a terminal the output of a step passes through. Otherwise it is kept back, a line now and
//! then says that the step still runs, and the output is shown when the step fails.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Seek, SeekFrom};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a quiet step says that it still runs.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often a quiet step looks whether its program has ended.
const POLL: Duration = Duration::from_millis(20);

/// What a program wrote, and whether it ended well.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Standard output; with standard error in between where the step was quiet.
    pub(crate) output: String,
    /// How it ended.
    pub(crate) status: ExitStatus,
}

/// Runs a program as one step. A program that fails is an error.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<()> {
    let finished = collect(name, command)?;
    if !finished.status.success() {
        bail!("{name}: `{}` ended with {}", line(command), finished.status);
    }
    Ok(())
}

/// Runs a program as one step and keeps what it writes. A program that fails is not an error here,
/// but what it wrote is shown.
pub(crate) fn collect(name: &str, command: &mut Command) -> Result<Finished> {
    let start = Instant::now();
    eprintln!("==> {name}");
    let finished = if io::stderr().is_terminal() {
        loud(command)
    } else {
        quiet(name, command, start)
    }
    .with_context(|| format!("{name}: cannot run `{}`", line(command)))?;
    let end = if finished.status.success() {
        "done"
    } else {
        "failed"
    };
    eprintln!("    {name}: {end}, {:.1} s", start.elapsed().as_secs_f64());
    Ok(finished)
}

/// Runs work of this program as one step.
pub(crate) fn work<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    eprintln!("==> {name}");
    let result = work().with_context(|| name.to_owned())?;
    eprintln!("    {name}: done, {:.1} s", start.elapsed().as_secs_f64());
    Ok(result)
}

fn loud(command: &mut Command) -> io::Result<Finished> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut output = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            output.push_str(&line);
            output.push('\n');
        }
    }
    let status = child.wait()?;
    Ok(Finished { output, status })
}

fn quiet(name: &str, command: &mut Command, start: Instant) -> io::Result<Finished> {
    let mut kept = tempfile::tempfile()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(kept.try_clone()?)
        .stderr(kept.try_clone()?)
        .spawn()?;
    let mut said = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if said.elapsed() >= HEARTBEAT {
            eprintln!("    {name}: {} s", start.elapsed().as_secs());
            said = Instant::now();
        }
        thread::sleep(POLL);
    };
    let output = read(&mut kept)?;
    if !status.success() {
        eprint!("{output}");
    }
    Ok(Finished { output, status })
}

fn read(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The command as one would type it, near enough to read.
fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
