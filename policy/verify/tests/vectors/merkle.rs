//! RFC 6962 inclusion proofs: `wantErr` says which must be refused.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::internals::verify_inclusion;
use sealstone_verify::json::Value;

use crate::folder::{self, from_base64, member};

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let base = vectors.join("merkle/inclusion");
    folder::files(&base)
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&base).expect("below").display();
            Trial::test(format!("merkle/{name}"), move || check(&path))
        })
        .collect()
}

fn check(path: &Path) -> Result<(), Failed> {
    let case = folder::json(path);
    let number = |name: &str| case.get(name).and_then(Value::as_u64);
    let proof: Vec<Vec<u8>> = case
        .get("proof")
        .and_then(Value::as_array)
        .unwrap_or_default()
        .iter()
        .map(|hash| from_base64(hash.as_str().expect("a text")))
        .collect();
    let leaf: Option<[u8; 32]> = from_base64(member(&case, &["leafHash"])).try_into().ok();
    // Indices and hashes that the types cannot hold are refused before the proof is read.
    let accepted = match (leaf, number("leafIdx"), number("treeSize")) {
        (Some(leaf), Some(index), Some(size)) => {
            let root = from_base64(member(&case, &["root"]));
            verify_inclusion(&leaf, index, size, &proof, &root).is_ok()
        }
        _ => false,
    };
    let wanted = case.get("wantErr").and_then(Value::as_bool) == Some(false);
    if accepted == wanted {
        Ok(())
    } else {
        Err(format!("accepted: {accepted}").into())
    }
}
