//! Rules that ask for SLSA provenance.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_provenance::SourceUri;
use sealstone_verify::json::Value;

use super::super::{
    Condition, Levels, Names, Signers, duration, exactly_one, flag, insecure, matcher,
    optional_list, optional_matcher, references,
};
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::Reader;

/// SLSA provenance.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend(
            "oneOf" = [{"required": ["signedBy"]}, {"required": ["builders"]}],
            "not" = {"required": ["builders", "builder"]}
        )
    )
)]
pub(crate) struct ProvenanceRequirement {
    /// Who must have signed. A builder that `builders` of this policy does not know is then
    /// believed to reach Build level 1.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Signers>"))]
    pub(crate) signed_by: Option<Signers>,
    /// The builders, by name, any of which will do; in place of `signedBy`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(min = 1, max = 64))
    )]
    pub(crate) builders: Vec<String>,
    /// Where the source must come from.
    pub(crate) source: SourceRequirement,
    /// How the builder must call itself; beside `signedBy`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<BuilderRequirement>"))]
    pub(crate) builder: Option<BuilderRequirement>,
    /// The SLSA v1.2 levels that must be reached. The Build level follows from the builder, the
    /// Source level from a verification summary about the commit.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Levels>"))]
    pub(crate) minimum_levels: Levels,
    /// The build type.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) build_type: Option<StringMatcher>,
    /// What the external parameters must be. A parameter that no condition names is refused.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Parameters>"))]
    pub(crate) external_parameters: Option<Parameters>,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: Option<u64>,
}

/// Where the source must come from.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct SourceRequirement {
    /// The repository, for example `https://github.com/owner/name`. Spellings of the same
    /// repository are the same (`git+`, `.git`).
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", length(min = 1, max = 1024))
    )]
    pub(crate) uri: SourceUri,
    /// The git ref, for example `refs/heads/main`. Without it any ref will do, also that of a
    /// branch that nobody reviewed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) r#ref: Option<StringMatcher>,
    /// The commit.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) commit: Option<StringMatcher>,
}

/// Who must have built.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct BuilderRequirement {
    /// The builder id in the provenance.
    pub(crate) id: StringMatcher,
    /// Whether the signer vouches for a builder that is not itself, as the delegator workflows of
    /// slsa-github-generator do. Without it the builder id of provenance that was signed with a
    /// certificate must be the certificate's subject. With it everything rests on the pair of
    /// `signedBy` and `id`: name no authority that would sign whatever builder id it is told.
    /// Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>"))]
    pub(crate) delegated: bool,
}

/// What the external parameters must be.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Parameters {
    /// Conditions on `externalParameters` (v1) or `invocation.parameters` (v0.2); all of them must
    /// be met. A condition covers its field and all that lies in it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) conditions: Vec<Condition>,
    /// Lets parameters pass that no condition covers. Shows up in every decision that relies on it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<bool>", extend("const" = true))
    )]
    pub(crate) insecure_ignore_others: bool,
}

const FIELDS: [&str; 8] = [
    "signedBy",
    "builders",
    "source",
    "builder",
    "minimumLevels",
    "buildType",
    "externalParameters",
    "maximumAge",
];

impl ProvenanceRequirement {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(value, path, &FIELDS)?;
        let (signers, _) = exactly_one(reader, members, path, &["signedBy", "builders"])?;
        let (signed_by, builders) = if signers == "signedBy" {
            let signed_by = Signers::read(reader, members, path, names);
            (signed_by.map(Some), Some(Vec::new()))
        } else {
            let builders = references(reader, members, path, "builders", &names.builders);
            (Some(None), builders)
        };
        let source = reader
            .required(members, "source", path)
            .and_then(|value| SourceRequirement::read(reader, value, &path.member("source")));
        let builder = match members.get("builder") {
            Some(_) if signers == "builders" => {
                exactly_one(reader, members, path, &["builder", "builders"]);
                None
            }
            Some(value) => {
                BuilderRequirement::read(reader, value, &path.member("builder")).map(Some)
            }
            None => Some(None),
        };
        let minimum_levels = Levels::read(reader, members, path, "minimumLevels");
        let build_type = optional_matcher(reader, members, path, "buildType");
        let external_parameters = match members.get("externalParameters") {
            Some(value) => {
                Parameters::read(reader, value, &path.member("externalParameters")).map(Some)
            }
            None => Some(None),
        };
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            signed_by: signed_by?,
            builders: builders?,
            source: source?,
            builder: builder?,
            minimum_levels: minimum_levels?,
            build_type: build_type?,
            external_parameters: external_parameters?,
            maximum_age: maximum_age?,
        })
    }
}

impl SourceRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["uri", "ref", "commit"])?;
        let uri = read_source_uri(reader, members, path);
        let git_ref = optional_matcher(reader, members, path, "ref");
        let commit = optional_matcher(reader, members, path, "commit");
        Some(Self {
            uri: uri?,
            r#ref: git_ref?,
            commit: commit?,
        })
    }
}

impl BuilderRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["id", "delegated"])?;
        let id = matcher(reader, members, path, "id");
        let delegated = flag(reader, members, path, "delegated");
        Some(Self {
            id: id?,
            delegated: delegated?,
        })
    }
}

impl Parameters {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["conditions", "insecureIgnoreOthers"])?;
        reader.required(members, "conditions", path);
        let conditions = optional_list(
            reader,
            members,
            path,
            "conditions",
            Limit::Conditions,
            Condition::read,
        );
        let insecure_ignore_others = insecure(reader, members, path, "insecureIgnoreOthers");
        Some(Self {
            conditions: conditions?,
            insecure_ignore_others: insecure_ignore_others?,
        })
    }
}

fn read_source_uri(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
) -> Option<SourceUri> {
    let text = reader.required_text(members, "uri", path)?;
    let path = path.member("uri");
    if text.len() > Limit::PatternBytes.value() {
        reader.exceeded(Limit::PatternBytes, &path, "bytes");
        return None;
    }
    match text.parse::<SourceUri>() {
        Ok(uri) => Some(uri),
        Err(error) => {
            let message =
                alloc::format!("{error}; write the repository alone, and its ref as `ref`");
            reader
                .problems
                .push("policy.source-uri-malformed", &path, message);
            None
        }
    }
}
