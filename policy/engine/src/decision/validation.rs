//! The answer to Kubewarden: the `ValidationResponse` of its policies.
//!
//! Follows <https://docs.kubewarden.io/reference/spec/03-validating-policies> and
//! `04-mutating-policies`: the host makes the JSON Patch itself, from the whole object.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::response::{Answer, PIN_REQUIRED, http_status};
use super::{Decision, Outcome, Pin, Webhook, object};
use crate::limits::STATUS_MESSAGE_BYTES;
use crate::text::{cut, unescaped};

impl Decision {
    /// The response to Kubewarden as JSON: `accepted`, and as far as there is one each `code` and
    /// `message` of a denial, `mutated_object`, `audit_annotations` and `warnings`. It says what
    /// [`Decision::to_admission_review`] says. `request` is the one that was decided.
    pub fn to_validation_response(&self, webhook: Webhook, request: &Value) -> String {
        let Answer {
            mut denial,
            changes,
            warnings,
        } = self.answer(webhook);
        let mut mutated = None;
        if changes && !self.pins.is_empty() {
            mutated = self.pinned(request);
            if mutated.is_none() {
                let message =
                    format!("the object is not the one that was decided ({PIN_REQUIRED})");
                denial = Some((Outcome::Invalid, message));
            }
        }
        let annotation = [("decision", self.to_audit_annotation(webhook).into())];
        let mut members: Vec<(&str, Value)> = Vec::new();
        members.push(("accepted", denial.is_none().into()));
        members.push(("audit_annotations", object(annotation)));
        if let Some((outcome, message)) = denial {
            members.push(("code", http_status(outcome).0.into()));
            members.push(("message", cut(&message, STATUS_MESSAGE_BYTES).into()));
        } else if let Some(object) = mutated {
            members.push(("mutated_object", object));
        }
        if !warnings.is_empty() {
            members.push(("warnings", Value::Array(warnings)));
        }
        object(members).to_canonical_string()
    }

    /// The object of the request with every pin in its place; `None` when one has none.
    fn pinned(&self, request: &Value) -> Option<Value> {
        let request = request.get("request").unwrap_or(request);
        let mut object = request.get("object")?.clone();
        for pin in &self.pins {
            put(&mut object, pin)?;
        }
        Some(object)
    }
}

/// Replaces the text that a pin is about.
fn put(object: &mut Value, pin: &Pin) -> Option<()> {
    let mut place = object;
    for step in pin.pointer.split('/').skip(1) {
        let step = unescaped(step);
        place = match place {
            Value::Object(members) => members.get_mut(&step)?,
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    if place.as_str() != Some(&pin.from) {
        return None;
    }
    *place = pin.to.as_str().into();
    Some(())
}
