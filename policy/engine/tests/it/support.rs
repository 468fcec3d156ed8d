//! What several tests share.

use sealstone_engine::{CompiledPolicy, Decision, ImageEvidence, Problem, UnixTime};
use sealstone_verify::json::{Value, parse};

/// 2026-11-24T00:00:00Z.
pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_795_478_400);

/// A P-256 key that nobody has the other half of: its point is the generator of the curve.
pub(crate) const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
    6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
    -----END PUBLIC KEY-----\n";

/// An Ed25519 key that nobody has the other half of any more.
pub(crate) const ED25519_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEA5ASb4GbjuZHSWgKZUtzyBxyEeLc+8nYKcRyb12Yj1QU=\n\
    -----END PUBLIC KEY-----\n";

pub(crate) const DIGEST: &str =
    "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925";
pub(crate) const OTHER_DIGEST: &str =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";

pub(crate) fn value(text: &str) -> Value {
    parse(text.as_bytes(), 64).expect(text)
}

/// A policy without trust root content: one key that needs no log, one signature rule for `images`.
pub(crate) fn keyed_policy(images: &str) -> String {
    let key = Value::from(KEY).to_canonical_string();
    format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"keyed"}},
        "trustRoots":[{{"name":"root","trustedRoot":{ROOT}}}],
        "authorities":[{{"name":"key","key":{{"publicKey":{key},"insecureIgnoreTransparencyLog":true}}}}],
        "rules":[{{"name":"signed","images":{images},"signature":{{"signedBy":["key"]}}}}]}}"#
    )
}

/// The smallest trust root: one transparency log, whose key is [`KEY`].
pub(crate) const ROOT: &str = r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "tlogs":[{"baseUrl":"https://log.example","hashAlgorithm":"SHA2_256",
    "publicKey":{"rawBytes":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==",
    "keyDetails":"PKIX_ECDSA_P256_SHA_256","validFor":{"start":"2020-01-01T00:00:00Z"}},
    "logId":{"keyId":"lTV6KRqgU4cXXVCWUJTJTvCJZQ7TzhCoRIQErUhhVXE="}}]}"#;

pub(crate) fn compile(policy: &str) -> CompiledPolicy {
    CompiledPolicy::compile(policy.as_bytes(), &[])
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(crate) fn problems(policy: &str) -> Vec<Problem> {
    CompiledPolicy::compile(policy.as_bytes(), &[]).expect_err("the policy is malformed")
}

/// The code and path of every problem.
pub(crate) fn codes(problems: &[Problem]) -> Vec<(&str, &str)> {
    problems
        .iter()
        .map(|problem| (problem.code, problem.path.as_str()))
        .collect()
}

pub(crate) fn request(reference: &str, digest: Option<&str>) -> String {
    match digest {
        Some(digest) => {
            format!(r#"{{"images":[{{"reference":"{reference}","digest":"{digest}"}}]}}"#)
        }
        None => format!(r#"{{"images":[{{"reference":"{reference}"}}]}}"#),
    }
}

/// An entry that says: looked for, and there is nothing.
pub(crate) fn nothing(reference: &str, digest: &str) -> ImageEvidence {
    ImageEvidence {
        reference: reference.to_owned(),
        digest: digest.to_owned(),
        ..ImageEvidence::default()
    }
}

pub(crate) fn document(decision: &Decision) -> Value {
    value(&decision.to_json())
}

/// The code of the first image.
pub(crate) fn image_code(decision: &Decision) -> String {
    text(&document(decision), &["images", "0", "code"])
}

/// The text at a path of member names and indices; empty where there is none.
pub(crate) fn text(value: &Value, path: &[&str]) -> String {
    step(value, path)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

pub(crate) fn step<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter()
        .try_fold(value, |value, name| match (value, name.parse::<usize>()) {
            (Value::Array(items), Ok(index)) => items.get(index),
            _ => value.get(name),
        })
}
