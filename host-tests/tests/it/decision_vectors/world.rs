//! The world of the vectors: one virtual Sigstore, who signs in it, and the parts that policies and
//! calls are put together from.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{
    Build, Error, Evidence, GITHUB_ACTIONS_ISSUER, Identity, KeyDetails, KeyPair, NOW, Signer,
    Statement, StatementType, Subject, TrustedRootVersion, VirtualSigstore,
};
use serde_json::{Value, json};

pub(super) const IMAGE: &str = "registry.example/octo-org/app";
pub(super) const DIGEST: &str =
    "sha256:5ea1570ae00000000000000000000000000000000000000000000000000000f1";

/// Who vouches for people.
const PEOPLE: &str = "https://accounts.example";

static SIGSTORE: LazyLock<VirtualSigstore> = LazyLock::new(|| VirtualSigstore::new("vectors"));

// Policies.

/// A policy of these authorities and rules; `more` adds members or replaces them.
pub(super) fn policy(authorities: &[Value], rules: Value, more: Value) -> Value {
    let mut policy = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "vectors"},
        "authorities": authorities,
        "rules": rules,
    });
    if let (Some(policy), Value::Object(more)) = (policy.as_object_mut(), more) {
        policy.extend(more);
    }
    policy
}

/// One rule for every image.
pub(super) fn rule(kind: &str, asked: Value) -> Value {
    json!([{"name": "rule", "images": ["**"], kind: asked}])
}

/// The trust root of the virtual Sigstore in the policy itself, as a member of it.
pub(super) fn own_root() -> Value {
    json!({"trustRoots": [{"name": "root", "trustedRoot": trusted_root()}]})
}

pub(super) fn trusted_root() -> Value {
    SIGSTORE.trusted_root_value(TrustedRootVersion::V01)
}

/// The authority of that name by certificate: addresses of people that the glob matches.
pub(super) fn person(name: &str, glob: &str) -> Value {
    let identity = json!({"issuer": {"exact": PEOPLE}, "subject": {"glob": glob}});
    json!({"name": name, "keyless": {"trustRoot": "root", "identities": [identity]}})
}

/// The authority of that name by certificate: workflows that the glob matches.
pub(super) fn workflows(name: &str, glob: &str) -> Value {
    let identity = json!({"issuer": {"exact": GITHUB_ACTIONS_ISSUER}, "subject": {"glob": glob}});
    json!({"name": name, "keyless": {"trustRoot": "root", "identities": [identity]}})
}

/// The authority of that name by the key of that name, which needs no log.
pub(super) fn key(name: &str) -> Value {
    let public_key = key_pair(name).public_key_pem();
    json!({"name": name, "key": {"publicKey": public_key, "insecureIgnoreTransparencyLog": true}})
}

// Evidence.

pub(super) fn key_pair(name: &str) -> KeyPair {
    SIGSTORE.key_pair(name, KeyDetails::EcdsaP256Sha256)
}

/// Signs with the key of that name, and puts nothing into a log.
pub(super) fn by_key(name: &str) -> Signer<'static> {
    SIGSTORE.keyed(&key_pair(name)).without_entries()
}

/// Signs with a certificate for an address.
pub(super) fn by_person(address: &str) -> Signer<'static> {
    SIGSTORE.keyless(&Identity::email(PEOPLE, address))
}

/// Signs with the certificate of a workflow's run.
pub(super) fn by_workflow(build: &Build) -> Signer<'static> {
    SIGSTORE.keyless(&Identity::github_actions(build))
}

pub(super) fn subject() -> Subject {
    Subject::new(IMAGE, DIGEST)
}

/// A signature over the image.
pub(super) fn signature(signer: &Signer<'_>) -> Result<Value, Error> {
    Ok(piece(&signer.sign_legacy(IMAGE, DIGEST)?))
}

/// An attestation about the image.
pub(super) fn attestation(
    signer: &Signer<'_>,
    predicate_type: &str,
    predicate: Value,
) -> Result<Value, Error> {
    let statement = Statement {
        statement_type: StatementType::V1,
        subject: vec![subject()],
        predicate_type: predicate_type.to_owned(),
        predicate,
    };
    Ok(piece(&signer.attest(&statement)?))
}

/// A piece of evidence as calls have it.
pub(super) fn piece(evidence: &Evidence) -> Value {
    let mut piece = json!({
        "mediaType": evidence.media_type,
        "content": STANDARD.encode(&evidence.content),
    });
    if !evidence.annotations.is_empty() {
        piece["annotations"] = json!(evidence.annotations);
    }
    piece
}

// Calls.

/// A call about the image, for which these pieces were brought.
pub(super) fn call(policy: &Value, pieces: Vec<Value>) -> Value {
    let request = json!({"images": [{"reference": IMAGE, "digest": DIGEST}]});
    let brought = json!([{"reference": IMAGE, "digest": DIGEST, "evidence": pieces}]);
    call_with(policy, request, brought)
}

/// A call of this request, for which this evidence was brought, at [`NOW`].
pub(super) fn call_with(policy: &Value, request: Value, brought: Value) -> Value {
    json!({
        "policy": policy,
        "request": request,
        "evidence": brought,
        "now": NOW.seconds(),
    })
}
