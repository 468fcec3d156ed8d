//! Rules that ask for SLSA provenance.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::{SourceUri, VersionTag};
use sealstone_verify::json::{Map, Value};

use super::super::members::{
    exactly_one, flag, insecure, matcher, optional_list, optional_matcher, references, word,
};
use super::super::{Condition, Levels, Names, Signers, duration};
use super::signature::named_matchers;
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
    /// The profile of the one ladder that SLSA v0.1 had, 1 to 4, on today's tracks and properties.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 4))
    )]
    pub(crate) legacy_level: Option<usize>,
    /// What must be known about the build or the source beyond levels.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Property>>", length(min = 1, max = 8))
    )]
    pub(crate) properties: Vec<Property>,
    /// Whose verification summaries about the source commit count, by the name of the verifier.
    /// Needed where a Source level or `TWO_PARTY_REVIEWED` is asked for.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(min = 1, max = 64))
    )]
    pub(crate) source_verified_by: Vec<String>,
    /// The build type.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) build_type: Option<StringMatcher>,
    /// What started the build, any of these: `push`, `release`, `workflow_dispatch`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(min = 1, max = 64))
    )]
    pub(crate) triggers: Vec<String>,
    /// The kind of runner: `github-hosted`, `self-hosted`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) runner_environment: Option<StringMatcher>,
    /// The deployment environment that released the build, a gate that the platform guards.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) deployment_environment: Option<StringMatcher>,
    /// What whoever started the workflow by hand must have given, by the name of the input. Only
    /// builds that were started so have inputs.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<alloc::collections::BTreeMap<String, StringMatcher>>",
            extend("minProperties" = 1)
        )
    )]
    pub(crate) workflow_inputs: Vec<(String, StringMatcher)>,
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
    /// The git ref, for example `refs/heads/main`. Without `ref`, `branch`, `tag` and `versionTag`
    /// any ref will do, also that of a branch that nobody reviewed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) r#ref: Option<StringMatcher>,
    /// The branch, without `refs/heads/`. A build from a tag has the branch that the tag was made
    /// on, where the provenance names it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) branch: Option<StringMatcher>,
    /// The tag, without `refs/tags/`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) tag: Option<StringMatcher>,
    /// The tag as a semantic version of which only the given parts count: `v1`, `v1.2`, `v1.2.3`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", length(min = 1, max = 1024))
    )]
    pub(crate) version_tag: Option<VersionTag>,
    /// The commit.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) commit: Option<StringMatcher>,
    /// The number of the repository, which a name that was given up and taken by somebody else does
    /// not have.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) repository_id: Option<StringMatcher>,
    /// The number of the repository's owner.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) owner_id: Option<StringMatcher>,
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

/// Something that is known about a build or its source beyond levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "SCREAMING_SNAKE_CASE"))]
pub(crate) enum Property {
    /// The build had no network and names all of its inputs: the builder says so, or the operator
    /// of this policy says so of the builder.
    Hermetic,
    /// Whoever started the build could not give it parameters.
    Parameterless,
    /// Builders of two different operators made the same bytes.
    Reproduced,
    /// Two people agreed to the source commit, as a verification summary says.
    TwoPartyReviewed,
}

const PROPERTIES: [(&str, Property); 4] = [
    ("HERMETIC", Property::Hermetic),
    ("PARAMETERLESS", Property::Parameterless),
    ("REPRODUCED", Property::Reproduced),
    ("TWO_PARTY_REVIEWED", Property::TwoPartyReviewed),
];

const FIELDS: [&str; 15] = [
    "signedBy",
    "builders",
    "source",
    "builder",
    "minimumLevels",
    "legacyLevel",
    "properties",
    "sourceVerifiedBy",
    "buildType",
    "triggers",
    "runnerEnvironment",
    "deploymentEnvironment",
    "workflowInputs",
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
        let legacy_level = match members.get("legacyLevel") {
            Some(value) => {
                let path = path.member("legacyLevel");
                let code = "policy.level-out-of-range";
                super::super::members::number(reader, value, &path, (1, 4), code).map(Some)
            }
            None => Some(None),
        };
        let properties = optional_list(
            reader,
            members,
            path,
            "properties",
            Limit::Properties,
            |reader, value, path| word(reader, value, path, &PROPERTIES),
        );
        let source_verified_by = match members.get("sourceVerifiedBy") {
            Some(_) => references(reader, members, path, "sourceVerifiedBy", &names.verifiers),
            None => Some(Vec::new()),
        };
        let build_type = optional_matcher(reader, members, path, "buildType");
        let triggers = optional_list(
            reader,
            members,
            path,
            "triggers",
            Limit::Alternatives,
            |reader, value, path| reader.text(value, path).map(String::from),
        );
        let runner_environment = optional_matcher(reader, members, path, "runnerEnvironment");
        let deployment_environment =
            optional_matcher(reader, members, path, "deploymentEnvironment");
        let workflow_inputs = match members.get("workflowInputs") {
            Some(value) => named_matchers(reader, value, &path.member("workflowInputs")),
            None => Some(Vec::new()),
        };
        let external_parameters = match members.get("externalParameters") {
            Some(value) => {
                Parameters::read(reader, value, &path.member("externalParameters")).map(Some)
            }
            None => Some(None),
        };
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        let read = Self {
            signed_by: signed_by?,
            builders: builders?,
            source: source?,
            builder: builder?,
            minimum_levels: minimum_levels?,
            legacy_level: legacy_level?,
            properties: properties?,
            source_verified_by: source_verified_by?,
            build_type: build_type?,
            triggers: triggers?,
            runner_environment: runner_environment?,
            deployment_environment: deployment_environment?,
            workflow_inputs: workflow_inputs?,
            external_parameters: external_parameters?,
            maximum_age: maximum_age?,
        };
        if read.needs_summary() && read.source_verified_by.is_empty() {
            reader.required(members, "sourceVerifiedBy", path);
        }
        Some(read)
    }

    /// The Build level that must be reached: the higher one of that named and that of the legacy
    /// profile.
    pub(crate) fn build_level(&self) -> usize {
        let legacy = self.legacy_level.unwrap_or(0).min(3);
        self.minimum_levels.build.unwrap_or(0).max(legacy)
    }

    /// The Source level that must be reached. Level 1 of the legacy profiles is that the source is
    /// named with its commit; level 2 that its history is verified.
    pub(crate) fn source_level(&self) -> usize {
        let legacy = match self.legacy_level {
            Some(2) => 1,
            Some(3 | 4) => 2,
            _ => 0,
        };
        self.minimum_levels.source.unwrap_or(0).max(legacy)
    }

    /// Whether a property must hold, by name or by the legacy profile of level 4.
    pub(crate) fn demands(&self, property: Property) -> bool {
        self.legacy_level == Some(4) || self.properties.contains(&property)
    }

    /// Whether something is asked for that only a verification summary about the commit can say.
    pub(crate) fn needs_summary(&self) -> bool {
        self.minimum_levels.source.is_some()
            || self.source_level() > 1
            || self.demands(Property::TwoPartyReviewed)
    }
}

impl SourceRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &[
                "uri",
                "ref",
                "branch",
                "tag",
                "versionTag",
                "commit",
                "repositoryId",
                "ownerId",
            ],
        )?;
        let uri = read_source_uri(reader, members, path);
        let git_ref = optional_matcher(reader, members, path, "ref");
        let branch = optional_matcher(reader, members, path, "branch");
        let tag = optional_matcher(reader, members, path, "tag");
        let version_tag = match members.get("versionTag") {
            Some(value) => read_version_tag(reader, value, &path.member("versionTag")).map(Some),
            None => Some(None),
        };
        let commit = optional_matcher(reader, members, path, "commit");
        let repository_id = optional_matcher(reader, members, path, "repositoryId");
        let owner_id = optional_matcher(reader, members, path, "ownerId");
        Some(Self {
            uri: uri?,
            r#ref: git_ref?,
            branch: branch?,
            tag: tag?,
            version_tag: version_tag?,
            commit: commit?,
            repository_id: repository_id?,
            owner_id: owner_id?,
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

fn read_version_tag(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<VersionTag> {
    match reader.text(value, path)?.parse::<VersionTag>() {
        Ok(version) => Some(version),
        Err(error) => {
            reader.problems.push(error.code(), path, error.to_string());
            None
        }
    }
}

fn read_source_uri(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
