//! Witnesses that cosign checkpoints, so that a log cannot show different trees to different people.
//!
//! Follows <https://github.com/C2SP/C2SP/blob/main/tlog-cosignature.md>, signature type 0x04 (Ed25519).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checkpoint::{Note, NoteSignature};
use crate::crypto::{Budget, Message, PublicKey, SignatureScheme, sha256};
use crate::error::Error;

/// A witness: the name and the Ed25519 key by which it cosigns.
#[derive(Clone, Debug)]
pub struct Witness {
    name: String,
    key: PublicKey,
    key_id: [u8; 4],
}

impl Witness {
    /// A witness by the name of its key (as in its signature lines) and its public key.
    ///
    /// # Errors
    /// [`Error::PublicKeyUnsupported`] for a key that is not Ed25519.
    pub fn new(name: &str, key: PublicKey) -> Result<Self, Error> {
        let raw = key.ed25519_bytes().ok_or(Error::PublicKeyUnsupported)?;
        let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n\x04", &raw]);
        Ok(Self {
            name: name.to_string(),
            key,
            key_id: [a, b, c, d],
        })
    }
}

/// Witnesses, and how many of them must have cosigned.
#[derive(Clone, Debug)]
pub struct WitnessQuorum {
    witnesses: Vec<Witness>,
    required: usize,
}

impl WitnessQuorum {
    /// At least `required` of `witnesses`, which must have different keys.
    ///
    /// # Errors
    /// [`Error::RequirementsUnmeetable`] for none, for more than there are, and for a key that occurs twice.
    pub fn new(witnesses: Vec<Witness>, required: usize) -> Result<Self, Error> {
        let repeated = witnesses.iter().enumerate().any(|(index, witness)| {
            witnesses
                .iter()
                .take(index)
                .any(|other| other.key == witness.key)
        });
        if required == 0 || required > witnesses.len() || repeated {
            return Err(Error::RequirementsUnmeetable);
        }
        Ok(Self {
            witnesses,
            required,
        })
    }

    /// The rejection of an entry without a checkpoint that witnesses could have cosigned.
    pub(super) fn missing(&self) -> Error {
        Error::CheckpointWitnessQuorum {
            found: 0,
            required: self.required,
        }
    }

    /// Counts the witnesses whose cosignature on the note verifies.
    pub(super) fn verify(&self, note: &Note<'_>, budget: &mut Budget) -> Result<(), Error> {
        let mut found: usize = 0;
        for witness in &self.witnesses {
            for line in &note.signatures {
                if line.name == witness.name
                    && line.key_id == witness.key_id
                    && cosigned(note.text, line, &witness.key, budget)?
                {
                    found = found.saturating_add(1);
                    break;
                }
            }
        }
        if found >= self.required {
            Ok(())
        } else {
            Err(Error::CheckpointWitnessQuorum {
                found,
                required: self.required,
            })
        }
    }
}

/// The signature is `u64 time || Ed25519 signature` over `cosignature/v1`, the time and the note's text.
fn cosigned(
    text: &str,
    line: &NoteSignature<'_>,
    key: &PublicKey,
    budget: &mut Budget,
) -> Result<bool, Error> {
    let Some((time, signature)) = line.signature.split_first_chunk::<8>() else {
        return Ok(false);
    };
    let time = u64::from_be_bytes(*time).to_string();
    let signed: [&[u8]; 4] = [
        b"cosignature/v1\ntime ",
        time.as_bytes(),
        b"\n",
        text.as_bytes(),
    ];
    key.verify(
        SignatureScheme::Ed25519,
        Message::Parts(&signed),
        signature,
        budget,
    )
}
