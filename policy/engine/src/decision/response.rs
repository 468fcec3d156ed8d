//! The answer to an admission webhook: `AdmissionReview` of `admission.k8s.io/v1`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_verify::json::Value;

use super::document::object;
use super::{Decision, Outcome, Pin};
use crate::limits::{STATUS_MESSAGE_BYTES, WARNING_BYTES, WARNINGS};
use crate::text::cut;

/// The kind of webhook that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "Kubernetes has these two")]
pub enum Webhook {
    /// The API server applies the patch of the response.
    Mutating,
    /// The API server ignores a patch, so an image that would have to be pinned is denied.
    Validating,
}

/// The code of the response to a validating webhook where an image would have to be pinned.
pub(super) const PIN_REQUIRED: &str = "image.digest-required";

impl Decision {
    /// The response to an admission webhook as JSON, an `AdmissionReview`.
    ///
    /// Where the mode is `warn` or `audit`, what is not allowed is admitted: the audit annotation
    /// `decision` tells what was decided, and in the mode `warn` warnings do too. An image of which
    /// nothing is enforced is not changed, so there is no patch for it either.
    pub fn to_admission_review(&self, webhook: Webhook) -> String {
        self.admission_review(webhook).to_canonical_string()
    }

    /// The same, not yet written.
    pub(crate) fn admission_review(&self, webhook: Webhook) -> Value {
        let answer = self.answer(webhook);
        let mut members: Vec<(&str, Value)> = Vec::new();
        members.push(("uid", self.uid.clone().unwrap_or_default().into()));
        members.push(("allowed", answer.denial.is_none().into()));
        if let Some((outcome, message)) = answer.denial {
            members.push(("status", status(outcome, &message)));
        } else if answer.changes
            && let Some(patch) = self.to_json_patch()
        {
            members.push(("patchType", "JSONPatch".into()));
            members.push(("patch", STANDARD.encode(patch).into()));
        }
        if !answer.warnings.is_empty() {
            members.push(("warnings", Value::Array(answer.warnings)));
        }
        let annotation = [("decision", self.to_audit_annotation(webhook).into())];
        members.push(("auditAnnotations", object(annotation)));
        object([
            ("apiVersion", "admission.k8s.io/v1".into()),
            ("kind", "AdmissionReview".into()),
            ("response", object(members)),
        ])
    }

    /// What a constraint template of Gatekeeper, which can change no object, answers with: a JSON
    /// array of one violation `{"msg"}`, empty where the request passes.
    pub fn to_violations(&self) -> String {
        let denial = self.answer(Webhook::Validating).denial;
        let violations = denial.iter().map(|(_, message)| {
            let message = cut(message, STATUS_MESSAGE_BYTES);
            object([("msg", message.into())])
        });
        Value::Array(violations.collect()).to_canonical_string()
    }

    /// What is answered, in whatever form.
    pub(super) fn answer(&self, webhook: Webhook) -> Answer {
        let denial = match self.unpinned(webhook) {
            Some(pin) => {
                let message = format!(
                    "image {}: it is named by a tag alone; name it as {} ({PIN_REQUIRED})",
                    pin.from, pin.to
                );
                Some((Outcome::Rejected, message))
            }
            None if self.allowed() => None,
            None => Some((self.outcome, self.summary())),
        };
        Answer {
            changes: denial.is_none(),
            denial,
            warnings: self.warnings(),
        }
    }

    /// The audit annotation `decision` of the response: [`Decision::to_compact_json`], or a denial
    /// where the response denies what the decision allows.
    pub fn to_audit_annotation(&self, webhook: Webhook) -> String {
        self.compact(match self.unpinned(webhook) {
            Some(_) => Some((Outcome::Rejected.as_str(), PIN_REQUIRED)),
            None => None,
        })
    }

    /// What of the object would run by its tag because this webhook cannot pin it.
    fn unpinned(&self, webhook: Webhook) -> Option<&Pin> {
        match webhook {
            Webhook::Validating => self.pins.first(),
            Webhook::Mutating => None,
        }
    }

    /// What is to be changed in the object so that no tag decides what runs, as a JSON Patch (RFC
    /// 6902): each reference is tested, then replaced by one that names the digest too. `None` where
    /// nothing is to be changed, and where the decision does not allow.
    pub fn to_json_patch(&self) -> Option<String> {
        let mut operations = Vec::new();
        for pin in &self.pins {
            for (operation, value) in [("test", &pin.from), ("replace", &pin.to)] {
                operations.push(object([
                    ("op", operation.into()),
                    ("path", pin.pointer.as_str().into()),
                    ("value", value.as_str().into()),
                ]));
            }
        }
        (!operations.is_empty()).then(|| Value::Array(operations).to_canonical_string())
    }

    /// What was decided, in a sentence: the first image that is not allowed, its first rule that is
    /// not met, and what to do.
    fn summary(&self) -> String {
        if let Some(problem) = self.document.get("problem") {
            let code = text(problem, "code");
            let path = cut(text(problem, "path"), WARNING_BYTES);
            return format!("request: {}: {} ({code})", path, text(problem, "message"));
        }
        let mut failing = self.failing("enforce");
        let Some(image) = failing.next() else {
            return "the request names no image".to_string();
        };
        let more = match failing.count() {
            0 => String::new(),
            more => format!("; {more} more are not allowed"),
        };
        let mut rules = list(image, "rules").iter();
        let rule = match rules
            .find(|rule| text(rule, "result") == "fail" && self.mode(rule) == "enforce")
        {
            Some(rule) => format!("rule {}: ", text(rule, "rule")),
            None => String::new(),
        };
        format!(
            "image {}: {rule}{} ({}){more}",
            cut(text(image, "reference"), WARNING_BYTES.saturating_mul(2)),
            text(image, "message"),
            text(image, "code"),
        )
    }

    /// As many warnings as are wanted: for each image that is not allowed where the mode warns, and
    /// for what will not be allowed.
    fn warnings(&self) -> Vec<Value> {
        let mut warnings: Vec<Value> = Vec::new();
        let mut warn = |text: String| {
            let warning = Value::from(cut(&text, WARNING_BYTES));
            if warnings.len() <= WARNINGS && !warnings.contains(&warning) {
                warnings.push(warning);
            }
        };
        let problem = self.document.get("problem").into_iter();
        let problem = problem.filter(|problem| self.mode(problem) == "warn");
        let problem = problem.map(|problem| (problem, "path"));
        let images = self.failing("warn").take(WARNINGS);
        for (what, name) in problem.chain(images.map(|image| (image, "reference"))) {
            let (code, name) = (text(what, "code"), text(what, name));
            warn(format!("sealstone would deny this ({code}): {name}"));
        }
        let more = self.failing("warn").count().saturating_sub(WARNINGS);
        if more > 0 {
            warn(format!("sealstone would deny {more} more images"));
        }
        for image in list(&self.document, "images") {
            for rule in list(image, "rules") {
                if self.mode(rule) == "audit" {
                    continue;
                }
                for warning in list(rule, "warnings") {
                    let (code, message) = (text(warning, "code"), text(warning, "message"));
                    warn(format!("sealstone ({code}): {message}"));
                }
                if text(rule, "result") == "warn" {
                    let (date, code) = (text(rule, "effectiveOn"), text(rule, "code"));
                    let reference = text(image, "reference");
                    warn(format!(
                        "sealstone will deny this from {date} ({code}): {reference}"
                    ));
                }
            }
        }
        warnings
    }

    /// The images that are not allowed and for which that mode holds.
    fn failing(&self, mode: &str) -> impl Iterator<Item = &Value> {
        let images = list(&self.document, "images").iter();
        images.filter(move |image| text(image, "outcome") != "allowed" && self.mode(image) == mode)
    }

    /// The mode of an image or a rule: its own, or that of the decision.
    fn mode<'v>(&'v self, of: &'v Value) -> &'v str {
        match text(of, "mode") {
            "" => text(&self.document, "mode"),
            own => own,
        }
    }
}

/// What is answered to whoever asks before a request is carried out.
pub(super) struct Answer {
    /// Why the request is denied, if it is.
    pub(super) denial: Option<(Outcome, String)>,
    /// Whether the object is changed as the pins say.
    pub(super) changes: bool,
    /// Texts for the user.
    pub(super) warnings: Vec<Value>,
}

/// The HTTP status of a denial and its name in Kubernetes.
pub(super) const fn http_status(outcome: Outcome) -> (u64, &'static str) {
    match outcome {
        Outcome::Invalid => (400, "BadRequest"),
        Outcome::Unavailable => (503, "ServiceUnavailable"),
        Outcome::Allowed | Outcome::Rejected => (403, "Forbidden"),
    }
}

/// A `Status` of Kubernetes.
fn status(outcome: Outcome, message: &str) -> Value {
    let (code, reason) = http_status(outcome);
    object([
        ("code", code.into()),
        ("message", cut(message, STATUS_MESSAGE_BYTES).into()),
        ("reason", reason.into()),
        ("status", "Failure".into()),
    ])
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.unwrap_or_default()
}
