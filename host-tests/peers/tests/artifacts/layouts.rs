//! Image layouts.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::packed::Packed;

/// Every blob has the digest and the size that refer to it, there are no others, and what refers to an
/// image refers to that of the layout.
pub(crate) fn digests() -> Result<(), Failed> {
    for packed in Packed::all()? {
        check(&packed).with_context(|| packed.name.clone())?;
    }
    Ok(())
}

fn check(packed: &Packed) -> Result<()> {
    let manifests = packed.manifests()?;
    let (image, _) = manifests.first().context("no image")?;
    let mut reached = BTreeSet::new();
    for (digest, manifest) in &manifests {
        reached.insert(digest.clone());
        let layers = manifest["layers"].as_array().context("layers")?;
        for descriptor in layers.iter().chain([&manifest["config"]]) {
            packed.blob(descriptor)?;
            reached.insert(descriptor["digest"].as_str().unwrap_or_default().to_owned());
        }
        let subject = manifest["subject"]["digest"].as_str();
        let of_image = (digest == image && subject.is_none()) || subject == Some(image);
        ensure!(of_image, "{digest} refers to {subject:?}");
    }
    let mut artifact_types: Vec<&Value> = Vec::new();
    for (_, manifest) in manifests.iter().skip(1) {
        artifact_types.push(&manifest["artifactType"]);
    }
    ensure!(
        artifact_types
            == [
                "application/vnd.cyclonedx+json",
                "application/vnd.in-toto+json"
            ],
        "{artifact_types:?} refer to the image"
    );
    for entry in std::fs::read_dir(packed.layout().join("blobs/sha256"))? {
        let digest = format!("sha256:{}", entry?.file_name().to_string_lossy());
        ensure!(reached.contains(&digest), "nothing refers to {digest}");
    }
    Ok(())
}

/// The configuration of the component says what the component exports.
pub(crate) fn component() -> Result<(), Failed> {
    let packed = Packed::named("sealstone")?;
    let manifests = packed.manifests()?;
    let (_, image) = manifests.first().context("no image")?;
    let layer = &image["layers"][0];
    if packed.blob(layer)? != packed.module()? {
        return Err("the layer is not the component".into());
    }
    let config: Value = serde_json::from_slice(&packed.blob(&image["config"])?)?;
    let version = env!("CARGO_PKG_VERSION");
    let expected = json!({
        "exports": [format!("sealstone:policy/policy@{version}")],
        "imports": [],
        "target": format!("sealstone:policy/policy-module@{version}"),
    });
    if config["component"] == expected && config["layerDigests"] == json!([layer["digest"]]) {
        Ok(())
    } else {
        Err(format!("{config:#}").into())
    }
}

/// Our own program finds the image in the layout, and no signature.
pub(crate) fn read_by_sealstone() -> Result<(), Failed> {
    let program = std::env::var_os("SEALSTONE_PROGRAM")
        .ok_or("SEALSTONE_PROGRAM names no program; run this suite by `cargo xtask hosts`")?;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(folder)?;
    let policy = folder.join("artifacts-policy.json");
    let key = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
        6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
        -----END PUBLIC KEY-----\n";
    let document = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "artifacts"},
        "authorities": [{
            "name": "key",
            "key": {"publicKey": key, "insecureIgnoreTransparencyLog": true},
        }],
        "rules": [{"name": "signed", "images": ["**"], "signature": {"signedBy": ["key"]}}],
    });
    std::fs::write(&policy, document.to_string())?;
    for packed in Packed::all()? {
        let output = Command::new(&program)
            .arg("verify")
            .arg(packed.layout())
            .arg("--policy")
            .arg(&policy)
            .arg("--output=json")
            .env("SEALSTONE_CACHE_DIR", folder)
            .output()?;
        let decision: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let manifests = packed.manifests()?;
        let (digest, _) = manifests.first().ok_or("no image")?;
        let image = &decision["images"][0];
        if image["digest"] != *digest || decision["outcome"] != "rejected" {
            return Err(format!("{}: {decision:#}", packed.name).into());
        }
    }
    Ok(())
}
