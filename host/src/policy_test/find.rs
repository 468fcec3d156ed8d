//! Finds test files.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{Problem, TestError};
use crate::file::{self, Kind};
use crate::limits::{Limit, Limits};

/// The test files that paths lead to, each once, in the order of the paths.
///
/// A file is taken as it is. In a folder and all below it, the files `*.yaml` and `*.yml` with a line
/// `kind: PolicyTest` are meant, in the order of their names; links and what begins with a dot are
/// left out.
///
/// # Errors
///
/// A path or folder that cannot be read.
pub fn find(paths: &[PathBuf], limits: &Limits) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            within(path, limits, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    let mut unique: Vec<PathBuf> = Vec::new();
    for path in found {
        if !unique.contains(&path) {
            unique.push(path);
        }
    }
    Ok(unique)
}

fn within(folder: &Path, limits: &Limits, found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let unreadable = |reason| Problem {
        file: folder.to_owned(),
        path: String::new(),
        error: Box::new(TestError::Unreadable {
            path: folder.to_owned(),
            reason,
        }),
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden && !kind.is_symlink() {
            entries.push((entry.path(), kind.is_dir()));
        }
    }
    entries.sort();
    for (path, is_folder) in entries {
        if is_folder {
            within(&path, limits, found)?;
        } else if is_test(&path, limits) {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether the file says that it is a test. What cannot be read is no file of ours.
fn is_test(path: &Path, limits: &Limits) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    if !matches!(extension, Some("yaml" | "yml")) {
        return false;
    }
    let read = file::read(path, Kind::Regular, Limit::PolicyBytes, limits.policy_bytes);
    let Ok(content) = read else {
        return false;
    };
    content.split(|byte| *byte == b'\n').any(|line| {
        let value = line.strip_prefix(b"kind:").unwrap_or_default();
        let value = value.split(|byte| *byte == b'#').next().unwrap_or_default();
        matches!(
            value.trim_ascii(),
            b"PolicyTest" | b"\"PolicyTest\"" | b"'PolicyTest'"
        )
    })
}
