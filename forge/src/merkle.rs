//! Merkle trees of transparency logs (RFC 6962 section 2.1).

use sha2::{Digest, Sha256};

/// A tree over complete entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerkleTree {
    leaves: Vec<[u8; 32]>,
}

impl MerkleTree {
    /// The tree over entries in order.
    pub fn new<T: AsRef<[u8]>>(entries: impl IntoIterator<Item = T>) -> Self {
        let leaf = |entry: T| hash(0, &[entry.as_ref()]);
        Self {
            leaves: entries.into_iter().map(leaf).collect(),
        }
    }

    /// How many entries there are.
    pub fn size(&self) -> usize {
        self.leaves.len()
    }

    /// The hash of the whole tree.
    pub fn root(&self) -> [u8; 32] {
        root(&self.leaves)
    }

    /// The hashes that lead from the entry at `index` (which must be in the tree) to the root.
    pub fn inclusion_proof(&self, index: usize) -> Vec<[u8; 32]> {
        path(&self.leaves, index)
    }
}

fn root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest(b"").into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            hash(1, &[&root(left), &root(right)])
        }
    }
}

fn path(leaves: &[[u8; 32]], index: usize) -> Vec<[u8; 32]> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let split = split(leaves.len());
    let (left, right) = leaves.split_at(split);
    let (mut hashes, sibling) = if index < split {
        (path(left, index), root(right))
    } else {
        (path(right, index - split), root(left))
    };
    hashes.push(sibling);
    hashes
}

/// The largest power of two below `size`, which is at least two.
const fn split(size: usize) -> usize {
    1 << (usize::BITS - 1 - (size - 1).leading_zeros())
}

fn hash(prefix: u8, parts: &[&[u8]]) -> [u8; 32] {
    let start = Sha256::new().chain_update([prefix]);
    parts
        .iter()
        .fold(start, |hash, part| hash.chain_update(part))
        .finalize()
        .into()
}
