//! Examples, as they are and changed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

/// A file or a folder below `examples`.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

/// The text of a file below `examples`.
pub(crate) fn read(name: &str) -> Result<String> {
    let path = path(name);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// A new folder of this suite.
pub(crate) fn fresh(name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("examples")
        .join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The text with a part replaced, which must be there.
pub(crate) fn changed(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.contains(from), "{from:?} is not in the example");
    Ok(text.replacen(from, to, 1))
}

/// Runs a linter; both outputs, and whether it is content.
pub(crate) fn lint(command: &mut Command) -> Result<(bool, String)> {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .with_context(|| format!("{command:?} does not start"))?;
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
    Ok((status.success(), said))
}

/// A linter must be content with an example.
pub(crate) fn accept(command: &mut Command) -> Result<()> {
    let (accepted, said) = lint(command)?;
    ensure!(accepted, "{command:?}: {said}");
    Ok(())
}

/// A linter must refuse an example and say this.
pub(crate) fn refuse(command: &mut Command, saying: &str) -> Result<()> {
    let (accepted, said) = lint(command)?;
    ensure!(!accepted, "{command:?} accepts it: {said}");
    ensure!(said.contains(saying), "not {saying:?}: {said}");
    Ok(())
}
