//! Running cosign, without a network.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};
use sealstone_peers::Program;

/// A port where nobody listens: what goes out of this machine fails.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A release of cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cosign {
    V2,
    V3,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) accepted: bool,
    /// Both outputs.
    pub(crate) said: String,
}

impl Cosign {
    pub(crate) const ALL: [Self; 2] = [Self::V2, Self::V3];

    pub(crate) fn name(self) -> &'static str {
        self.program().name()
    }

    const fn program(self) -> Program {
        match self {
            Self::V2 => Program::Cosign2,
            Self::V3 => Program::Cosign3,
        }
    }

    /// Runs cosign; all keys have the same password.
    pub(crate) fn run(
        self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        environment: &[(&str, &str)],
    ) -> Result<Ended> {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("home");
        std::fs::create_dir_all(&home)?;
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(self.path()?)
            .args(arguments)
            .env("HOME", home)
            .env("COSIGN_PASSWORD", "sealstone")
            .env("HTTP_PROXY", NOWHERE)
            .env("HTTPS_PROXY", NOWHERE)
            .env("NO_PROXY", "127.0.0.1")
            .envs(environment.iter().copied())
            .output()
            .with_context(|| format!("{} does not start", self.name()))?;
        Ok(Ended {
            accepted: status.success(),
            said: format!(
                "{}{}",
                String::from_utf8_lossy(&stdout),
                String::from_utf8_lossy(&stderr)
            ),
        })
    }

    /// Runs cosign, which must succeed.
    pub(crate) fn succeed(self, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
        let ended = self.run(arguments, environment)?;
        ensure!(
            ended.accepted,
            "{} {arguments:?}: {}",
            self.name(),
            ended.said
        );
        Ok(())
    }

    fn path(self) -> Result<&'static Path> {
        static V2: LazyLock<Result<PathBuf>> = LazyLock::new(|| Program::Cosign2.install());
        static V3: LazyLock<Result<PathBuf>> = LazyLock::new(|| Program::Cosign3.install());
        let installed = match self {
            Self::V2 => &V2,
            Self::V3 => &V3,
        };
        let installed = installed.as_deref();
        installed.map_err(|error| anyhow::anyhow!("{error:#}"))
    }
}
