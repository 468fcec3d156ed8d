//! Checkpoints: signed notes (C2SP signed-note and tlog-checkpoint).

use crate::encoding::base64;
use crate::fault::{Fault, Faults};

/// What a log says about its tree.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint<'a> {
    pub(crate) origin: &'a str,
    pub(crate) tree_size: u64,
    pub(crate) root: [u8; 32],
}

impl Checkpoint<'_> {
    /// The signed text, with its final line end.
    pub(crate) fn text(&self, faults: &Faults) -> String {
        let mut size = self.tree_size;
        if faults.hits(Fault::CheckpointTreeSizeChanged) {
            size += 1;
        }
        if faults.hits(Fault::CheckpointMalformed) {
            return format!("{}\n{size}\n", self.origin);
        }
        format!("{}\n{size}\n{}\n", self.origin, base64(self.root))
    }
}

/// A signature line: key name, four bytes of key id, signature.
pub(crate) fn signature_line(name: &str, key_id: [u8; 4], signature: &[u8]) -> String {
    let blob = [&key_id, signature].concat();
    format!("\u{2014} {name} {}\n", base64(blob))
}

/// The first four bytes of a key id or hash.
pub(crate) fn hint(id: &[u8; 32]) -> [u8; 4] {
    [id[0], id[1], id[2], id[3]]
}
