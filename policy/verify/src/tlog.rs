//! Transparency-log entries.
//!
//! Follows the Sigstore client specification, section 4.1, and
//! <https://github.com/sigstore/architecture-docs/blob/main/rekor-spec.md>. An entry counts when the log
//! vouches for it (promise or proof, each that is present) *and* its body is bound to this very
//! signature, key and artifact.

pub(crate) mod body;
pub(crate) mod checkpoint;
mod entry;
pub(crate) mod merkle;
mod promise;
mod witness;

pub(crate) use body::{Binding, SignedContent};
pub(crate) use entry::{Context, Generation, InclusionProof, LogEntry, verify};
pub use witness::{Witness, WitnessQuorum};
