//! Provenance statements.

use libtest_mimic::Failed;
use serde_json::json;

use crate::packed::{Packed, sha256};

/// Each is about the image and the module beside it, and lists what `Cargo.lock` pins with a hash.
pub(crate) fn subjects() -> Result<(), Failed> {
    for packed in Packed::all()? {
        let statement = packed.provenance()?;
        let manifests = packed.manifests()?;
        let (digest, _) = manifests.first().ok_or("no image")?;
        let digest = digest.trim_start_matches("sha256:");
        let file = format!("{}.wasm", packed.name);
        let expected = json!([
            {"name": packed.name, "digest": {"sha256": digest}},
            {"name": file, "digest": {"sha256": sha256(&packed.module()?)}},
        ]);
        if statement["subject"] != expected {
            return Err(format!("{}: {}", packed.name, statement["subject"]).into());
        }
        let dependencies = &statement["predicate"]["buildDefinition"]["resolvedDependencies"];
        let dependencies = dependencies.as_array().ok_or("no dependencies")?;
        if dependencies.len() < 50 {
            return Err(format!("only {} dependencies", dependencies.len()).into());
        }
        if let Some(found) = dependencies.iter().find(|found| found["digest"].is_null()) {
            return Err(format!("without a digest: {found}").into());
        }
    }
    Ok(())
}
