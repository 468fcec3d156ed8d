use std::path::{Path, PathBuf};

use sealstone_forge::MerkleTree;
use serde_json::Value;
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// Verifies an inclusion proof bottom-up (RFC 9162 section 2.1.3.2), where the forge makes it
/// top-down.
pub(crate) fn root_from_proof(index: u64, size: u64, leaf: Hash, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = parent(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = parent(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

pub(crate) fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

fn parent(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

#[test]
fn every_proof_of_every_small_tree_verifies() {
    for size in 1..=40_usize {
        let entries: Vec<Vec<u8>> = (0..size).map(|n| n.to_string().into_bytes()).collect();
        let tree = MerkleTree::new(&entries);
        assert_eq!(tree.size(), size);
        for (index, entry) in entries.iter().enumerate() {
            let proof = tree.inclusion_proof(index);
            let root = root_from_proof(index as u64, size as u64, leaf_hash(entry), &proof);
            assert_eq!(root, Some(tree.root()), "{index} of {size}");
        }
    }
}

#[test]
fn empty_tree() {
    let tree = MerkleTree::new(Vec::<Vec<u8>>::new());
    assert_eq!(tree.root(), <Hash>::from(Sha256::digest(b"")));
}

/// The judge above is itself judged by the public vectors.
#[test]
fn public_vectors() {
    let vectors = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let folder = vectors.join("merkle/inclusion");
    assert!(
        folder.is_dir(),
        "no vectors at {}: set SEALSTONE_VECTORS",
        folder.display()
    );
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(files.len() > 50, "only {} vectors", files.len());
    let mut valid = 0;
    for file in files {
        let vector: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let verified = vector_holds(&vector);
        let expected = !vector["wantErr"].as_bool().unwrap();
        assert_eq!(verified, expected, "{}", file.display());
        valid += usize::from(expected);
    }
    assert!(valid > 3, "only {valid} valid vectors");
}

fn vector_holds(vector: &Value) -> bool {
    let hash = |value: &Value| <Hash>::try_from(bytes(value)).ok();
    let proof: Option<Vec<Hash>> = match &vector["proof"] {
        Value::Null => Some(Vec::new()),
        proof => proof.as_array().unwrap().iter().map(hash).collect(),
    };
    let (Some(leaf), Some(root), Some(proof)) =
        (hash(&vector["leafHash"]), hash(&vector["root"]), proof)
    else {
        return false;
    };
    let index = vector["leafIdx"].as_u64().unwrap();
    let size = vector["treeSize"].as_u64().unwrap();
    root_from_proof(index, size, leaf, &proof) == Some(root)
}

fn bytes(value: &Value) -> Vec<u8> {
    value
        .as_str()
        .map_or_else(Vec::new, |_| crate::support::base64(value))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
