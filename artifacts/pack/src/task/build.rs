//! `cargo xtask build`

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{guest, progress, task};

/// Build the modules, then the `sealstone` program that carries it
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Optimise the `sealstone` program (the modules always are)
    #[arg(long)]
    release: bool,

    /// Build the modules in two other folders and compare the bytes
    #[arg(long)]
    check_reproducible: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if arguments.check_reproducible {
        return task::reproducible::check(workspace);
    }
    let modules = guest::build_all(workspace)?;
    let program = program(workspace, arguments.release)?;
    for module in modules {
        println!("{}", module.display());
    }
    println!("{}", program.display());
    Ok(())
}

/// Builds the `sealstone` program. The module must be there. Returns the path.
pub(crate) fn program(workspace: &Workspace, release: bool) -> Result<PathBuf> {
    let mut build = workspace.cargo("build");
    build.args(["--locked", "--package", "sealstone", "--bin", "sealstone"]);
    let profile = if release {
        build.arg("--release");
        "release"
    } else {
        "debug"
    };
    progress::run("build sealstone", &mut build)?;
    let file = format!("sealstone{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target.join(profile).join(file))
}
