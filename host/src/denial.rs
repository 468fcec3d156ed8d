//! Denials that the module could not write itself: it gave no answer, or the image is not there.

use serde::Serialize;

use crate::digest::Digest;
use crate::runtime::{Decision, Failure, Outcome};

/// The `apiVersion` of a decision that the host writes.
const API_VERSION: &str = "sealstone.dev/v1alpha1";

/// An image that is denied.
#[derive(Clone, Copy, Debug)]
pub struct Denied<'a> {
    /// The reference as the request has it.
    pub reference: &'a str,
    /// Its digest, where one is known.
    pub digest: Option<&'a Digest>,
}

/// Why it is denied.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a> {
    /// The kind of denial: [`Outcome::Allowed`] is not one and counts as [`Outcome::Rejected`].
    pub outcome: Outcome,
    /// The stable code.
    pub code: &'a str,
    /// What went wrong, for people.
    pub message: &'a str,
}

/// Writes the decision that denies one image, in the form in which the module writes its own.
pub fn decision(image: Denied<'_>, reason: Reason<'_>, time: &str) -> Decision {
    let (outcome, name) = match reason.outcome {
        Outcome::Allowed | Outcome::Rejected => (Outcome::Rejected, "rejected"),
        Outcome::Unavailable => (Outcome::Unavailable, "unavailable"),
        Outcome::Invalid => (Outcome::Invalid, "invalid"),
    };
    let document = Document {
        allowed: false,
        api_version: API_VERSION,
        images: [Image {
            allowed: false,
            digest: image.digest.map(Digest::to_string),
            reference: image.reference,
            rules: [],
        }],
        kind: "Decision",
        outcome: name,
        problem: Problem {
            code: reason.code,
            message: reason.message,
            path: "",
        },
        time,
    };
    Decision {
        allowed: false,
        outcome,
        document: serde_json::to_vec(&document).unwrap_or_default(),
    }
}

/// The kind of denial that a failure of the module is.
pub fn outcome(failure: &Failure) -> Outcome {
    match failure {
        Failure::InstanceLimit { .. } => Outcome::Unavailable,
        failure if failure.is_invalid_input() => Outcome::Invalid,
        _ => Outcome::Rejected,
    }
}

/// Members in the order of their names, as in canonical JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    allowed: bool,
    api_version: &'a str,
    images: [Image<'a>; 1],
    kind: &'a str,
    outcome: &'a str,
    problem: Problem<'a>,
    time: &'a str,
}

#[derive(Serialize)]
struct Image<'a> {
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    reference: &'a str,
    rules: [(); 0],
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    message: &'a str,
    path: &'a str,
}

#[cfg(test)]
mod tests {
    use super::{Denied, Reason, decision};
    use crate::runtime::Outcome;

    #[test]
    fn never_allows_and_is_canonical() {
        for outcome in [
            Outcome::Allowed,
            Outcome::Rejected,
            Outcome::Unavailable,
            Outcome::Invalid,
        ] {
            let image = Denied {
                reference: "localhost/image",
                digest: None,
            };
            let reason = Reason {
                outcome,
                code: "host.trap",
                message: "it \"trapped\"",
            };
            let found = decision(image, reason, "2026-01-01T00:00:00Z");
            assert!(!found.allowed);
            assert_ne!(found.outcome, Outcome::Allowed);
            let value: serde_json::Value = serde_json::from_slice(&found.document).unwrap();
            assert_eq!(value.to_string().into_bytes(), found.document);
        }
    }
}
