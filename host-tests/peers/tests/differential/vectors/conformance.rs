//! The cases of sigstore-conformance.

use std::path::{Path, PathBuf};

use sealstone_peers::{Job, Signer};

use super::{NOW, PRODUCTION, read, sha256, text};
use crate::corpus::Input;

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

pub(crate) fn inputs(vectors: &Path) -> Vec<Input> {
    let folder = vectors.join("conformance");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases.iter().map(|case| input(vectors, case)).collect()
}

fn input(vectors: &Path, case: &Path) -> Input {
    let name = case.file_name().expect("a name").to_string_lossy();
    let own = |file: &str| Some(case.join(file)).filter(|path| path.exists());
    let default = |file: &str, default: &str| own(file).unwrap_or_else(|| vectors.join(default));
    let stated = |file: &str, default: &str| {
        own(file).map_or_else(|| default.to_owned(), |path| text(&path))
    };
    let artifact = read(&default("artifact", "conformance/a.txt"));
    let signer = match own("key.pub") {
        Some(key) => Signer::Key(text(&key)),
        None => Signer::Certificate {
            identity: stated("identity", IDENTITY),
            issuer: stated("issuer", ISSUER),
        },
    };
    Input {
        name: format!("conformance/{name}"),
        job: Job {
            bundle: read(&case.join("bundle.sigstore.json")),
            trusted_root: default("trusted_root.json", PRODUCTION),
            artifact_digest: sha256(&artifact),
            artifact: Some(artifact),
            signer,
        },
        now: NOW,
    }
}
