//! Whether the module has the same bytes wherever it is built.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;
use crate::{artifact, guest, progress};

#[cfg(unix)]
use std::os::unix::fs::symlink as link;
#[cfg(windows)]
use std::os::windows::fs::symlink_dir as link;

/// Folders that no build reads.
const LEFT_OUT: [&str; 4] = [".git", "corpus", "node_modules", "target"];

/// Builds the module here and in two copies of the checkout, and compares. The folders of the
/// copies have names of different lengths, and so have their cargo homes and target folders.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let here = fs::read(guest::build(workspace)?)?;
    for name in ["a", "a-folder-with-a-much-longer-name/and-one-more"] {
        let there = build_copy(workspace, name)?;
        ensure!(
            there == here,
            "the module is not reproducible: {} bytes, sha256 {} here; {} bytes, sha256 {} in the folder `{name}`",
            here.len(),
            artifact::sha256(&here),
            there.len(),
            artifact::sha256(&there)
        );
    }
    println!(
        "{}: the same {} bytes in three folders, sha256 {}",
        artifact::COMPONENT.file,
        here.len(),
        artifact::sha256(&here)
    );
    Ok(())
}

fn build_copy(workspace: &Workspace, name: &str) -> Result<Vec<u8>> {
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path().join(name);
    let copy = Workspace {
        root: folder.join("checkout"),
        target: folder.join("built"),
        cargo_home: folder.join("home"),
    };
    progress::work(
        &format!("copy the checkout to `{}`", copy.root.display()),
        || {
            copy_folder(&workspace.root, &copy.root)?;
            // Another path, but nothing to download twice.
            link(&workspace.cargo_home, &copy.cargo_home)
                .with_context(|| format!("cannot link `{}`", copy.cargo_home.display()))
        },
    )?;
    guest::component(&copy)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create `{}`", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read `{}`", from.display()))? {
        let entry = entry?;
        if LEFT_OUT
            .iter()
            .any(|name| entry.file_name() == OsStr::new(name))
        {
            continue;
        }
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&source, &copy)?;
        } else {
            copy_file(&source, &copy)
                .with_context(|| format!("cannot copy `{}`", source.display()))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(|_| ())
}
