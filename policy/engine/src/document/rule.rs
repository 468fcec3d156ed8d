//! Rules of a policy: what which images must carry.

mod attestation;
mod package;
mod provenance;
#[cfg(feature = "rego")]
mod rego;
mod relation;
mod sbom;
mod signature;
mod summary;
mod vulnerabilities;

#[cfg(feature = "rego")]
pub(crate) use attestation::AttestationKind;
pub(crate) use attestation::{AttestationRequirement, Quantifier};
pub(crate) use package::PackagePattern;
pub(crate) use provenance::{Parameters, Property, ProvenanceRequirement, SourceRequirement};
#[cfg(feature = "rego")]
pub(crate) use rego::{RegoAttestation, RegoRequirement};
pub(crate) use relation::{After, Relation, SignerRelation};
pub(crate) use sbom::{
    LicenseField, LicenseRequirement, LicenseRule, PackageRequirement, SbomRequirement, ToolPattern,
};
pub(crate) use signature::SignatureRequirement;
pub(crate) use summary::SummaryRequirement;
pub(crate) use vulnerabilities::{
    IgnoredVulnerability, Maximum, SEVERITIES, VexRequirement, VulnerabilityRequirement,
};

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::UnixTime;
use sealstone_verify::json::{Map, Value};

use super::{Mode, Names, Selection};
use crate::limits::Limit;
use crate::pattern::ImagePattern;
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// What the images that match must carry.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("not" = {"required": ["rego", "relations"]})
    )
)]
pub(crate) struct Rule {
    /// The name, for reports.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// The images, any of the patterns: globs over `registry/repository` with the registry written
    /// out (`docker.io/library/nginx`) and without tag and digest. `**` is every image.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Vec<String>",
            length(min = 1, max = 256),
            inner(length(min = 1, max = 1024))
        )
    )]
    pub(crate) images: Vec<ImagePattern>,
    /// The requests that the rule is for. Without it, all.
    #[cfg_attr(feature = "schema", schemars(rename = "match"))]
    pub(crate) selection: Option<Selection>,
    /// What follows when the rule is not met. Without it, what the mode of the policy says.
    pub(crate) mode: Option<Mode>,
    /// When the rule takes effect, RFC 3339. Before, a rule that is not met does not deny: the
    /// decision says `warn` with this date. Without it the rule is in effect.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(min = 1)))]
    pub(crate) effective_on: Option<UnixTime>,
    /// How what meets this rule must stand to what meets other rules; all of it. A piece that meets
    /// the rest of the rule counts only if it does. With `quantifier: all` every piece must. A rule
    /// in Rego has none: its program is told who signed what, and when.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Relation>>", length(min = 1, max = 8))
    )]
    pub(crate) relations: Vec<Relation>,
    /// What the images must carry.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) requirement: Requirement,
}

/// What images must carry.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Requirement {
    /// A signature over the image.
    Signature(SignatureRequirement),
    /// An attestation about the image. One piece of evidence must meet everything that stands here.
    Attestation(AttestationRequirement),
    /// SLSA provenance. One piece of evidence must meet everything that stands here.
    Provenance(Box<ProvenanceRequirement>),
    /// A verification summary (VSA) of somebody who checked before. One piece of evidence must meet
    /// everything that stands here.
    VerificationSummary(Box<SummaryRequirement>),
    /// A bill of materials (SBOM). One piece of evidence must meet everything that stands here.
    Sbom(Box<SbomRequirement>),
    /// The result of a vulnerability scan. One piece of evidence must meet everything that stands
    /// here; VEX documents beside it may lower what it says.
    Vulnerabilities(Box<VulnerabilityRequirement>),
    /// What a program in Rego says to what was verified. It can only refuse.
    #[cfg(feature = "rego")]
    Rego(Box<RegoRequirement>),
}

const KINDS: [&str; 7] = [
    "signature",
    "attestation",
    "provenance",
    "verificationSummary",
    "sbom",
    "vulnerabilities",
    "rego",
];

impl Rule {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let [
            signature,
            attestation,
            provenance,
            summary,
            sbom,
            vulnerabilities,
            rego,
        ] = KINDS;
        let members = reader.object(
            value,
            path,
            &[
                "name",
                "images",
                "match",
                "mode",
                "effectiveOn",
                "relations",
                signature,
                attestation,
                provenance,
                summary,
                sbom,
                vulnerabilities,
                rego,
            ],
        )?;
        let name = super::members::name(reader, members, path);
        let images = read_images(reader, members, path);
        let selection = match members.get("match") {
            None => None,
            Some(value) => Some(Selection::read(reader, value, &path.member("match"))?),
        };
        let mode = super::members::choice(reader, members, path, "mode", &Mode::NAMES);
        let effective_on = super::members::time(reader, members, path, "effectiveOn");
        let relations = super::members::optional_list(
            reader,
            members,
            path,
            "relations",
            Limit::Relations,
            |r, v, p| Relation::read(r, v, p, names),
        );
        if let (Some(name), Some(relations)) = (&name, &relations) {
            relation::check_distinct(reader, (name, relations), path);
        }
        let (field, value) = super::members::exactly_one(reader, members, path, &KINDS)?;
        if field == "rego" && members.get("relations").is_some() {
            let message = "a rule in Rego has none; compare signers and times in its program";
            reader.fault(
                Fault::UnknownField,
                &path.member("relations"),
                message.into(),
            );
        }
        let path = path.member(field);
        let requirement = match field {
            "signature" => {
                SignatureRequirement::read(reader, value, &path, names).map(Requirement::Signature)
            }
            "attestation" => AttestationRequirement::read(reader, value, &path, names)
                .map(Requirement::Attestation),
            "provenance" => ProvenanceRequirement::read(reader, value, &path, names)
                .map(|asked| Requirement::Provenance(Box::new(asked))),
            "verificationSummary" => SummaryRequirement::read(reader, value, &path, names)
                .map(|asked| Requirement::VerificationSummary(Box::new(asked))),
            "sbom" => SbomRequirement::read(reader, value, &path, names)
                .map(|asked| Requirement::Sbom(Box::new(asked))),
            #[cfg(feature = "rego")]
            "rego" => RegoRequirement::read(reader, value, &path, names)
                .map(|asked| Requirement::Rego(Box::new(asked))),
            #[cfg(not(feature = "rego"))]
            "rego" => {
                reader.problems.push(
                    "policy.rego-unsupported",
                    &path,
                    "this module evaluates no Rego; use the module `sealstone-rego.wasm`".into(),
                );
                None
            }
            _ => VulnerabilityRequirement::read(reader, value, &path, names)
                .map(|asked| Requirement::Vulnerabilities(Box::new(asked))),
        };
        Some(Self {
            name: name?,
            images: images?,
            selection,
            mode: mode?,
            effective_on: effective_on?,
            relations: relations?,
            requirement: requirement?,
        })
    }
}

pub(super) fn read_images(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
) -> Option<Vec<ImagePattern>> {
    let items = reader.required_list(members, "images", path, Limit::ImagePatterns)?;
    let list = path.member("images");
    let mut images = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = list.index(index);
        if let Some(text) = reader.text(item, &path) {
            images.extend(super::members::pattern(
                reader,
                &path,
                ImagePattern::new(text),
            ));
        }
    }
    Some(images)
}
