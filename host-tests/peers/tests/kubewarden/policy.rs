//! The policy, its settings, and what it says of images.

use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};
use sealstone_forge::{Build, TrustedRootVersion, VirtualSigstore};
use sealstone_wapc_host::{Ended, Policy, shipped};
use serde_json::{Value, json};

use crate::capabilities::Capabilities;

/// The file that pins images.
pub(crate) const MUTATING: &str = "sealstone-kubewarden-mutating.wasm";

/// Makes the provenance.
pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("kubewarden hosts"));

/// Settings that ask for a signature by this key, PEM.
pub(crate) fn signed(public_key: &str, annotations: &Value) -> Value {
    let mut asked = json!({"signedBy": ["key"]});
    if !annotations.is_null() {
        asked = json!({"signedBy": ["key"], "annotations": annotations});
    }
    settings(
        public_key,
        json!([{"name": "signed", "images": ["**"], "signature": asked}]),
    )
}

/// Settings that ask for the signature and for SLSA provenance of the default build.
pub(crate) fn built(public_key: &str) -> Value {
    let build = Build::default();
    settings(
        public_key,
        json!([
            {"name": "signed", "images": ["**"], "signature": {"signedBy": ["key"]}},
            {"name": "built", "images": ["**"], "provenance": {"signedBy": ["workflow"], "source": {"uri": build.source_uri()}}},
        ]),
    )
}

/// Settings that ask for SLSA provenance that the key signed, of a build from this source.
pub(crate) fn built_by_key(public_key: &str, source: &str) -> Value {
    let asked = json!({"signedBy": ["key"], "source": {"uri": source}});
    settings(
        public_key,
        json!([{"name": "built", "images": ["**"], "provenance": asked}]),
    )
}

fn settings(public_key: &str, rules: Value) -> Value {
    json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "hosts"},
        "trustRoots": [{"name": "root", "trustedRoot": SIGSTORE.trusted_root_value(TrustedRootVersion::V01)}],
        "authorities": [
            {"name": "key", "key": {"publicKey": public_key, "insecureIgnoreTransparencyLog": true}},
            {"name": "workflow", "keyless": {"trustRoot": "root", "identities": [{
                "issuer": {"exact": sealstone_forge::GITHUB_ACTIONS_ISSUER},
                "subject": {"glob": "https://github.com/**"},
            }]}},
        ],
        "rules": rules,
    })
}

/// The request to run an image.
pub(crate) fn pod(image: &str) -> Value {
    json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "operation": "CREATE",
        "userInfo": {"username": "user"},
        "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": {"containers": [{"name": "app", "image": image}]}},
    })
}

/// What the policy answers about an image, its host calls answered from the registry.
fn validate(image: &str, settings: &Value) -> Result<Value> {
    static POLICY: LazyLock<Result<Policy>> = LazyLock::new(|| Policy::new(&shipped(MUTATING)?));
    let policy = POLICY
        .as_ref()
        .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let payload = json!({"request": pod(image), "settings": settings}).to_string();
    match policy.call("validate", payload.as_bytes(), Box::new(Capabilities))? {
        Ended::Answer(answer) => Ok(serde_json::from_slice(&answer)?),
        ended => bail!("no answer: {ended:?}"),
    }
}

/// Fails unless the image gets this code, and the request is accepted exactly where that is `ok`.
pub(crate) fn expect(expected: &str, image: &str, settings: &Value) -> Result<Value> {
    let response = validate(image, settings)?;
    let decision = response
        .pointer("/audit_annotations/decision")
        .and_then(Value::as_str);
    let decision: Value = serde_json::from_str(decision.context("the annotation is there")?)?;
    let code = decision.pointer("/images/0/code").and_then(Value::as_str);
    ensure!(
        code == Some(expected),
        "{code:?} instead of {expected}: {response}"
    );
    ensure!(
        response.get("accepted") == Some(&(expected == "ok").into()),
        "{response}"
    );
    Ok(response)
}
