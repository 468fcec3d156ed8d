//! Modules that stand where releases and builds put them.

use std::env;
use std::path::PathBuf;

/// The module for OPA, as the build names it.
pub(super) const OPA: &str = "sealstone-opa.wasm";
/// The module that evaluates Rego, as the build names it.
pub(super) const REGO: &str = "sealstone-rego.wasm";

/// Finds a module beside this program, or in the folder `artifacts` beside its folder.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let program = env::current_exe().unwrap_or_default();
    let mut folders = program.ancestors().skip(1);
    let beside = folders.next().map(|folder| folder.join(name));
    let built = folders
        .next()
        .map(|folder| folder.join("artifacts").join(name));
    let mut places = beside.into_iter().chain(built);
    places.find(|path| path.is_file())
}
