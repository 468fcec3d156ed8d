//! A registry over HTTP, as far as the suite needs it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use ureq::Agent;
use ureq::http::{Response, StatusCode};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";
const CARRIER: &str = "application/vnd.sealstone.evidence.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// A repository of a registry that speaks plain HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    agent: Agent,
    address: String,
    name: String,
}

impl Repository {
    /// The repository of a reference without tag and digest.
    pub(crate) fn new(reference: &str) -> Result<Self> {
        let (address, name) = reference.split_once('/').context("a registry is named")?;
        let agent = Agent::config_builder().http_status_as_error(false).build();
        Ok(Self {
            agent: agent.into(),
            address: address.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The bytes of a manifest; `None` when there is none.
    pub(crate) fn manifest(&self, reference: &str) -> Result<Option<Vec<u8>>> {
        let response = self
            .agent
            .get(self.url("manifests", reference))
            .header("Accept", ACCEPTED)
            .call()?;
        read(response)
    }

    /// The bytes of a blob; `None` when there is none.
    pub(crate) fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>> {
        read(self.agent.get(self.url("blobs", digest)).call()?)
    }

    /// Stores a manifest under a tag.
    pub(crate) fn put_manifest(&self, tag: &str, manifest: &[u8]) -> Result<()> {
        let request = self.agent.put(self.url("manifests", tag));
        created(request.header("Content-Type", MANIFEST).send(manifest)?)
    }

    /// Stores a blob and returns its descriptor.
    pub(crate) fn put_blob(&self, media_type: &str, content: &[u8]) -> Result<Value> {
        let digest = digest(content);
        let begun = self
            .agent
            .post(self.url("blobs", "uploads/"))
            .send_empty()?;
        ensure!(begun.status() == StatusCode::ACCEPTED, "{}", begun.status());
        let location = begun
            .headers()
            .get("Location")
            .context("a place to upload to")?;
        let location = location.to_str()?;
        let url = match location.starts_with('/') {
            true => format!("http://{}{location}", self.address),
            false => location.to_owned(),
        };
        let separator = if url.contains('?') { '&' } else { '?' };
        let request = self.agent.put(format!("{url}{separator}digest={digest}"));
        created(
            request
                .header("Content-Type", "application/octet-stream")
                .send(content)?,
        )?;
        Ok(json!({"mediaType": media_type, "digest": digest, "size": content.len()}))
    }

    /// Stores the carrier of an image: its pieces as the configuration of an artifact.
    pub(crate) fn put_carrier(&self, image: &str, pieces: &Value) -> Result<()> {
        let subject = self.manifest(image)?.context("the image is there")?;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": CARRIER,
            "config": self.put_blob(CARRIER, pieces.to_string().as_bytes())?,
            "layers": [self.put_blob(EMPTY, b"{}")?],
            "subject": {"mediaType": MANIFEST, "digest": image, "size": subject.len()},
        });
        let tag = format!("{}.sealstone", image.replace(':', "-"));
        self.put_manifest(&tag, manifest.to_string().as_bytes())
    }

    fn url(&self, kind: &str, what: &str) -> String {
        format!("http://{}/v2/{}/{kind}/{what}", self.address, self.name)
    }
}

pub(crate) fn digest(content: &[u8]) -> String {
    let hash = Sha256::digest(content);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn read(mut response: Response<ureq::Body>) -> Result<Option<Vec<u8>>> {
    match response.status() {
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::OK => Ok(Some(response.body_mut().read_to_vec()?)),
        status => anyhow::bail!("the registry answers {status}"),
    }
}

fn created(response: Response<ureq::Body>) -> Result<()> {
    let status = response.status();
    ensure!(
        status == StatusCode::CREATED,
        "the registry answers {status}"
    );
    Ok(())
}
