//! Denials that the module could not write itself: it gave no answer, or the image is not there.

use serde::Serialize;
use serde_json::{Value, json};

use crate::digest::Digest;
use crate::runtime::{Decision, Failure, Outcome};

/// The `apiVersion` of a decision that the host writes.
const API_VERSION: &str = "sealstone.dev/v1alpha1";

/// An image that is denied.
#[derive(Clone, Copy, Debug)]
pub struct Denied<'a> {
    /// The reference as the request has it.
    pub reference: &'a str,
    /// Its digest.
    pub digest: &'a Digest,
}

/// Why it is denied.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a> {
    /// The kind of denial: [`Outcome::Unavailable`], or else [`Outcome::Rejected`].
    pub outcome: Outcome,
    /// The stable code.
    pub code: &'a str,
    /// What went wrong, for people.
    pub message: &'a str,
}

/// Writes the decision that denies one image, in the form in which the module writes its own.
pub fn decision(image: Denied<'_>, reason: Reason<'_>, time: &str) -> Decision {
    let (outcome, name) = match reason.outcome {
        Outcome::Unavailable => (Outcome::Unavailable, "unavailable"),
        _ => (Outcome::Rejected, "rejected"),
    };
    let document = Document {
        allowed: false,
        api_version: API_VERSION,
        images: [Image {
            allowed: false,
            code: reason.code,
            digest: image.digest.to_string(),
            message: reason.message,
            outcome: name,
            reference: image.reference,
            rules: [],
        }],
        kind: "Decision",
        outcome: name,
        time,
    };
    Decision {
        allowed: false,
        outcome,
        document: serde_json::to_vec(&document).unwrap_or_default(),
    }
}

/// Writes the `AdmissionReview` that denies a request about which the module gave no answer.
///
/// The `uid` is taken out of the request where there is one.
pub fn review(request: &[u8], failure: &Failure) -> Vec<u8> {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let uid = request.pointer("/request/uid").or(request.get("uid"));
    let uid = uid.and_then(Value::as_str).unwrap_or_default();
    let (code, reason) = match outcome(failure) {
        Outcome::Unavailable => (503, "ServiceUnavailable"),
        _ => (403, "Forbidden"),
    };
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {
            "allowed": false,
            "status": {
                "code": code,
                "message": format!("{failure} ({})", failure.code()),
                "reason": reason,
                "status": "Failure",
            },
            "uid": uid,
        },
    });
    review.to_string().into_bytes()
}

/// The kind of denial that a failure of the module is.
pub fn outcome(failure: &Failure) -> Outcome {
    match failure {
        Failure::InstanceLimit { .. } => Outcome::Unavailable,
        failure if failure.is_invalid_input() => Outcome::Invalid,
        _ => Outcome::Rejected,
    }
}

/// Members in the order of their names, as in canonical JSON. It says nothing about the policy, which
/// no module has read to its end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    allowed: bool,
    api_version: &'a str,
    images: [Image<'a>; 1],
    kind: &'a str,
    outcome: &'a str,
    time: &'a str,
}

#[derive(Serialize)]
struct Image<'a> {
    allowed: bool,
    code: &'a str,
    digest: String,
    message: &'a str,
    outcome: &'a str,
    reference: &'a str,
    rules: [(); 0],
}

#[cfg(test)]
mod tests {
    use super::{Denied, Reason, decision};
    use crate::digest::Digest;
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
                digest: &Digest::of(b"image"),
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
