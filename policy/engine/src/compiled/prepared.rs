//! What decisions are made from, and how names become indices.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Map;
use sealstone_verify::{Verifier, to_hex};
use sha2::{Digest as _, Sha256};

use super::{Authority, CompiledRule};
use crate::ImageEvidence;
use crate::document::{
    Admission, BuilderProperty, EvidenceSources, Exception, Images, Levels, Mode, NamespaceMode,
    Policy, PolicyLimits,
};
use crate::pattern::StringMatcher;
use crate::problem::{Path, Problems};

/// What decisions are made from.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) name: String,
    /// SHA-256 of the policy's canonical form, in hexadecimal.
    pub(crate) sha256: String,
    pub(crate) mode: Mode,
    pub(crate) modes: Vec<NamespaceMode>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) images: Images,
    pub(crate) admission: Admission,
    pub(crate) limits: PolicyLimits,
    pub(crate) evidence_sources: EvidenceSources,
    pub(crate) insecure_allow_unmatched_images: bool,
    /// The evidence that the policy carries.
    pub(crate) evidence: Vec<ImageEvidence>,
    pub(crate) verifiers: Vec<Verifier>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) builders: Vec<Builder>,
    pub(crate) summary_verifiers: Vec<SummaryVerifier>,
    pub(crate) rules: Vec<CompiledRule>,
}

/// A build platform. Authorities are named by index.
#[derive(Debug)]
pub(crate) struct Builder {
    pub(crate) name: String,
    pub(crate) signed_by: Vec<usize>,
    pub(crate) id: StringMatcher,
    pub(crate) maximum_level: usize,
    pub(crate) delegated: bool,
    pub(crate) properties: Vec<BuilderProperty>,
    pub(crate) operator: Option<String>,
}

/// Somebody whose verification summaries count. Authorities are named by index.
#[derive(Debug)]
pub(crate) struct SummaryVerifier {
    pub(crate) name: String,
    pub(crate) signed_by: Vec<usize>,
    pub(crate) id: StringMatcher,
    pub(crate) maximum_levels: Levels,
}

/// The indices of what a policy names.
#[derive(Debug, Default)]
pub(super) struct Indices {
    pub(super) authorities: Map<String, usize>,
    pub(super) builders: Map<String, usize>,
    pub(super) verifiers: Map<String, usize>,
    pub(super) rules: Map<String, usize>,
}

impl Prepared {
    /// Prepares verifiers and replaces names by indices. `None` when a trust root can never meet
    /// what is demanded of it.
    pub(super) fn new(policy: Policy, canonical: &str, problems: &mut Problems) -> Option<Self> {
        let mut prepared = Self {
            name: policy.metadata.name,
            sha256: to_hex(&Sha256::digest(canonical.as_bytes())),
            mode: policy.mode,
            modes: policy.modes,
            exceptions: policy.exceptions,
            images: policy.images,
            admission: policy.admission,
            limits: policy.limits,
            evidence_sources: policy.evidence_sources,
            insecure_allow_unmatched_images: policy.insecure_allow_unmatched_images,
            evidence: policy.evidence,
            verifiers: Vec::new(),
            authorities: Vec::new(),
            builders: Vec::new(),
            summary_verifiers: Vec::new(),
            rules: Vec::new(),
        };
        let mut indices = Indices::default();
        let mut shared = Vec::new();
        for (index, authority) in policy.authorities.into_iter().enumerate() {
            indices.authorities.insert(authority.name.clone(), index);
            let result = prepared.add_authority(authority, &policy.trust_roots, &mut shared);
            if let Err((field, error)) = result {
                let root = Path::ROOT;
                let list = root.member("authorities");
                let element = list.index(index);
                let kind = element.member(field);
                problems.push(error.code(), &kind.member("trustRoot"), format!("{error}"));
            }
        }
        for (index, builder) in policy.builders.into_iter().enumerate() {
            indices.builders.insert(builder.name.clone(), index);
            prepared.builders.push(Builder {
                signed_by: places(&builder.signed_by, &indices.authorities),
                name: builder.name,
                id: builder.id,
                maximum_level: builder.maximum_level,
                delegated: builder.delegated,
                properties: builder.properties,
                operator: builder.operator,
            });
        }
        for (index, verifier) in policy.verifiers.into_iter().enumerate() {
            indices.verifiers.insert(verifier.name.clone(), index);
            prepared.summary_verifiers.push(SummaryVerifier {
                signed_by: places(&verifier.signed_by, &indices.authorities),
                name: verifier.name,
                id: verifier.id,
                maximum_levels: verifier.maximum_levels,
            });
        }
        for (index, rule) in policy.rules.iter().enumerate() {
            indices.rules.insert(rule.name.clone(), index);
        }
        for rule in policy.rules {
            let rule = prepared.rule(rule, &indices);
            prepared.rules.push(rule);
        }
        problems.is_empty().then_some(prepared)
    }
}

/// The indices of those names that are defined.
pub(super) fn places(names: &[String], indices: &Map<String, usize>) -> Vec<usize> {
    names
        .iter()
        .filter_map(|name| indices.get(name).copied())
        .collect()
}
