//! Policy documents as people write them: JSON, or YAML that is turned into JSON.
//!
//! The module reads JSON only and judges it alone. A document that is JSON already reaches it byte
//! for byte.

mod yaml;

use std::path::Path;

use crate::limits::{Limit, Limits};
pub use yaml::YamlError;

/// A policy document on its way to the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    json: Vec<u8>,
}

/// Why a policy document cannot be handed to the module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The document is empty.
    #[error("the document is empty")]
    Empty,
    /// The document has more bytes than are handed to a module.
    #[error("the document has more than {maximum} {limit}")]
    TooLarge {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
    /// The document is not YAML, or YAML that JSON cannot say.
    #[error("{0}")]
    Yaml(#[from] YamlError),
}

impl DocumentError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "policy.empty",
            Self::TooLarge { limit, .. } => limit.code(),
            Self::Yaml(error) => error.code(),
        }
    }
}

impl PolicyDocument {
    /// Takes a document. Its format follows from the extension of `path`; with another extension
    /// than `json`, `yaml` and `yml`, a document that begins with `{` is JSON.
    ///
    /// # Errors
    ///
    /// An empty or too large document; YAML that is malformed, names a member twice, or has tags,
    /// keys or numbers that JSON does not have.
    pub fn new(path: &Path, content: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        if content.len() > limits.policy_bytes {
            return Err(DocumentError::TooLarge {
                limit: Limit::PolicyBytes,
                maximum: limits.policy_bytes,
            });
        }
        let text = content.trim_ascii();
        if text.is_empty() {
            return Err(DocumentError::Empty);
        }
        let is_json = match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => true,
            Some("yaml" | "yml") => false,
            _ => text.starts_with(b"{"),
        };
        let json = if is_json {
            content.to_owned()
        } else {
            yaml::to_json(content, limits)?.to_string().into_bytes()
        };
        Ok(Self { json })
    }

    /// The document as the module reads it.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Whether a rule of the document is in Rego, which not every module evaluates.
    pub fn has_rego(&self) -> bool {
        let document = serde_json::from_slice::<serde_json::Value>(&self.json);
        let document = document.unwrap_or_default();
        let rules = document.get("rules").and_then(serde_json::Value::as_array);
        let mut rules = rules.into_iter().flatten();
        rules.any(|rule| rule.get("rego").is_some())
    }

    /// The names of the trust roots that the document leaves to the host.
    ///
    /// `None` when it has no list of trust roots in the right place; what is wrong with it is for
    /// the module to say.
    pub fn trust_roots_without_content(&self) -> Option<Vec<String>> {
        let document: serde_json::Value = serde_json::from_slice(&self.json).ok()?;
        let roots = document.get("trustRoots")?.as_array()?.iter();
        Some(
            roots
                .filter(|root| root.get("trustedRoot").is_none() && root.get("pem").is_none())
                .filter_map(|root| root.get("name")?.as_str())
                .map(str::to_owned)
                .collect(),
        )
    }
}
