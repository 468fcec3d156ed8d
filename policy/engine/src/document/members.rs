//! Reading members of a policy document: what may be left out, what must be one of several words,
//! what refers to something else. Every function that returns `None` has reported why.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};
use sealstone_verify::{PublicKey, UnixTime};

use crate::limits::Limit;
use crate::pattern::{Glob, PatternError, Regexp, StringMatcher};
use crate::problem::Path;
use crate::reader::Reader;
use crate::text::Escaped;

impl StringMatcher {
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
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

pub(super) fn pattern<T>(
    reader: &mut Reader,
    path: &Path<'_>,
    pattern: Result<T, PatternError>,
) -> Option<T> {
    match pattern {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            reader.problems.push(error.code(), path, error.to_string());
            None
        }
    }
}

pub(super) fn constant(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn name(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
) -> Option<String> {
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
pub(super) fn names(
    reader: &mut Reader,
    members: &Map<String, Value>,
    field: &'static str,
) -> Map<String, ()> {
    let mut names = Map::new();
    let root = Path::ROOT;
    let list = root.member(field);
    let items = members.get(field).and_then(Value::as_array);
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        let Some(name) = item.get("name").and_then(Value::as_str) else {
            continue;
        };
        if names.insert(name.to_string(), ()).is_some() {
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
pub(super) fn reference(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    names: &Map<String, ()>,
) -> Option<String> {
    let text = reader.text(value, path)?;
    if names.contains_key(text) {
        return Some(text.to_string());
    }
    let mut allowed = String::new();
    for name in names.keys().take(16) {
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
pub(super) fn exactly_one<'v>(
    reader: &mut Reader,
    members: &'v Map<String, Value>,
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
pub(super) fn choice<T: Copy>(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn word<T: Copy>(
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
pub(super) fn number(
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
pub(super) fn flag(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn insecure(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn optional_list<T>(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn section<T: Default>(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn public_key(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn time(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn matcher(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<StringMatcher> {
    let value = reader.required(members, field, path)?;
    StringMatcher::read(reader, value, &path.member(field))
}

/// A matcher that may be left out. The outer `None` says that it is wrong, which was reported.
pub(super) fn optional_matcher(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Option<StringMatcher>> {
    match members.get(field) {
        Some(value) => StringMatcher::read(reader, value, &path.member(field)).map(Some),
        None => Some(None),
    }
}

/// A text that may be left out.
pub(super) fn optional_text(
    reader: &mut Reader,
    members: &Map<String, Value>,
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
pub(super) fn references(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
    names: &Map<String, ()>,
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
