//! What is run is what `versions.toml` says.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_peers::Program;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("versions/stated", stated),
        Trial::test("versions/registry", registry),
    ]
}

fn stated() -> Result<(), Failed> {
    for program in Program::ALL {
        program.pinned()?;
    }
    Ok(())
}

/// The module of the registry asks for the stated version.
fn registry() -> Result<(), Failed> {
    let (package, version) = Program::Registry.pinned()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("registry/go.mod");
    let wanted = format!("\nrequire {package} v{version}\n");
    if std::fs::read_to_string(&path)?.contains(&wanted) {
        Ok(())
    } else {
        Err(format!("{} does not say {wanted:?}", path.display()).into())
    }
}
