//! The policy document, `sealstone.dev/v1alpha1`.
//!
//! The types hold what was read in its parsed form: a pattern is compiled, a key is decoded, a name
//! that refers to something refers to something. The JSON Schema is generated from the same types.

mod admission;
mod authority;
mod builder;
mod condition;
mod duration;
mod evidence_sources;
mod exception;
mod images;
mod limits;
mod members;
mod mode;
mod requirements;
mod rule;
mod selection;
mod signers;
mod trust_root;

pub(crate) use admission::{Admission, Resource};
pub(crate) use authority::{Authority, AuthorityKind, EXTENSIONS, Identity, Key};
pub(crate) use builder::{Builder, BuilderProperty, Levels, SummaryVerifier};
pub(crate) use condition::{Condition, Operator, as_integer, same};
pub use evidence_sources::ConfigMap;
pub(crate) use evidence_sources::EvidenceSources;
pub(crate) use exception::{Approval, Exception};
pub(crate) use images::{Images, Subjects, Tags};
pub(crate) use limits::PolicyLimits;
pub(crate) use mode::{Mode, NamespaceMode};
pub(crate) use requirements::Thresholds;
pub(crate) use rule::{
    After, AttestationRequirement, IgnoredVulnerability, LicenseField, LicenseRequirement,
    LicenseRule, Maximum, PackageRequirement, Parameters, Property, ProvenanceRequirement,
    Quantifier, Relation, Requirement, Rule, SEVERITIES, SbomRequirement, SignerRelation,
    SourceRequirement, SummaryRequirement, ToolPattern, VexRequirement, VulnerabilityRequirement,
};
#[cfg(feature = "rego")]
pub(crate) use rule::{AttestationKind, RegoAttestation, RegoRequirement};
pub(crate) use selection::{Context, Selection};
pub(crate) use signers::Signers;
pub(crate) use trust_root::TrustRoot;

use alloc::string::String;
#[cfg(feature = "schema")]
use alloc::string::ToString as _;
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use self::members::{choice, constant, insecure, name, names, optional_list, section};

use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;
use crate::{API_VERSION, ImageEvidence, NamedTrustedRoot, carried};

const KIND: &str = "Policy";
const INSECURE_ALLOW_UNMATCHED: &str = "insecureAllowUnmatchedImages";

/// Which images may run, and what proves it.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        title = "Sealstone policy"
    )
)]
pub(crate) struct Policy {
    /// The version of this form: `sealstone.dev/v1alpha1`.
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "there is one value; the schema names it")]
    #[schemars(extend("const" = API_VERSION))]
    api_version: String,
    /// The kind of document: `Policy`.
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "there is one value; the schema names it")]
    #[schemars(extend("const" = KIND))]
    kind: String,
    /// Names the policy.
    pub(crate) metadata: Metadata,
    /// How the images of a request are read.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Images>"))]
    pub(crate) images: Images,
    /// Limits that are drawn tighter than the module's own.
    #[cfg_attr(feature = "schema", schemars(with = "Option<PolicyLimits>"))]
    pub(crate) limits: PolicyLimits,
    /// How requests of an admission webhook are read, and which pass without a look at their images.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Admission>"))]
    pub(crate) admission: Admission,
    /// Where hosts that look evidence up piece by piece look beyond the registry.
    #[cfg_attr(feature = "schema", schemars(with = "Option<EvidenceSources>"))]
    pub(crate) evidence_sources: EvidenceSources,
    /// Whose logs, certificate authorities and timestamp authorities are believed. Left out only where
    /// every authority is a key without a log.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<TrustRoot>>", length(min = 1, max = 16))
    )]
    pub(crate) trust_roots: Vec<TrustRoot>,
    /// What follows from a rule that is not met and has no mode of its own, and from what is no rule.
    /// Default `enforce`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Mode>"))]
    pub(crate) mode: Mode,
    /// Modes of namespaces. Of these and the mode of a rule the weakest holds: `audit` is weaker than
    /// `warn`, `warn` weaker than `enforce`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<NamespaceMode>>", length(min = 1, max = 64))
    )]
    pub(crate) modes: Vec<NamespaceMode>,
    /// Lets images run that no rule matches. Shows up in every decision that relies on it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<bool>", extend("const" = true))
    )]
    pub(crate) insecure_allow_unmatched_images: bool,
    /// Who may sign.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(crate) authorities: Vec<Authority>,
    /// Build platforms, and how far each is believed. A builder that does not stand here is
    /// believed to reach Build level 1.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Builder>>", length(min = 1, max = 256))
    )]
    pub(crate) builders: Vec<Builder>,
    /// Whose verification summaries count, and how far.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<SummaryVerifier>>", length(min = 1, max = 256))
    )]
    pub(crate) verifiers: Vec<SummaryVerifier>,
    /// What which images must carry. Every rule whose patterns match an image must be met; an image
    /// that no rule matches is denied.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(crate) rules: Vec<Rule>,
    /// Rules that are not asked of some images for a while.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Exception>>", length(min = 1, max = 256))
    )]
    pub(crate) exceptions: Vec<Exception>,
    /// Evidence about images that the policy brings along, for hosts that can bring none. It proves
    /// itself like all other evidence.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<CarriedEvidence>>", length(min = 1, max = 256))
    )]
    pub(crate) evidence: Vec<ImageEvidence>,
}

/// Evidence about one image.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of what is read into `ImageEvidence`")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct CarriedEvidence {
    /// The digest of the image's manifest or index.
    #[schemars(length(min = 1, max = 135))]
    digest: String,
    /// Sigstore bundles.
    #[schemars(length(min = 1, max = 128))]
    bundles: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Names a policy.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Metadata {
    /// The name, for reports.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
}

/// The names that a policy defines, so that uses of them can be checked wherever they stand.
#[derive(Debug, Default)]
struct Names {
    trust_roots: Map<String, ()>,
    authorities: Map<String, ()>,
    builders: Map<String, ()>,
    verifiers: Map<String, ()>,
    rules: Map<String, ()>,
}

impl Policy {
    /// Reads a policy document. `None` when there are problems, which `reader` then holds.
    pub(crate) fn read(
        reader: &mut Reader,
        value: &Value,
        supplied: &[NamedTrustedRoot],
    ) -> Option<Self> {
        let root = Path::ROOT;
        let members = reader.object(
            value,
            &root,
            &[
                "apiVersion",
                "kind",
                "metadata",
                "mode",
                "modes",
                "images",
                "admission",
                "limits",
                "evidenceSources",
                INSECURE_ALLOW_UNMATCHED,
                "trustRoots",
                "authorities",
                "builders",
                "verifiers",
                "rules",
                "exceptions",
                "evidence",
            ],
        )?;
        constant(reader, members, "apiVersion", API_VERSION);
        constant(reader, members, "kind", KIND);
        let metadata = reader
            .required(members, "metadata", &root)
            .and_then(|value| Metadata::read(reader, value, &root.member("metadata")));
        names(reader, members, "exceptions");
        let names = Names {
            trust_roots: names(reader, members, "trustRoots"),
            authorities: names(reader, members, "authorities"),
            builders: names(reader, members, "builders"),
            verifiers: names(reader, members, "verifiers"),
            rules: names(reader, members, "rules"),
        };
        let mode = choice(reader, members, &root, "mode", &Mode::NAMES);
        let modes = optional_list(
            reader,
            members,
            &root,
            "modes",
            Limit::SelectionElements,
            NamespaceMode::read,
        );
        let images = section(reader, members, "images", Images::read);
        let admission = section(reader, members, "admission", Admission::read);
        let limits = section(reader, members, "limits", PolicyLimits::read);
        let evidence_sources = section(reader, members, "evidenceSources", EvidenceSources::read);
        let unmatched = insecure(reader, members, &root, INSECURE_ALLOW_UNMATCHED);

        let trust_roots = optional_list(
            reader,
            members,
            &root,
            "trustRoots",
            Limit::TrustRoots,
            |r, v, p| TrustRoot::read(r, v, p, supplied),
        );
        reader.required(members, "authorities", &root);
        let authorities = optional_list(
            reader,
            members,
            &root,
            "authorities",
            Limit::Authorities,
            |r, v, p| Authority::read(r, v, p, &names),
        );
        let builders = optional_list(
            reader,
            members,
            &root,
            "builders",
            Limit::Builders,
            |r, v, p| Builder::read(r, v, p, &names),
        );
        let verifiers = optional_list(
            reader,
            members,
            &root,
            "verifiers",
            Limit::Verifiers,
            |r, v, p| SummaryVerifier::read(r, v, p, &names),
        );
        reader.required(members, "rules", &root);
        let rules = optional_list(reader, members, &root, "rules", Limit::Rules, |r, v, p| {
            Rule::read(r, v, p, &names)
        });
        let exceptions = optional_list(
            reader,
            members,
            &root,
            "exceptions",
            Limit::Exceptions,
            |r, v, p| Exception::read(r, v, p, &names),
        );
        let evidence = optional_list(
            reader,
            members,
            &root,
            "evidence",
            Limit::Images,
            carried::read_of_policy,
        );
        if !reader.problems.is_empty() {
            return None;
        }
        Some(Self {
            #[cfg(feature = "schema")]
            api_version: API_VERSION.to_string(),
            #[cfg(feature = "schema")]
            kind: KIND.to_string(),
            metadata: metadata?,
            mode: mode?.unwrap_or_default(),
            modes: modes?,
            insecure_allow_unmatched_images: unmatched?,
            images,
            admission,
            limits,
            evidence_sources,
            trust_roots: trust_roots?,
            authorities: authorities?,
            builders: builders?,
            verifiers: verifiers?,
            rules: rules?,
            exceptions: exceptions?,
            evidence: evidence?,
        })
    }
}

impl Metadata {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["name"])?;
        Some(Self {
            name: name(reader, members, path)?,
        })
    }
}
