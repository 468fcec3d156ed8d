//! The compact form of a decision, for an audit annotation.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::Decision;
use super::document::object;
use crate::limits::COMPACT_BYTES;
use crate::text::cut;

/// What of the decision's members is repeated, under which name.
const HEAD: &[(&str, &[&str])] = &[
    ("at", &["time"]),
    ("decision", &["outcome"]),
    ("mode", &["mode"]),
    ("policy", &["policy", "name"]),
    ("policyDigest", &["policy", "sha256"]),
    ("reason", &["reason", "code"]),
    ("problem", &["problem", "code"]),
    ("path", &["problem", "path"]),
    ("operation", &["request", "operation"]),
    ("user", &["request", "user"]),
];
const IMAGE: &[(&str, &[&str])] = &[
    ("image", &["reference"]),
    ("source", &["source"]),
    ("digest", &["digest"]),
    ("code", &["code"]),
    ("mode", &["mode"]),
];
const RULE: &[(&str, &[&str])] = &[
    ("rule", &["rule"]),
    ("code", &["code"]),
    ("mode", &["mode"]),
    ("effectiveOn", &["effectiveOn"]),
    ("exception", &["exception", "name"]),
];
const MET_BY: &[(&str, &[&str])] = &[
    ("att", &["evidence"]),
    ("authority", &["authority"]),
    ("issuer", &["signer", "issuer"]),
    ("subject", &["signer", "subject"]),
    ("key", &["signer", "publicKeySha256"]),
    ("predicateType", &["predicateType"]),
    ("builder", &["provenance", "builder"]),
    ("level", &["provenance", "buildLevel"]),
    ("source", &["provenance", "source", "uri"]),
    ("ref", &["provenance", "source", "ref"]),
    ("commit", &["provenance", "source", "commit"]),
];

/// Bytes of one text in the compact form.
const TEXT_BYTES: usize = 256;

impl Decision {
    /// The decision as one JSON object of at most 4000 bytes, for an audit annotation.
    ///
    /// Members: `v` (1), `at`, `decision`, `mode`, `policy`, `policyDigest`; `reason` or `problem`
    /// and `path` where no image was looked at; `operation` and `user` of an admission request;
    /// `images`, those first that are not allowed, each with `image`, `digest`, `code` and `rules`;
    /// `truncated`, how many images did not fit. An image whose rules did not fit has none. A rule
    /// says by what it is met: who signed, and the SHA-256 of the evidence (`att`).
    pub fn to_compact_json(&self) -> String {
        self.compact(None)
    }

    /// The same with another decision and its reason, where the response to a webhook differs.
    pub(super) fn compact(&self, other: Option<(&str, &str)>) -> String {
        let mut members = picked(&self.document, HEAD);
        members.push(("v", 1.into()));
        if let Some((decision, reason)) = other {
            members.push(("decision", decision.into()));
            members.push(("reason", reason.into()));
        }
        let images = self.document.get("images").and_then(Value::as_array);
        let images = images.unwrap_or_default();
        let mut kept: Vec<Value> = Vec::new();
        let mut truncated: u64 = 0;
        // Room for the members that are not there yet.
        let head = object(members.clone()).to_canonical_string();
        let mut room = COMPACT_BYTES
            .saturating_sub(head.len())
            .saturating_sub(r#","images":[],"truncated":4294967295"#.len());
        for wanted in [false, true] {
            for image in images {
                let allowed = image.at(&["outcome"]).and_then(Value::as_str) == Some("allowed");
                if allowed != wanted {
                    continue;
                }
                let fits = [true, false].into_iter().find_map(|with_rules| {
                    let record = image_record(image, with_rules);
                    let length = record.to_canonical_string().len().saturating_add(1);
                    Some((record, room.checked_sub(length)?))
                });
                match fits {
                    Some((record, rest)) => {
                        room = rest;
                        kept.push(record);
                    }
                    None => truncated = truncated.saturating_add(1),
                }
            }
        }
        if !kept.is_empty() {
            members.push(("images", Value::Array(kept)));
        }
        if truncated > 0 {
            members.push(("truncated", truncated.into()));
        }
        object(members).to_canonical_string()
    }
}

fn image_record(image: &Value, with_rules: bool) -> Value {
    let mut members = picked(image, IMAGE);
    if with_rules && let Some(rules) = image.get("rules").and_then(Value::as_array) {
        let rules = rules.iter().map(|rule| {
            let mut members = picked(rule, RULE);
            if let Some(met_by) = rule.get("metBy").and_then(Value::as_array) {
                let met_by = met_by.iter().map(|met| object(picked(met, MET_BY)));
                members.push(("by", Value::Array(met_by.collect())));
            }
            object(members)
        });
        members.push(("rules", Value::Array(rules.collect())));
    }
    object(members)
}

fn picked<'n>(value: &Value, names: &[(&'n str, &[&str])]) -> Vec<(&'n str, Value)> {
    let mut members = Vec::new();
    for (name, path) in names {
        match value.at(path) {
            Some(Value::String(text)) => members.push((*name, cut(text, TEXT_BYTES).into())),
            Some(Value::Number(number)) => members.push((*name, Value::Number(number.clone()))),
            _ => {}
        }
    }
    members
}
