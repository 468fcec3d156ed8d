//! What rules in Rego ask, in words.

use serde_json::Value;

use super::{Words, either, matcher};
use crate::policy::view::{list, text, texts};

pub(super) fn rego(rego: &Value, words: &mut Words) {
    match text(rego, "deny") {
        "" => {}
        path => words.say(format!(
            "Its Rego must leave `{path}` without messages; undefined is a no"
        )),
    }
    match text(rego, "allow") {
        "" => {}
        path => words.say(format!(
            "Its Rego must say true as `{path}`; undefined is a no"
        )),
    }
    for one in list(rego, "attestations") {
        let kind = match one.get("predicateType") {
            Some(predicate_type) => format!("of a type {}", matcher(predicate_type)),
            None => format!("of the family `{}`", text(one, "family")),
        };
        let age = match text(one, "maximumAge") {
            "" => String::new(),
            age => format!(", signed at most {age} before"),
        };
        words.say(format!(
            "The Rego is told of an attestation `{}` {kind} that {} signed{age}",
            text(one, "name"),
            either(&texts(one, "signedBy"))
        ));
    }
}
