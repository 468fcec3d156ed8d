//! JSON Schema of the policy document.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::document::Policy;

/// The JSON Schema (2020-12) of the policy document, generated from the types that it is read
/// into. Ends with a line break.
///
/// The schema knows the shape. References between names, patterns and keys are checked by
/// [`crate::CompiledPolicy::compile`] alone.
pub fn policy_schema() -> String {
    let schema = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(as_read))
        .into_generator()
        .into_root_schema_for::<Policy>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Makes a generated schema say what is read: `null` is not the same as leaving a field out, and a
/// description is one paragraph.
fn as_read(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = schema.get("type") {
        let mut types: Vec<Value> = types.clone();
        types.retain(|kind| kind != "null");
        if let (Some(only), None) = (types.pop(), types.pop()) {
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(alternatives)) = schema.get("anyOf") {
        let is_null = |alternative: &&Value| alternative.get("type") == Some(&"null".into());
        let mut others = alternatives.iter().filter(|other| !is_null(other));
        if let (Some(Value::Object(only)), None) = (others.next(), others.next()) {
            let only = only.clone();
            schema.remove("anyOf");
            for (name, value) in only {
                schema.insert(name, value);
            }
        }
    }
}
