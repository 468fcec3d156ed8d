//! What is run is what `versions.toml` says.

use libtest_mimic::{Failed, Trial};
use sealstone_peers::Program;

use crate::cases::workspace;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("versions/opa", stated)]
}

fn stated() -> Result<(), Failed> {
    let (package, version) = Program::OpaJs.pinned()?;
    says(
        "host-tests/peers/opa-js/package.json",
        &format!("\"{package}\": \"{version}\""),
    )?;
    let (package, version) = Program::OpaPython.pinned()?;
    says(
        "host-tests/peers/opa-python/requirements.txt",
        &format!("{package}=={version} "),
    )?;
    says(
        "host-tests/peers/versions.toml",
        "[opa-rust]\npackage = \"opa-wasm\"\nversion = \"0.3.4\"",
    )?;
    says("Cargo.lock", "name = \"opa-wasm\"\nversion = \"0.3.4\"")
}

fn says(path: &str, wanted: &str) -> Result<(), Failed> {
    let text = std::fs::read_to_string(workspace().join(path))?;
    match text.contains(wanted) {
        true => Ok(()),
        false => Err(format!("{path} does not say {wanted:?}").into()),
    }
}
