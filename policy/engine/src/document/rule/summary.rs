//! Rules that ask for a verification summary.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::ResourceUriTemplate;
use sealstone_verify::json::Value;

use super::super::members::{optional_list, references};
use super::super::{Levels, Names, duration};
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// A verification summary (VSA) about the image.
///
/// Follows <https://slsa.dev/spec/v1.2/verification_summary>.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct SummaryRequirement {
    /// Who must have checked, by the names of `verifiers`, any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) verified_by: Vec<String>,
    /// What `resourceUri` must be, any of these. `{registry}`, `{repository}`, `{name}`, `{tag}`
    /// and `{digest}` stand for the parts of the image's reference.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Vec<String>", length(min = 1, max = 64))
    )]
    pub(crate) resource_uris: Vec<ResourceUriTemplate>,
    /// The levels that must have been verified.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Levels>"))]
    pub(crate) minimum_levels: Levels,
    /// Further values that `verifiedLevels` must have, for example `SLSA_BUILD_REPRODUCED` or an
    /// organisation's own.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(min = 1, max = 8))
    )]
    pub(crate) properties: Vec<String>,
    /// The names of rules. Every attestation in `inputAttestations` of the summary must be a piece of
    /// evidence that was brought and meets what one of these rules asks of one piece, and for each of
    /// these rules there must be one. An attestation is known by the SHA-256 of the bundle or envelope,
    /// as it was brought, or of the envelope within the bundle.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(min = 1, max = 64))
    )]
    pub(crate) input_attestations: Vec<String>,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub(crate) maximum_age: Option<u64>,
}

impl SummaryRequirement {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &[
                "verifiedBy",
                "resourceUris",
                "minimumLevels",
                "properties",
                "inputAttestations",
                "maximumAge",
            ],
        )?;
        let verified_by = references(reader, members, path, "verifiedBy", &names.verifiers);
        reader.required(members, "resourceUris", path);
        let resource_uris = optional_list(
            reader,
            members,
            path,
            "resourceUris",
            Limit::Alternatives,
            read_template,
        );
        let minimum_levels = Levels::read(reader, members, path, "minimumLevels");
        let properties = optional_list(
            reader,
            members,
            path,
            "properties",
            Limit::Properties,
            |reader, value, path| reader.text(value, path).map(String::from),
        );
        let input_attestations = match members.get("inputAttestations") {
            None => Some(Vec::new()),
            Some(_) => references(reader, members, path, "inputAttestations", &names.rules),
        };
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            verified_by: verified_by?,
            resource_uris: resource_uris?,
            minimum_levels: minimum_levels?,
            properties: properties?,
            input_attestations: input_attestations?,
            maximum_age: maximum_age?,
        })
    }
}

fn read_template(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<ResourceUriTemplate> {
    match reader.text(value, path)?.parse::<ResourceUriTemplate>() {
        Ok(template) => Some(template),
        Err(error) => {
            reader.problems.push(error.code(), path, error.to_string());
            None
        }
    }
}
