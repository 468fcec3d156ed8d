//! The bill of materials of a module: CycloneDX 1.6 (<https://cyclonedx.org/docs/1.6/json/>).
//!
//! It lists the crates whose code can be in the module and the standard library, and not what the host
//! or the build alone needs. There is no time in it: the same module has the same bill.

use serde_json::{Value, json};

use crate::artifact::sha256;
use crate::crates::{Crate, CrateId, Crates};
use crate::json::with;
use crate::toolchain::Toolchain;

/// The media type of the bill.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.cyclonedx+json";

const STANDARD_LIBRARY: &str = "rust-std";

/// The bill of the module `file`, built from `package`.
pub(crate) fn bill(
    (file, package): (&str, &str),
    module: &[u8],
    version: &str,
    crates: &Crates,
    toolchain: &Toolchain,
) -> Value {
    let digest = sha256(module);
    let root = format!("{file}@{version}");
    let components: Vec<Value> = crates
        .linked
        .iter()
        .map(component)
        .chain([standard_library(toolchain)])
        .collect();
    let of_package = crates
        .linked
        .iter()
        .filter(|found| found.id.name == package);
    let direct: Vec<String> = of_package
        .map(|found| reference(&found.id))
        .chain([STANDARD_LIBRARY.to_owned()])
        .collect();
    let dependencies: Vec<Value> = crates
        .linked
        .iter()
        .map(dependencies_of)
        .chain([
            json!({"ref": root, "dependsOn": direct}),
            json!({"ref": STANDARD_LIBRARY}),
        ])
        .collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial_number(&digest),
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": file,
                "version": version,
                "licenses": [{"expression": env!("CARGO_PKG_LICENSE")}],
                "hashes": [{"alg": "SHA-256", "content": digest}],
                "mime-type": "application/wasm",
            },
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn component(found: &Crate) -> Value {
    let CrateId { name, version } = &found.id;
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(&found.id),
        "name": name,
        "version": version,
        "scope": "required",
        "licenses": [{"expression": found.license}],
    });
    // Members of the workspace are in no registry.
    if let Some(checksum) = &found.checksum {
        component = with(component, "purl", found.id.purl());
        let hashes = json!([{"alg": "SHA-256", "content": checksum}]);
        component = with(component, "hashes", hashes);
    }
    component
}

fn standard_library(toolchain: &Toolchain) -> Value {
    json!({
        "type": "library",
        "bom-ref": STANDARD_LIBRARY,
        "name": STANDARD_LIBRARY,
        "version": toolchain.version,
        "scope": "required",
        "purl": toolchain.purl(),
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
    })
}

fn dependencies_of(found: &Crate) -> Value {
    let depends_on: Vec<String> = found.depends_on.iter().map(reference).collect();
    json!({"ref": reference(&found.id), "dependsOn": depends_on})
}

fn reference(id: &CrateId) -> String {
    format!("{}@{}", id.name, id.version)
}

/// A UUID of version 8 (RFC 9562, section 5.8) from the digest of the module.
fn serial_number(digest: &str) -> String {
    let part = |range| digest.get(range).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0..8),
        part(8..12),
        part(13..16),
        part(17..20),
        part(20..32)
    )
}
