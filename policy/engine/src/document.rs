//! The policy document, `sealstone.dev/v1alpha1`.
//!
//! The types hold what was read in its parsed form: a pattern is compiled, a key is decoded, a name
//! that refers to something refers to something. The JSON Schema is generated from the same types.

mod admission;
mod authority;
mod images;
mod members;
mod rule;
mod selection;
mod trust_root;

pub(crate) use admission::{Admission, Mode, Resource};
pub(crate) use authority::{Authority, AuthorityKind, Identity};
pub(crate) use images::{Images, Subjects, Tags};
pub(crate) use rule::{ProvenanceRequirement, Requirement, Rule};
pub(crate) use selection::{Context, Selection};
pub(crate) use trust_root::{Thresholds, TrustRoot};

use members::{boolean, choice, optional_list, section};

use alloc::collections::BTreeMap;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::limits::Limit;
use crate::pattern::{Glob, PatternError, Regexp, StringMatcher};
use crate::problem::Path;
use crate::reader::Reader;
use crate::text::Escaped;
use crate::{API_VERSION, NamedTrustedRoot};

const KIND: &str = "Policy";

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
    /// What becomes of a request that is not allowed. Default `enforce`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Mode>"))]
    pub(crate) mode: Mode,
    /// How the images of a request are read.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Images>"))]
    pub(crate) images: Images,
    /// How requests of an admission webhook are read, and which pass without a look at their images.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Admission>"))]
    pub(crate) admission: Admission,
    /// Whose logs, certificate authorities and timestamp authorities are believed. Left out only where
    /// every authority is a key without a log.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<TrustRoot>>", length(min = 1, max = 16))
    )]
    pub(crate) trust_roots: Vec<TrustRoot>,
    /// Who may sign.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(crate) authorities: Vec<Authority>,
    /// What which images must carry. Every rule whose patterns match an image must be met; an image
    /// that no rule matches is denied.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(crate) rules: Vec<Rule>,
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
    trust_roots: BTreeSet<String>,
    authorities: BTreeSet<String>,
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
                "images",
                "admission",
                "trustRoots",
                "authorities",
                "rules",
            ],
        )?;
        constant(reader, members, "apiVersion", API_VERSION);
        constant(reader, members, "kind", KIND);
        let metadata = reader
            .required(members, "metadata", &root)
            .and_then(|value| Metadata::read(reader, value, &root.member("metadata")));
        let mode = section(reader, members, "mode", Mode::read);
        let images = section(reader, members, "images", Images::read);
        let admission = section(reader, members, "admission", Admission::read);
        names(reader, members, "rules");
        let names = Names {
            trust_roots: names(reader, members, "trustRoots"),
            authorities: names(reader, members, "authorities"),
        };

        let trust_roots = match members.get("trustRoots") {
            None => Vec::new(),
            Some(_) => read_list(
                reader,
                members,
                "trustRoots",
                Limit::TrustRoots,
                |r, v, p| TrustRoot::read(r, v, p, supplied),
            ),
        };
        let authorities = read_list(
            reader,
            members,
            "authorities",
            Limit::Authorities,
            |r, v, p| Authority::read(r, v, p, &names),
        );
        let rules = read_list(reader, members, "rules", Limit::Rules, |r, v, p| {
            Rule::read(r, v, p, &names)
        });
        if !reader.problems.is_empty() {
            return None;
        }
        Some(Self {
            #[cfg(feature = "schema")]
            api_version: API_VERSION.to_string(),
            #[cfg(feature = "schema")]
            kind: KIND.to_string(),
            metadata: metadata?,
            mode,
            images,
            admission,
            trust_roots,
            authorities,
            rules,
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

impl StringMatcher {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["exact", "glob", "regexp"])?;
        let (kind, value) = exactly_one(reader, members, path, &["exact", "glob", "regexp"])?;
        let path = path.member(kind);
        let text = reader.text(value, &path)?;
        let matcher = match kind {
            "exact" if text.len() > Limit::PatternBytes.value() => {
                Err(PatternError::LimitExceeded(Limit::PatternBytes))
            }
            "exact" => Ok(Self::Exact(text.to_string())),
            "glob" => Glob::new(text).map(Self::Glob),
            _ => Regexp::new(text).map(Self::Regexp),
        };
        pattern(reader, &path, matcher)
    }
}

fn pattern<T>(reader: &mut Reader, path: &Path<'_>, pattern: Result<T, PatternError>) -> Option<T> {
    match pattern {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            reader.problems.push(error.code(), path, error.to_string());
            None
        }
    }
}

fn constant(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    field: &'static str,
    expected: &'static str,
) {
    let root = Path::ROOT;
    if let Some(found) = reader.required_text(members, field, &root)
        && found != expected
    {
        reader.problems.push(
            "policy.unknown-version",
            &root.member(field),
            format!(
                "`{}` is not known here; allowed: {expected}",
                Escaped(found)
            ),
        );
    }
}

/// Reads the elements of a list that must be there. Broken elements have been reported.
fn read_list<T>(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    field: &'static str,
    limit: Limit,
    read: impl Fn(&mut Reader, &Value, &Path<'_>) -> Option<T>,
) -> Vec<T> {
    let root = Path::ROOT;
    let path = root.member(field);
    let items = reader
        .required_list(members, field, &root, limit)
        .unwrap_or_default();
    let mut found = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        found.extend(read(reader, item, &path.index(index)));
    }
    found
}

/// Reads the `name` of an object.
fn name(reader: &mut Reader, members: &BTreeMap<String, Value>, path: &Path<'_>) -> Option<String> {
    let name = reader.required_text(members, "name", path)?;
    if name.len() > Limit::NameBytes.value() {
        reader.exceeded(Limit::NameBytes, &path.member("name"), "bytes");
        return None;
    }
    let printable = name
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'`');
    if !printable {
        reader.problems.push(
            "policy.name-malformed",
            &path.member("name"),
            "a name has printable ASCII characters without spaces and backquotes".into(),
        );
        return None;
    }
    Some(name.to_string())
}

/// The names in a list of named things; a name that occurs twice is reported.
fn names(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    field: &'static str,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let root = Path::ROOT;
    let list = root.member(field);
    let items = members.get(field).and_then(Value::as_array);
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        let Some(name) = item.get("name").and_then(Value::as_str) else {
            continue;
        };
        if !names.insert(name.to_string()) {
            reader.problems.push(
                "policy.duplicate-name",
                &list.index(index).member("name"),
                format!("`{}` is the name of an earlier element too", Escaped(name)),
            );
        }
    }
    names
}

/// Reads a text that must be one of the names.
fn reference(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    names: &BTreeSet<String>,
) -> Option<String> {
    let text = reader.text(value, path)?;
    if names.contains(text) {
        return Some(text.to_string());
    }
    let mut allowed = String::new();
    for name in names.iter().take(16) {
        if !allowed.is_empty() {
            allowed.push_str(", ");
        }
        allowed.push_str(&Escaped(name).to_string());
    }
    reader.problems.push(
        "policy.unknown-reference",
        path,
        format!(
            "the policy defines nothing named `{}` here; allowed: {allowed}",
            Escaped(text)
        ),
    );
    None
}

/// The one member among `alternatives` that is there.
fn exactly_one<'v>(
    reader: &mut Reader,
    members: &'v BTreeMap<String, Value>,
    path: &Path<'_>,
    alternatives: &[&'static str],
) -> Option<(&'static str, &'v Value)> {
    let mut present = alternatives
        .iter()
        .filter_map(|name| members.get(*name).map(|value| (*name, value)));
    match (present.next(), present.next()) {
        (Some(only), None) => Some(only),
        _ => {
            reader.problems.push(
                "policy.exactly-one",
                path,
                format!(
                    "exactly one of these fields is required: {}",
                    alternatives.join(", ")
                ),
            );
            None
        }
    }
}
