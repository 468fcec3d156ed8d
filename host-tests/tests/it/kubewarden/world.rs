//! Policies, requests and evidence, and how an evaluation ends.

use std::sync::LazyLock;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use sealstone_forge::{
    Build, Evidence, Identity, KeyDetails, KeyPair, Subject, TrustedRootVersion, VirtualSigstore,
};
use sealstone_wapc_host::{Ended, HostCalls, Policy, shipped};
use serde_json::{Value, json};

pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("kubewarden"));

/// The policy that changes nothing.
pub(crate) static VALIDATING: LazyLock<Policy> =
    LazyLock::new(|| policy("sealstone-kubewarden.wasm"));

/// The policy that pins images.
pub(crate) static MUTATING: LazyLock<Policy> =
    LazyLock::new(|| policy("sealstone-kubewarden-mutating.wasm"));

pub(crate) const REPOSITORY: &str = "registry.example/octo-org/app";
pub(crate) const DIGEST: &str =
    "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
pub(crate) const OTHER_DIGEST: &str =
    "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9";

fn policy(file: &str) -> Policy {
    let module = shipped(file).expect("the module was built");
    Policy::new(&module).expect("the module is a waPC guest")
}

/// The image by digest.
pub(crate) fn image() -> String {
    format!("{REPOSITORY}@{DIGEST}")
}

pub(crate) fn key(name: &str) -> KeyPair {
    SIGSTORE.key_pair(name, KeyDetails::EcdsaP256Sha256)
}

/// Settings that ask for a signature by the key `release`. `more` adds members or replaces them.
pub(crate) fn signed(more: Value) -> Value {
    settings(
        json!([{"name": "signed", "images": ["**"], "signature": {"signedBy": ["release"]}}]),
        more,
    )
}

/// Settings that ask for provenance by the workflow of the default build.
pub(crate) fn built(more: Value) -> Value {
    let build = Build::default();
    let provenance = json!({"signedBy": ["workflow"], "source": {"uri": build.source_uri()}});
    settings(
        json!([{"name": "built", "images": ["**"], "provenance": provenance}]),
        more,
    )
}

/// Settings with these rules.
pub(crate) fn settings(rules: Value, more: Value) -> Value {
    let mut settings = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "kubewarden"},
        "trustRoots": [{"name": "root", "trustedRoot": SIGSTORE.trusted_root_value(TrustedRootVersion::V01)}],
        "authorities": [
            {"name": "release", "key": {"publicKey": key("release").public_key_pem(), "insecureIgnoreTransparencyLog": true}},
            {"name": "workflow", "keyless": {"trustRoot": "root", "identities": [{
                "issuer": {"exact": sealstone_forge::GITHUB_ACTIONS_ISSUER},
                "subject": {"glob": "https://github.com/**"},
            }]}},
        ],
        "rules": rules,
    });
    for (name, value) in more.as_object().expect("further members") {
        settings[name] = value.clone();
    }
    settings
}

/// What cosign 2 stores for a signature by a key under the name of a repository.
pub(crate) fn legacy(by: &str, repository: &str, digest: &str) -> Evidence {
    let signer = SIGSTORE.keyed(&key(by)).without_entries();
    signer
        .sign_legacy(repository, digest)
        .expect("the forge signs")
}

/// Provenance of the default build, a bundle.
pub(crate) fn provenance(digest: &str) -> Evidence {
    let build = Build::default();
    let signer = SIGSTORE.keyless(&Identity::github_actions(&build));
    let statement = build.provenance_v1(Subject::new(REPOSITORY, digest));
    signer.attest(&statement).expect("the forge signs")
}

/// A bundle as an element of a carrier.
pub(crate) fn bundle(piece: &Evidence) -> Value {
    serde_json::from_slice(&piece.content).expect("a bundle is JSON")
}

/// Any piece as an element of a carrier.
pub(crate) fn piece(piece: &Evidence) -> Value {
    json!({"mediaType": piece.media_type, "content": base64(&piece.content), "annotations": piece.annotations})
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A request to create a Pod with these images.
pub(crate) fn pod(images: &[&str]) -> Value {
    let containers: Vec<Value> = (0..)
        .zip(images)
        .map(|(number, image)| json!({"name": format!("c{number}"), "image": image}))
        .collect();
    json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "app",
        "namespace": "default",
        "operation": "CREATE",
        "userInfo": {"username": "user", "uid": "1", "groups": [], "extra": {}},
        "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": {"containers": containers}},
    })
}

/// What policy-server hands over.
pub(crate) fn payload(request: &Value, settings: &Value) -> Vec<u8> {
    json!({"request": request, "settings": settings})
        .to_string()
        .into_bytes()
}

/// Evaluates in a new instance.
pub(crate) fn validate(
    policy: &Policy,
    request: &Value,
    settings: &Value,
    host: impl HostCalls + 'static,
) -> Value {
    let ended = policy.call("validate", &payload(request, settings), Box::new(host));
    response(ended.expect("the module starts"))
}

pub(crate) fn response(ended: Ended) -> Value {
    match ended {
        Ended::Answer(answer) => serde_json::from_slice(&answer).expect("an answer is JSON"),
        ended => panic!("no answer: {ended:?}"),
    }
}

/// The decision as the audit annotation has it.
pub(crate) fn decision(response: &Value) -> Value {
    let text = response["audit_annotations"]["decision"].as_str();
    serde_json::from_str(text.expect("the annotation is there")).expect("it is JSON")
}

/// The code of the first image, which `accepted` must agree with.
pub(crate) fn code(response: &Value) -> String {
    let code = decision(response)["images"][0]["code"]
        .as_str()
        .map(str::to_owned);
    let code = code.unwrap_or_else(|| panic!("no image was decided: {response}"));
    assert_eq!(response["accepted"], code == "ok", "{response}");
    code
}
