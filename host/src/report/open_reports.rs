//! A decision as a `Report` of openreports.io, as policy engines of Kubernetes store it.
//!
//! Follows `openreports.io/v1alpha1` of <https://github.com/openreports/reports-api>.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::finding::{Finding, Findings, Mode, Status};
use crate::digest::Digest;

/// Who reports.
const SOURCE: &str = "sealstone";

/// Writes a decision as a `Report` of the API group `openreports.io`, version `v1alpha1`. The scope is the
/// object of the admission request, where there is one.
///
/// The name follows from the policy and what was decided about, so a later report replaces an older one.
pub fn to_open_reports(findings: &Findings) -> Value {
    let count = |status: Status| {
        let all = findings.findings.iter();
        all.filter(|finding| finding.status == status).count()
    };
    let results = findings.findings.iter();
    let results: Vec<Value> = results.map(|finding| result(finding, findings)).collect();
    let mut metadata = json!({
        "name": name(findings),
        "labels": {"app.kubernetes.io/managed-by": SOURCE},
    });
    let mut report = json!({
        "apiVersion": "openreports.io/v1alpha1",
        "kind": "Report",
        "source": SOURCE,
        "summary": {
            "pass": count(Status::Pass),
            "fail": count(Status::Fail),
            "warn": count(Status::Warn),
            "error": count(Status::Error),
            "skip": count(Status::Skip),
        },
        "results": results,
    });
    if let Some(object) = &findings.object {
        let mut scope = json!({"apiVersion": object.api_version, "kind": object.kind});
        set(&mut scope, "name", object.name.as_deref());
        set(&mut scope, "namespace", object.namespace.as_deref());
        set(&mut metadata, "namespace", object.namespace.as_deref());
        put(&mut report, "scope", scope);
    }
    put(&mut report, "metadata", metadata);
    report
}

fn result(finding: &Finding, findings: &Findings) -> Value {
    let (status, is_scored) = match finding.status {
        Status::Pass => ("pass", true),
        Status::Fail => ("fail", finding.mode == Mode::Enforce),
        Status::Warn => ("warn", false),
        Status::Error => ("error", finding.mode == Mode::Enforce),
        Status::Skip => ("skip", false),
    };
    let mut properties = Map::new();
    let mut property = |name: &str, value: String| {
        let known = properties.get(name).and_then(Value::as_str);
        let value = match known {
            Some(known) => format!("{known}; {value}"),
            None => value,
        };
        properties.insert(name.to_owned(), value.into());
    };
    property("code", finding.code.clone());
    property("mode", finding.mode.as_str().to_owned());
    if let Some(image) = &finding.image {
        property("image", image.reference.clone());
        if let Some(digest) = &image.digest {
            property("digest", digest.clone());
        }
    }
    if let Some(sha256) = &findings.policy_sha256 {
        property("policySha256", sha256.clone());
    }
    for (name, text) in &finding.details {
        property(name, text.clone());
    }
    let mut result = json!({
        "source": SOURCE,
        "policy": findings.policy.as_deref().unwrap_or(SOURCE),
        "category": "Software Supply Chain",
        "timestamp": timestamp(&findings.time),
        "result": status,
        "scored": is_scored,
        "message": finding.message,
        "properties": properties,
    });
    set(&mut result, "rule", finding.rule.as_deref());
    set(&mut result, "severity", severity(finding));
    result
}

/// How bad it is that something is not met.
fn severity(finding: &Finding) -> Option<&'static str> {
    match (finding.status, finding.mode) {
        (Status::Pass, _) => None,
        (Status::Skip, _) | (_, Mode::Audit) => Some("info"),
        (Status::Warn, _) | (_, Mode::Warn) => Some("medium"),
        (Status::Fail | Status::Error, Mode::Enforce) => Some("high"),
    }
}

/// A `metav1.Timestamp`. A time beyond the calendar is none.
fn timestamp(time: &str) -> Value {
    let time: Timestamp = time.parse().unwrap_or_default();
    json!({"seconds": time.as_second(), "nanos": time.subsec_nanosecond()})
}

/// A name as Kubernetes wants it, the same for the same policy and the same images or object.
fn name(findings: &Findings) -> String {
    let mut about = vec![findings.policy.clone().unwrap_or_default()];
    match &findings.object {
        Some(object) => about.extend([
            object.api_version.clone(),
            object.kind.clone(),
            object.namespace.clone().unwrap_or_default(),
            object.name.clone().unwrap_or_default(),
        ]),
        None => {
            let images = findings.findings.iter().filter_map(|it| it.image.as_ref());
            about.extend(images.map(|image| image.full()));
            about.dedup();
        }
    }
    let digest = Digest::of(about.join("\n").as_bytes()).hex().to_string();
    let short: String = digest.chars().take(32).collect();
    format!("{SOURCE}-{short}")
}

fn set(object: &mut Value, member: &str, value: Option<&str>) {
    if let Some(value) = value {
        put(object, member, value.into());
    }
}

fn put(object: &mut Value, member: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}
