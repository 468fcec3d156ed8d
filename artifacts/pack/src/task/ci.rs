//! `cargo xtask ci`

use anyhow::Result;

use crate::task::{demo, fuzz, lint, reproducible, size, test};
use crate::workspace::Workspace;

/// Run every check that a change must pass
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Leave out the tests, where `cargo xtask test` has just run
    #[arg(long)]
    without_tests: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    demo::run(workspace, &demo::Arguments::default())?;
    lint::run(workspace, &lint::Arguments::default())?;
    size::run(workspace, &size::Arguments::default())?;
    reproducible::check(workspace)?;
    fuzz::run(workspace, &fuzz::Arguments::default())?;
    if !arguments.without_tests {
        test::run(workspace, &test::Arguments::default())?; // last, for its closing line
    }
    Ok(())
}
