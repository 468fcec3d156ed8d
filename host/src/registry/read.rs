//! Reading manifests, blobs and lists of referrers.

use std::fs::File;
use std::io::{Read, Seek as _, Write as _};

use sha2::{Digest as _, Sha256};
use ureq::http::header::{CONTENT_TYPE, LINK};
use ureq::http::{HeaderMap, StatusCode, Uri};

use super::http::{Answer, Broken, resolve, same_origin};
use super::{Image, Registry, RegistryError, Violation, reading};
use crate::digest::Digest;
use crate::limits::Limit;
use crate::oci::attachment;
use crate::oci::collect;
use crate::oci::document::{Descriptor, Index};

/// The media types of manifests and image indexes.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// What refers to a manifest.
#[derive(Debug)]
pub(crate) enum Referrers {
    /// As the registry lists them.
    Listed(Vec<Descriptor>),
    /// As clients list them under a tag, in a registry that does not: the list, where there is one.
    Tagged(Option<Descriptor>),
}

impl Registry {
    /// Finds the image that the name means.
    ///
    /// # Errors
    /// There is none, it is not what its digest says, or the registry does not say.
    pub fn image(&mut self) -> Result<Image, RegistryError> {
        let name = self.name.clone();
        let wanted = match name.digest() {
            Some(digest) => digest.to_string(),
            None => name.tag().unwrap_or_default().to_owned(),
        };
        let found = self.named_manifest(&wanted)?;
        let (descriptor, content) = found.ok_or_else(|| RegistryError::ImageNotFound {
            reference: name.to_string(),
        })?;
        if !descriptor.is_index() && !descriptor.is_manifest() {
            let reference = name.to_string();
            return Err(RegistryError::MediaTypeUnknown { reference });
        }
        Ok(Image {
            digest: Digest::of(&content),
            descriptor,
            content,
        })
    }

    /// The manifest or index under a tag. `None` when the registry says that there is none.
    pub(crate) fn tagged_manifest(
        &mut self,
        tag: &str,
    ) -> Result<Option<(Descriptor, Vec<u8>)>, RegistryError> {
        let found = self.named_manifest(tag)?;
        if let Some((_, content)) = &found {
            self.tagged.insert(Digest::of(content), content.clone());
        }
        Ok(found)
    }

    /// The manifest or index of a descriptor.
    pub(crate) fn manifest(&mut self, descriptor: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        let digest = collect::digest(descriptor)?;
        if let Some(content) = self.tagged.get(&digest) {
            return Ok(content.clone());
        }
        let maximum = self.limits.manifest_bytes;
        if size(descriptor) > maximum {
            let limit = Limit::ManifestBytes;
            return Err(RegistryError::Limit { limit, maximum });
        }
        let (_, content) = self
            .named_manifest(&digest.to_string())?
            .ok_or(RegistryError::ManifestMissing { digest })?;
        if content.len() != size(descriptor) {
            return Err(RegistryError::SizeMismatch { digest });
        }
        Ok(content)
    }

    /// The blob of a descriptor, at most `maximum` bytes.
    pub(crate) fn blob(
        &mut self,
        descriptor: &Descriptor,
        limit: Limit,
        maximum: usize,
    ) -> Result<Vec<u8>, RegistryError> {
        let digest = collect::digest(descriptor)?;
        let size = size(descriptor);
        if size > maximum {
            return Err(RegistryError::Limit { limit, maximum });
        }
        let call = reading(self.address(&format!("/blobs/{digest}"))?, "");
        // The size of the descriptor is the limit, and what goes beyond it is another blob.
        let answer = self
            .fetch(&call, Limit::BlobBytes, size)
            .map_err(|error| match error {
                RegistryError::Limit {
                    limit: Limit::BlobBytes,
                    ..
                } => RegistryError::SizeMismatch { digest },
                other => other,
            })?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(RegistryError::BlobMissing { digest }),
            status => return Err(self.status(status)),
        }
        if answer.content.len() != size {
            return Err(RegistryError::SizeMismatch { digest });
        }
        if Digest::of(&answer.content) != digest {
            return Err(RegistryError::DigestMismatch { digest });
        }
        Ok(answer.content)
    }

    /// Writes the blob of a descriptor into an empty file.
    pub(crate) fn download(
        &mut self,
        descriptor: &Descriptor,
        file: &mut File,
    ) -> Result<(), RegistryError> {
        let digest = collect::digest(descriptor)?;
        let maximum = self.limits.blob_bytes;
        if descriptor.size > maximum {
            return Err(RegistryError::Limit {
                limit: Limit::BlobBytes,
                maximum: usize::try_from(maximum).unwrap_or(usize::MAX),
            });
        }
        let call = reading(self.address(&format!("/blobs/{digest}"))?, "");
        let status = self.call(&call, &mut |status, _, content| {
            if status == StatusCode::OK {
                copy(content, file, descriptor.size, digest)?;
            }
            Ok(status)
        })?;
        match status {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(RegistryError::BlobMissing { digest }),
            status => Err(self.status(status)),
        }
    }

    /// What refers to a manifest (OCI distribution specification, *Listing Referrers*).
    pub(crate) fn referrers(&mut self, subject: &Digest) -> Result<Referrers, RegistryError> {
        let malformed = || RegistryError::ReferrersMalformed { subject: *subject };
        let mut listed = Vec::new();
        let mut uri = self.address(&format!("/referrers/{subject}"))?;
        for page in 0..self.limits.registry_pages {
            let call = reading(uri.clone(), "application/vnd.oci.image.index.v1+json");
            let maximum = self.limits.manifest_bytes;
            let answer = self.fetch(&call, Limit::ManifestBytes, maximum)?;
            match answer.status {
                StatusCode::OK => {}
                // It has no list of its own.
                StatusCode::NOT_FOUND
                | StatusCode::METHOD_NOT_ALLOWED
                | StatusCode::NOT_IMPLEMENTED
                    if page == 0 =>
                {
                    return self.tagged_referrers(subject);
                }
                status => return Err(self.status(status)),
            }
            let index: Index = serde_json::from_slice(&answer.content).map_err(|_| malformed())?;
            let announced = content_type(&answer.headers).into_iter();
            if !announced.chain(index.media_type.as_deref()).all(is_index) {
                return Err(malformed());
            }
            listed.extend(index.manifests);
            if listed.len() > self.limits.registry_manifests {
                return Err(RegistryError::Limit {
                    limit: Limit::RegistryManifests,
                    maximum: self.limits.registry_manifests,
                });
            }
            match next_page(&answer.headers) {
                None => return Ok(Referrers::Listed(listed)),
                Some(next) => uri = self.next(&uri, next)?,
            }
        }
        Err(RegistryError::Limit {
            limit: Limit::RegistryPages,
            maximum: self.limits.registry_pages,
        })
    }

    fn tagged_referrers(&mut self, subject: &Digest) -> Result<Referrers, RegistryError> {
        let found = self.tagged_manifest(&attachment::tag(subject, ""))?;
        match found {
            Some((descriptor, _)) if !descriptor.is_index() => {
                Err(RegistryError::ReferrersMalformed { subject: *subject })
            }
            found => Ok(Referrers::Tagged(found.map(|(descriptor, _)| descriptor))),
        }
    }

    /// The manifest or index under a tag or a digest.
    fn named_manifest(
        &mut self,
        name: &str,
    ) -> Result<Option<(Descriptor, Vec<u8>)>, RegistryError> {
        let call = reading(self.address(&format!("/manifests/{name}"))?, MANIFESTS);
        let maximum = self.limits.manifest_bytes;
        let answer = self.fetch(&call, Limit::ManifestBytes, maximum)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => return Err(self.status(status)),
        }
        if let Ok(digest) = name.parse::<Digest>()
            && Digest::of(&answer.content) != digest
        {
            return Err(RegistryError::DigestMismatch { digest });
        }
        let descriptor = Descriptor::of(&media_type(&answer), &answer.content);
        Ok(Some((descriptor, answer.content)))
    }

    fn next(&self, from: &Uri, next: &str) -> Result<Uri, RegistryError> {
        resolve(from, next)
            .filter(|next| same_origin(from, next))
            .ok_or_else(|| RegistryError::Protocol {
                host: self.host(),
                violation: Violation::NextPage,
            })
    }
}

fn size(descriptor: &Descriptor) -> usize {
    usize::try_from(descriptor.size).unwrap_or(usize::MAX)
}

/// Copies a blob and checks it. The file may hold what an attempt before has left.
fn copy(content: &mut dyn Read, file: &mut File, size: u64, digest: Digest) -> Result<(), Broken> {
    let local = |error| Broken::Final(RegistryError::Local(error));
    file.set_len(0).map_err(local)?;
    file.rewind().map_err(local)?;
    let mut content = content.take(size.saturating_add(1));
    let mut buffer = vec![0; 64 << 10];
    let mut hash = Sha256::new();
    let mut copied = 0_u64;
    loop {
        let read = content.read(&mut buffer).map_err(Broken::Connection)?;
        let part = buffer.get(..read).unwrap_or_default();
        if part.is_empty() {
            break;
        }
        hash.update(part);
        file.write_all(part).map_err(local)?;
        copied = copied.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    if copied != size {
        return Err(Broken::Final(RegistryError::SizeMismatch { digest }));
    }
    if Digest::from(hash) != digest {
        return Err(Broken::Final(RegistryError::DigestMismatch { digest }));
    }
    Ok(())
}

/// The media type that the registry announces, or else the one that the document states.
fn media_type(answer: &Answer) -> String {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        media_type: String,
    }
    let known = |kind: &&str| {
        let descriptor = Descriptor::of(kind, b"");
        descriptor.is_index() || descriptor.is_manifest()
    };
    let announced = content_type(&answer.headers).unwrap_or_default();
    if known(&announced) {
        return announced.to_owned();
    }
    let stated = serde_json::from_slice::<Typed>(&answer.content);
    let stated = stated.map(|document| document.media_type);
    stated.unwrap_or_else(|_| announced.to_owned())
}

fn is_index(media_type: &str) -> bool {
    // Some registries announce no more than that it is JSON.
    media_type == "application/json" || Descriptor::of(media_type, b"").is_index()
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim())
}

/// The address behind `rel="next"` (RFC 8288).
fn next_page(headers: &HeaderMap) -> Option<&str> {
    let links = headers.get_all(LINK).iter();
    let links = links.filter_map(|link| link.to_str().ok());
    let mut links = links.flat_map(|links| links.split(','));
    links.find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(str::trim);
        let is_next = |parameter: &str| matches!(parameter, "rel=\"next\"" | "rel=next");
        parameters.any(is_next).then_some(address)
    })
}
