//! `cargo xtask demo`

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;
use crate::{guest, task};

/// Build, then verify a signed image (allowed) and one that was tampered with (denied)
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}

/// The folder of the example, below the workspace.
const EXAMPLE: &str = "examples/container-image";

/// The layouts of the example, and the exit code that `sealstone verify` must give for each.
const LAYOUTS: [(&str, i32); 2] = [("signed", 0), ("tampered", 1)];

/// The time of the decision, so that the demonstration never ages.
const NOW: &str = "2026-06-01T00:00:00Z";

pub(crate) fn run(workspace: &Workspace, _: &Arguments) -> Result<()> {
    guest::build(workspace)?;
    let program = task::build::program(workspace, false)?;
    for (layout, expected) in LAYOUTS {
        let code = verify(workspace, &program, layout)?;
        ensure!(
            code == Some(expected),
            "`{EXAMPLE}/{layout}`: `sealstone verify` exits {}, expected {expected}",
            code.map_or_else(|| "by a signal".to_owned(), |code| code.to_string())
        );
    }
    println!("The signed image is allowed, the tampered one is denied.");
    Ok(())
}

/// Verifies one layout and shows command, output and exit code.
fn verify(workspace: &Workspace, program: &Path, layout: &str) -> Result<Option<i32>> {
    let arguments = [
        "verify".to_owned(),
        format!("{EXAMPLE}/{layout}"),
        format!("--policy={EXAMPLE}/policy.yaml"),
        format!("--trusted-root=example={EXAMPLE}/trusted-root.json"),
        format!("--now={NOW}"),
    ];
    println!("$ sealstone {}", arguments.join(" "));
    let status = Command::new(program)
        .args(&arguments)
        .current_dir(&workspace.root)
        .status()
        .with_context(|| format!("cannot run `{}`", program.display()))?;
    let code = status.code();
    if let Some(code) = code {
        println!("(exit code {code})\n");
    }
    Ok(code)
}
