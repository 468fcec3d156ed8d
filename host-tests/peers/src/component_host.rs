//! Hosts of the component that are not ours.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::install::{fingerprint, npm_ci, once, python_environment, run};
use super::process::Process;
use super::version::{folder, pinned};

/// A host of the component by others, around which a small program of ours reads calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentHost {
    /// jco, which makes JavaScript and core modules of the component for Node.js.
    Jco,
    /// The PyPI package `wasmtime`.
    WasmtimePython,
}

impl ComponentHost {
    /// Every host.
    pub const ALL: &'static [Self] = &[Self::Jco, Self::WasmtimePython];

    /// Its name in `host-tests/peers/versions.toml`, and of the folder beside it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jco => "jco",
            Self::WasmtimePython => "wasmtime-python",
        }
    }

    /// The package and the version that are pinned.
    ///
    /// # Errors
    /// When `host-tests/peers/versions.toml` cannot be read, or lacks the host.
    pub fn pinned(self) -> Result<(String, String)> {
        pinned(self.name())
    }

    /// Installs the host where that is not done yet, and starts it with a component.
    ///
    /// # Errors
    /// What stops the installation or the start; a host that is not there is never passed over.
    pub fn start(self, component: &Path) -> Result<RunningComponentHost> {
        let source = folder().join(self.name());
        let target = once(self.name(), &fingerprint(&source)?, |target| match self {
            Self::Jco => npm_ci(&source, target),
            Self::WasmtimePython => python_environment(&source, target),
        })?;
        let mut command = match self {
            Self::Jco => {
                let transpiled = target.join("transpiled");
                run(Command::new(target.join("node_modules/.bin/jco"))
                    .args(["transpile", "--quiet", "--name", "component", "--out-dir"])
                    .args([&transpiled, component]))?;
                let mut command = Command::new("node");
                command
                    .arg(target.join("main.js"))
                    .arg(transpiled.join("component.js"));
                command
            }
            Self::WasmtimePython => {
                let mut command = Command::new(target.join("environment/bin/python"));
                command.arg(source.join("main.py")).arg(component);
                command
            }
        };
        let log = std::fs::File::create(target.join("log"))?;
        let process = Process::start(self.name(), &mut command, log)?;
        Ok(RunningComponentHost { process })
    }
}

/// A host with the component in it.
#[derive(Debug)]
pub struct RunningComponentHost {
    process: Process,
}

impl RunningComponentHost {
    /// The decision document about a call of [`DecisionVector`](crate::DecisionVector), exactly as the
    /// component gave it.
    ///
    /// # Errors
    /// When the host does not answer, or nothing was decided.
    pub fn decide(&mut self, call: &Value) -> Result<String> {
        let line = self.process.line(call)?;
        let answer: Value =
            serde_json::from_str(&line).with_context(|| format!("not an answer: {line}"))?;
        match answer.get("document").and_then(Value::as_str) {
            Some(document) => Ok(document.to_owned()),
            None => bail!("nothing was decided: {line}"),
        }
    }
}
