//! Merkle trees of RFC 6962, section 2.1.

use alloc::vec::Vec;

use crate::crypto::sha256;
use crate::error::Error;

/// `SHA-256(0x00 || entry)`.
pub(crate) fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    sha256(&[&[0], entry])
}

fn node_hash(left: &[u8], right: &[u8]) -> [u8; 32] {
    sha256(&[&[1], left, right])
}

/// Verifies that the leaf is the `index`-th of `size` under `root` (RFC 9162, 2.1.3.2).
pub(crate) fn verify_inclusion(
    leaf: &[u8; 32],
    index: u64,
    size: u64,
    proof: &[Vec<u8>],
    root: &[u8],
) -> Result<(), Error> {
    if index >= size {
        return Err(Error::InclusionProofIndexOutOfRange { index, size });
    }
    let mut node = index;
    let mut last = size.saturating_sub(1);
    let mut hash = *leaf;
    for sibling in proof {
        if sibling.len() != 32 || last == 0 {
            return Err(Error::InclusionProofMalformed);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            if node & 1 == 0 {
                // On the right edge: climb until this node is a right child again.
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(Error::InclusionProofMalformed);
    }
    if hash.as_slice() == root {
        Ok(())
    } else {
        Err(Error::InclusionProofRootMismatch)
    }
}
