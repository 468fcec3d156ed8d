//! Storing blobs and manifests.

use std::path::Path;

use ureq::http::header::LOCATION;
use ureq::http::{Method, StatusCode, Uri};

use super::http::{Call, Content, resolve};
use super::{Registry, RegistryError, Violation};
use crate::digest::Digest;
use crate::oci::attachment;
use crate::oci::collect;
use crate::oci::document::{Descriptor, INDEX};

/// Where the bytes of a blob are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// In a file.
    File(&'a Path),
}

impl Registry {
    /// Whether the repository has a blob.
    pub(crate) fn has_blob(&mut self, digest: &Digest) -> Result<bool, RegistryError> {
        let call = Call {
            method: Method::HEAD,
            uri: self.address(&format!("/blobs/{digest}"))?,
            accept: "",
            content: Content::Nothing,
        };
        let status = self.call(&call, &mut |status, _, _| Ok(status))?;
        match status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            status => Err(self.status(status)),
        }
    }

    /// Stores a blob (OCI distribution specification, *POST then PUT*).
    pub(crate) fn upload(
        &mut self,
        descriptor: &Descriptor,
        source: Source<'_>,
    ) -> Result<(), RegistryError> {
        let digest = collect::digest(descriptor)?;
        let uri = self.address("/blobs/uploads/")?;
        let begin = Call {
            method: Method::POST,
            uri: uri.clone(),
            accept: "",
            content: Content::Nothing,
        };
        let (status, location) = self.call(&begin, &mut |status, headers, _| {
            let location = headers.get(LOCATION).and_then(|to| to.to_str().ok());
            Ok((status, location.map(str::to_owned)))
        })?;
        if status != StatusCode::ACCEPTED {
            return Err(self.status(status));
        }
        let location = location
            .and_then(|location| resolve(&uri, &location))
            .and_then(|location| with_digest(&location, &digest))
            .ok_or_else(|| RegistryError::Protocol {
                host: self.host(),
                violation: Violation::Location,
            })?;
        self.transport.plain().check(&location, Some(&uri))?;
        let put = Call {
            method: Method::PUT,
            uri: location,
            accept: "",
            content: match source {
                Source::Bytes(bytes) => Content::Bytes {
                    media_type: "application/octet-stream",
                    bytes,
                },
                Source::File(path) => Content::File {
                    path,
                    size: descriptor.size,
                },
            },
        };
        self.expect_created(&put)?;
        Ok(())
    }

    /// Stores a manifest or index under its digest, or under a tag. Where it names a subject and the
    /// registry does not list referrers, it is added to the list that clients keep.
    pub(crate) fn store(
        &mut self,
        descriptor: &Descriptor,
        content: &[u8],
        tag: Option<&str>,
        subject: Option<&Digest>,
    ) -> Result<(), RegistryError> {
        let name = tag.unwrap_or(&descriptor.digest);
        let put = Call {
            method: Method::PUT,
            uri: self.address(&format!("/manifests/{name}"))?,
            accept: "",
            content: Content::Bytes {
                media_type: &descriptor.media_type,
                bytes: content,
            },
        };
        let lists = self.expect_created(&put)?;
        match subject {
            Some(subject) if !lists => self.add_referrer(subject, descriptor),
            _ => Ok(()),
        }
    }

    /// Whether the registry keeps the list of referrers of what was stored.
    fn expect_created(&mut self, put: &Call<'_>) -> Result<bool, RegistryError> {
        let (status, lists) = self.call(put, &mut |status, headers, _| {
            Ok((status, headers.contains_key("oci-subject")))
        })?;
        if status == StatusCode::CREATED {
            Ok(lists)
        } else {
            Err(self.status(status))
        }
    }

    /// Adds a manifest to the list of referrers under a tag (OCI distribution specification,
    /// *Pushing Manifests with Subject*).
    fn add_referrer(
        &mut self,
        subject: &Digest,
        referrer: &Descriptor,
    ) -> Result<(), RegistryError> {
        // Registries that list referrers need not say so when one is stored.
        if matches!(self.referrers(subject)?, super::Referrers::Listed(_)) {
            return Ok(());
        }
        let malformed = || RegistryError::ReferrersMalformed { subject: *subject };
        let tag = attachment::tag(subject, "");
        let mut list = match self.tagged_manifest(&tag)? {
            Some((_, content)) => serde_json::from_slice(&content).map_err(|_| malformed())?,
            None => serde_json::json!({
                "schemaVersion": 2,
                "mediaType": INDEX,
                "manifests": [],
            }),
        };
        let entries = list
            .get_mut("manifests")
            .and_then(|list| list.as_array_mut());
        let entries = entries.ok_or_else(malformed)?;
        let is_it = |entry: &serde_json::Value| {
            entry.get("digest").and_then(|digest| digest.as_str()) == Some(&referrer.digest)
        };
        if entries.iter().any(is_it) {
            return Ok(());
        }
        entries.push(serde_json::to_value(referrer).map_err(|_| malformed())?);
        let content = list.to_string().into_bytes();
        let descriptor = Descriptor::of(INDEX, &content);
        self.store(&descriptor, &content, Some(&tag), None)
    }
}

/// The address at which an upload is ended.
fn with_digest(location: &Uri, digest: &Digest) -> Option<Uri> {
    let separator = if location.query().is_some() { '&' } else { '?' };
    let location = location.to_string();
    format!("{location}{separator}digest={digest}").parse().ok()
}
