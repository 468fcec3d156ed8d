//! What is installed is what `versions.toml` says.

use std::path::Path;

use libtest_mimic::Failed;
use sealstone_peers::Program;

pub(crate) fn stated() -> Result<(), Failed> {
    let (package, version) = Program::AzurermSchema.pinned()?;
    says(
        "azurerm-schema/package.json",
        &format!("\"{package}\": \"{version}\""),
    )?;
    let (package, version) = Program::CheckJsonschema.pinned()?;
    says(
        "check-jsonschema/requirements.txt",
        &format!("{package}=={version} "),
    )?;
    let (package, version) = Program::TerraformCheck.pinned()?;
    says(
        "terraform/go.mod",
        &format!("\nrequire {package} v{version}\n"),
    )
}

fn says(path: &str, wanted: &str) -> Result<(), Failed> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))?;
    match text.contains(wanted) {
        true => Ok(()),
        false => Err(format!("{path} does not say {wanted:?}").into()),
    }
}
