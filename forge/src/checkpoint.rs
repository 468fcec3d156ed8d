//! Checkpoints: signed notes (C2SP signed-note, tlog-checkpoint and tlog-cosignature).

use crate::encoding::{base64, sha256};
use crate::fault::{Fault, Faults};
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::time::UnixTime;

/// What a log says about its tree, and who signs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkpoint<'a> {
    pub(crate) origin: &'a str,
    pub(crate) tree_size: u64,
    pub(crate) root: [u8; 32],
    /// The name on the log's signature line.
    pub(crate) signer: &'a str,
    pub(crate) key: &'a KeyPair,
    /// The log's id, which begins with the key id.
    pub(crate) id: [u8; 32],
    /// Whose cosignatures surround the log's signature, and when they were made.
    pub(crate) witness: Option<(&'a KeyPair, UnixTime)>,
}

impl Checkpoint<'_> {
    /// The signed note.
    pub(crate) fn sign(&self, faults: &Faults) -> String {
        let text = self.text(faults);
        let mut note = format!("{text}\n");
        if let Some((witness, time)) = self.witness {
            note.push_str(&cosignature(witness, time, &text));
        }
        if !faults.hits(Fault::CheckpointSignatureMissing) {
            note.push_str(&self.signature(&text, faults));
        }
        if let Some((witness, _)) = self.witness {
            // The log's name with a key that nobody knows.
            let id = note_key_id(self.signer, 0x01, ed25519_bytes(witness));
            note.push_str(&line(self.signer, &id, &witness.sign(text.as_bytes())));
        }
        note
    }

    /// The signed text, with its final line end.
    fn text(&self, faults: &Faults) -> String {
        let mut size = self.tree_size;
        if faults.hits(Fault::CheckpointTreeSizeChanged) {
            size += 1;
        }
        if faults.hits(Fault::CheckpointMalformed) {
            return format!("{}\n{size}\n", self.origin);
        }
        format!("{}\n{size}\n{}\n", self.origin, base64(self.root))
    }

    fn signature(&self, text: &str, faults: &Faults) -> String {
        let mut message = text.as_bytes().to_vec();
        if faults.hits(Fault::CheckpointSignatureInvalid) {
            message.push(0);
        }
        let mut id = self.id;
        if faults.hits(Fault::CheckpointKeyHintOther) {
            id[0] ^= 1;
        }
        line(self.signer, &id, &self.key.sign(&message))
    }
}

/// The key id of a log: SHA-256 of the key for ECDSA, of name and key for Ed25519. A note carries its
/// first four bytes.
pub(crate) fn key_id(name: &str, key: &KeyPair) -> [u8; 32] {
    if key.details() == KeyDetails::Ed25519 {
        note_key_id(name, 0x01, ed25519_bytes(key))
    } else {
        key.id()
    }
}

fn note_key_id(name: &str, algorithm: u8, key: &[u8]) -> [u8; 32] {
    sha256([name.as_bytes(), b"\n", &[algorithm], key].concat())
}

/// The raw key, which ends the SubjectPublicKeyInfo.
fn ed25519_bytes(key: &KeyPair) -> &[u8] {
    let der = key.public_key_der();
    &der[der.len() - 32..]
}

/// A signature line.
fn line(name: &str, id: &[u8; 32], signature: &[u8]) -> String {
    let blob = [&id[..4], signature].concat();
    format!("\u{2014} {name} {}\n", base64(blob))
}

/// The line of a witness: a timestamped signature of type 0x04.
fn cosignature(witness: &KeyPair, time: UnixTime, text: &str) -> String {
    const NAME: &str = "witness.example";
    let message = format!("cosignature/v1\ntime {}\n{text}", time.seconds());
    let signature = witness.sign(message.as_bytes());
    let blob = [&time.seconds().to_be_bytes()[..], &signature].concat();
    let id = note_key_id(NAME, 0x04, ed25519_bytes(witness));
    line(NAME, &id, &blob)
}
