//! The reference of the policy document, written from its JSON Schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use sealstone_engine::policy_schema;
use sealstone_verify::json::Value;

use crate::support::{step, text, value};

/// `BLESS=1` writes the file anew.
#[test]
fn reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/policy.md");
    let written = reference(&value(&policy_schema()));
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&path, &written).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == written,
        "docs/reference/policy.md is not what the types say; run this test with BLESS=1"
    );
}

#[test]
fn every_field_has_a_description() {
    let schema = value(&policy_schema());
    let written = reference(&schema);
    for line in written.lines().filter(|line| line.starts_with("| `")) {
        let description = line.rsplit('|').nth(1).unwrap().trim();
        assert!(!description.is_empty(), "{line}");
    }
}

const INTRODUCTION: &str = "# The policy document\n\n\
    A policy says which images may run and what proves it. It is written as YAML or JSON; `sealstone schema` prints \
    its JSON Schema, `sealstone policy check FILE` reads it, says in words what it demands, and warns of what is weak. \
    This page is written from the same types that read the document.\n\n\
    Unknown fields, empty lists and thresholds of zero are errors. A field whose name begins with `insecure` opens \
    what is closed by default; every decision that relies on it says so.\n\n\
    Identities, builders and levels are explained in [levels](../concepts/levels.md), patterns in \
    [patterns](patterns.md), requests in [admission](admission.md), codes in \
    [codes](codes.md).\n";

fn reference(schema: &Value) -> String {
    let mut page = INTRODUCTION.to_owned();
    section(&mut page, "Policy", schema);
    let mut written = BTreeSet::new();
    let mut waiting = references(schema);
    while let Some(name) = waiting.first().cloned() {
        waiting.remove(0);
        if !written.insert(name.clone()) {
            continue;
        }
        let definition = step(schema, &["$defs", &name]).unwrap_or_else(|| panic!("{name}"));
        section(&mut page, &name, definition);
        waiting.extend(references(definition));
    }
    page
}

fn section(page: &mut String, name: &str, schema: &Value) {
    write!(
        page,
        "\n## {name}\n\n{}\n",
        text(schema, &["description"]).replace("  ", " ")
    )
    .unwrap();
    let required = step(schema, &["required"]).and_then(Value::as_array);
    let is_required = |field: &str| {
        required
            .unwrap_or_default()
            .iter()
            .any(|name| name.as_str() == Some(field))
    };
    let mut rows = Vec::new();
    for (field, of_field) in members(schema, "properties") {
        rows.push(row(
            field,
            of_field,
            if is_required(field) { "yes" } else { "" },
        ));
    }
    for (heading, alternatives) in [("oneOf", "one of these"), ("anyOf", "any of these")] {
        let list = step(schema, &[heading]).and_then(Value::as_array);
        for alternative in list.unwrap_or_default() {
            for (field, of_field) in members(alternative, "properties") {
                let described = if text(of_field, &["description"]).is_empty() {
                    with_description(of_field, &text(alternative, &["description"]))
                } else {
                    of_field.clone()
                };
                rows.push(row(field, &described, alternatives));
            }
        }
    }
    if !rows.is_empty() {
        page.push_str("\n| field | type | required | meaning |\n|---|---|---|---|\n");
        page.push_str(&rows.concat());
    }
    let words = step(schema, &["oneOf"])
        .and_then(Value::as_array)
        .unwrap_or_default();
    for word in words.iter().filter(|word| word.get("const").is_some()) {
        let name = text(word, &["const"]);
        writeln!(page, "\n- `{name}`: {}", text(word, &["description"])).unwrap();
    }
    let list = step(schema, &["enum"])
        .and_then(Value::as_array)
        .unwrap_or_default();
    if !list.is_empty() {
        let names: Vec<_> = list
            .iter()
            .filter_map(Value::as_str)
            .map(|name| format!("`{name}`"))
            .collect();
        writeln!(page, "\nOne of {}.", names.join(", ")).unwrap();
    }
}

fn with_description(schema: &Value, description: &str) -> Value {
    let mut members = schema.as_object().cloned().unwrap_or_default();
    members.insert("description".to_owned(), description.into());
    Value::Object(members)
}

fn members<'v>(schema: &'v Value, name: &str) -> Vec<(&'v str, &'v Value)> {
    step(schema, &[name])
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

fn row(field: &str, schema: &Value, required: &str) -> String {
    let description = text(schema, &["description"]).replace('|', "\\|");
    format!(
        "| `{field}` | {} | {required} | {description} |\n",
        kind(schema)
    )
}

/// The type of a field, with its bounds.
fn kind(schema: &Value) -> String {
    let bound = |name: &str| step(schema, &[name]).and_then(Value::as_u64);
    if let Some(target) = step(schema, &["$ref"]).and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(constant) = step(schema, &["const"]) {
        return format!("`{}`", constant.to_canonical_string().replace('"', ""));
    }
    match text(schema, &["type"]).as_str() {
        "array" => {
            let items = step(schema, &["items"]).map(kind).unwrap_or_default();
            match (bound("minItems"), bound("maxItems")) {
                (Some(least), Some(most)) => format!("{least} to {most} of: {items}"),
                _ => format!("list of: {items}"),
            }
        }
        "integer" => match (bound("minimum"), bound("maximum")) {
            (Some(least), Some(most)) => format!("whole number from {least} to {most}"),
            _ => "whole number".to_owned(),
        },
        "object" => match step(schema, &["additionalProperties"]) {
            Some(values @ Value::Object(_)) => format!("object of: {}", kind(values)),
            _ => "object".to_owned(),
        },
        "string" => match bound("maxLength") {
            Some(most) => format!("text of at most {most} bytes"),
            None => "text".to_owned(),
        },
        "boolean" => "true or false".to_owned(),
        _ => "see below".to_owned(),
    }
}

/// The definitions that a schema refers to, in the order in which it does.
fn references(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(schema, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(target) if name == "$ref" => {
                        found.push(target.rsplit('/').next().unwrap().to_owned());
                    }
                    _ if name == "$defs" => {}
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}
