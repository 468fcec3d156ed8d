//! What the documents are about.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};

/// A project, set up once a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Project {
    /// `documents/node`, with what its lock file pins installed.
    Node,
    /// `documents/python`, with an environment that holds what its list pins and nothing else.
    Python,
    /// `documents/debian`: the files by which an image of Debian says what is installed.
    Debian,
    /// This workspace: a copy, since tools write into it.
    Workspace,
    /// A packed module.
    Module,
}

impl Project {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Debian => "debian",
            Self::Workspace => "workspace",
            Self::Module => "module",
        }
    }

    /// Its folder, or its file.
    pub(crate) fn path(self) -> Result<&'static Path> {
        static NODE: LazyLock<Result<PathBuf>> = LazyLock::new(node);
        static PYTHON: LazyLock<Result<PathBuf>> = LazyLock::new(python);
        static DEBIAN: LazyLock<Result<PathBuf>> = LazyLock::new(|| Ok(source("debian")));
        static WORKSPACE: LazyLock<Result<PathBuf>> = LazyLock::new(workspace);
        static MODULE: LazyLock<Result<PathBuf>> =
            LazyLock::new(|| Ok(artifacts()?.join("sealstone.wasm")));
        let project = match self {
            Self::Node => &NODE,
            Self::Python => &PYTHON,
            Self::Debian => &DEBIAN,
            Self::Workspace => &WORKSPACE,
            Self::Module => &MODULE,
        };
        let project = project.as_deref();
        project.map_err(|error| anyhow::anyhow!("{error:#}"))
    }
}

/// The folder of the packed modules.
pub(crate) fn artifacts() -> Result<PathBuf> {
    let folder = std::env::var_os("SEALSTONE_ARTIFACTS");
    Ok(PathBuf::from(folder.context(
        "SEALSTONE_ARTIFACTS names no folder; run this suite by `cargo xtask hosts`",
    )?))
}

fn node() -> Result<PathBuf> {
    let folder = set_up("node", &["package.json", "package-lock.json"])?;
    succeed(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    Ok(folder)
}

fn python() -> Result<PathBuf> {
    let folder = set_up("python", &["pyproject.toml", "requirements.txt"])?;
    // The version of pip comes with the machine, and would be in the documents.
    succeed(
        Command::new("python3")
            .args(["-m", "venv", "--without-pip", "environment"])
            .current_dir(&folder),
    )?;
    succeed(
        Command::new("python3")
            .args(["-m", "pip", "--python", "environment/bin/python"])
            .args(["install", "--quiet", "--no-deps", "--require-hashes"])
            .args(["-r", "requirements.txt"])
            .current_dir(&folder),
    )?;
    Ok(folder)
}

fn workspace() -> Result<PathBuf> {
    let folder = fresh("workspace")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    copy(&root.canonicalize()?, &folder)?;
    Ok(folder)
}

/// Copies a folder without what is built and what is hidden.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if hidden || name == "target" || name == "node_modules" {
            continue;
        }
        let (from, to) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            copy(&from, &to)?;
        } else {
            std::fs::copy(from, to)?;
        }
    }
    Ok(())
}

fn set_up(name: &str, files: &[&str]) -> Result<PathBuf> {
    let folder = fresh(name)?;
    std::fs::create_dir_all(&folder)?;
    for file in files {
        std::fs::copy(source(name).join(file), folder.join(file))?;
    }
    Ok(folder)
}

/// Where the project lies in this tree.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("documents")
        .join(name)
}

fn fresh(name: &str) -> Result<PathBuf> {
    crate::run::fresh(&format!("project-{name}"))
}

/// Runs a program of others, which must succeed.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let output = command
        .output()
        .with_context(|| format!("{} does not start", OsStr::display(&name)))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Ok(())
}
