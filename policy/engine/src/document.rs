//! The policy document, `sealstone.dev/v1alpha1`.
//!
//! The types hold what was read in its parsed form: a pattern is compiled, a key is decoded, a name
//! that refers to something refers to something. The JSON Schema is generated from the same types.

mod admission;
mod authority;
mod builder;
mod condition;
mod duration;
mod images;
mod limits;
mod requirements;
mod rule;
mod selection;
mod signers;
mod trust_root;

pub(crate) use admission::{Admission, Resource};
pub(crate) use authority::{Authority, AuthorityKind, EXTENSIONS, Identity, Key};
pub(crate) use builder::{Builder, BuilderProperty, Levels, SummaryVerifier};
pub(crate) use condition::{Condition, Operator, as_integer, same};
pub(crate) use images::{Images, Subjects, Tags};
pub(crate) use limits::PolicyLimits;
pub(crate) use requirements::Thresholds;
pub(crate) use rule::{
    AttestationRequirement, Parameters, Property, ProvenanceRequirement, Quantifier, Requirement,
    Rule, SourceRequirement, SummaryRequirement,
};
pub(crate) use selection::{Context, Selection};
pub(crate) use signers::Signers;
pub(crate) use trust_root::TrustRoot;

use alloc::collections::BTreeMap;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;
use sealstone_verify::{PublicKey, UnixTime};

use crate::limits::Limit;
use crate::pattern::{Glob, PatternError, Regexp, StringMatcher};
use crate::problem::Path;
use crate::reader::Reader;
use crate::text::Escaped;
use crate::{API_VERSION, NamedTrustedRoot};

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
    /// Whose logs, certificate authorities and timestamp authorities are believed. Left out only where
    /// every authority is a key without a log.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<TrustRoot>>", length(min = 1, max = 16))
    )]
    pub(crate) trust_roots: Vec<TrustRoot>,
    /// What follows from a rule that is not met. Default `enforce`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Mode>"))]
    pub(crate) mode: Mode,
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
}

/// What follows from a rule that is not met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Mode {
    /// The request is denied.
    #[default]
    Enforce,
    /// The request passes with a warning to whoever made it.
    Warn,
    /// The request passes; what would have been denied stands in the audit log.
    Audit,
}

impl Mode {
    /// The modes by name.
    pub(crate) const NAMES: [(&'static str, Self); 3] = [
        ("enforce", Self::Enforce),
        ("warn", Self::Warn),
        ("audit", Self::Audit),
    ];

    /// The word that documents have for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
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
    builders: BTreeSet<String>,
    verifiers: BTreeSet<String>,
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
                "limits",
                INSECURE_ALLOW_UNMATCHED,
                "trustRoots",
                "authorities",
                "builders",
                "verifiers",
                "rules",
            ],
        )?;
        constant(reader, members, "apiVersion", API_VERSION);
        constant(reader, members, "kind", KIND);
        let metadata = reader
            .required(members, "metadata", &root)
            .and_then(|value| Metadata::read(reader, value, &root.member("metadata")));
        names(reader, members, "rules");
        let names = Names {
            trust_roots: names(reader, members, "trustRoots"),
            authorities: names(reader, members, "authorities"),
            builders: names(reader, members, "builders"),
            verifiers: names(reader, members, "verifiers"),
        };
        let mode = choice(reader, members, &root, "mode", &Mode::NAMES);
        let images = section(reader, members, "images", Images::read);
        let admission = section(reader, members, "admission", Admission::read);
        let limits = section(reader, members, "limits", PolicyLimits::read);
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
            insecure_allow_unmatched_images: unmatched?,
            images,
            admission,
            limits,
            trust_roots: trust_roots?,
            authorities: authorities?,
            builders: builders?,
            verifiers: verifiers?,
            rules: rules?,
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

/// One of several words, if the member is there. The outer `None` says that it is none of them,
/// which was reported.
fn choice<T: Copy>(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
    words: &[(&'static str, T)],
) -> Option<Option<T>> {
    let Some(value) = members.get(field) else {
        return Some(None);
    };
    word(reader, value, &path.member(field), words).map(Some)
}

/// One of several words.
fn word<T: Copy>(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    words: &[(&'static str, T)],
) -> Option<T> {
    let text = reader.text(value, path)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let mut allowed = String::new();
        for (word, _) in words {
            if !allowed.is_empty() {
                allowed.push_str(", ");
            }
            allowed.push_str(word);
        }
        reader.problems.push(
            "policy.unknown-value",
            path,
            format!("`{}` is not known here; allowed: {allowed}", Escaped(text)),
        );
    }
    found.map(|(_, value)| *value)
}

/// A whole number within a range, both ends included.
fn number(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    (least, most): (u64, u64),
    code: &'static str,
) -> Option<usize> {
    if !matches!(value, Value::Number(_)) {
        reader.wrong_type(path, "a number");
        return None;
    }
    let number = value
        .as_u64()
        .filter(|number| (least..=most).contains(number))
        .and_then(|number| usize::try_from(number).ok());
    if number.is_none() {
        reader.problems.push(
            code,
            path,
            format!("must be a whole number from {least} to {most}"),
        );
    }
    number
}

/// `true` or `false`, false where it is not there.
fn flag(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<bool> {
    match members.get(field) {
        None => Some(false),
        Some(Value::Bool(flag)) => Some(*flag),
        Some(_) => {
            reader.wrong_type(&path.member(field), "true or false");
            None
        }
    }
}

/// An escape hatch is either taken or not written.
fn insecure(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<bool> {
    match members.get(field) {
        None => Some(false),
        Some(Value::Bool(true)) => Some(true),
        Some(_) => {
            reader.wrong_type(&path.member(field), "true, or left out");
            None
        }
    }
}

/// A list that may be left out, then empty. Broken elements have been reported.
fn optional_list<T>(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
    limit: Limit,
    read: impl Fn(&mut Reader, &Value, &Path<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(value) = members.get(field) else {
        return Some(Vec::new());
    };
    let path = path.member(field);
    let items = reader.list(value, &path, limit)?;
    let mut found = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        found.extend(read(reader, item, &path.index(index)));
    }
    (found.len() == items.len()).then_some(found)
}

/// A section of the document that has its defaults when left out. What is wrong with it has been
/// reported.
fn section<T: Default>(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    field: &'static str,
    read: fn(&mut Reader, &Value, &Path<'_>) -> Option<T>,
) -> T {
    let root = Path::ROOT;
    members
        .get(field)
        .and_then(|value| read(reader, value, &root.member(field)))
        .unwrap_or_default()
}

/// Reads the `publicKey` of an object.
fn public_key(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
) -> Option<PublicKey> {
    let pem = reader.required_text(members, "publicKey", path)?;
    match PublicKey::from_pem(pem) {
        Ok(key) => Some(key),
        Err(error) => {
            let message = format!(
                "{error}; write one PEM block that begins with `-----BEGIN PUBLIC KEY-----`"
            );
            reader
                .problems
                .push(error.code(), &path.member("publicKey"), message);
            None
        }
    }
}

/// A time that may be left out. The outer `None` says that it is malformed, which was reported.
fn time(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Option<UnixTime>> {
    let Some(value) = members.get(field) else {
        return Some(None);
    };
    let path = path.member(field);
    let time = UnixTime::from_rfc3339(reader.text(value, &path)?);
    if time.is_none() {
        reader.problems.push(
            "policy.time-malformed",
            &path,
            "must be a time as in RFC 3339, for example `2026-12-01T00:00:00Z`".into(),
        );
    }
    time.map(Some)
}

/// Reads a matcher that must be there.
fn matcher(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<StringMatcher> {
    let value = reader.required(members, field, path)?;
    StringMatcher::read(reader, value, &path.member(field))
}

/// A matcher that may be left out. The outer `None` says that it is wrong, which was reported.
fn optional_matcher(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Option<StringMatcher>> {
    match members.get(field) {
        Some(value) => StringMatcher::read(reader, value, &path.member(field)).map(Some),
        None => Some(None),
    }
}

/// A text that may be left out.
fn optional_text(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
    limit: Limit,
) -> Option<Option<String>> {
    let Some(value) = members.get(field) else {
        return Some(None);
    };
    let path = path.member(field);
    let text = reader.text(value, &path)?;
    if text.len() > limit.value() {
        reader.exceeded(limit, &path, "bytes");
        return None;
    }
    Some(Some(text.to_string()))
}

/// A list, which must be there, of names that are defined elsewhere; each at most once.
fn references(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
    names: &BTreeSet<String>,
) -> Option<Vec<String>> {
    let items = reader.required_list(members, field, path, Limit::SignedBy)?;
    let list = path.member(field);
    let mut found: Vec<String> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = list.index(index);
        let name = reference(reader, item, &path, names)?;
        if found.contains(&name) {
            reader.problems.push(
                "policy.duplicate-name",
                &path,
                format!("`{name}` stands here twice"),
            );
        }
        found.push(name);
    }
    Some(found)
}
