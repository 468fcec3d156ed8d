//! Decision vectors about what hosts without any way to fetch evidence need, and their answers.
//!
//! They are made by the forge. `BLESS=1` writes them anew; the suites with other hosts read the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_engine::ffi;
use sealstone_forge::{
    Evidence, KeyDetails, NOW, Signer, Statement, StatementType, Subject, VirtualSigstore,
};
use serde_json::{Value, json};

use super::host::{Abort, Host};

pub(crate) const IMAGE: &str = "registry.example/acme/app";
pub(crate) const DIGEST: &str =
    "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925";
pub(crate) const SCAN: &str = "https://example.com/scan/v1";

/// A folder of vectors: `{"name", "call", "decision"}` each.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn by<'s>(sigstore: &'s VirtualSigstore, name: &str) -> Signer<'s> {
    let key = sigstore.key_pair(name, KeyDetails::EcdsaP256Sha256);
    sigstore.keyed(&key).without_entries()
}

pub(crate) fn bundle(sigstore: &VirtualSigstore, signer: &str) -> Result<Value> {
    let statement = Statement {
        statement_type: StatementType::V1,
        subject: vec![Subject::new(IMAGE, DIGEST)],
        predicate_type: SCAN.to_owned(),
        predicate: json!({"findings": 0}),
    };
    let made = by(sigstore, signer).attest(&statement)?;
    Ok(serde_json::from_slice(&made.content)?)
}

fn piece(made: &Evidence) -> Value {
    json!({
        "mediaType": made.media_type,
        "content": STANDARD.encode(&made.content),
        "annotations": made.annotations,
    })
}

/// A policy that asks for a signature and, of images that carry any, for an attestation.
fn policy(sigstore: &VirtualSigstore, rule: &str) -> Value {
    let key = sigstore.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let asked = match rule {
        "signature" => json!({"signedBy": ["release"]}),
        _ => {
            json!({"signedBy": ["release"], "predicateType": {"exact": SCAN}, "quantifier": "any"})
        }
    };
    json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "opa"},
        "authorities": [{"name": "release",
            "key": {"publicKey": key.public_key_pem(), "insecureIgnoreTransparencyLog": true}}],
        "rules": [{"name": "rule", "images": ["registry.example/**"], rule: asked}],
    })
}

/// The `AdmissionRequest` for a Pod whose annotation carries that evidence.
pub(crate) fn pod(carried: &Value) -> Value {
    json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "operation": "CREATE",
        "namespace": "prod",
        "object": {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"annotations": {"sealstone.dev/evidence": carried.to_string()}},
            "spec": {"containers": [{"name": "app", "image": format!("{IMAGE}@{DIGEST}")}]},
        },
    })
}

/// The calls by name.
fn calls() -> Result<BTreeMap<&'static str, Value>> {
    let sigstore = VirtualSigstore::new("opa");
    let images = json!({"images": [{"reference": IMAGE, "digest": DIGEST}]});
    let brought = |signer| -> Result<Value> {
        let signed = by(&sigstore, signer).sign_legacy(IMAGE, DIGEST)?;
        Ok(json!([{"reference": IMAGE, "digest": DIGEST, "evidence": [piece(&signed)]}]))
    };
    let call = |policy: Value, request: &Value, evidence: Value| json!({"policy": policy, "request": request, "evidence": evidence, "now": NOW.seconds()});
    let by_signature = || policy(&sigstore, "signature");
    let by_attestation = || policy(&sigstore, "attestation");
    let carrying = |signer| -> Result<Value> {
        let mut policy = by_attestation();
        policy["evidence"] = json!([{"digest": DIGEST, "bundles": [bundle(&sigstore, signer)?]}]);
        Ok(policy)
    };
    let annotated = |signer| Ok::<_, anyhow::Error>(pod(&json!([bundle(&sigstore, signer)?])));
    Ok(BTreeMap::from([
        (
            "opa-signed",
            call(by_signature(), &images, brought("release")?),
        ),
        (
            "opa-signed-by-another",
            call(by_signature(), &images, brought("stranger")?),
        ),
        ("opa-not-brought", call(by_signature(), &images, json!([]))),
        (
            "opa-in-policy",
            call(carrying("release")?, &images, json!([])),
        ),
        (
            "opa-in-policy-by-another",
            call(carrying("stranger")?, &images, json!([])),
        ),
        (
            "opa-in-annotation",
            call(by_attestation(), &annotated("release")?, json!([])),
        ),
        (
            "opa-in-annotation-by-another",
            call(by_attestation(), &annotated("stranger")?, json!([])),
        ),
        (
            "opa-annotation-malformed",
            call(by_attestation(), &pod(&json!({})), json!([])),
        ),
    ]))
}

/// The vectors, which the files must hold.
pub(crate) fn vectors() -> Result<BTreeMap<&'static str, Value>> {
    let mut vectors = BTreeMap::new();
    for (name, call) in calls()? {
        let answer: Value = serde_json::from_str(&ffi::decide_json(call.to_string().as_bytes()))?;
        ensure!(answer["type"] == "success", "{name}: {answer}");
        let vector = json!({"name": name, "call": call, "decision": answer["decision"]});
        vectors.insert(name, vector);
    }
    Ok(vectors)
}

#[test]
fn the_files_are_current() -> Result<()> {
    let bless = std::env::var_os("BLESS").is_some_and(|bless| bless == "1");
    for (name, vector) in vectors()? {
        let path = folder().join(format!("{name}.json"));
        let written = format!("{}\n", serde_json::to_string_pretty(&vector)?);
        if bless {
            std::fs::write(&path, &written)?;
        }
        let found = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(
            found == written,
            "{}: run this test with BLESS=1",
            path.display()
        );
    }
    Ok(())
}

#[test]
fn the_vectors_are_of_every_outcome() -> Result<()> {
    let vectors = vectors()?;
    let outcomes: Vec<&Value> = vectors
        .values()
        .map(|it| &it["decision"]["outcome"])
        .collect();
    for outcome in ["allowed", "rejected", "unavailable", "invalid"] {
        ensure!(
            outcomes.iter().any(|it| *it == outcome),
            "none is {outcome}"
        );
    }
    Ok(())
}

/// Every vector of the folder gives the same bytes through the ABI, in one instance after the other.
#[test]
fn the_abi_gives_the_same_bytes() -> Result<()> {
    let mut host = Host::new(2, Abort::Ends)?;
    let mut count = 0;
    for entry in std::fs::read_dir(folder())? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let vector: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let result = host.evaluate(1, &vector["call"].to_string(), "{}")?;
        assert_eq!(
            result.to_string(),
            vector["decision"].to_string(),
            "{}",
            path.display()
        );
        count += 1;
    }
    ensure!(count >= 8, "{count} vectors");
    Ok(())
}
