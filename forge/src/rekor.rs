//! Rekor transparency logs: entries, promises and proofs.

use serde_json::{Value, json};

use crate::body::Body;
use crate::checkpoint::{self, Checkpoint};
use crate::encoding::{base64, hex};
use crate::fault::{Fault, Faults};
use crate::json;
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::merkle::MerkleTree;
use crate::seed::Seed;
use crate::time::{UnixTime, ValidFor};
use crate::trusted_root;

/// The transparency logs of the virtual Sigstore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TransparencyLog {
    /// `https://rekor.<domain>`: Rekor v1.
    Rekor,
    /// `https://rekor-second.<domain>`: Rekor v1, another log.
    RekorSecond,
}

/// One log.
#[derive(Clone, Debug)]
pub(crate) struct Rekor {
    pub(crate) key: KeyPair,
    pub(crate) host: String,
    pub(crate) valid_for: ValidFor,
    tree_id: u64,
}

/// An entry with all that a log says about it.
#[derive(Clone, Debug)]
pub(crate) struct LogEntry {
    pub(crate) body: Body,
    pub(crate) log_id: [u8; 32],
    /// Over all shards of the log.
    pub(crate) log_index: i64,
    pub(crate) integrated_time: UnixTime,
    /// None also if a fault took it away.
    pub(crate) signed_entry_timestamp: Option<Vec<u8>>,
    pub(crate) proof: Option<InclusionProof>,
}

#[derive(Clone, Debug)]
pub(crate) struct InclusionProof {
    pub(crate) log_index: u64,
    pub(crate) tree_size: u64,
    pub(crate) root_hash: [u8; 32],
    pub(crate) hashes: Vec<[u8; 32]>,
    pub(crate) checkpoint: Option<String>,
}

/// Entries of other people around ours.
const ENTRIES_BEFORE: usize = 5;
const ENTRIES_AFTER: usize = 3;

/// Entries in earlier shards: the difference between an index in the log and one in its tree.
const EARLIER_SHARDS: usize = 1_000_000;

impl Rekor {
    pub(crate) fn new(seed: &Seed, host: String, valid_for: ValidFor) -> Self {
        let key = seed.key_pair(&host, KeyDetails::EcdsaP256Sha256);
        let tree_id = seed
            .bytes(&format!("tree id {host}"), 7)
            .into_iter()
            .fold(1, |id, byte| id << 8 | u64::from(byte));
        Self {
            key,
            host,
            valid_for,
            tree_id,
        }
    }

    pub(crate) fn trusted_root_entry(&self) -> Value {
        let url = format!("https://{}", self.host);
        trusted_root::log_entry(&url, &self.key, &self.key.id(), self.valid_for)
    }

    /// Puts bodies next to each other into the log, all at `time`. With `prove`, proves each in the
    /// tree that they are all in.
    pub(crate) fn record(
        &self,
        bodies: &[Body],
        time: UnixTime,
        prove: bool,
        faults: &Faults,
    ) -> Vec<LogEntry> {
        let tree = self.tree(bodies.iter().map(|body| body.bytes.clone()));
        bodies
            .iter()
            .zip(ENTRIES_BEFORE..)
            .map(|(body, index)| {
                let mut entry = self.entry(body, index, time, faults);
                if prove && !faults.hits(Fault::InclusionProofMissing) {
                    entry.proof = Some(self.proof(index, &tree, faults));
                }
                entry
            })
            .collect()
    }

    fn tree(&self, ours: impl Iterator<Item = Vec<u8>>) -> MerkleTree {
        let others = |range: core::ops::Range<usize>| {
            range.map(|number| format!("{} entry {number}", self.host).into_bytes())
        };
        MerkleTree::new(
            others(0..ENTRIES_BEFORE)
                .chain(ours)
                .chain(others(ENTRIES_BEFORE..ENTRIES_BEFORE + ENTRIES_AFTER)),
        )
    }

    fn entry(&self, body: &Body, index: usize, time: UnixTime, faults: &Faults) -> LogEntry {
        let mut log_index = (EARLIER_SHARDS + index) as i64;
        if faults.hits(Fault::LogIndexNegative) {
            log_index = -1;
        }
        let mut integrated_time = time;
        let signed_entry_timestamp =
            self.signed_entry_timestamp(&body.bytes, log_index, integrated_time, faults);
        if faults.hits(Fault::IntegratedTimeChanged) {
            integrated_time = integrated_time.plus(60);
        }
        LogEntry {
            body: body.clone(),
            log_id: self.key.id(),
            log_index,
            integrated_time,
            signed_entry_timestamp,
            proof: None,
        }
    }

    /// A signature over the canonical JSON of what the log promises.
    fn signed_entry_timestamp(
        &self,
        body: &[u8],
        log_index: i64,
        time: UnixTime,
        faults: &Faults,
    ) -> Option<Vec<u8>> {
        if faults.hits(Fault::SetMissing) {
            return None;
        }
        let body: &[u8] = if faults.hits(Fault::SetOtherEntry) {
            br#"{"apiVersion":"0.0.1","kind":"rekord","spec":{}}"#
        } else {
            body
        };
        let mut message = json::canonical(&json!({
            "body": base64(body),
            "integratedTime": time.seconds(),
            "logID": hex(self.key.id()),
            "logIndex": log_index,
        }));
        if faults.hits(Fault::SetSignatureInvalid) {
            message.push(0);
        }
        Some(self.key.sign(&message))
    }

    fn proof(&self, index: usize, tree: &MerkleTree, faults: &Faults) -> InclusionProof {
        let mut hashes = tree.inclusion_proof(index);
        if faults.hits(Fault::InclusionHashMissing) {
            hashes.pop();
        }
        if faults.hits(Fault::InclusionHashExtra) {
            hashes.push(tree.root());
        }
        if faults.hits(Fault::InclusionHashChanged) {
            hashes[0][0] ^= 1;
        }
        let mut log_index = index as u64;
        if faults.hits(Fault::InclusionIndexWrong) {
            log_index ^= 1;
        }
        if faults.hits(Fault::InclusionIndexBeyondTree) {
            log_index = tree.size() as u64;
        }
        let mut root_hash = tree.root();
        if faults.hits(Fault::InclusionRootHashWrong) {
            root_hash[0] ^= 1;
        }
        InclusionProof {
            log_index,
            tree_size: tree.size() as u64,
            root_hash,
            hashes,
            checkpoint: self.checkpoint(tree, faults),
        }
    }

    fn checkpoint(&self, tree: &MerkleTree, faults: &Faults) -> Option<String> {
        if faults.hits(Fault::CheckpointMissing) {
            return None;
        }
        let mut root = tree.root();
        if faults.hits(Fault::CheckpointOtherTree) {
            let ours = tree.size() - ENTRIES_BEFORE - ENTRIES_AFTER;
            root = self
                .tree((0..ours).map(|_| b"an entry of another tree".to_vec()))
                .root();
        }
        let text = Checkpoint {
            origin: &format!("{} - {}", self.host, self.tree_id),
            tree_size: tree.size() as u64,
            root,
        }
        .text(faults);
        let mut note = format!("{text}\n");
        if !faults.hits(Fault::CheckpointSignatureMissing) {
            note.push_str(&self.signature_line(&text, faults));
        }
        Some(note)
    }

    fn signature_line(&self, text: &str, faults: &Faults) -> String {
        let mut message = text.as_bytes().to_vec();
        if faults.hits(Fault::CheckpointSignatureInvalid) {
            message.push(0);
        }
        let mut hint = checkpoint::hint(&self.key.id());
        if faults.hits(Fault::CheckpointKeyHintOther) {
            hint[0] ^= 1;
        }
        checkpoint::signature_line(&self.host, hint, &self.key.sign(&message))
    }
}
