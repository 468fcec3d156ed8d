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
    /// `https://log2025-1.rekor.<domain>`: Rekor v2 with an Ed25519 key.
    RekorV2,
    /// `https://log2025-2.rekor.<domain>`: Rekor v2 with an ECDSA key.
    RekorV2Ecdsa,
}

impl TransparencyLog {
    /// Whether the log is of Rekor v2: no promises, no integrated times.
    pub(crate) const fn is_v2(self) -> bool {
        matches!(self, Self::RekorV2 | Self::RekorV2Ecdsa)
    }
}

/// One log.
#[derive(Clone, Debug)]
pub(crate) struct Rekor {
    key: KeyPair,
    host: String,
    id: [u8; 32],
    valid_for: ValidFor,
    generation: Generation,
}

#[derive(Clone, Debug)]
enum Generation {
    V1 {
        tree_id: u64,
    },
    V2 {
        /// An Ed25519 key that is not the log's.
        witness: Box<KeyPair>,
    },
}

/// An entry with all that a log says about it.
#[derive(Clone, Debug)]
pub(crate) struct LogEntry {
    pub(crate) body: Body,
    pub(crate) log_id: [u8; 32],
    /// Over all shards of the log.
    pub(crate) log_index: i64,
    /// None in Rekor v2.
    pub(crate) integrated_time: Option<UnixTime>,
    /// None in Rekor v2, and if a fault took it away.
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

/// How to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recording {
    pub(crate) time: UnixTime,
    /// Prove inclusion. Rekor v2 always does.
    pub(crate) prove: bool,
    /// Add cosignatures to checkpoints of Rekor v2.
    pub(crate) with_witnesses: bool,
}

/// Entries of other people around ours.
const ENTRIES_BEFORE: usize = 5;
const ENTRIES_AFTER: usize = 3;

/// Entries in earlier shards: in Rekor v1 the difference between an index in the log and one in its
/// tree.
const EARLIER_SHARDS: usize = 1_000_000;

impl Rekor {
    /// A Rekor v1 log.
    pub(crate) fn new(seed: &Seed, host: String, valid_for: ValidFor) -> Self {
        let key = seed.key_pair(&host, KeyDetails::EcdsaP256Sha256);
        let tree_id = seed
            .bytes(&format!("tree id {host}"), 7)
            .into_iter()
            .fold(1, |id, byte| id << 8 | u64::from(byte));
        Self {
            id: key.id(),
            key,
            host,
            valid_for,
            generation: Generation::V1 { tree_id },
        }
    }

    /// A Rekor v2 log.
    pub(crate) fn new_v2(
        seed: &Seed,
        host: String,
        details: KeyDetails,
        valid_for: ValidFor,
    ) -> Self {
        let key = seed.key_pair(&host, details);
        let witness = Box::new(seed.key_pair("witness", KeyDetails::Ed25519));
        Self {
            id: checkpoint::key_id(&host, &key),
            key,
            host,
            valid_for,
            generation: Generation::V2 { witness },
        }
    }

    /// `TransparencyLogInstance`, with what version 0.2 adds if asked for.
    pub(crate) fn trusted_root_entry(&self, v02: bool) -> Value {
        let url = format!("https://{}", self.host);
        let mut entry = trusted_root::log_entry(&url, &self.key, &self.id, self.valid_for);
        if v02 {
            entry["checkpointKeyId"] = json!({"keyId": base64(self.id)});
        }
        entry
    }

    /// Puts bodies next to each other into the log and proves each in the tree that they are all in.
    pub(crate) fn record(
        &self,
        bodies: &[Body],
        recording: Recording,
        faults: &Faults,
    ) -> Vec<LogEntry> {
        let tree = self.tree(bodies.iter().map(|body| body.bytes.clone()));
        bodies
            .iter()
            .zip(ENTRIES_BEFORE..)
            .map(|(body, index)| self.entry(body, index, &tree, recording, faults))
            .collect()
    }

    pub(crate) fn is_v2(&self) -> bool {
        matches!(self.generation, Generation::V2 { .. })
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

    fn entry(
        &self,
        body: &Body,
        index: usize,
        tree: &MerkleTree,
        recording: Recording,
        faults: &Faults,
    ) -> LogEntry {
        let proof = ((recording.prove || self.is_v2())
            && !faults.hits(Fault::InclusionProofMissing))
        .then(|| self.proof(index, tree, recording, faults));
        let mut entry = LogEntry {
            body: body.clone(),
            log_id: self.id,
            log_index: index as i64,
            integrated_time: None,
            signed_entry_timestamp: None,
            proof,
        };
        if self.is_v2()
            && let Some(proof) = &entry.proof
        {
            entry.log_index = proof.log_index as i64;
        }
        if !self.is_v2() {
            entry.log_index += EARLIER_SHARDS as i64;
        }
        if faults.hits(Fault::LogIndexNegative) {
            entry.log_index = -1;
        }
        if !self.is_v2() {
            self.promise(&mut entry, recording.time, faults);
        }
        entry
    }

    /// Sets the integrated time and the promise over it.
    fn promise(&self, entry: &mut LogEntry, time: UnixTime, faults: &Faults) {
        if !faults.hits(Fault::SetMissing) {
            let promise = self.signed_entry_timestamp(entry, time, faults);
            entry.signed_entry_timestamp = Some(promise);
        }
        entry.integrated_time = Some(time);
        if faults.hits(Fault::IntegratedTimeChanged) {
            entry.integrated_time = Some(time.plus(60));
        }
    }

    /// A signature over the canonical JSON of what the log promises.
    fn signed_entry_timestamp(&self, entry: &LogEntry, time: UnixTime, faults: &Faults) -> Vec<u8> {
        let body: &[u8] = if faults.hits(Fault::SetOtherEntry) {
            br#"{"apiVersion":"0.0.1","kind":"rekord","spec":{}}"#
        } else {
            &entry.body.bytes
        };
        let mut message = json::canonical(&json!({
            "body": base64(body),
            "integratedTime": time.seconds(),
            "logID": hex(self.id),
            "logIndex": entry.log_index,
        }));
        if faults.hits(Fault::SetSignatureInvalid) {
            message.push(0);
        }
        self.key.sign(&message)
    }

    fn proof(
        &self,
        index: usize,
        tree: &MerkleTree,
        recording: Recording,
        faults: &Faults,
    ) -> InclusionProof {
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
        // Rekor v2 clients take the root from the checkpoint alone.
        if !self.is_v2() && faults.hits(Fault::InclusionRootHashWrong) {
            root_hash[0] ^= 1;
        }
        InclusionProof {
            log_index,
            tree_size: tree.size() as u64,
            root_hash,
            hashes,
            checkpoint: self.checkpoint(tree, recording, faults),
        }
    }

    fn checkpoint(
        &self,
        tree: &MerkleTree,
        recording: Recording,
        faults: &Faults,
    ) -> Option<String> {
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
        let mut signer = self.host.clone();
        let (origin, witness) = match &self.generation {
            Generation::V1 { tree_id } => (format!("{} - {tree_id}", self.host), None),
            Generation::V2 { witness } => {
                let mut origin = self.host.clone();
                if faults.hits(Fault::CheckpointOriginOther) {
                    origin = format!("other.{origin}");
                }
                if faults.hits(Fault::CheckpointSignerOther) {
                    signer = format!("other.{signer}");
                }
                let witness = (&**witness, recording.time);
                (origin, recording.with_witnesses.then_some(witness))
            }
        };
        let checkpoint = Checkpoint {
            origin: &origin,
            tree_size: tree.size() as u64,
            root,
            signer: &signer,
            key: &self.key,
            id: self.id,
            witness,
        };
        Some(checkpoint.sign(faults))
    }
}
