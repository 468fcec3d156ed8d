//! Questions to the module about single pieces of evidence.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::findings::{Found, SBOM, SCAN, SIGNATURE, SOURCE, STATEMENT};
use crate::runtime::{Evidence, Failure, ImageEvidence, Module, TrustedRoot};

/// Repositories that are asked about for one piece.
const CANDIDATES: usize = 16;

/// Asks the module what pieces of evidence about an image prove.
#[expect(missing_debug_implementations, reason = "a module has none")]
pub struct Prober<'a> {
    /// The module.
    pub module: &'a Module,
    /// The trust root that must vouch for signers.
    pub root: TrustedRoot,
    /// The image, as policies see it.
    pub reference: &'a str,
    /// Its digest, `sha256:…`.
    pub digest: &'a str,
    /// The time of the decisions, in seconds since 1970.
    pub now: u64,
}

impl Prober<'_> {
    /// What the pieces prove, each of them alone.
    ///
    /// # Errors
    ///
    /// When the module gives no answer.
    pub fn prove(&self, evidence: &[Evidence]) -> Result<Found, Failure> {
        let mut found = Found::default();
        for piece in evidence {
            let candidates = candidates(&piece.content);
            let decision = match self.ask(piece, &candidates) {
                // What a piece says of itself may be no repository that a policy can name.
                Err(Failure::Policy(_)) => self.ask(piece, &[])?,
                decision => decision?,
            };
            found.add(&decision);
        }
        Ok(found)
    }

    fn ask(&self, piece: &Evidence, sources: &[String]) -> Result<Value, Failure> {
        let document = self.policy(sources).to_string();
        let roots = [self.root.clone()];
        let mut policy = self.module.policy(document.as_bytes(), &roots)?;
        let request = json!({
            "images": [{"reference": self.reference, "digest": self.digest}],
        })
        .to_string();
        let brought = ImageEvidence {
            reference: self.reference.to_owned(),
            digest: self.digest.to_owned(),
            evidence: vec![piece.clone()],
            unavailable: None,
        };
        let decision = policy.decide(request.as_bytes(), &[brought], self.now)?;
        Ok(serde_json::from_slice(&decision.document).unwrap_or_default())
    }

    /// Anybody may sign. Never written to a file.
    fn policy(&self, sources: &[String]) -> Value {
        let anything = json!({"regexp": ".+"});
        let signed_by = json!(["anybody"]);
        let mut rules = vec![
            json!({"name": SIGNATURE, "signature": {"signedBy": signed_by}}),
            json!({"name": STATEMENT, "attestation": {
                "signedBy": signed_by, "quantifier": "any", "predicateType": anything,
            }}),
            json!({"name": SBOM, "sbom": {"signedBy": signed_by}}),
            json!({"name": SCAN, "vulnerabilities": {
                "signedBy": signed_by, "maximumAge": "36500d",
            }}),
        ];
        for (number, source) in sources.iter().enumerate() {
            rules.push(json!({"name": format!("{SOURCE}{number}"), "provenance": {
                "signedBy": signed_by, "source": {"uri": source},
            }}));
        }
        for rule in rules.iter_mut().filter_map(Value::as_object_mut) {
            rule.insert("images".to_owned(), json!(["**"]));
        }
        json!({
            "apiVersion": "sealstone.dev/v1alpha1",
            "kind": "Policy",
            "metadata": {"name": "probe"},
            "trustRoots": [{"name": self.root.name}],
            "authorities": [{"name": "anybody", "keyless": {
                "trustRoot": self.root.name,
                "identities": [{"issuer": anything, "subject": anything}],
            }}],
            "rules": rules,
        })
    }
}

/// The repositories that a statement might be about: all addresses in its predicate that look like one.
/// Nothing says that they are; the module is asked.
pub fn candidates(content: &[u8]) -> Vec<String> {
    let payload = || -> Option<Value> {
        let piece: Value = serde_json::from_slice(content).ok()?;
        let payload = piece.pointer("/dsseEnvelope/payload");
        let payload = payload.or_else(|| piece.get("payload"))?.as_str()?;
        serde_json::from_slice(&STANDARD.decode(payload).ok()?).ok()
    };
    let mut found = BTreeSet::new();
    if let Some(payload) = payload() {
        collect(payload.get("predicate").unwrap_or(&Value::Null), &mut found);
    }
    found.into_iter().take(CANDIDATES).collect()
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(repository(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `https://HOST/OWNER/NAME` of an address, without what stands behind an `@` or `#`.
fn repository(text: &str) -> Option<String> {
    let text = text.strip_prefix("git+").unwrap_or(text);
    let rest = text.strip_prefix("https://")?;
    let (rest, _) = rest.split_once(['@', '#', '?']).unwrap_or((rest, ""));
    let rest = rest.trim_end_matches('/');
    let rest = rest.strip_suffix(".git").unwrap_or(rest);
    let is_part = |part: &str| {
        let of_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !part.is_empty() && part.bytes().all(of_part)
    };
    let parts: Vec<&str> = rest.split('/').collect();
    let is_repository = parts.len() == 3 && parts.iter().all(|part| is_part(part));
    is_repository.then(|| format!("https://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn addresses_of_repositories() {
        let cases = [
            (
                "git+https://github.com/o/r@refs/heads/main",
                Some("https://github.com/o/r"),
            ),
            ("https://github.com/o/r.git", Some("https://github.com/o/r")),
            ("https://github.com/o/r/", Some("https://github.com/o/r")),
            ("https://github.com/o/r/actions/runs/1", None),
            ("https://github.com/o", None),
            ("http://github.com/o/r", None),
            ("https://github.com/o/r s", None),
            ("o/r", None),
        ];
        for (text, found) in cases {
            assert_eq!(repository(text).as_deref(), found, "{text}");
        }
    }
}
