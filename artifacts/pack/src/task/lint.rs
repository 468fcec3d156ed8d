//! `cargo xtask lint`

use std::process::Command;

use anyhow::Result;

use crate::artifact::ARTIFACTS;
use crate::tools::{self, GUEST_TARGET};
use crate::workspace::Workspace;
use crate::{guest, progress};

/// Check format, lints, documentation and dependencies
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(workspace: &Workspace, _: &Arguments) -> Result<()> {
    tools::component(workspace, "rustfmt", "fmt")?;
    tools::component(workspace, "clippy", "clippy")?;
    guest::build(workspace)?; // the `sealstone` program does not compile without it

    let mut format = workspace.cargo("fmt");
    format.args(["--all", "--check"]);
    progress::run("check the format", &mut format)?;

    let mut clippy = workspace.cargo("clippy");
    clippy.args(["--locked", "--workspace", "--all-targets", "--all-features"]);
    progress::run("clippy", deny_warnings(&mut clippy))?;

    // Each by itself, as it is built: modules do not share their allocator.
    for artifact in ARTIFACTS {
        let mut clippy = workspace.cargo("clippy");
        clippy.args(["--locked", "--target", GUEST_TARGET]);
        clippy.args(["--package", artifact.package]);
        for name in artifact.features {
            clippy.args(["--features", name]);
        }
        let title = format!("clippy for {}", artifact.file);
        progress::run(&title, deny_warnings(&mut clippy))?;
    }

    let mut documentation = workspace.cargo("doc");
    documentation
        .args(["--locked", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "--deny warnings");
    progress::run("build the documentation", &mut documentation)?;

    let mut deny = Command::new(tools::cargo_deny(workspace)?);
    deny.args([
        "--locked",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ])
    .current_dir(&workspace.root);
    progress::run("check the dependencies", &mut deny)
}

fn deny_warnings(clippy: &mut Command) -> &mut Command {
    clippy.args(["--", "--deny", "warnings"])
}
