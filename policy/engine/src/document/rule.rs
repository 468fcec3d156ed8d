//! Rules of a policy: what which images must carry.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_provenance::SourceUri;
use sealstone_verify::json::Value;

use super::{Names, Selection};
use crate::limits::Limit;
use crate::pattern::{ImagePattern, StringMatcher};
use crate::problem::Path;
use crate::reader::Reader;

/// What the images that match must carry.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
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
    /// SLSA provenance. One piece of evidence must meet everything that stands here.
    Provenance(ProvenanceRequirement),
}

/// A signature over the image.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct SignatureRequirement {
    /// The authorities, any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) signed_by: Vec<String>,
}

/// SLSA provenance.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct ProvenanceRequirement {
    /// The authorities, any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) signed_by: Vec<String>,
    /// Where the source must come from.
    pub(crate) source: SourceRequirement,
    /// Who must have built.
    pub(crate) builder: BuilderRequirement,
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
    pub(crate) r#ref: Option<StringMatcher>,
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

impl Rule {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &["name", "images", "match", "signature", "provenance"],
        )?;
        let name = super::name(reader, members, path);
        let images = read_images(reader, members, path);
        let selection = match members.get("match") {
            None => None,
            Some(value) => Some(Selection::read(reader, value, &path.member("match"))?),
        };
        let (field, value) =
            super::exactly_one(reader, members, path, &["signature", "provenance"])?;
        let path = path.member(field);
        let requirement = match field {
            "signature" => {
                SignatureRequirement::read(reader, value, &path, names).map(Requirement::Signature)
            }
            _ => ProvenanceRequirement::read(reader, value, &path, names)
                .map(Requirement::Provenance),
        };
        Some(Self {
            name: name?,
            images: images?,
            selection,
            requirement: requirement?,
        })
    }
}

impl SignatureRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let members = reader.object(value, path, &["signedBy"])?;
        Some(Self {
            signed_by: read_signed_by(reader, members, path, names)?,
        })
    }
}

impl ProvenanceRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let members = reader.object(value, path, &["signedBy", "source", "builder"])?;
        let signed_by = read_signed_by(reader, members, path, names);
        let source = reader
            .required(members, "source", path)
            .and_then(|value| SourceRequirement::read(reader, value, &path.member("source")));
        let builder = reader
            .required(members, "builder", path)
            .and_then(|value| BuilderRequirement::read(reader, value, &path.member("builder")));
        Some(Self {
            signed_by: signed_by?,
            source: source?,
            builder: builder?,
        })
    }
}

impl SourceRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["uri", "ref"])?;
        let uri = read_source_uri(reader, members, path);
        let git_ref = match members.get("ref") {
            Some(value) => Some(StringMatcher::read(reader, value, &path.member("ref"))?),
            None => None,
        };
        Some(Self {
            uri: uri?,
            r#ref: git_ref,
        })
    }
}

impl BuilderRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["id", "delegated"])?;
        let id = reader
            .required(members, "id", path)
            .and_then(|value| StringMatcher::read(reader, value, &path.member("id")));
        let delegated = match members.get("delegated") {
            None => false,
            Some(Value::Bool(delegated)) => *delegated,
            Some(_) => {
                reader.wrong_type(&path.member("delegated"), "true or false");
                return None;
            }
        };
        Some(Self { id: id?, delegated })
    }
}

fn read_images(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
) -> Option<Vec<ImagePattern>> {
    let items = reader.required_list(members, "images", path, Limit::ImagePatterns)?;
    let list = path.member("images");
    let mut images = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = list.index(index);
        if let Some(text) = reader.text(item, &path) {
            images.extend(super::pattern(reader, &path, ImagePattern::new(text)));
        }
    }
    Some(images)
}

fn read_signed_by(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    names: &Names,
) -> Option<Vec<String>> {
    let items = reader.required_list(members, "signedBy", path, Limit::SignedBy)?;
    let list = path.member("signedBy");
    let mut signed_by: Vec<String> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = list.index(index);
        let Some(name) = super::reference(reader, item, &path, &names.authorities) else {
            continue;
        };
        if signed_by.contains(&name) {
            reader.problems.push(
                "policy.duplicate-name",
                &path,
                format!("`{name}` stands here twice"),
            );
        }
        signed_by.push(name);
    }
    Some(signed_by)
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
            let message = format!("{error}; write the repository alone, and its ref as `ref`");
            reader
                .problems
                .push("policy.source-uri-malformed", &path, message);
            None
        }
    }
}
