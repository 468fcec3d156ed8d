//! A policy that was read, checked and prepared.

mod authority;
mod expression;
mod prepared;
mod rule;

pub(crate) use authority::Authority;
pub(crate) use expression::Expression;
pub(crate) use prepared::{Builder, Prepared, SummaryVerifier};
pub(crate) use rule::{CompiledRule, Requirement};

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::document::{ConfigMap, Policy};
use crate::limits::Limit;
use crate::lookup::{self, ImageLookup};
use crate::problem::Path;
use crate::reader::{Document, Reader};
use crate::request::Content;
use crate::{Decision, ImageEvidence, ImageRequest, Problem, decide, request};

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
pub struct CompiledPolicy {
    prepared: Prepared,
}

impl CompiledPolicy {
    /// Reads a policy document (JSON) and prepares its trust roots and keys.
    ///
    /// A trust root that the document holds itself is never taken from the host; one that the host
    /// supplies under a name that the document does not define is ignored.
    ///
    /// # Errors
    /// Every [`Problem`] of the document at once, sorted by path. At most 100 are returned.
    pub fn compile(
        policy: &[u8],
        trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(Document::Policy);
        match reader.parse(policy, Limit::PolicyBytes) {
            Some(value) => Self::of(reader, &value, &value.to_canonical_string(), trusted_roots),
            None => Err(reader.problems.into_sorted()),
        }
    }

    /// The same for a document that was read as JSON already. The limit on its bytes is that of its
    /// canonical form.
    ///
    /// # Errors
    /// As for [`Self::compile`].
    pub fn compile_value(
        policy: &Value,
        trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(Document::Policy);
        let canonical = policy.to_canonical_string();
        if canonical.len() > Limit::PolicyBytes.value() {
            reader.exceeded(Limit::PolicyBytes, &Path::ROOT, "bytes");
            return Err(reader.problems.into_sorted());
        }
        Self::of(reader, policy, &canonical, trusted_roots)
    }

    fn of(
        mut reader: Reader,
        value: &Value,
        canonical: &str,
        trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        let prepared = Policy::read(&mut reader, value, trusted_roots)
            .and_then(|policy| Prepared::new(policy, canonical, &mut reader.problems));
        match prepared {
            Some(prepared) => Ok(Self { prepared }),
            None => Err(reader.problems.into_sorted()),
        }
    }

    /// Prepares the keys of the policy and of its trust roots for many decisions, which are the same
    /// as without, only faster. It costs more time than it saves in the first few.
    pub fn prepare(&self) {
        for verifier in &self.prepared.verifiers {
            verifier.prepare();
        }
    }

    /// The images of a request (JSON) for which the host must bring evidence: all that it names,
    /// each once, in its order; none where the request passes whatever its images are.
    ///
    /// # Errors
    /// The first [`Problem`] of the request.
    pub fn images(&self, request: &[u8]) -> Result<Vec<ImageRequest>, Problem> {
        let prepared = &self.prepared;
        match request::read(request, &prepared.images, &prepared.admission).content? {
            Content::Images(images, _) => Ok(images.iter().map(ImageRequest::from).collect()),
            Content::Passes(_) => Ok(Vec::new()),
        }
    }

    /// Decides a request at the time `now`.
    ///
    /// Evidence for an image that the request does not name is ignored. An image for which none was
    /// brought, not even an empty list, is denied as unavailable. A malformed request is a decision
    /// too: denied, with the outcome [`crate::Outcome::Invalid`].
    pub fn decide(&self, request: &[u8], evidence: &[ImageEvidence], now: UnixTime) -> Decision {
        decide::decide(&self.prepared, request, evidence, now)
    }

    /// The same for a request that was read as JSON already, where public-key operations may cost so
    /// much `work` and no more: for hosts that end a decision which takes too long. One unit is an
    /// operation on P-256; one on P-384 counts 4, one on P-521 counts 16, any other 1. When the work is
    /// spent, the images that are not decided yet are denied with `limit.signature-work`.
    pub fn decide_within(
        &self,
        request: &Value,
        evidence: &[ImageEvidence],
        now: UnixTime,
        work: usize,
    ) -> Decision {
        decide::decide_within(&self.prepared, request, evidence, now, work)
    }

    /// Where evidence for the images of a request may be found by name, for hosts that look each piece
    /// up by itself.
    ///
    /// # Errors
    /// The first [`Problem`] of the request.
    pub fn lookups(&self, request: &Value) -> Result<Vec<ImageLookup>, Problem> {
        lookup::lookups(&self.prepared, request)
    }

    /// The ConfigMaps that the policy names as sources of evidence.
    pub fn config_maps(&self) -> &[ConfigMap] {
        &self.prepared.evidence_sources.config_maps
    }
}
