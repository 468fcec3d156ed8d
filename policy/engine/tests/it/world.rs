//! The world of the tests of rules: one virtual Sigstore, people and keys in it, policies as JSON, and
//! decisions that are always held against the published schemas.

use std::sync::LazyLock;

use sealstone_engine::{CompiledPolicy, Decision, Evidence, ImageEvidence, Outcome, UnixTime};
use sealstone_forge::{
    Error, Identity, KeyDetails, KeyPair, NOW, Signer, Statement, StatementType, Subject,
    TrustedRootVersion, VirtualSigstore,
};
use serde_json::{Value, json};

use crate::support::{DIGEST, request};

pub(crate) const IMAGE: &str = "registry.example/octo-org/app";

/// Who vouches for people.
pub(crate) const PEOPLE: &str = "https://accounts.example";

pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("rules"));

static DECISION_SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| validator("decision.schema.json"));

static POLICY_SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| validator("policy.schema.json"));

fn validator(name: &str) -> jsonschema::Validator {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../artifacts/schemas")
        .join(name);
    let schema = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

/// What the policy schema says against a document; empty when nothing.
pub(crate) fn policy_schema_errors(policy: &Value) -> Vec<String> {
    let errors = POLICY_SCHEMA.iter_errors(policy);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

// Policies.

/// A policy over the virtual Sigstore, whose trust root is named `root`. `more` adds members or
/// replaces them.
pub(crate) fn policy(authorities: Value, rules: Value, more: Value) -> Value {
    let mut policy = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "rules"},
        "trustRoots": [{"name": "root", "trustedRoot": trusted_root()}],
        "authorities": authorities,
        "rules": rules,
    });
    for (name, value) in more.as_object().unwrap() {
        policy[name] = value.clone();
    }
    policy
}

pub(crate) fn trusted_root() -> Value {
    SIGSTORE.trusted_root_value(TrustedRootVersion::V01)
}

/// One rule for every image.
pub(crate) fn rule(kind: &str, asked: Value) -> Value {
    json!([{"name": "rule", "images": ["**"], kind: asked}])
}

/// The authority of that name by certificate: whoever of [`PEOPLE`] the glob matches.
pub(crate) fn person(name: &str, glob: &str) -> Value {
    let identity = json!({"issuer": {"exact": PEOPLE}, "subject": {"glob": glob}});
    json!({"name": name, "keyless": {"trustRoot": "root", "identities": [identity]}})
}

/// The authority of that name by the key of that name, which needs no log.
pub(crate) fn key(name: &str) -> Value {
    let public_key = key_pair(name).public_key_pem();
    json!({"name": name, "key": {"publicKey": public_key, "insecureIgnoreTransparencyLog": true}})
}

/// Compiles a policy, which the schema must allow, too.
pub(crate) fn compiled(policy: &Value) -> CompiledPolicy {
    assert_eq!(policy_schema_errors(policy), Vec::<String>::new());
    CompiledPolicy::compile(policy.to_string().as_bytes(), &[])
        .unwrap_or_else(|problems| panic!("{problems:#?}\n{policy}"))
}

// Evidence.

pub(crate) fn key_pair(name: &str) -> KeyPair {
    SIGSTORE.key_pair(name, KeyDetails::EcdsaP256Sha256)
}

/// Signs with the key of that name, and puts nothing into a log.
pub(crate) fn by_key(name: &str) -> Signer<'static> {
    SIGSTORE.keyed(&key_pair(name)).without_entries()
}

/// Signs with a certificate for an address that [`PEOPLE`] vouches for.
pub(crate) fn by_person(address: &str) -> Signer<'static> {
    SIGSTORE.keyless(&Identity::email(PEOPLE, address))
}

pub(crate) fn subject() -> Subject {
    Subject::new(IMAGE, DIGEST)
}

/// A signature over the image.
pub(crate) fn signature(signer: &Signer<'_>) -> Evidence {
    evidence(signer.sign_legacy(IMAGE, DIGEST))
}

/// A statement about the image.
pub(crate) fn statement(predicate_type: &str, predicate: Value) -> Statement {
    Statement {
        statement_type: StatementType::V1,
        subject: vec![subject()],
        predicate_type: predicate_type.to_owned(),
        predicate,
    }
}

/// An attestation about the image.
pub(crate) fn attestation(signer: &Signer<'_>, predicate_type: &str, predicate: Value) -> Evidence {
    evidence(signer.attest(&statement(predicate_type, predicate)))
}

/// An attestation about the image whose predicate is given as text.
pub(crate) fn attestation_text(
    signer: &Signer<'_>,
    predicate_type: &str,
    predicate: &str,
) -> Evidence {
    let digest = DIGEST.trim_start_matches("sha256:");
    let payload = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"x","digest":{{"sha256":"{digest}"}}}}],"predicateType":"{predicate_type}","predicate":{predicate}}}"#
    );
    evidence(signer.attest_payload(payload.as_bytes()))
}

pub(crate) fn evidence(forged: Result<sealstone_forge::Evidence, Error>) -> Evidence {
    let forged = forged.unwrap();
    Evidence {
        media_type: forged.media_type,
        content: forged.content,
        annotations: forged.annotations.into_iter().collect(),
    }
}

// Decisions.

/// A decision and its document.
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) document: Value,
}

impl Decided {
    /// The code of the first image.
    pub(crate) fn code(&self) -> &str {
        self.document["images"][0]["code"].as_str().unwrap()
    }

    /// What met the first rule.
    pub(crate) fn met_by(&self) -> &[Value] {
        let met_by = &self.document["images"][0]["rules"][0]["metBy"];
        met_by.as_array().map_or(&[], Vec::as_slice)
    }

    /// The code of each piece that the first rule looked at, sorted.
    pub(crate) fn piece_codes(&self) -> Vec<&str> {
        let pieces = &self.document["images"][0]["rules"][0]["evidence"];
        let mut codes: Vec<&str> = pieces
            .as_array()
            .unwrap()
            .iter()
            .map(|piece| piece["code"].as_str().unwrap())
            .collect();
        codes.sort_unstable();
        codes
    }
}

pub(crate) fn at(time: sealstone_forge::UnixTime) -> UnixTime {
    UnixTime::from_seconds(time.seconds())
}

/// Decides at [`NOW`].
pub(crate) fn decide(policy: &CompiledPolicy, evidence: Vec<Evidence>) -> Decided {
    decide_at(policy, evidence, NOW)
}

pub(crate) fn decide_at(
    policy: &CompiledPolicy,
    evidence: Vec<Evidence>,
    now: sealstone_forge::UnixTime,
) -> Decided {
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence,
        unavailable: None,
    };
    decide_request(policy, &request(IMAGE, Some(DIGEST)), &[brought], now)
}

/// Decides a request, and holds the document against the schema.
pub(crate) fn decide_request(
    policy: &CompiledPolicy,
    request: &str,
    evidence: &[ImageEvidence],
    now: sealstone_forge::UnixTime,
) -> Decided {
    let decision = policy.decide(request.as_bytes(), evidence, at(now));
    let document: Value = serde_json::from_str(&decision.to_json()).unwrap();
    let errors: Vec<String> = DECISION_SCHEMA
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
    assert_eq!(document["allowed"], decision.allowed());
    assert_eq!(document["outcome"], decision.outcome().as_str());
    Decided { decision, document }
}

/// Whether the code is what the whole decision says: `ok` exactly where the image is allowed.
#[track_caller]
pub(crate) fn assert_code(decided: &Decided, code: &str, case: &str) {
    assert_eq!(decided.code(), code, "{case}\n{:#}", decided.document);
    let outcome = if code == "ok" {
        Outcome::Allowed
    } else {
        Outcome::Rejected
    };
    assert_eq!(decided.decision.outcome(), outcome, "{case}");
    assert_eq!(decided.decision.allowed(), code == "ok", "{case}");
}
