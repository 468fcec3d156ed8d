//! `cargo xtask size`

use anyhow::{Result, ensure};

use crate::artifact::{ARTIFACTS, Size};
use crate::guest;
use crate::workspace::Workspace;

/// Print the size of each shipped module and hold it against its budget
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(workspace: &Workspace, _: &Arguments) -> Result<()> {
    guest::build_all(workspace)?;
    println!("module                                     raw     budget       gzip     budget");
    let mut over = Vec::new();
    for artifact in ARTIFACTS {
        let size = Size::of(&workspace.artifacts().join(artifact.file))?;
        let budget = artifact.budget;
        println!(
            "{:<36}{:>10} {:>10} {:>10} {:>10}",
            artifact.file, size.raw, budget.raw, size.gzip, budget.gzip
        );
        if size.raw > budget.raw || size.gzip > budget.gzip {
            over.push(artifact.file);
        }
    }
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}
