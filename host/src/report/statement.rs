//! Decisions as in-toto statements that are not signed yet: a verification summary (VSA) and a Simple
//! Verification Result (SVR).
//!
//! Both are about one image. They say what the decision says and nothing beyond: an image that was not
//! allowed has failed, whatever the mode of the policy let pass.

mod decided;
mod error;

use serde_json::{Map, Value, json};

pub use error::StatementError;

use decided::{Decided, Exception};

/// The predicate type of a verification summary.
pub const VERIFICATION_SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// The predicate type of a Simple Verification Result.
pub const SIMPLE_VERIFICATION_RESULT: &str = "https://in-toto.io/attestation/svr/v0.1";

/// The version of SLSA that levels are of.
const SLSA_VERSION: &str = "1.2";

/// An extension field of both predicates, there where exceptions excused the image from rules.
const EXCEPTIONS: &str = "https://sealstone.dev/exceptions/v0.1";

/// The property of every image that a policy allows.
const ALLOWED: &str = "SEALSTONE_ALLOWED";

/// What a decision does not say about itself.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct About<'a> {
    /// The reference of the image; needed where the decision is about several.
    pub image: Option<&'a str>,
    /// `verifier.id`: a URI for whoever answers for the decision.
    pub verifier: &'a str,
}

/// A statement that is not signed yet.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Statement {
    /// The name of the image, without tag and digest.
    pub name: String,
    /// Its digest, `sha256:…`.
    pub digest: String,
    /// The predicate type.
    pub predicate_type: &'static str,
    /// The predicate.
    pub predicate: Value,
}

impl Statement {
    /// The in-toto Statement, version 1.
    pub fn to_json(&self) -> Value {
        let (algorithm, hex) = self.digest.split_once(':').unwrap_or_default();
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": self.name, "digest": {algorithm: hex}}],
            "predicateType": self.predicate_type,
            "predicate": self.predicate,
        })
    }
}

/// Makes a verification summary of a decision document, as
/// <https://slsa.dev/spec/v1.2/verification_summary> describes it.
///
/// `policy_uri` identifies the policy; `resource_uri` is where consumers fetch the image, by default its
/// name with its digest.
///
/// # Errors
///
/// When the document is no decision about the image, or says nothing about it.
pub fn verification_summary(
    document: &Value,
    about: About<'_>,
    policy_uri: &str,
    resource_uri: Option<&str>,
) -> Result<Statement, StatementError> {
    let decided = Decided::read(document, about.image)?;
    let mut policy = Map::new();
    policy.insert("uri".to_owned(), policy_uri.into());
    if let Some(sha256) = &decided.policy_sha256 {
        policy.insert("digest".to_owned(), json!({"sha256": sha256}));
    }
    let levels = match decided.is_allowed {
        true => summary_levels(&decided),
        false => vec!["FAILED".to_owned()],
    };
    let input = decided.evidence.iter();
    let input: Vec<Value> = input
        .map(|sha256| json!({"digest": {"sha256": sha256}}))
        .collect();
    let resource_uri = match resource_uri {
        Some(uri) => uri.to_owned(),
        None => format!("{}@{}", decided.name, decided.digest),
    };
    let mut predicate = json!({
        "verifier": {"id": about.verifier},
        "timeVerified": decided.time,
        "resourceUri": resource_uri,
        "policy": policy,
        "inputAttestations": input,
        "verificationResult": if decided.is_allowed { "PASSED" } else { "FAILED" },
        "verifiedLevels": levels,
        "slsaVersion": SLSA_VERSION,
    });
    add_exceptions(&mut predicate, &decided.exceptions);
    Ok(statement(&decided, VERIFICATION_SUMMARY, predicate))
}

/// Makes a Simple Verification Result of a decision document, as
/// <https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md> describes version 0.1. An
/// image that was not allowed has no property.
///
/// The policy stands beside the id of the verifier, with `policy_uri` where one is given.
///
/// # Errors
///
/// As [`verification_summary`].
pub fn simple_verification_result(
    document: &Value,
    about: About<'_>,
    policy_uri: Option<&str>,
) -> Result<Statement, StatementError> {
    let decided = Decided::read(document, about.image)?;
    let mut policy = Map::new();
    if let Some(uri) = policy_uri {
        policy.insert("uri".to_owned(), uri.into());
    }
    if let Some(sha256) = &decided.policy_sha256 {
        policy.insert("digest".to_owned(), json!({"sha256": sha256}));
    }
    let mut verifier = Map::new();
    verifier.insert("id".to_owned(), about.verifier.into());
    if !policy.is_empty() {
        verifier.insert("policy".to_owned(), policy.into());
    }
    let mut properties = Vec::new();
    if decided.is_allowed {
        properties.extend(levels(&decided));
        properties.push(ALLOWED.to_owned());
    }
    let mut predicate = json!({
        "verifier": verifier,
        "timeCreated": decided.time,
        "properties": properties,
    });
    add_exceptions(&mut predicate, &decided.exceptions);
    Ok(statement(&decided, SIMPLE_VERIFICATION_RESULT, predicate))
}

fn statement(decided: &Decided, predicate_type: &'static str, predicate: Value) -> Statement {
    Statement {
        name: decided.name.clone(),
        digest: decided.digest.clone(),
        predicate_type,
        predicate,
    }
}

/// The levels that were proved. No claim about builds is said to be none.
fn summary_levels(decided: &Decided) -> Vec<String> {
    let mut levels: Vec<String> = levels(decided).collect();
    if decided.build_level.is_none() {
        levels.insert(0, "SLSA_BUILD_LEVEL_UNEVALUATED".to_owned());
    }
    levels
}

fn levels(decided: &Decided) -> impl Iterator<Item = String> {
    let build = decided.build_level.map(|level| ("BUILD", level));
    let source = decided.source_level.map(|level| ("SOURCE", level));
    let levels = build.into_iter().chain(source);
    levels.map(|(track, level)| format!("SLSA_{track}_LEVEL_{level}"))
}

fn add_exceptions(predicate: &mut Value, exceptions: &[(String, Exception)]) {
    if exceptions.is_empty() {
        return;
    }
    let exceptions = exceptions.iter().map(|(rule, exception)| {
        json!({
            "rule": rule,
            "name": exception.name,
            "reason": exception.reason,
            "ends": exception.ends,
        })
    });
    if let Some(members) = predicate.as_object_mut() {
        members.insert(EXCEPTIONS.to_owned(), exceptions.collect());
    }
}
