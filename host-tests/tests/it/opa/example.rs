//! `examples/opa`, made by the forge. `BLESS=1` writes it anew.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{KeyDetails, VirtualSigstore};
use serde_json::{Value, json};

use super::host::{Abort, Host};
use super::samples::{DIGEST, IMAGE, SCAN, bundle, pod};

const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/opa")
}

fn policy(sigstore: &VirtualSigstore) -> String {
    let key = sigstore.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let mut policy = String::from(
        "# Images may run if the release key signed a scan of them.\n\
         apiVersion: sealstone.dev/v1alpha1\n\
         kind: Policy\n\
         metadata: {name: opa}\n\
         authorities:\n  - name: release\n    key:\n      insecureIgnoreTransparencyLog: true\n      publicKey: |\n",
    );
    for line in key.public_key_pem().lines() {
        policy.push_str(&format!("        {line}\n"));
    }
    policy.push_str(&format!(
        "rules:\n  - name: scanned\n    images: [\"registry.example/acme/**\"]\n    attestation:\n      \
         signedBy: [release]\n      predicateType: {{exact: \"{SCAN}\"}}\n      quantifier: any\n"
    ));
    policy
}

fn files() -> Result<Vec<(&'static str, String)>> {
    let sigstore = VirtualSigstore::new("opa");
    let bundle = bundle(&sigstore, "release")?;
    let piece = json!({
        "mediaType": bundle["mediaType"],
        "content": STANDARD.encode(bundle.to_string()),
    });
    let evidence = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Evidence",
        "images": [{"reference": IMAGE, "digest": DIGEST, "evidence": [piece]}],
    });
    let asked = |digest| json!({"request": {"images": [{"reference": IMAGE, "digest": digest}]}});
    let pretty =
        |value: Value| Ok::<_, anyhow::Error>(serde_json::to_string_pretty(&value)? + "\n");
    Ok(vec![
        ("policy.yaml", policy(&sigstore)),
        ("evidence.json", pretty(evidence)?),
        ("input.json", pretty(asked(DIGEST))?),
        ("other.json", pretty(asked(OTHER))?),
        (
            "review.json",
            pretty(json!({"request": pod(&json!([bundle]))}))?,
        ),
    ])
}

#[test]
fn the_example_is_current() -> Result<()> {
    let bless = std::env::var_os("BLESS").is_some_and(|bless| bless == "1");
    for (name, content) in files()? {
        let path = folder().join(name);
        if bless {
            std::fs::write(&path, &content)?;
        }
        let found = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(
            found == content,
            "{}: run this test with BLESS=1",
            path.display()
        );
    }
    Ok(())
}

#[test]
fn the_example_decides_as_it_says() -> Result<()> {
    let read = |name: &str| std::fs::read_to_string(folder().join(name));
    let policy: Value = yaml_serde::from_str(&read("policy.yaml")?)?;
    let evidence: Value = serde_json::from_str(&read("evidence.json")?)?;
    let data = json!({"sealstone": {"policy": policy, "evidence": evidence["images"]}}).to_string();
    let mut host = Host::new(2, Abort::Ends)?;
    assert_eq!(
        host.evaluate(1, &read("input.json")?, &data)?["outcome"],
        "allowed"
    );
    assert_eq!(
        host.evaluate(1, &read("other.json")?, &data)?["outcome"],
        "unavailable"
    );
    assert_eq!(
        host.evaluate(0, &read("review.json")?, &data)?["response"]["allowed"],
        true
    );
    Ok(())
}
