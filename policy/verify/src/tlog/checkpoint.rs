//! Checkpoints: signed notes with the head of a log's tree.
//!
//! Follows <https://github.com/C2SP/C2SP/blob/main/signed-note.md> and `tlog-checkpoint.md` beside it.

use alloc::vec::Vec;

use super::{Generation, WitnessQuorum};
use crate::crypto::{Budget, Message, sha256};
use crate::encoding::base64;
use crate::error::Error;
use crate::limits::{Limit, Limits};
use crate::trusted_root::{TrustedLog, host_of};

/// The head of a tree, as the log signed it.
#[derive(Debug)]
pub(crate) struct TreeHead {
    pub(super) size: u64,
    pub(super) root_hash: Vec<u8>,
}

/// A signed note, split but not verified.
pub(crate) struct Note<'a> {
    /// The signed text, its last newline included.
    pub(super) text: &'a str,
    origin: &'a str,
    head: TreeHead,
    pub(super) signatures: Vec<NoteSignature<'a>>,
}

pub(crate) struct NoteSignature<'a> {
    pub(super) name: &'a str,
    pub(super) key_id: [u8; 4],
    pub(super) signature: Vec<u8>,
}

/// Verifies a checkpoint with the log's key and returns the head that it states.
///
/// Lines by other names or keys (witnesses, other logs) are passed over; one line by this log must verify,
/// and as many witnesses as `witnesses` asks for must have cosigned.
pub(super) fn verify(
    checkpoint: &str,
    log: &TrustedLog,
    generation: Generation,
    witnesses: Option<&WitnessQuorum>,
    limits: &Limits,
    budget: &mut Budget,
) -> Result<TreeHead, Error> {
    let note = parse(checkpoint, limits)?;
    verify_log_signature(&note, log, generation, budget)?;
    if let Some(quorum) = witnesses {
        quorum.verify(&note, budget)?;
    }
    Ok(note.head)
}

fn verify_log_signature(
    note: &Note<'_>,
    log: &TrustedLog,
    generation: Generation,
    budget: &mut Budget,
) -> Result<(), Error> {
    let host = host_of(&log.base_url);
    if generation == Generation::V2 && note.origin != host {
        return Err(Error::CheckpointOriginMismatch);
    }
    let mut seen = false;
    for line in &note.signatures {
        // Rekor v1 signs as the host and appends the tree id to the origin.
        let named = match generation {
            Generation::V1 => is_v1_name(line.name, note.origin),
            Generation::V2 => line.name == note.origin,
        };
        if !named || !key_ids(log, line.name).contains(&line.key_id) {
            continue;
        }
        seen = true;
        let scheme = log.key.log_scheme();
        let signed: [&[u8]; 1] = [note.text.as_bytes()];
        if log
            .key
            .verify(scheme, Message::Parts(&signed), &line.signature, budget)?
        {
            return Ok(());
        }
    }
    Err(if seen {
        Error::CheckpointSignatureInvalid
    } else {
        Error::CheckpointSignatureMissing
    })
}

/// The origin is the signer's name, or the name, ` - ` and the decimal tree id.
fn is_v1_name(name: &str, origin: &str) -> bool {
    match origin.strip_prefix(name) {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix(" - ")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())),
        None => false,
    }
}

/// The key ids under which this log may sign: Rekor derives them from the SubjectPublicKeyInfo, and from
/// name and raw key for Ed25519 (signed-note, "Signature types"). They are hints: several keys may share one.
fn key_ids(log: &TrustedLog, name: &str) -> Vec<[u8; 4]> {
    let first_four = |hash: [u8; 32]| {
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    };
    let mut ids = alloc::vec![first_four(log.key.spki_sha256())];
    if let Some(raw) = log.key.ed25519_bytes() {
        ids.push(first_four(sha256(&[name.as_bytes(), b"\n\x01", &raw])));
    }
    if log.key.is_rsa() {
        ids.push(first_four(sha256(&[
            name.as_bytes(),
            b"\n\xffPKIX-RSA-PKCS#1v1.5",
            log.key.spki(),
        ])));
    }
    ids
}

pub(crate) fn parse<'a>(checkpoint: &'a str, limits: &Limits) -> Result<Note<'a>, Error> {
    let split = checkpoint.find("\n\n").ok_or(Error::CheckpointMalformed)?;
    let (text, rest) = checkpoint
        .split_at_checked(split.saturating_add(1))
        .ok_or(Error::CheckpointMalformed)?;
    let mut lines = text.split('\n');
    let mut line = || lines.next().ok_or(Error::CheckpointMalformed);
    let (origin, size, root) = (line()?, line()?, line()?);
    let size_is_decimal = size.bytes().all(|byte| byte.is_ascii_digit());
    if origin.is_empty() || !size_is_decimal || (size.starts_with('0') && size != "0") {
        return Err(Error::CheckpointMalformed);
    }
    let root_hash = base64::decode(root).ok_or(Error::CheckpointMalformed)?;
    if root_hash.len() != 32 {
        return Err(Error::CheckpointMalformed);
    }
    let head = TreeHead {
        size: size.parse().map_err(|_| Error::CheckpointMalformed)?,
        root_hash,
    };
    let block = rest.strip_prefix('\n').ok_or(Error::CheckpointMalformed)?;
    let mut signatures = Vec::new();
    for line in block.split_terminator('\n') {
        if signatures.len() >= limits.checkpoint_signatures {
            return Err(Error::LimitExceeded(Limit::CheckpointSignatures));
        }
        signatures.push(signature_line(line).ok_or(Error::CheckpointMalformed)?);
    }
    Ok(Note {
        text,
        origin,
        head,
        signatures,
    })
}

/// `— <name> base64(key id || signature)`.
fn signature_line(line: &str) -> Option<NoteSignature<'_>> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = base64::decode(encoded)?;
    let (key_id, signature) = bytes.split_first_chunk::<4>()?;
    if name.is_empty() || signature.is_empty() {
        return None;
    }
    Some(NoteSignature {
        name,
        key_id: *key_id,
        signature: signature.to_vec(),
    })
}
