//! Members of a section that may be left out.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;
use crate::text::Escaped;

/// A list that may be left out, but not be empty. Broken elements have been reported.
pub(super) fn optional_list<T>(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    field: &'static str,
    path: &Path<'_>,
    limit: Limit,
    read: fn(&mut Reader, &Value, &Path<'_>) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    if let Some(value) = members.get(field) {
        let path = path.member(field);
        let items = reader.list(value, &path, limit).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            found.extend(read(reader, item, &path.index(index)));
        }
    }
    found
}

/// A Boolean that is false when left out.
pub(super) fn boolean(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    field: &'static str,
    path: &Path<'_>,
) -> Option<bool> {
    match members.get(field) {
        None => Some(false),
        Some(Value::Bool(value)) => Some(*value),
        Some(_) => {
            reader.wrong_type(&path.member(field), "true or false");
            None
        }
    }
}

/// One of several words.
pub(super) fn choice<T: Copy>(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    choices: &[(&'static str, T)],
) -> Option<T> {
    let text = reader.text(value, path)?;
    let chosen = choices.iter().find(|(word, _)| *word == text);
    if chosen.is_none() {
        let mut allowed = String::new();
        for (word, _) in choices {
            if !allowed.is_empty() {
                allowed.push_str(", ");
            }
            allowed.push_str(word);
        }
        reader.problems.push(
            "policy.value-unknown",
            path,
            format!("`{}` is not known here; allowed: {allowed}", Escaped(text)),
        );
    }
    chosen.map(|(_, value)| *value)
}

/// A section of the document that has its defaults when left out.
pub(super) fn section<T: Default>(
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
