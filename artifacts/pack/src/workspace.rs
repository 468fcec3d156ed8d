//! Where things are, and the `cargo` that works there.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// One checkout of the project, with the folders that its builds use.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace manifest.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    /// Where cargo keeps the sources of dependencies.
    pub(crate) cargo_home: PathBuf,
}

impl Workspace {
    /// The checkout that `cargo xtask` was called in.
    pub(crate) fn current() -> Result<Self> {
        // Set by `cargo run`. The compiled-in path would name another folder after a move.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .context("this program is called through `cargo xtask`")?;
        let root = Path::new(&manifest)
            .ancestors()
            .nth(2)
            .context("`artifacts/pack` is two folders below the workspace")?
            .to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
            || root.join("target"),
            |directory| root.join(directory), // an absolute path replaces the root
        );
        let cargo_home = match env::var_os("CARGO_HOME") {
            Some(directory) => PathBuf::from(directory),
            None => env::home_dir()
                .context("neither `CARGO_HOME` nor the home folder is known")?
                .join(".cargo"),
        };
        Ok(Self {
            root,
            target,
            cargo_home,
        })
    }

    /// The folder of the shipped files. It stays in the checkout wherever cargo builds, because
    /// the `sealstone` program takes the module from there.
    pub(crate) fn artifacts(&self) -> PathBuf {
        self.root.join("target").join("artifacts")
    }

    /// `cargo SUBCOMMAND` in this checkout.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .arg(subcommand)
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_HOME", &self.cargo_home);
        command
    }
}
