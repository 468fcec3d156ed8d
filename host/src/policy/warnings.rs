//! Where a policy is weaker than it may look.

mod authorities;
mod insecure;
mod licenses;
mod relations;
mod rules;
mod weakness;

use serde_json::Value;

use super::view::{list, text, texts};

pub use weakness::Weakness;

/// A weakness, and where it stands in the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Warning {
    /// JSON pointer (RFC 6901) into the policy; empty for what no place of it says.
    pub path: String,
    /// What is weak.
    pub weakness: Weakness,
}

impl Warning {
    /// A warning about the place at `path`.
    pub fn new(path: impl Into<String>, weakness: Weakness) -> Self {
        Self {
            path: path.into(),
            weakness,
        }
    }
}

/// Everything that is weak in a policy document, in the order of the places.
pub fn warnings(document: &Value) -> Vec<Warning> {
    let mut found = Vec::new();
    mode(document, "", &mut found);
    for array in ["modes", "rules"] {
        for (index, part) in list(document, array).iter().enumerate() {
            mode(part, &format!("/{array}/{index}"), &mut found);
        }
    }
    for (index, exception) in list(document, "exceptions").iter().enumerate() {
        if texts(exception, "images").contains(&"**") {
            let path = format!("/exceptions/{index}/images");
            found.push(Warning::new(path, Weakness::ExceptionForEveryImage));
        }
    }
    insecure::fields(document, &mut found);
    authorities::trust_roots(document, &mut found);
    authorities::authorities(document, &mut found);
    authorities::builders(document, &mut found);
    rules::rules(document, &mut found);
    found.sort();
    found
}

/// What is not allowed by what stands at `path` passes.
fn mode(part: &Value, path: &str, found: &mut Vec<Warning>) {
    if let mode @ ("warn" | "audit") = text(part, "mode") {
        let mode = mode.to_owned();
        let path = format!("{path}/mode");
        found.push(Warning::new(path, Weakness::ModeNotEnforced { mode }));
    }
}
