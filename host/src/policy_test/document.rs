//! PolicyTest documents as people write them.

mod evidence;
mod expectation;
mod signer;

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use evidence::{
    AttestationEvidence, Evidence, Finding, Profile, Provenance, ProvenanceVersion, Sbom,
    SbomFormat, SbomPackage, Severity, SignatureEvidence, Subject, SummaryEvidence, Tool, Vex,
    VexStatement, VulnerabilityScan,
};
pub use expectation::{Expectation, Outcome, RuleResult};
pub use signer::{ExplicitSigner, SignerName};

pub(super) const API_VERSION: &str = "sealstone.dev/v1alpha1";
pub(super) const KIND: &str = "PolicyTest";

/// Cases for one policy: requests with evidence, and what is to be decided about them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Sealstone policy test"))]
#[non_exhaustive]
pub struct PolicyTest {
    /// The version of this form: `sealstone.dev/v1alpha1`.
    #[cfg_attr(test, schemars(extend("const" = API_VERSION)))]
    pub api_version: String,
    /// The kind of document: `PolicyTest`.
    #[cfg_attr(test, schemars(extend("const" = KIND)))]
    pub kind: String,
    /// The policy under test, YAML or JSON. The path begins at this file.
    #[cfg_attr(test, schemars(with = "String", length(min = 1)))]
    pub policy: PathBuf,
    /// Time of the decisions where a case says no other, RFC 3339. Default `2026-06-01T00:00:00Z`.
    pub now: Option<String>,
    /// The cases.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub cases: Vec<Case>,
}

/// One decision. Exactly one of `images`, `request` and `requestFile` is wanted.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("oneOf" = [
    {"required": ["images"]}, {"required": ["request"]}, {"required": ["requestFile"]},
])))]
#[non_exhaustive]
pub struct Case {
    /// What the case is about. Each name stands once in a file.
    #[cfg_attr(test, schemars(length(min = 1, max = 256)))]
    pub name: String,
    /// Time of the decision, RFC 3339.
    pub now: Option<String>,
    /// Images by reference. One without a digest gets one, as if a registry had resolved its tag.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>", length(min = 1)))]
    #[serde(default)]
    pub images: Vec<String>,
    /// Namespace of the request; only beside `images`.
    pub namespace: Option<String>,
    /// Labels of the request; only beside `images`.
    #[cfg_attr(
        test,
        schemars(with = "Option<std::collections::BTreeMap<String, String>>")
    )]
    pub labels: Option<Map<String, Value>>,
    /// A whole request, for example an AdmissionReview.
    pub request: Option<Map<String, Value>>,
    /// File with a whole request, YAML or JSON. The path begins at this file.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub request_file: Option<PathBuf>,
    /// The evidence. Without any, nothing was signed.
    #[cfg_attr(test, schemars(with = "Option<Vec<Evidence>>"))]
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// What is to be decided.
    pub expect: Expectation,
}
