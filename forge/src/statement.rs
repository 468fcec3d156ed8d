//! In-toto statements (in-toto attestation framework, `spec/v1/statement.md`).

use alloc::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::fault::{Fault, Faults};
use crate::json;

/// A claim (the predicate) about artifacts (the subject).
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// `_type`.
    pub statement_type: StatementType,
    /// The artifacts.
    pub subject: Vec<Subject>,
    /// The URI of the predicate's type.
    pub predicate_type: String,
    /// The predicate. Its numbers should be integers: others are signed as they are, but their form is
    /// not the canonical one.
    pub predicate: Value,
}

/// `_type` of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatementType {
    /// `https://in-toto.io/Statement/v0.1`
    V01,
    /// `https://in-toto.io/Statement/v1`
    V1,
}

impl StatementType {
    /// The URI.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::V01 => "https://in-toto.io/Statement/v0.1",
            Self::V1 => "https://in-toto.io/Statement/v1",
        }
    }
}

/// One artifact of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// A name, which means nothing to verifiers.
    pub name: String,
    /// Lower-case hexadecimal digests by algorithm.
    pub digest: BTreeMap<String, String>,
}

impl Subject {
    /// An artifact by an OCI digest such as `sha256:…`.
    pub fn new(name: &str, digest: &str) -> Self {
        let (algorithm, value) = digest.split_once(':').unwrap_or(("sha256", digest));
        Self {
            name: name.to_owned(),
            digest: BTreeMap::from([(algorithm.to_owned(), value.to_owned())]),
        }
    }
}

impl Statement {
    /// The payload: canonical JSON.
    pub fn to_json(&self) -> Vec<u8> {
        self.payload(&Faults::default())
    }

    pub(crate) fn payload(&self, faults: &Faults) -> Vec<u8> {
        let mut statement_type = self.statement_type.uri();
        if faults.hits(Fault::StatementTypeUnknown) {
            statement_type = "https://in-toto.io/Statement/v99";
        }
        let mut payload = json::canonical(&json!({
            "_type": statement_type,
            "subject": subjects(&self.subject, faults),
            "predicateType": self.predicate_type,
            "predicate": self.predicate,
        }));
        break_json(&mut payload, faults);
        payload
    }
}

/// The faults of a payload as text, shared with simple signing.
pub(crate) fn break_json(payload: &mut Vec<u8>, faults: &Faults) {
    if faults.hits(Fault::StatementMemberDuplicate) {
        // The same member again with the same value, in front.
        let text = String::from_utf8_lossy(payload).into_owned();
        let members: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        if let Some((name, value)) = members.iter().next() {
            let member = json::canonical(&json!({ name.as_str(): value }));
            let inner = &member[1..member.len() - 1];
            *payload = [b"{", inner, b",", &payload[1..]].concat();
        }
    }
    if faults.hits(Fault::StatementMalformed) {
        payload.pop();
    }
}

fn subjects(subjects: &[Subject], faults: &Faults) -> Vec<Value> {
    if faults.hits(Fault::SubjectNone) {
        return Vec::new();
    }
    let mut values: Vec<Value> = subjects
        .iter()
        .map(|subject| json!({"name": subject.name, "digest": digests(subject, faults)}))
        .collect();
    if faults.hits(Fault::SubjectTooMany) {
        for number in values.len()..1025 {
            let digest = json!({"sha256": format!("{number:064x}")});
            values.push(json!({"name": format!("other-{number}"), "digest": digest}));
        }
    }
    values
}

fn digests(subject: &Subject, faults: &Faults) -> Value {
    let mut digests = subject.digest.clone();
    if faults.hits(Fault::SubjectOtherDigest) {
        digests.values_mut().for_each(flip_hex);
    }
    if faults.hits(Fault::SubjectOtherAlgorithm) {
        digests = digests
            .into_values()
            .map(|value| ("gitCommit".to_owned(), value))
            .collect();
    }
    if faults.hits(Fault::SubjectDigestTooMany) {
        for number in digests.len()..33 {
            digests.insert(format!("other{number}"), format!("{number:064x}"));
        }
    }
    json!(digests)
}

/// Changes the last hexadecimal digit.
pub(crate) fn flip_hex(text: &mut String) {
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
}
