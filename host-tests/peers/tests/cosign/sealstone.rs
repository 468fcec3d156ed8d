//! Running our program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Runs `sealstone forge`, which must succeed; what it prints.
pub(crate) fn forge(arguments: &[&str]) -> Result<Vec<u8>> {
    let output = program()?.arg("forge").args(arguments).output()?;
    ensure!(
        output.status.success(),
        "forge {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

/// The code of the decision about an image in a layout.
pub(crate) fn verify(layout: &Path, digest: &str, policy: &Value) -> Result<String> {
    let path = layout.with_extension("policy.json");
    std::fs::write(&path, policy.to_string())?;
    let arguments: [&OsStr; 7] = [
        "verify".as_ref(),
        layout.as_ref(),
        "--digest".as_ref(),
        digest.as_ref(),
        "--policy".as_ref(),
        path.as_ref(),
        "--output=json".as_ref(),
    ];
    let output = program()?.args(arguments).output()?;
    let decision: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no decision: {}", String::from_utf8_lossy(&output.stderr)))?;
    let code = decision.pointer("/images/0/code").and_then(Value::as_str);
    let code = code.with_context(|| format!("no code: {decision}"))?;
    let allowed = output.status.code() == Some(0);
    ensure!(allowed == (code == "ok"), "{}: {decision}", output.status);
    Ok(code.to_owned())
}

/// A policy with one rule and one key, whose signatures need be in no log.
pub(crate) fn policy(public_key: &str, rule: (&str, Value)) -> Value {
    let (name, mut requirement) = rule;
    if let Some(members) = requirement.as_object_mut() {
        members.insert("signedBy".to_owned(), json!(["key"]));
    }
    json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "cosign"},
        "authorities": [{
            "name": "key",
            "key": {"publicKey": public_key, "insecureIgnoreTransparencyLog": true},
        }],
        "rules": [{"name": "rule", "images": ["**"], name: requirement}],
    })
}

/// The folder for compiled modules.
pub(crate) const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/cache");

/// Our program.
pub(crate) fn program() -> Result<Command> {
    let path = std::env::var_os("SEALSTONE_PROGRAM")
        .context("SEALSTONE_PROGRAM names no program; run this suite by `cargo xtask hosts`")?;
    let mut command = Command::new(path);
    // A folder of its own: the cache is cleaned of whatever else lies in its folder.
    command.env("SEALSTONE_CACHE_DIR", CACHE);
    Ok(command)
}
