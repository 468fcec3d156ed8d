//! The JSON Schema of PolicyTest documents, generated from the types that they are read into.

use std::path::Path;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use super::document::PolicyTest;

fn generated() -> String {
    let schema = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(as_read))
        .into_generator()
        .into_root_schema_for::<PolicyTest>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    text
}

/// A description is one paragraph, and `null` is not the same as leaving a member out.
fn as_read(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = schema.get("type") {
        let others: Vec<Value> = types
            .iter()
            .filter(|kind| *kind != "null")
            .cloned()
            .collect();
        if let [only] = &*others {
            schema.insert("type".into(), only.clone());
        }
    }
    if let Some(Value::Array(alternatives)) = schema.get("anyOf") {
        let is_null = |alternative: &&Value| alternative.get("type") == Some(&"null".into());
        let others: Vec<&Value> = alternatives
            .iter()
            .filter(|other| !is_null(other))
            .collect();
        if let [Value::Object(only)] = &*others {
            let only = only.clone();
            schema.remove("anyOf");
            for (name, value) in only {
                schema.insert(name, value);
            }
        }
    }
}

/// `BLESS=1` writes the file anew.
#[test]
fn checked_in_schema_is_current() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts/schemas/policy-test.schema.json");
    let generated = generated();
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&path, &generated).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        checked_in, generated,
        "run this test with BLESS=1 and look at the difference"
    );
}
