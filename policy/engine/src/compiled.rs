//! A policy that was read, checked and prepared.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use sealstone_verify::json::Value;
use sealstone_verify::{Limits, Requirements, TrustedRoot, UnixTime, Verifier};
use sha2::{Digest as _, Sha256};

use crate::document::{self, AuthorityKind, Identity, Policy, ProvenanceRequirement, Thresholds};
use crate::limits::Limit;
use crate::pattern::ImagePattern;
use crate::problem::{Path, Problems};
use crate::reader::{Document, Reader};
use crate::text::hex;
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
        let read = reader.parse(policy, Limit::PolicyBytes).and_then(|value| {
            let policy = Policy::read(&mut reader, &value, trusted_roots)?;
            Some((value, policy))
        });
        let Some((value, policy)) = read else {
            return Err(reader.problems.into_sorted());
        };
        match Prepared::new(policy, &value, &mut reader.problems) {
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
    /// each once, in its order.
    ///
    /// # Errors
    /// The first [`Problem`] of the request.
    pub fn images(&self, request: &[u8]) -> Result<Vec<ImageRequest>, Problem> {
        let images = request::read(request)?;
        Ok(images.iter().map(ImageRequest::from).collect())
    }

    /// Decides a request at the time `now`.
    ///
    /// Evidence for an image that the request does not name is ignored. An image for which none was
    /// brought, not even an empty list, is denied as unavailable. A malformed request is a decision
    /// too: denied, with the outcome [`crate::Outcome::Invalid`].
    pub fn decide(&self, request: &[u8], evidence: &[ImageEvidence], now: UnixTime) -> Decision {
        decide::decide(&self.prepared, request, evidence, now)
    }
}

/// What decisions are made from.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) name: String,
    /// SHA-256 of the policy's canonical form, in hexadecimal.
    pub(crate) sha256: String,
    pub(crate) verifiers: Vec<Verifier>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) rules: Vec<CompiledRule>,
}

/// Somebody who may sign.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) name: String,
    /// Index of the verifier that proves its signatures.
    pub(crate) verifier: usize,
    /// The identities of certificates; `None` for a key, which is its own identity.
    pub(crate) identities: Option<Vec<Identity>>,
    pub(crate) insecure_ignore_transparency_log: bool,
}

/// A rule.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) name: String,
    pub(crate) images: Vec<ImagePattern>,
    pub(crate) requirement: Requirement,
    signed_by: Vec<usize>,
}

/// What a rule asks for.
#[derive(Debug)]
pub(crate) enum Requirement {
    Signature,
    Provenance(Box<ProvenanceRequirement>),
}

impl CompiledRule {
    /// Indices of the authorities, any of which will do.
    pub(crate) fn signed_by(&self) -> &[usize] {
        &self.signed_by
    }
}

impl Prepared {
    /// Prepares verifiers and replaces names by indices. `None` when a trust root can never meet
    /// what is demanded of it.
    fn new(policy: Policy, value: &Value, problems: &mut Problems) -> Option<Self> {
        let mut prepared = Self {
            name: policy.metadata.name,
            sha256: hex(&Sha256::digest(value.to_canonical_string().as_bytes())),
            verifiers: Vec::new(),
            authorities: Vec::new(),
            rules: Vec::new(),
        };
        let mut roots = BTreeMap::new();
        for root in policy.trust_roots {
            roots.insert(root.name, (root.trusted_root, root.requirements));
        }
        let mut keyless = BTreeMap::new();
        let mut indices = BTreeMap::new();
        for (index, authority) in policy.authorities.into_iter().enumerate() {
            indices.insert(authority.name.clone(), index);
            let result = prepared.add_authority(authority, &roots, &mut keyless);
            if let Err((field, error)) = result {
                let root = Path::ROOT;
                let list = root.member("authorities");
                let element = list.index(index);
                let kind = element.member(field);
                problems.push(error.code(), &kind.member("trustRoot"), format!("{error}"));
            }
        }
        for rule in policy.rules {
            prepared.rules.push(CompiledRule::new(rule, &indices));
        }
        problems.is_empty().then_some(prepared)
    }

    fn add_authority(
        &mut self,
        authority: document::Authority,
        roots: &BTreeMap<String, (Arc<TrustedRoot>, Thresholds)>,
        keyless: &mut BTreeMap<String, usize>,
    ) -> Result<(), (&'static str, sealstone_verify::Error)> {
        let limits = Limits::default();
        // Names were checked: a name without a root has been reported and ended the compilation.
        let unmeetable = sealstone_verify::Error::RequirementsUnmeetable;
        let (verifier, identities, insecure) = match authority.kind {
            AuthorityKind::Keyless(kind) => {
                let known = keyless.get(&kind.trust_root).copied();
                let index = match known {
                    Some(index) => index,
                    None => {
                        let (root, thresholds) = roots
                            .get(&kind.trust_root)
                            .ok_or_else(|| ("keyless", unmeetable.clone()))?;
                        let requirements = thresholds.of_certificates();
                        let verifier = Verifier::keyless(root.clone(), requirements, limits)
                            .map_err(|error| ("keyless", error))?;
                        let index = self.add_verifier(verifier);
                        keyless.insert(kind.trust_root, index);
                        index
                    }
                };
                (index, Some(kind.identities), false)
            }
            AuthorityKind::Key(kind) => {
                let (root, requirements) = match &kind.trust_root {
                    Some(name) => {
                        let (root, thresholds) =
                            roots.get(name).ok_or_else(|| ("key", unmeetable.clone()))?;
                        (Some(root.clone()), thresholds.of_keys())
                    }
                    None => (None, nothing()),
                };
                let verifier = Verifier::keyed(*kind.public_key, root, requirements, limits)
                    .map_err(|error| ("key", error))?;
                (self.add_verifier(verifier), None, kind.trust_root.is_none())
            }
        };
        self.authorities.push(Authority {
            name: authority.name,
            verifier,
            identities,
            insecure_ignore_transparency_log: insecure,
        });
        Ok(())
    }

    fn add_verifier(&mut self, verifier: Verifier) -> usize {
        let index = self.verifiers.len();
        self.verifiers.push(verifier);
        index
    }
}

impl CompiledRule {
    fn new(rule: document::Rule, authorities: &BTreeMap<String, usize>) -> Self {
        let (names, requirement) = match rule.requirement {
            document::Requirement::Signature(requirement) => {
                (requirement.signed_by, Requirement::Signature)
            }
            document::Requirement::Provenance(requirement) => (
                requirement.signed_by.clone(),
                Requirement::Provenance(Box::new(requirement)),
            ),
        };
        let signed_by = names
            .iter()
            .filter_map(|name| authorities.get(name).copied())
            .collect();
        Self {
            name: rule.name,
            images: rule.images,
            requirement,
            signed_by,
        }
    }
}

/// What is demanded of a key whose policy says `insecureIgnoreTransparencyLog`.
fn nothing() -> Requirements {
    Requirements {
        transparency_log_threshold: 0,
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    }
}
