//! The component without signature checks: what it still spends is everything else.
//!
//! It is built in a copy of the checkout, in which one function is replaced. No feature and no flag of
//! the sources themselves leads to it, so that no other build can become it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;
use crate::{artifact, checkout, guest};

/// Where every signature is verified.
const SOURCE: &str = "policy/crypto/src/key.rs";

/// The first line of the function's body.
const CHECK: &str = "match (&*self.0, scheme, signature) {";

/// What stands in its place: the answer for valid evidence, which is all that is measured.
const ANSWER: &str = "if !core::hint::black_box(false) { return true; }\n        ";

/// Builds the component and returns its path.
///
/// # Errors
/// Also when the function is no longer where it was.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let temporary = tempfile::tempdir()?;
    let copy = Workspace {
        root: temporary.path().join("checkout"),
        // Kept, so that only what changed is built again.
        target: workspace.target.join("unchecked"),
        cargo_home: temporary.path().join("home"),
    };
    checkout::copy(workspace, &copy)?;
    let path = copy.root.join(SOURCE);
    let source = fs::read_to_string(&path).with_context(|| format!("cannot read `{SOURCE}`"))?;
    ensure!(
        source.matches(CHECK).count() == 1,
        "`{SOURCE}` does not have the line `{CHECK}` once"
    );
    fs::write(&path, source.replace(CHECK, &format!("{ANSWER}{CHECK}")))?;
    let component = guest::component(&copy, &artifact::COMPONENT)?;
    let path = copy.target.join("unchecked.wasm");
    artifact::write(&path, &component)?;
    Ok(path)
}
