//! What is compared is what `versions.toml` says.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_peers::{Peer, Version, versions};

pub(crate) fn trials() -> Vec<Trial> {
    versions()
        .expect("the versions are stated")
        .into_iter()
        .map(|version| {
            Trial::test(format!("versions/{}", version.peer.name()), move || {
                check(&version)
            })
        })
        .collect()
}

/// The manifest or lock file that decides which version is installed asks for the stated one.
fn check(version: &Version) -> Result<(), Failed> {
    let Version {
        peer,
        package,
        version,
    } = version;
    let (file, wanted) = match peer {
        Peer::SigstoreGo => ("sigstore-go/go.mod", format!("\t{package} v{version}\n")),
        Peer::SigstoreJs => (
            "sigstore-js/package-lock.json",
            format!("\"node_modules/{package}\": {{\n      \"version\": \"{version}\","),
        ),
        Peer::SigstorePython => (
            "sigstore-python/requirements.txt",
            format!("\n{package}=={version} \\\n"),
        ),
        Peer::SigstoreRust => (
            "../../Cargo.lock",
            format!("name = \"{package}\"\nversion = \"{version}\"\n"),
        ),
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::fs::read_to_string(&path)?.contains(&wanted) {
        Ok(())
    } else {
        Err(format!("{file} does not say {wanted:?}").into())
    }
}
