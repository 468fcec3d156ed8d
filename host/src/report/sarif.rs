//! A decision as a log of static analysis, as code scanning of GitHub, GitLab and others takes it.
//!
//! Follows SARIF 2.1.0 (OASIS, errata 01). What is met is left out: readers show every result as an
//! alert.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::finding::{Finding, Findings, ImageName, Mode, Status};
use crate::code_table;
use crate::digest::Digest;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Where results are that are about no image.
const REQUEST: &str = "request";

/// Writes a decision as a SARIF log with one run. Each code is a rule, explained as in
/// `docs/reference/codes.md`; an image is named by its reference with the digest.
pub fn to_sarif(findings: &Findings) -> Value {
    let reported = findings.findings.iter();
    let reported: Vec<&Finding> = reported
        .filter(|finding| match finding.status {
            Status::Pass => false,
            // A request that passes is nothing to look into; a rule with an exception is.
            Status::Skip => finding.rule.is_some(),
            Status::Fail | Status::Warn | Status::Error => true,
        })
        .collect();
    let codes: BTreeSet<&str> = reported.iter().map(|found| found.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let results = reported.iter().map(|finding| result(finding, &codes));
    let mut properties = Map::new();
    let mut property = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value.into());
        }
    };
    property("outcome", Some(&findings.outcome));
    property("policy", findings.policy.as_deref());
    property("policySha256", findings.policy_sha256.as_deref());
    property("time", Some(&findings.time));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "sealstone",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<Value>>(),
            }},
            "results": results.collect::<Vec<Value>>(),
            "properties": properties,
        }],
    })
}

fn rule(code: &str) -> Value {
    let row = code_table::row(code);
    // A module of the user may have codes that this program does not know.
    let meaning = row.map_or("A code of the module.", |row| row.meaning);
    let action = row.map_or("See to the message.", |row| row.action);
    json!({
        "id": code,
        "name": pascal_case(code),
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": meaning},
        "help": {
            "text": format!("{meaning} {action}"),
            "markdown": format!("**{code}**: {meaning}\n\n{action}"),
        },
        "properties": {"tags": ["security", "supply-chain"]},
    })
}

fn result(finding: &Finding, codes: &[&str]) -> Value {
    let level = match (finding.status, finding.mode) {
        (Status::Pass | Status::Skip, _) => "note",
        (Status::Warn, _) => "warning",
        (Status::Fail | Status::Error, Mode::Enforce) => "error",
        (Status::Fail | Status::Error, Mode::Warn) => "warning",
        (Status::Fail | Status::Error, Mode::Audit) => "note",
    };
    let rule = finding.rule.as_deref();
    let mut properties = Map::new();
    properties.insert("mode".to_owned(), finding.mode.as_str().into());
    if let Some(rule) = rule {
        properties.insert("policyRule".to_owned(), rule.into());
    }
    for (name, text) in &finding.details {
        let list = properties
            .entry((*name).to_owned())
            .or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(text.as_str().into());
        }
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": codes.iter().position(|code| *code == finding.code),
        "level": level,
        "message": {"text": message(finding)},
        "locations": [location(finding.image.as_ref())],
        "partialFingerprints": {"sealstone/v1": fingerprint(finding)},
        "properties": properties,
    });
    if finding.status == Status::Skip
        && let Some(result) = result.as_object_mut()
    {
        let details = finding.details.iter();
        let told = details.filter(|(name, _)| matches!(*name, "exception" | "reason" | "ends"));
        let told: Vec<String> = told.map(|(name, text)| format!("{name}: {text}")).collect();
        let suppression = json!({
            "kind": "external",
            "status": "accepted",
            "justification": told.join("; "),
        });
        result.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

fn message(finding: &Finding) -> String {
    let about = match &finding.image {
        Some(image) => format!("Image '{}'", image.full()),
        None => "The request".to_owned(),
    };
    let rule = match &finding.rule {
        Some(rule) => format!(", rule '{rule}'"),
        None => String::new(),
    };
    format!("{about}{rule}: {}.", finding.message)
}

/// An image has no file. Readers ask for one, so its name stands where a path would.
fn location(image: Option<&ImageName>) -> Value {
    let full = image.map_or_else(|| REQUEST.to_owned(), ImageName::full);
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": relative_reference(&full)},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"fullyQualifiedName": full, "kind": "resource"}],
    })
}

/// A text as a path of a URI (RFC 3986, section 3.3) without a scheme: whatever stands before a colon in
/// the first segment would be read as one (section 4.2).
fn relative_reference(text: &str) -> String {
    let mut uri = String::new();
    for byte in text.bytes() {
        let is_first = !uri.contains('/');
        match byte {
            b':' if !is_first => uri.push(':'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The same for the same rule, code and image name in every run, whatever digest the name has.
fn fingerprint(finding: &Finding) -> String {
    let image = finding.image.as_ref();
    let reference = image.map_or(REQUEST, |image| image.reference.as_str());
    let name = reference
        .split_once('@')
        .map_or(reference, |(name, _)| name);
    let rule = finding.rule.as_deref().unwrap_or_default();
    let parts = [name, rule, &finding.code];
    Digest::of(parts.join("\n").as_bytes()).hex().to_string()
}

/// `certificate.expired` as `CertificateExpired`.
fn pascal_case(code: &str) -> String {
    let mut name = String::new();
    for word in code.split(['.', '-']) {
        let mut characters = word.chars();
        name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(characters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{pascal_case, relative_reference};

    #[test]
    fn references_are_paths() {
        let cases = [
            (
                "registry.example/team/app:v1",
                "registry.example/team/app:v1",
            ),
            (
                "localhost:5000/app@sha256:00",
                "localhost%3A5000/app@sha256:00",
            ),
            ("a b/<c>\u{e4}", "a%20b/%3Cc%3E%C3%A4"),
        ];
        for (reference, uri) in cases {
            assert_eq!(relative_reference(reference), uri);
        }
    }

    #[test]
    fn codes_are_names() {
        assert_eq!(pascal_case("image.no-rule"), "ImageNoRule");
    }
}
