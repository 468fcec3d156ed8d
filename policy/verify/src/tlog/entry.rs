//! One entry, and the order of its checks.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Binding, WitnessQuorum, body, checkpoint, merkle, promise};
use crate::crypto::Budget;
use crate::error::Error;
use crate::facts::VerifiedLogEntry;
use crate::limits::{Limit, Limits};
use crate::time::UnixTime;
use crate::trusted_root::TrustedLog;

/// `TransparencyLogEntry` of protobuf-specs, or what cosign's bundle annotation says of it.
#[derive(Clone, Debug)]
pub(crate) struct LogEntry {
    pub(crate) log_id: Vec<u8>,
    /// Index over all shards.
    pub(crate) log_index: u64,
    pub(crate) kind: String,
    pub(crate) version: String,
    /// Seconds since the Unix epoch; unauthenticated until the promise is verified.
    pub(crate) integrated_time: Option<UnixTime>,
    pub(crate) inclusion_promise: Option<Vec<u8>>,
    pub(crate) inclusion_proof: Option<InclusionProof>,
    pub(crate) canonicalized_body: Vec<u8>,
}

/// `InclusionProof` of protobuf-specs.
#[derive(Clone, Debug)]
pub(crate) struct InclusionProof {
    pub(crate) log_index: u64,
    pub(crate) root_hash: Vec<u8>,
    pub(crate) tree_size: u64,
    pub(crate) hashes: Vec<Vec<u8>>,
    /// The signed note.
    pub(crate) checkpoint: String,
}

/// Which Rekor made an entry; they differ in what is signed and how it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    V1,
    V2,
}

impl LogEntry {
    /// The generation, which follows from the kind; `None` for kinds that nothing here knows.
    pub(crate) fn generation(&self) -> Option<Generation> {
        match (self.kind.as_str(), self.version.as_str()) {
            ("hashedrekord" | "rekord" | "dsse" | "intoto", "0.0.1") | ("intoto", "0.0.2") => {
                Some(Generation::V1)
            }
            ("hashedrekord", "0.0.2") => Some(Generation::V2),
            _ => None,
        }
    }
}

/// What the verification of every entry of an entity shares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) binding: Binding<'a>,
    pub(crate) witnesses: Option<&'a WitnessQuorum>,
    pub(crate) now: UnixTime,
    pub(crate) limits: &'a Limits,
}

/// Verifies an entry of a known log.
pub(crate) fn verify(
    entry: &LogEntry,
    log: &TrustedLog,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<VerifiedLogEntry, Error> {
    let generation = entry.generation().ok_or(Error::LogEntryKindUnknown)?;
    let integrated_time = match (&entry.inclusion_promise, generation) {
        (Some(signature), Generation::V1) => {
            let time = entry
                .integrated_time
                .ok_or(Error::InclusionPromiseWithoutTime)?;
            promise::verify(entry, time, signature, log, budget)?;
            if time > context.now {
                return Err(Error::TimeInFuture { time });
            }
            Some(time)
        }
        // Rekor v2 makes no promises; whatever stands there is not its.
        (Some(_), Generation::V2) => return Err(Error::InclusionPromiseSignatureInvalid),
        (None, _) => None,
    };
    if let Some(proof) = &entry.inclusion_proof {
        verify_inclusion(entry, proof, log, generation, context, budget)?;
    } else if let Some(quorum) = context.witnesses {
        return Err(quorum.missing());
    }
    if integrated_time.is_none() && entry.inclusion_proof.is_none() {
        return Err(Error::InclusionProofMissing);
    }
    body::check(entry, &context.binding, context.limits)?;
    // A promise covers the index, and so does a proof of Rekor v2. One of Rekor v1 is for another number.
    let index_is_proved = integrated_time.is_some() || generation == Generation::V2;
    Ok(VerifiedLogEntry {
        log_id: log.id.clone(),
        log_base_url: log.base_url.to_string(),
        log_index: index_is_proved.then_some(entry.log_index),
        integrated_time,
        inclusion_proof: entry.inclusion_proof.is_some(),
    })
}

/// Verifies the proof against the checkpoint that the log signed.
///
/// Rekor v1 numbers the leaf within its shard, so index, size and root of the proof are used, and must
/// agree with the checkpoint. Rekor v2 repeats them needlessly: the entry's index and the checkpoint decide.
fn verify_inclusion(
    entry: &LogEntry,
    proof: &InclusionProof,
    log: &TrustedLog,
    generation: Generation,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let limits = context.limits;
    if proof.hashes.len() > limits.inclusion_proof_hashes {
        return Err(Error::LimitExceeded(Limit::InclusionProofHashes));
    }
    let head = checkpoint::verify(
        &proof.checkpoint,
        log,
        generation,
        context.witnesses,
        limits,
        budget,
    )?;
    let index = match generation {
        Generation::V1 => {
            if proof.root_hash != head.root_hash || proof.tree_size != head.size {
                return Err(Error::CheckpointRootMismatch);
            }
            proof.log_index
        }
        Generation::V2 => entry.log_index,
    };
    let leaf = merkle::leaf_hash(&entry.canonicalized_body);
    merkle::verify_inclusion(&leaf, index, head.size, &proof.hashes, &head.root_hash)
}
