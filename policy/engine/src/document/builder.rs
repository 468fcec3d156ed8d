//! Builders and verifiers of a policy: which signer may speak for whom, and how far it is believed.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use super::Names;
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::Reader;

/// The highest level of the Build track (SLSA v1.2).
const BUILD: u64 = 3;
/// The highest level of the Source track (SLSA v1.2).
const SOURCE: u64 = 4;

/// A build platform: who signs for it, how it calls itself, and how far it is believed. A level is
/// never read from provenance: it follows from the pair of signer and builder id.
///
/// Follows <https://slsa.dev/spec/v1.2/verifying-artifacts>, step 1.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Builder {
    /// The name, for rules and reports.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// The authorities that sign for it, any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) signed_by: Vec<String>,
    /// The builder id in the provenance.
    pub(crate) id: StringMatcher,
    /// The highest SLSA Build level that it is believed to reach.
    #[cfg_attr(feature = "schema", schemars(with = "u64", range(min = 0, max = 3)))]
    pub(crate) maximum_level: usize,
    /// Whether the signer vouches for a builder that is not itself, as the delegator workflows of
    /// slsa-github-generator and docker/github-builder do. Without it the builder id of provenance
    /// that was signed with a certificate must be the certificate's subject. With it everything
    /// rests on the pair of `signedBy` and `id`. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>"))]
    pub(crate) delegated: bool,
    /// What the operator of this policy knows about every build on it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<BuilderProperty>>", length(min = 1, max = 8))
    )]
    pub(crate) properties: Vec<BuilderProperty>,
    /// Who runs it. Two builders with different operators can reproduce each other's builds.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", length(min = 1, max = 128))
    )]
    pub(crate) operator: Option<String>,
}

/// What is known about every build on a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "SCREAMING_SNAKE_CASE"))]
pub(crate) enum BuilderProperty {
    /// Builds have no network and name all of their inputs.
    Hermetic,
    /// Builds take no parameters from whoever starts them.
    Parameterless,
}

const PROPERTIES: [(&str, BuilderProperty); 2] = [
    ("HERMETIC", BuilderProperty::Hermetic),
    ("PARAMETERLESS", BuilderProperty::Parameterless),
];

/// Somebody who checked before and wrote a verification summary (VSA).
///
/// Follows <https://slsa.dev/spec/v1.2/verification_summary>.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct SummaryVerifier {
    /// The name, for rules and reports.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// The authorities that sign for it, any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) signed_by: Vec<String>,
    /// `verifier.id` in the summary.
    pub(crate) id: StringMatcher,
    /// How far it is believed. A track that is not named counts for nothing.
    pub(crate) maximum_levels: Levels,
}

/// Levels by track of SLSA v1.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("minProperties" = 1)
    )
)]
pub(crate) struct Levels {
    /// The Build track.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 3))
    )]
    pub(crate) build: Option<usize>,
    /// The Source track.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 4))
    )]
    pub(crate) source: Option<usize>,
}

impl Builder {
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
                "name",
                "signedBy",
                "id",
                "maximumLevel",
                "delegated",
                "properties",
                "operator",
            ],
        )?;
        let name = super::members::name(reader, members, path);
        let signed_by =
            super::members::references(reader, members, path, "signedBy", &names.authorities);
        let id = super::members::matcher(reader, members, path, "id");
        let maximum_level = reader
            .required(members, "maximumLevel", path)
            .and_then(|value| level(reader, value, &path.member("maximumLevel"), (0, BUILD)));
        let delegated = super::members::flag(reader, members, path, "delegated");
        let properties = super::members::optional_list(
            reader,
            members,
            path,
            "properties",
            Limit::Properties,
            |reader, value, path| super::members::word(reader, value, path, &PROPERTIES),
        );
        let operator =
            super::members::optional_text(reader, members, path, "operator", Limit::NameBytes);
        Some(Self {
            name: name?,
            signed_by: signed_by?,
            id: id?,
            maximum_level: maximum_level?,
            delegated: delegated?,
            properties: properties?,
            operator: operator?,
        })
    }
}

impl SummaryVerifier {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(value, path, &["name", "signedBy", "id", "maximumLevels"])?;
        let name = super::members::name(reader, members, path);
        let signed_by =
            super::members::references(reader, members, path, "signedBy", &names.authorities);
        let id = super::members::matcher(reader, members, path, "id");
        reader.required(members, "maximumLevels", path);
        let maximum_levels = Levels::read(reader, members, path, "maximumLevels");
        Some(Self {
            name: name?,
            signed_by: signed_by?,
            id: id?,
            maximum_levels: maximum_levels?,
        })
    }
}

impl Levels {
    /// Whether these are higher, the Build track first.
    pub(crate) fn exceed(self, other: Self) -> bool {
        (self.build, self.source) > (other.build, other.source)
    }

    /// Reads levels that may be left out; at least one track must then be named.
    pub(super) fn read(
        reader: &mut Reader,
        members: &Map<String, Value>,
        path: &Path<'_>,
        field: &'static str,
    ) -> Option<Self> {
        let Some(value) = members.get(field) else {
            return Some(Self::default());
        };
        let path = path.member(field);
        let members = reader.object(value, &path, &["build", "source"])?;
        if members.is_empty() {
            reader.fault(
                crate::reader::Fault::Empty,
                &path,
                "name the level of at least one track: build, source".into(),
            );
        }
        let mut levels = [None; 2];
        for (level_of, (track, most)) in levels
            .iter_mut()
            .zip([("build", BUILD), ("source", SOURCE)])
        {
            if let Some(value) = members.get(track) {
                *level_of = Some(level(reader, value, &path.member(track), (1, most))?);
            }
        }
        let [build, source] = levels;
        Some(Self { build, source })
    }
}

fn level(reader: &mut Reader, value: &Value, path: &Path<'_>, range: (u64, u64)) -> Option<usize> {
    super::members::number(reader, value, path, range, "policy.level-out-of-range")
}
