//! Bills of materials against the schema of CycloneDX.

use std::path::Path;

use anyhow::{Result, ensure};
use jsonschema::{Registry, Resource, Validator};
use libtest_mimic::Failed;
use sealstone_peers::SbomSchema;
use serde_json::{Value, json};

use crate::packed::{Packed, sha256};

/// Every bill is what the schema of CycloneDX 1.6 describes.
pub(crate) fn are_of_the_schema() -> Result<(), Failed> {
    let validator = validator()?;
    for packed in Packed::all()? {
        let bill = packed.bill()?;
        let errors = errors(&validator, &bill);
        if !errors.is_empty() {
            return Err(format!("{}: {errors:#?}", packed.name).into());
        }
    }
    Ok(())
}

/// The schema, as it is used here, finds what is wrong, also in the schemas that it refers to.
pub(crate) fn schema_refuses() -> Result<(), Failed> {
    let validator = validator()?;
    let bill = Packed::named("sealstone")?.bill()?;
    let wrong: [(&str, Value); 4] = [
        ("/specVersion", json!(1.6)),
        ("/serialNumber", json!("urn:uuid:1")),
        ("/components/0/type", json!("crate")),
        (
            "/components/0/licenses",
            json!([{"license": {"id": "Apache-3"}}]),
        ),
    ];
    for (path, value) in wrong {
        let mut bill = bill.clone();
        *bill.pointer_mut(path).ok_or(path)? = value;
        if errors(&validator, &bill).is_empty() {
            return Err(format!("{path} may be anything").into());
        }
    }
    Ok(())
}

/// The list of Python packages asks for the stated version.
pub(crate) fn version() -> Result<(), Failed> {
    let (package, version) = SbomSchema::pinned()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cyclonedx/requirements.txt");
    let wanted = format!("{package}=={version} \\\n");
    if std::fs::read_to_string(path)?.starts_with(&wanted) {
        Ok(())
    } else {
        Err(format!("requirements.txt does not begin with {wanted:?}").into())
    }
}

/// What every module has in it is listed, and what only hosts, tests and builds need is not.
pub(crate) fn list_what_is_in_the_module() -> Result<(), Failed> {
    for packed in Packed::all()? {
        let bill = packed.bill()?;
        let digest = sha256(&packed.module()?);
        check(&bill, &digest).map_err(|error| format!("{}: {error}", packed.name))?;
    }
    Ok(())
}

fn check(bill: &Value, digest: &str) -> Result<()> {
    let listed = bill["components"].as_array().map_or(&[][..], Vec::as_slice);
    let has = |name: &str| listed.iter().any(|component| component["name"] == name);
    for name in [
        "sealstone-engine",
        "sealstone-verify",
        "p256",
        "rust-std",
        "sha2",
    ] {
        ensure!(has(name), "{name} is missing");
    }
    for name in [
        "clap",
        "proc-macro2",
        "schemars",
        "sealstone",
        "serde_derive",
        "syn",
        "wasmtime",
    ] {
        ensure!(!has(name), "{name} is not in the module");
    }
    for entry in bill["dependencies"].as_array().into_iter().flatten() {
        let depends_on = entry["dependsOn"].as_array().map_or(&[][..], Vec::as_slice);
        ensure!(
            !depends_on.contains(&entry["ref"]),
            "depends on itself: {entry}"
        );
    }
    let hashed = &bill["metadata"]["component"]["hashes"][0]["content"];
    ensure!(hashed == digest, "it is the bill of another module");
    for component in listed {
        let (has_url, has_hash) = (
            component["purl"].is_string(),
            component["hashes"].is_array(),
        );
        ensure!(
            has_url == has_hash || component["name"] == "rust-std",
            "a package of a registry has a hash, and no other: {component}"
        );
    }
    Ok(())
}

fn validator() -> Result<Validator> {
    let SbomSchema { schema, resources } = SbomSchema::install()?;
    let mut registry = Registry::new();
    for (uri, resource) in resources {
        registry = registry.add(uri, Resource::from_contents(resource))?;
    }
    let registry = registry.prepare()?;
    jsonschema::options()
        .with_registry(&registry)
        .build(&schema)
        .map_err(|error| anyhow::anyhow!("the schema is none: {error}"))
}

fn errors(validator: &Validator, bill: &Value) -> Vec<String> {
    let errors = validator.iter_errors(bill);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}
