//! The texts that cosign signs for an image, rebuilt.
//!
//! The host gives the manifest of cosign's `.sig` tag, but no blobs. What was signed is known all the
//! same: a JSON text in the form that Go writes, whose digest stands in the manifest
//! (<https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>). A text counts only if it has
//! that digest.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_engine::ImageLookup;
use sealstone_engine::json::Map;
use sha2::{Digest as _, Sha256};

/// The texts that may have been signed for an image.
pub(crate) struct Payloads {
    texts: Vec<(String, [u8; 32])>,
}

impl Payloads {
    /// Builds the text for each name of the repository without annotations, and with those that a rule
    /// asks for.
    pub(crate) fn new(lookup: &ImageLookup, digest: &str) -> Self {
        let mut texts = Vec::new();
        for name in &lookup.names {
            let plain = [text(name, digest, None)];
            let annotated = lookup.annotations.iter();
            let annotated = annotated.map(|annotations| text(name, digest, Some(annotations)));
            for text in plain.into_iter().chain(annotated) {
                let sha256 = Sha256::digest(text.as_bytes()).into();
                texts.push((text, sha256));
            }
        }
        Self { texts }
    }

    /// The text with that digest.
    pub(crate) fn find(&self, digest: &str) -> Option<&str> {
        let mut texts = self.texts.iter();
        let (text, _) = texts.find(|(_, sha256)| is_sha256_of(digest, sha256))?;
        Some(text)
    }
}

/// Whether a digest is `sha256:` and these bytes.
pub(crate) fn is_sha256_of(digest: &str, sha256: &[u8]) -> bool {
    digest.strip_prefix("sha256:") == Some(&sealstone_engine::to_hex(sha256))
}

fn text(name: &str, digest: &str, annotations: Option<&Map<String, String>>) -> String {
    let mut optional = String::from("null");
    for (position, (name, value)) in annotations.into_iter().flatten().enumerate() {
        match position {
            0 => optional = String::from("{"),
            _ => optional.push(','),
        }
        push_text(&mut optional, name);
        optional.push(':');
        push_text(&mut optional, value);
    }
    if annotations.is_some_and(|annotations| !annotations.is_empty()) {
        optional.push('}');
    }
    format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"{name}"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":{optional}}}"#
    )
}

/// Writes a string as Go's `encoding/json` does, which spares readers of HTML and JavaScript.
fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '<' | '>' | '&' | '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                json.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:5f1ce5e4ea6a0a2b9ed3a5d4ec10f6b79e6c4ef1d2c2e1f0a9b8c7d6e5f4a3b2";

    #[test]
    fn the_form_of_go() {
        assert_eq!(
            text("r.example/app", DIGEST, None),
            format!(
                r#"{{"critical":{{"identity":{{"docker-reference":"r.example/app"}},"image":{{"docker-manifest-digest":"{DIGEST}"}},"type":"cosign container image signature"}},"optional":null}}"#
            )
        );
        let annotations = [("b", "<1> & \"2\"\n"), ("a", "\u{2028}é\\\u{1}")];
        let annotations = annotations
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let annotated = text("r.example/app", DIGEST, Some(&annotations));
        let end = r#""optional":{"a":"\u2028é\\\u0001","b":"\u003c1\u003e \u0026 \"2\"\n"}}"#;
        assert!(annotated.ends_with(end), "{annotated}");
    }
}
