//! The targets that read what hosts ask: they must not panic, and nothing may pass for which nothing was
//! brought.

use std::borrow::Cow;
use std::sync::LazyLock;

use sealstone_engine::{CompiledPolicy, Outcome, UnixTime, Webhook};
use sealstone_forge::{KeyDetails, NOW};
use sealstone_verify::Limits;
use sealstone_verify::json::parse;

use crate::opa::term::{self, TermError};
use crate::targets::has_floating_point;
use crate::world::SIGSTORE;

/// A policy with everything that changes how requests are read.
static POLICY: LazyLock<CompiledPolicy> = LazyLock::new(|| {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let policy = serde_json::json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "requests"},
        "modes": [{"namespaces": ["dev-*"], "mode": "enforce"}],
        "admission": {"insecureExempt": {"namespaces": ["kube-system"]}},
        "authorities": [{"name": "key", "key": {
            "publicKey": key.public_key_pem(), "insecureIgnoreTransparencyLog": true}}],
        "rules": [
            {"name": "signed", "images": ["**"], "signature": {"signedBy": ["key"]}},
            {"name": "labelled", "images": ["**"], "match": {"labels": {"matchLabels": {"a": "b"}}},
             "signature": {"signedBy": ["key"]}},
        ],
    });
    let compiled = CompiledPolicy::compile(policy.to_string().as_bytes(), &[]);
    compiled.unwrap_or_else(|problems| panic!("{problems:#?}"))
});

/// A request. Nothing passes without evidence but what the policy lets pass without a look at its images; the
/// canonical form is decided alike.
pub fn admission_request(data: &[u8]) {
    let now = UnixTime::from_seconds(NOW.seconds());
    let decision = POLICY.decide(data, &[], now);
    let document: serde_json::Value =
        serde_json::from_str(&decision.to_json()).expect("a decision is JSON");
    let images = POLICY.images(data);
    match decision.outcome() {
        Outcome::Allowed => {
            assert!(document["reason"]["code"].is_string(), "{document}");
            assert_eq!(images, Ok(Vec::new()));
        }
        Outcome::Invalid => assert!(document["problem"]["code"].is_string(), "{document}"),
        _ => assert!(images.is_ok_and(|images| !images.is_empty())),
    }
    assert_eq!(decision.allowed(), decision.outcome() == Outcome::Allowed);
    for webhook in [Webhook::Mutating, Webhook::Validating] {
        let answer = decision.to_admission_review(webhook);
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let allowed = answer["response"]["allowed"].as_bool();
        assert!(allowed == Some(false) || decision.allowed(), "{answer}");
    }
    if let Ok(value) = parse(data, Limits::default().json_nesting)
        && !has_floating_point(&value)
    {
        let again = POLICY.decide(value.to_canonical_string().as_bytes(), &[], now);
        assert_eq!(again.to_json(), decision.to_json());
    }
}

/// A term of an OPA host. JSON is left as it is, whatever else is read becomes what is read again as the same,
/// and the members of an object are parts of its text.
pub fn opa_term(data: &[u8]) {
    // Deeper terms may be refused here or there.
    let strict = parse(data, 60).is_ok();
    let Ok(json) = term::to_json(data) else {
        assert!(!strict, "strict JSON is refused");
        return;
    };
    if strict {
        assert_eq!(&*json, data.trim_ascii(), "JSON is changed");
    }
    let again = term::to_json(&json).expect("what was read is a term");
    assert!(
        matches!(again, Cow::Borrowed(_)),
        "what was read is no JSON"
    );
    assert_eq!(again, json);
    if let Ok(Some(members)) = term::members(&json) {
        for member in &members {
            let named = members.iter().filter(|other| other.name == member.name);
            let found = term::member(&json, &member.name);
            match named.count() {
                1 => assert_eq!(found, Ok(Some(member.value))),
                _ => assert_eq!(found, Err(TermError::DuplicateMember)),
            }
            assert!(
                json.windows(member.value.len())
                    .any(|part| part == member.value)
            );
            assert!(term::to_json(member.value).is_ok());
        }
    }
}
