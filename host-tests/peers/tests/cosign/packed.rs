//! Our own modules, packed, pushed, signed and attested by cosign, are verified by our own program.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::cosign::Cosign;
use crate::keys::Key;
use crate::registry::{Kind, Registries};
use crate::sealstone;

/// The builder where `cargo xtask pack` is told of none.
const BUILDER: &str = "https://sealstone.dev/builders/local";

pub(crate) fn trials(registries: &Arc<Registries>) -> Vec<Trial> {
    Kind::ALL
        .into_iter()
        .map(|kind| {
            let registries = Arc::clone(registries);
            Trial::test(format!("packed/{}", kind.name()), move || {
                check(kind, &registries).map_err(|error| Failed::from(format!("{error:#}")))
            })
        })
        .collect()
}

fn check(kind: Kind, registries: &Registries) -> Result<()> {
    let artifacts = artifacts()?;
    let mut count = 0_usize;
    for entry in std::fs::read_dir(artifacts.join("oci"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        check_module(&artifacts, &name, kind, registries).with_context(|| name.clone())?;
        count = count.saturating_add(1);
    }
    ensure!(count > 0, "nothing is packed");
    Ok(())
}

fn check_module(artifacts: &Path, name: &str, kind: Kind, registries: &Registries) -> Result<()> {
    let layout = artifacts.join("oci").join(name);
    let pushed = registries
        .of(kind)?
        .push(&layout, &format!("packed/{name}"))?;
    let reference = pushed.reference();
    let key = Key::EcdsaP256.private()?;
    let key = key.to_str().context("the path is text")?;
    let predicate = artifacts.join(format!("{name}.predicate.json"));
    let predicate = predicate.to_str().context("the path is text")?;
    let options = [
        "--yes",
        "--tlog-upload=false",
        "--use-signing-config=false",
        "--allow-http-registry",
        "--key",
        key,
    ];
    let sign = [&["sign"], &options[..], &[&reference]].concat();
    Cosign::V3.succeed(&sign, &[])?;
    let attested = ["--type", "slsaprovenance1", "--predicate", predicate];
    let attest = [&["attest"], &options[..], &attested, &[&reference]].concat();
    Cosign::V3.succeed(&attest, &[])?;

    let pulled = format!("packed-{name}-{}", kind.name());
    let pulled = pushed.pull(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(pulled))?;
    for (key, builder, codes) in [
        (Key::EcdsaP256, BUILDER, ["ok", "ok"]),
        (Key::OtherEcdsaP256, BUILDER, ["signature.invalid"; 2]),
        (
            Key::EcdsaP256,
            "https://builder.example",
            ["ok", "attestation.field-mismatch"],
        ),
    ] {
        let public = key.public()?;
        for (rule, code) in rules(builder).into_iter().zip(codes) {
            let policy = sealstone::policy(&public, rule);
            let found = sealstone::verify(&pulled, &pushed.digest, &policy)?;
            ensure!(found == code, "{found} instead of {code}: {policy}");
        }
    }
    Ok(())
}

/// A signature; provenance that names the builder.
fn rules(builder: &str) -> [(&'static str, Value); 2] {
    let built = json!({
        "family": "provenance",
        "quantifier": "any",
        "conditions": [{"field": "/runDetails/builder/id", "equals": builder}],
    });
    [("signature", json!({})), ("attestation", built)]
}

fn artifacts() -> Result<PathBuf> {
    let folder = std::env::var_os("SEALSTONE_ARTIFACTS");
    Ok(PathBuf::from(folder.context(
        "SEALSTONE_ARTIFACTS names no folder; run this suite by `cargo xtask hosts`",
    )?))
}
