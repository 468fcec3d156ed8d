//! `docs/guides/opa.md` says what happens: its commands run as they stand, in the folder of the example.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_peers::Program;

use crate::cases::workspace;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("guide", || guide().map_err(Failed::from))]
}

fn guide() -> Result<()> {
    let guide = std::fs::read_to_string(workspace().join("docs/guides/opa.md"))?;
    let folder = tempfile::tempdir()?;
    for entry in std::fs::read_dir(workspace().join("examples/opa"))? {
        let entry = entry?;
        std::fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
    }
    let mut blocks = guide.split("```").skip(1).step_by(2).peekable();
    let mut compared = Vec::new();
    while let Some(block) = blocks.next() {
        if let Some(content) = block.strip_prefix("rego\n") {
            std::fs::write(folder.path().join("admission.rego"), content)?;
        }
        let Some(commands) = block.strip_prefix("sh\n") else {
            continue;
        };
        let said = run(commands, folder.path())?;
        // A block of text behind commands is what they print.
        if let Some(expected) = blocks.peek().and_then(|next| next.strip_prefix("text\n")) {
            ensure!(said == expected, "{commands}prints\n{said}");
            compared.push(expected);
        }
    }
    ensure!(compared.len() == 4, "{compared:?}");
    Ok(())
}

fn run(commands: &str, folder: &Path) -> Result<String> {
    let ours = std::env::var_os("SEALSTONE_PROGRAM").context("SEALSTONE_PROGRAM is not set")?;
    let opa = Program::Opa.install()?;
    let mut path = Vec::new();
    for program in [Path::new(&ours), &opa] {
        path.push(
            program
                .parent()
                .context("a program lies in a folder")?
                .to_owned(),
        );
    }
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let output = Command::new("sh")
        .args(["-e", "-c", commands])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path)?)
        .env("SEALSTONE_CACHE_DIR", env!("CARGO_TARGET_TMPDIR"))
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{commands}{}: {errors}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}
