//! How pieces must stand to each other, in words.

use serde_json::Value;

use super::{Words, joined};
use crate::policy::view::{list, text};

pub(super) fn relations(rule: &Value, words: &mut Words) {
    for relation in list(rule, "relations") {
        let mut parts = Vec::new();
        if relation.get("subject").is_some() {
            parts.push("it is about the same artifact".to_owned());
        }
        match text(relation, "signer") {
            "same" => parts.push("the same signed it".to_owned()),
            "different" => parts.push("somebody else signed it".to_owned()),
            _ => {}
        }
        if let Some(after) = relation.get("after") {
            parts.push(match (text(after, "minimum"), text(after, "maximum")) {
                ("", "") => "it was signed no earlier".to_owned(),
                (least, "") => format!("it was signed at least {least} later"),
                ("", most) => format!("it was signed no earlier and at most {most} later"),
                (least, most) => format!("it was signed at least {least} and at most {most} later"),
            });
        }
        words.say(format!(
            "Compared with one that meets `{}`, {}",
            text(relation, "rule"),
            joined(&parts, "and")
        ));
    }
}
