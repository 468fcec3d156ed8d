//! Weak trust roots, authorities and builders.

use serde_json::Value;

use super::{Warning, Weakness};
use crate::policy::pattern::{self, Reach};
use crate::policy::view::{list, named, signed_by, text};

/// What may start a build on behalf of somebody who may not change the repository, or before
/// anybody looked at the change.
pub(super) const UNTRUSTED_TRIGGERS: [&str; 7] = [
    "discussion",
    "discussion_comment",
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_target",
    "workflow_run",
];

/// The Build level at which whoever builds must not hold the signing identity.
const ISOLATED: u64 = 3;

/// Private instances without a log.
pub(super) fn trust_roots(document: &Value, found: &mut Vec<Warning>) {
    for (index, root) in list(document, "trustRoots").iter().enumerate() {
        let thresholds = root.get("requirements").unwrap_or(&Value::Null);
        if text(thresholds, "profile") == "private"
            && thresholds.get("transparencyLogThreshold").is_none()
        {
            let path = format!("/trustRoots/{index}/requirements");
            found.push(Warning::new(path, Weakness::TrustRootWithoutLog));
        }
    }
}

/// Keys and identities.
pub(super) fn authorities(document: &Value, found: &mut Vec<Warning>) {
    for (index, authority) in list(document, "authorities").iter().enumerate() {
        let path = format!("/authorities/{index}");
        if let Some(key) = authority.get("key")
            && key.get("validFor").is_none()
        {
            let path = format!("{path}/key");
            found.push(Warning::new(path, Weakness::KeyWithoutValidity));
        }
        let certificate = authority.get("certificate").unwrap_or(&Value::Null);
        for (number, subject) in list(certificate, "subjects").iter().enumerate() {
            let path = format!("{path}/certificate/subjects/{number}");
            self::subject(subject, &path, found);
        }
        let keyless = authority.get("keyless").unwrap_or(&Value::Null);
        for (number, identity) in list(keyless, "identities").iter().enumerate() {
            let path = format!("{path}/keyless/identities/{number}");
            self::identity(identity, &path, found);
        }
    }
}

fn identity(identity: &Value, path: &str, found: &mut Vec<Warning>) {
    if let Some(issuer) = identity.get("issuer") {
        let path = format!("{path}/issuer");
        if !pattern::is_exact(issuer) {
            let pattern = pattern::written(issuer).to_owned();
            found.push(Warning::new(&path, Weakness::IssuerNotExact { pattern }));
        }
        lone_dot(issuer, &path, found);
    }
    if let Some(subject) = identity.get("subject") {
        self::subject(subject, &format!("{path}/subject"), found);
    }
    for name in ["buildTrigger", "githubWorkflowTrigger"] {
        let trigger = identity.pointer(&format!("/extensions/{name}"));
        let written = trigger.map(pattern::written).unwrap_or_default();
        if UNTRUSTED_TRIGGERS.contains(&written) {
            let path = format!("{path}/extensions/{name}");
            let trigger = written.to_owned();
            found.push(Warning::new(path, Weakness::TriggerUntrusted { trigger }));
        }
    }
}

fn subject(subject: &Value, path: &str, found: &mut Vec<Warning>) {
    wide(subject, path, found, |pattern| Weakness::SubjectWide {
        pattern,
    });
}

/// The patterns for the subjects of an authority by certificates.
fn subjects(authority: &Value) -> impl Iterator<Item = &Value> {
    let part = |name| authority.get(name).unwrap_or(&Value::Null);
    let identities = list(part("keyless"), "identities").iter();
    let private = list(part("certificate"), "subjects").iter();
    identities
        .filter_map(|identity| identity.get("subject"))
        .chain(private)
}

/// Builders that are believed to reach a level which their signers do not bear out.
pub(super) fn builders(document: &Value, found: &mut Vec<Warning>) {
    for (index, builder) in list(document, "builders").iter().enumerate() {
        let path = format!("/builders/{index}");
        if let Some(id) = builder.get("id") {
            builder_id(id, &format!("{path}/id"), found);
        }
        if builder.get("maximumLevel").and_then(Value::as_u64) < Some(ISOLATED) {
            continue;
        }
        for authority in signed_by(builder) {
            let signer = named(document, "authorities", authority);
            let mut subjects = signer.into_iter().flat_map(subjects);
            if subjects.any(|subject| !pattern::names_workflow(subject)) {
                let authority = authority.to_owned();
                found.push(Warning::new(
                    format!("{path}/signedBy"),
                    Weakness::BuilderSignerWide { authority },
                ));
            }
        }
    }
}

/// A pattern for a builder id.
pub(super) fn builder_id(id: &Value, path: &str, found: &mut Vec<Warning>) {
    wide(id, path, found, |pattern| Weakness::BuilderIdWide {
        pattern,
    });
}

fn wide(
    matcher: &Value,
    path: &str,
    found: &mut Vec<Warning>,
    anybody: impl FnOnce(String) -> Weakness,
) {
    let pattern = pattern::written(matcher).to_owned();
    match pattern::reach(matcher) {
        Reach::Owner => {}
        Reach::OwnerPrefix => {
            found.push(Warning::new(path, Weakness::OrganisationOpen { pattern }));
        }
        Reach::Anybody => found.push(Warning::new(path, anybody(pattern))),
    }
    lone_dot(matcher, path, found);
}

fn lone_dot(matcher: &Value, path: &str, found: &mut Vec<Warning>) {
    if pattern::has_lone_dot(matcher) {
        let pattern = pattern::written(matcher).to_owned();
        found.push(Warning::new(path, Weakness::RegexpDot { pattern }));
    }
}
