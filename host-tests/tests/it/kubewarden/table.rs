//! A registry and a cluster that hold what a test puts into them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sealstone_forge::Evidence;
use sealstone_wapc_host::HostCalls;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What policy-server says of what is not there.
pub(crate) const MANIFEST_UNKNOWN: &str = "Callback evaluation failure: Registry error: url https://registry.example/v2, envelope: OCI API errors: [OCI API error: manifest unknown]";

/// A host that answers from a table. What is not in it is absent; capabilities that no host has yet are
/// unknown unless the table has answers of them.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    answers: BTreeMap<(String, String), Result<Vec<u8>, String>>,
    /// What every call of these operations comes to.
    failing: BTreeMap<String, String>,
    pub(crate) now: Option<u64>,
    /// What was asked.
    pub(crate) asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            answers: BTreeMap::new(),
            failing: BTreeMap::new(),
            now: Some(sealstone_forge::NOW.seconds()),
            asked: Arc::default(),
        }
    }
}

impl Table {
    pub(crate) fn answer(
        mut self,
        operation: &str,
        asked: impl Into<Value>,
        answer: Value,
    ) -> Self {
        let key = (operation.to_owned(), asked.into().to_string());
        self.answers
            .insert(key, Ok(answer.to_string().into_bytes()));
        self
    }

    pub(crate) fn bytes(mut self, operation: &str, asked: impl Into<Value>, answer: &[u8]) -> Self {
        let key = (operation.to_owned(), asked.into().to_string());
        self.answers.insert(key, Ok(answer.to_vec()));
        self
    }

    /// Every call of the operation fails like this.
    pub(crate) fn failing(mut self, operation: &str, error: &str) -> Self {
        self.failing.insert(operation.to_owned(), error.to_owned());
        self
    }

    /// A tag and the digest that it stands for.
    pub(crate) fn tag(self, reference: &str, digest: &str) -> Self {
        self.answer("v1/manifest_digest", reference, json!({"digest": digest}))
    }

    /// Signatures under the tag `sha256-<hex>.sig`.
    pub(crate) fn signatures(self, repository: &str, digest: &str, layers: &[Value]) -> Self {
        let reference = format!("{repository}:{}.sig", digest.replace(':', "-"));
        self.answer("v1/oci_manifest", reference, manifest(layers))
    }

    /// A carrier of these pieces.
    pub(crate) fn carrier(self, repository: &str, digest: &str, pieces: Value) -> Self {
        let reference = format!("{repository}:{}.sealstone", digest.replace(':', "-"));
        let answer = json!({"manifest": manifest(&[]), "digest": digest, "config": pieces});
        self.answer("v1/oci_manifest_config", reference, answer)
    }

    /// A ConfigMap `evidence` in the namespace `sealstone`.
    pub(crate) fn config_map(self, data: Value) -> Self {
        let answer = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": data});
        self.answer("get_resource", config_map_request(), answer)
    }

    /// Something that refers to the image, where the host lists that.
    pub(crate) fn referrer(self, repository: &str, digest: &str, layers: &[Evidence]) -> Self {
        let listed = manifest(&layers.iter().map(layer).collect::<Vec<_>>());
        let name = sha256(listed.to_string().as_bytes());
        let index = json!({"schemaVersion": 2, "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": name, "size": 1,
        }]});
        let mut table = self
            .answer("v1/referrers", format!("{repository}@{digest}"), index)
            .answer("v1/oci_manifest", format!("{repository}@{name}"), listed);
        for layer in layers {
            table = table.blob(repository, &sha256(&layer.content), &layer.content);
        }
        table
    }

    pub(crate) fn blob(self, repository: &str, digest: &str, content: &[u8]) -> Self {
        let answer = json!({"content": super::world::base64(content)});
        self.answer("v1/blob", format!("{repository}@{digest}"), answer)
    }

    /// How often the operation was called.
    pub(crate) fn count(&self, operation: &str) -> usize {
        let asked = self.asked.lock().expect("no call panics");
        asked.iter().filter(|(other, _)| other == operation).count()
    }
}

pub(crate) fn config_map_request() -> Value {
    json!({"api_version": "v1", "disable_cache": false, "kind": "ConfigMap", "name": "evidence", "namespace": "sealstone"})
}

/// The layer of a manifest that holds a piece of evidence.
pub(crate) fn layer(piece: &Evidence) -> Value {
    json!({
        "mediaType": piece.media_type,
        "digest": sha256(&piece.content),
        "size": piece.content.len(),
        "annotations": piece.annotations,
    })
}

fn manifest(layers: &[Value]) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(b"{}"), "size": 2},
        "layers": layers,
    })
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!(
        "sha256:{}",
        sealstone_verify::to_hex(&Sha256::digest(bytes))
    )
}

impl HostCalls for Table {
    fn call(&mut self, _: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let asked: Value = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let key = (operation.to_owned(), asked.to_string());
        self.asked
            .lock()
            .expect("no call panics")
            .push((key.0.clone(), asked));
        if let Some(error) = self.failing.get(operation) {
            return Err(error.clone());
        }
        if let Some(answer) = self.answers.get(&key) {
            return answer.clone();
        }
        let is_known = self.answers.keys().any(|(known, _)| known == operation);
        match operation {
            "v1/referrers" | "v1/blob" if !is_known => {
                Err(format!("unknown operation: {operation}"))
            }
            "get_resource" => Err("Cannot find v1/ConfigMap named 'evidence'".to_owned()),
            _ => Err(MANIFEST_UNKNOWN.to_owned()),
        }
    }

    fn now(&mut self) -> Option<u64> {
        self.now
    }
}
