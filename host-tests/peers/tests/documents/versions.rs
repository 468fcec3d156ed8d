//! What is installed is what `versions.toml` says.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_peers::Program;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("versions/documents", stated)]
}

fn stated() -> Result<(), Failed> {
    let (package, version) = Program::CyclonedxNpm.pinned()?;
    says(
        "cyclonedx-npm/package.json",
        &format!("\"{package}\": \"{version}\""),
    )?;
    let (package, version) = Program::CyclonedxPython.pinned()?;
    says(
        "cyclonedx-python/requirements.txt",
        &format!("{package}=={version} "),
    )
}

fn says(path: &str, wanted: &str) -> Result<(), Failed> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))?;
    match text.contains(wanted) {
        true => Ok(()),
        false => Err(format!("{path} does not say {wanted:?}").into()),
    }
}
