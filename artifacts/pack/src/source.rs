//! The sources that modules are built from: which commit, and when it was made.

use std::env;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The sources of this checkout.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The git commit; none where this is no checkout of git.
    pub(crate) commit: Option<String>,
    /// Whether files differ from the commit.
    pub(crate) modified: bool,
    /// Seconds since the Unix epoch: `SOURCE_DATE_EPOCH`, else when the commit was made, else 0.
    pub(crate) seconds: i64,
}

impl Source {
    /// Asks the environment and git.
    ///
    /// # Errors
    /// When `SOURCE_DATE_EPOCH` is no number.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self> {
        let head = git(workspace, &["log", "-1", "--format=%H %ct"]);
        let head = head.as_deref().and_then(|line| line.split_once(' '));
        if head.is_none() {
            eprintln!("warning: this is no checkout of git: the provenance will name no commit");
        }
        let changes = git(workspace, &["status", "--porcelain"]);
        let modified = changes.is_some_and(|changes| !changes.is_empty());
        if modified {
            eprintln!("warning: files differ from the commit, and the provenance will say so");
        }
        let seconds = match env::var("SOURCE_DATE_EPOCH") {
            Ok(seconds) => seconds
                .parse()
                .context("`SOURCE_DATE_EPOCH` is no number of seconds")?,
            Err(_) => head
                .and_then(|(_, seconds)| seconds.parse().ok())
                .unwrap_or_default(),
        };
        Ok(Self {
            commit: head.map(|(commit, _)| commit.to_owned()),
            modified,
            seconds,
        })
    }

    /// The time of the sources, RFC 3339.
    pub(crate) fn time(&self) -> Result<String> {
        Ok(jiff::Timestamp::from_second(self.seconds)?.to_string())
    }
}

/// What git prints, without the line end; nothing where git is not there or fails.
fn git(workspace: &Workspace, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(&workspace.root)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}
