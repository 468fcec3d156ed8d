//! A policy that was read, checked and prepared.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::{Decision, ImageEvidence, ImageRequest, Outcome, Problem};

/// A trust root that the host supplies for a policy which names it without content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI builds it field by field"
)]
pub struct NamedTrustedRoot {
    /// The name under which the policy document refers to it.
    pub name: String,
    /// `TrustedRoot` in the JSON form of sigstore/protobuf-specs.
    pub content: Vec<u8>,
}

/// A policy that was read, checked and prepared. Compile once, decide often.
#[derive(Debug)]
pub struct CompiledPolicy {}

impl CompiledPolicy {
    /// Reads a policy document (JSON) and prepares its trust roots and keys.
    ///
    /// # Errors
    /// Every [`Problem`] of the document at once, sorted by path.
    pub fn compile(
        _policy: &[u8],
        _trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        Err(vec![])
    }

    /// The images of a request (JSON) for which the host must bring evidence.
    ///
    /// # Errors
    /// The first [`Problem`] of the request.
    pub fn images(&self, _request: &[u8]) -> Result<Vec<ImageRequest>, Problem> {
        Ok(vec![])
    }

    /// Decides a request at the time `now`.
    ///
    /// A malformed request is a decision too: denied, with the outcome [`Outcome::Invalid`].
    pub fn decide(&self, _request: &[u8], _evidence: &[ImageEvidence], _now: UnixTime) -> Decision {
        Decision::new(Outcome::Invalid, Value::Null)
    }
}
