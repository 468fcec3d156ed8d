//! Fields that open what is closed by default.

use serde_json::Value;

use super::{Warning, Weakness};

/// Members whose own members have names that the policy's author chose, or that are no part of it.
const FREE: [&str; 4] = [
    "annotations",
    "matchLabels",
    "trustedRoot",
    "workflowInputs",
];

/// Every `insecure…` field in use.
pub(super) fn fields(document: &Value, found: &mut Vec<Warning>) {
    walk(document, "", found);
}

/// The JSON reader bounds the nesting.
fn walk(value: &Value, path: &str, found: &mut Vec<Warning>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                if name.starts_with("insecure") {
                    let field = name.clone();
                    found.push(Warning::new(&path, Weakness::InsecureField { field }));
                }
                if !FREE.contains(&name.as_str()) {
                    walk(value, &path, found);
                }
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                walk(element, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}
