//! Running our program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::sealstone::program;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program.
pub(crate) fn run(arguments: &[&dyn AsRef<OsStr>]) -> Result<Ended> {
    let output = program()?
        .args(arguments)
        // Whoever runs the tests has credentials that are nobody's business.
        .env("DOCKER_CONFIG", env!("CARGO_TARGET_TMPDIR"))
        .output()?;
    Ok(Ended {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

/// Runs the program, which must succeed; what it prints, without the end of the line.
pub(crate) fn succeed(arguments: &[&dyn AsRef<OsStr>]) -> Result<String> {
    let ended = run(arguments)?;
    ensure!(ended.status == Some(0), "{ended:?}");
    Ok(ended.stdout.trim_end().to_owned())
}

/// The code of the decision about an image.
pub(crate) fn verify(image: &dyn AsRef<OsStr>, policy: &Path) -> Result<String> {
    let ended = run(&[&"verify", image, &"--output=json", &"--policy", &policy])?;
    let decision: Value =
        serde_json::from_str(&ended.stdout).with_context(|| format!("no decision: {ended:?}"))?;
    let code = decision.pointer("/images/0/code").and_then(Value::as_str);
    let code = code.with_context(|| format!("no code: {decision}"))?;
    ensure!((ended.status == Some(0)) == (code == "ok"), "{ended:?}");
    Ok(code.to_owned())
}

/// A new path of a test.
pub(crate) fn fresh(name: &str) -> Result<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("registry")
        .join(name);
    if path.is_dir() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(path.parent().context("it lies in a folder")?)?;
    Ok(path)
}
