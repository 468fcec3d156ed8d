//! Whether the module has the same bytes wherever it is built.

use std::fs;

use anyhow::{Result, ensure};

use crate::artifact::{self, ARTIFACTS};
use crate::workspace::Workspace;
use crate::{checkout, guest};

/// Builds every module here and in two copies of the checkout, and compares. The folders of the
/// copies have names of different lengths, and so have their cargo homes and target folders.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut here = Vec::new();
    for path in guest::build_all(workspace)? {
        here.push(fs::read(path)?);
    }
    for name in ["a", "a-folder-with-a-much-longer-name/and-one-more"] {
        let there = build_copy(workspace, name)?;
        for ((artifact, here), there) in ARTIFACTS.iter().zip(&here).zip(&there) {
            ensure!(
                there == here,
                "`{}` is not reproducible: {} bytes, sha256 {} here; {} bytes, sha256 {} in the folder `{name}`",
                artifact.file,
                here.len(),
                artifact::sha256(here),
                there.len(),
                artifact::sha256(there)
            );
        }
    }
    for (artifact, here) in ARTIFACTS.iter().zip(&here) {
        println!(
            "{}: the same {} bytes in three folders, sha256 {}",
            artifact.file,
            here.len(),
            artifact::sha256(here)
        );
    }
    Ok(())
}

fn build_copy(workspace: &Workspace, name: &str) -> Result<[Vec<u8>; 2]> {
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path().join(name);
    let copy = Workspace {
        root: folder.join("checkout"),
        target: folder.join("built"),
        cargo_home: folder.join("home"),
    };
    checkout::copy(workspace, &copy)?;
    Ok([guest::component(&copy)?, guest::opa_module(&copy)?])
}
