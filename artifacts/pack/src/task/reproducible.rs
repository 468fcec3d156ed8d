//! Whether the modules have the same bytes wherever they are built.

use anyhow::{Result, ensure};

use crate::artifact::{self, Artifact};
use crate::workspace::Workspace;
use crate::{checkout, guest};

/// Builds the modules here and in two copies of the checkout, and compares. The folders of the
/// copies have names of different lengths, and so have their cargo homes and target folders.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let here = guest::modules(workspace)?;
    for name in ["a", "a-folder-with-a-much-longer-name/and-one-more"] {
        for ((artifact, here), (_, there)) in here.iter().zip(build_copy(workspace, name)?) {
            ensure!(
                there == *here,
                "`{}` is not reproducible: {} bytes, sha256 {} here; {} bytes, sha256 {} in the folder `{name}`",
                artifact.file,
                here.len(),
                artifact::sha256(here),
                there.len(),
                artifact::sha256(&there)
            );
        }
    }
    for (artifact, here) in here {
        println!(
            "{}: the same {} bytes in three folders, sha256 {}",
            artifact.file,
            here.len(),
            artifact::sha256(&here)
        );
    }
    Ok(())
}

fn build_copy(workspace: &Workspace, name: &str) -> Result<Vec<(&'static Artifact, Vec<u8>)>> {
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path().join(name);
    let copy = Workspace {
        root: folder.join("checkout"),
        target: folder.join("built"),
        cargo_home: folder.join("home"),
    };
    checkout::copy(workspace, &copy)?;
    guest::modules(&copy)
}
