//! `cargo xtask bench`

use crate::workspace::Workspace;
use anyhow::Result;

/// x
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_: &Workspace, _: &Arguments) -> Result<()> {
    Ok(())
}
