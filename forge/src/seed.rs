//! Derives bytes from a seed and labels.

use sha2::{Digest, Sha512};

use crate::key::KeyPair;
use crate::key_details::KeyDetails;

/// Everything secret or serial follows from this.
#[derive(Clone, Debug)]
pub(crate) struct Seed(Vec<u8>);

impl Seed {
    pub(crate) fn new(seed: &str) -> Self {
        Self(seed.as_bytes().to_vec())
    }

    /// A seed for one concern, so that equal labels of different concerns differ.
    pub(crate) fn child(&self, label: &str) -> Self {
        Self(self.bytes(label, 32))
    }

    /// `length` bytes for a label: SHA-512 over domain, seed, label and a counter.
    pub(crate) fn bytes(&self, label: &str, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut counter = 0_u32;
        while bytes.len() < length {
            let block = Sha512::new()
                .chain_update(b"sealstone-forge/1\0")
                .chain_update((self.0.len() as u64).to_be_bytes())
                .chain_update(&self.0)
                .chain_update((label.len() as u64).to_be_bytes())
                .chain_update(label)
                .chain_update(counter.to_be_bytes())
                .finalize();
            bytes.extend(block);
            counter += 1;
        }
        bytes.truncate(length);
        bytes
    }

    pub(crate) fn key_pair(&self, label: &str, details: KeyDetails) -> KeyPair {
        KeyPair::derive(self, label, details)
    }
}
