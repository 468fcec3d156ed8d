//! What is run is what `versions.toml` says.

use std::path::Path;

use libtest_mimic::Failed;
use sealstone_peers::Program;

pub(crate) fn stated() -> Result<(), Failed> {
    let (package, version) = Program::Junitparser.pinned()?;
    says(
        "junitparser/requirements.txt",
        &format!("{package}=={version} "),
    )?;
    let (package, version) = Program::SarifMultitool.pinned()?;
    let wanted = format!("\"{package}\": \"{version}\"");
    says("sarif-multitool/package.json", &wanted)?;
    let (package, version) = Program::Openreports.pinned()?;
    says("openreports/go.mod", &format!("\t{package} v{version}\n"))?;
    let in_toto = "github.com/in-toto/attestation";
    let pinned = format!(
        "[in-toto] # the types of statements and predicates\npackage = \"{in_toto}\"\nversion = \"1.2.0\""
    );
    says("versions.toml", &pinned)?;
    says("openreports/go.mod", &format!("\t{in_toto} v1.2.0\n"))
}

fn says(file: &str, wanted: &str) -> Result<(), Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    match std::fs::read_to_string(&path)?.contains(wanted) {
        true => Ok(()),
        false => Err(format!("{file} does not say {wanted:?}").into()),
    }
}
