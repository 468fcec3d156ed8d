//! A peer that is a program: it reads one job a line and writes one answer a line.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::answer::Answer;

/// How long a peer may think about one job.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub(super) struct Process {
    name: &'static str,
    child: Child,
    jobs: ChildStdin,
    answers: Receiver<std::io::Result<String>>,
}

impl Process {
    /// Starts the program; what it has to say beside its answers goes into the log.
    pub(super) fn start(name: &'static str, command: &mut Command, log: File) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let jobs = child.stdin.take().context("standard input is a pipe")?;
        let output = child.stdout.take().context("standard output is a pipe")?;
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            name,
            child,
            jobs,
            answers,
        })
    }

    pub(super) fn ask(&mut self, job: &Value) -> Result<Answer> {
        let line = self.line(job)?;
        Answer::from_json(&line).with_context(|| format!("{} answers nonsense", self.name))
    }

    /// The line that answers a job, whatever it says.
    pub(super) fn line(&mut self, job: &Value) -> Result<String> {
        let name = self.name;
        writeln!(self.jobs, "{job}").with_context(|| format!("{name} takes no more jobs"))?;
        let line = self
            .answers
            .recv_timeout(PATIENCE)
            .map_err(|error| anyhow!("{name} does not answer: {error}"))??;
        Ok(line)
    }
}

impl Drop for Process {
    /// Peers end at the end of their input; one that hangs is ended.
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            self.child.wait().ok();
        }
    }
}
