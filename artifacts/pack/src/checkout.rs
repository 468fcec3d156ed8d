//! Copies of a checkout, to build the same or almost the same in another folder.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result};

use crate::progress;
use crate::workspace::Workspace;

#[cfg(unix)]
use std::os::unix::fs::symlink as link;
#[cfg(windows)]
use std::os::windows::fs::symlink_dir as link;

/// Folders that no build reads.
const LEFT_OUT: [&str; 4] = [".git", "corpus", "node_modules", "target"];

/// Copies the checkout `from` to the folders of `to`. Its cargo home becomes a link to the other one:
/// another path, but nothing to download twice.
pub(crate) fn copy(from: &Workspace, to: &Workspace) -> Result<()> {
    progress::work(
        &format!("copy the checkout to `{}`", to.root.display()),
        || {
            copy_folder(&from.root, &to.root)?;
            link(&from.cargo_home, &to.cargo_home)
                .with_context(|| format!("cannot link `{}`", to.cargo_home.display()))
        },
    )
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
