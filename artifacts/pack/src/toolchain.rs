//! The Rust toolchain, whose standard library is part of every module.

use anyhow::{Context, Result};

use crate::tools;
use crate::workspace::Workspace;

/// A release of Rust.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    /// The version, `1.95.0`.
    pub(crate) version: String,
    /// The git commit that it was built from.
    pub(crate) commit: String,
}

impl Toolchain {
    /// The toolchain of the checkout.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self> {
        let said = tools::rustc(workspace, &["--version", "--verbose"])?;
        let field = |name: &str| {
            let found = said.lines().find_map(|line| line.strip_prefix(name));
            found
                .map(str::to_owned)
                .with_context(|| format!("`rustc --version --verbose` has no line `{name}`"))
        };
        Ok(Self {
            version: field("release: ")?,
            commit: field("commit-hash: ")?,
        })
    }

    /// The package URL.
    pub(crate) fn purl(&self) -> String {
        format!("pkg:github/rust-lang/rust@{}", self.version)
    }
}
