//! The capabilities `oci/*` of policy-server, answered from a registry.

use sealstone_wapc_host::HostCalls;
use serde_json::{Value, json};

use crate::client::{Repository, digest};

/// What policy-server says of a tag that is not there.
const UNKNOWN: &str = "Callback evaluation failure: Registry error: url http://registry/v2, envelope: OCI API errors: [OCI API error: manifest unknown]";

/// Answers as policy-server does, and knows no more capabilities than it.
#[derive(Debug)]
pub(crate) struct Capabilities;

impl HostCalls for Capabilities {
    fn call(
        &mut self,
        namespace: &str,
        operation: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, String> {
        if namespace != "oci" {
            return Err(format!("unknown namespace: {namespace}"));
        }
        let reference: String =
            serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let answer = match operation {
            "v1/manifest_digest" => {
                manifest(&reference).map(|(_, manifest)| json!({"digest": digest(&manifest)}))
            }
            "v1/oci_manifest" => manifest(&reference).and_then(|(_, bytes)| known_members(&bytes)),
            "v1/oci_manifest_config" => with_configuration(&reference),
            _ => Err(format!("unknown operation: {operation}")),
        };
        answer.map(|answer| answer.to_string().into_bytes())
    }

    fn now(&mut self) -> Option<u64> {
        Some(sealstone_forge::NOW.seconds())
    }
}

fn manifest(reference: &str) -> Result<(Repository, Vec<u8>), String> {
    let (repository, name) = match reference.split_once('@') {
        Some((repository, digest)) => (repository, digest),
        None => reference
            .rsplit_once(':')
            .ok_or("a reference without a tag")?,
    };
    let repository = Repository::new(repository).map_err(failure)?;
    let manifest = repository.manifest(name).map_err(failure)?;
    Ok((repository, manifest.ok_or(UNKNOWN)?))
}

fn with_configuration(reference: &str) -> Result<Value, String> {
    let (repository, bytes) = manifest(reference)?;
    let manifest = known_members(&bytes)?;
    let name = manifest.pointer("/config/digest").and_then(Value::as_str);
    let blob = repository
        .blob(name.ok_or("no configuration")?)
        .map_err(failure)?;
    let configuration: Value =
        serde_json::from_slice(&blob.ok_or(UNKNOWN)?).map_err(|error| error.to_string())?;
    Ok(json!({"manifest": manifest, "digest": digest(&bytes), "config": configuration}))
}

/// The manifest as oci-client writes it again: members that it does not know are gone.
fn known_members(manifest: &[u8]) -> Result<Value, String> {
    let mut manifest: Value =
        serde_json::from_slice(manifest).map_err(|error| error.to_string())?;
    for list in ["layers", "manifests"] {
        let list = manifest.get_mut(list).and_then(Value::as_array_mut);
        for descriptor in list.into_iter().flatten() {
            if let Some(members) = descriptor.as_object_mut() {
                members.remove("data");
            }
        }
    }
    Ok(manifest)
}

fn failure(error: anyhow::Error) -> String {
    format!("Callback evaluation failure: {error:#}")
}
