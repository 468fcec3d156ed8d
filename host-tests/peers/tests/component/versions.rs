//! What is run is what `versions.toml` says.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_peers::ComponentHost;
use serde_json::Value;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("versions/jco", jco),
        Trial::test("versions/wasmtime-python", wasmtime_python),
    ]
}

/// The lock file of npm pins the stated version, and everything in it by hash.
fn jco() -> Result<(), Failed> {
    let (package, version) = ComponentHost::Jco.pinned()?;
    let lock: Value = serde_json::from_str(&read("jco/package-lock.json")?)?;
    let packages = lock["packages"].as_object().ok_or("no packages")?;
    let locked = &packages[&format!("node_modules/{package}")]["version"];
    if locked != &version {
        return Err(format!("the lock file has {locked}, and not {version}").into());
    }
    let mut pinned = packages.iter().filter(|(name, _)| !name.is_empty());
    match pinned.find(|(_, package)| package["integrity"].as_str().is_none()) {
        None => Ok(()),
        Some((name, _)) => Err(format!("the lock file has no hash of {name}").into()),
    }
}

fn wasmtime_python() -> Result<(), Failed> {
    let (package, version) = ComponentHost::WasmtimePython.pinned()?;
    let list = read("wasmtime-python/requirements.txt")?;
    if list.starts_with(&format!("{package}=={version} \\\n")) {
        Ok(())
    } else {
        Err(format!("requirements.txt does not begin with {package}=={version}").into())
    }
}

fn read(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}
