//! Relations that say less, or ask more, than they may look.

use serde_json::Value;

use super::{Warning, Weakness};
use crate::policy::view::{is_true, list, named, signed_by, text};

/// Weaknesses of the member `relations` of a rule at `path`.
pub(super) fn relations(document: &Value, rule: &Value, path: &str, found: &mut Vec<Warning>) {
    let of_index = document.pointer("/images/subjects/index") == Some(&Value::Bool(true));
    for (index, relation) in list(rule, "relations").iter().enumerate() {
        let path = format!("{path}/relations/{index}");
        if relation.get("subject").is_some() && !of_index {
            let path = format!("{path}/subject");
            found.push(Warning::new(path, Weakness::SubjectRelationIdle));
        }
        if relation.get("after").is_none() {
            continue;
        }
        let other = named(document, "rules", text(relation, "rule"));
        for rule in [Some(rule), other].into_iter().flatten() {
            for authority in requirements(rule).flat_map(signed_by) {
                if is_untimed(document, authority) {
                    let authority = authority.to_owned();
                    let path = format!("{path}/after");
                    let weakness = Weakness::RelationTimeUnproven { authority };
                    found.push(Warning::new(path, weakness));
                }
            }
        }
    }
}

/// The members of a rule that may say who must have signed.
fn requirements(rule: &Value) -> impl Iterator<Item = &Value> {
    let members = rule.as_object().into_iter().flatten();
    members.map(|(_, member)| member)
}

/// Whether nothing needs to prove when the authority signed.
fn is_untimed(document: &Value, authority: &str) -> bool {
    let key = named(document, "authorities", authority).and_then(|signer| signer.get("key"));
    key.is_some_and(|key| is_true(key, "insecureIgnoreTransparencyLog"))
}
