//! Image references, read and normalised as container runtimes do.
//!
//! Follows the grammar and the defaults of <https://github.com/distribution/reference>.

#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::{String, ToString};

use sealstone_verify::ArtifactDigest;

use crate::limits::Limit;

const DEFAULT_REGISTRY: &str = "docker.io";
const LEGACY_REGISTRY: &str = "index.docker.io";
const OFFICIAL: &str = "library/";
const NAME_BYTES: usize = 255;
const TAG_BYTES: usize = 128;

/// A reference to an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageReference {
    name: String,
    tag: Option<String>,
    digest: Option<ArtifactDigest>,
}

impl ImageReference {
    /// Reads `[registry/]repository[:tag][@digest]`.
    pub(crate) fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.len() > Limit::ReferenceBytes.value() {
            return Err(ReferenceError::LimitExceeded(Limit::ReferenceBytes));
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest
                    .parse()
                    .map_err(|_| ReferenceError::DigestMalformed)?;
                (rest, Some(digest))
            }
            None => (text, None),
        };
        let (rest, tag) = split_tag(rest);
        if !tag.is_none_or(is_tag) {
            return Err(ReferenceError::TagMalformed);
        }
        let (registry, repository) = split_registry(rest);
        if !is_registry(registry) {
            return Err(ReferenceError::RegistryMalformed);
        }
        if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ReferenceError::RepositoryUpperCase);
        }
        if !repository.split('/').all(is_repository_part) {
            return Err(ReferenceError::RepositoryMalformed);
        }
        // The engines take a bare run of 64 hexadecimal digits for an image id.
        if rest.len() == 64 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ReferenceError::RepositoryMalformed);
        }
        let registry = match registry.to_ascii_lowercase() {
            legacy if legacy == LEGACY_REGISTRY => DEFAULT_REGISTRY.to_string(),
            registry => registry,
        };
        let name = normal_name(&registry, repository);
        if name.len() > NAME_BYTES {
            return Err(ReferenceError::RepositoryMalformed);
        }
        Ok(Self {
            name,
            tag: tag.map(ToString::to_string),
            digest,
        })
    }

    /// `registry/repository`, with the defaults filled in.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Registry and repository, with the defaults filled in.
    pub(crate) fn split(&self) -> (&str, &str) {
        self.name.split_once('/').unwrap_or(("", &self.name))
    }

    /// The tag, if the reference carries one.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The same image under another name, whose registry is written.
    pub(crate) fn renamed(&self, name: &str) -> Self {
        let (registry, repository) = name.split_once('/').unwrap_or((DEFAULT_REGISTRY, name));
        Self {
            name: normal_name(registry, repository),
            tag: self.tag.clone(),
            digest: self.digest.clone(),
        }
    }

    /// Whether the text is a registry, or a registry and the first parts of a repository, in normal
    /// form.
    pub(crate) fn is_prefix(text: &str) -> bool {
        let (registry, repository) = match text.split_once('/') {
            Some((registry, repository)) => (registry, Some(repository)),
            None => (text, None),
        };
        text.len() <= NAME_BYTES
            && names_registry(registry)
            && is_registry(registry)
            && registry != LEGACY_REGISTRY
            && !registry.bytes().any(|byte| byte.is_ascii_uppercase())
            && repository.is_none_or(|repository| repository.split('/').all(is_repository_part))
    }

    /// The digest, if the reference carries one.
    pub(crate) fn digest(&self) -> Option<&ArtifactDigest> {
        self.digest.as_ref()
    }
}

/// Why a text is no image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceError {
    /// What follows `@` is no digest.
    DigestMalformed,
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The registry is no host with an optional port.
    RegistryMalformed,
    /// The repository is empty, too long, or has characters that no repository has.
    RepositoryMalformed,
    /// The repository has upper-case letters.
    RepositoryUpperCase,
    /// What follows `:` is no tag.
    TagMalformed,
}

impl ReferenceError {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::LimitExceeded(limit) => limit.code(),
            _ => "image.reference-malformed",
        }
    }
}

impl core::fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::DigestMalformed => {
                "the digest of the image reference is not `sha256:` and 64 hexadecimal digits"
            }
            Self::LimitExceeded(_) => "the image reference is too long",
            Self::RegistryMalformed => "the registry of the image reference is not a host name",
            Self::RepositoryMalformed => "the image reference has no well-formed repository",
            Self::RepositoryUpperCase => "the repository of an image has no upper-case letters",
            Self::TagMalformed => "the tag of the image reference is malformed",
        })
    }
}

/// The tag follows the last colon, unless a slash follows that: then it is a port.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag)),
        _ => (text, None),
    }
}

/// The first part is a registry if it looks like a host.
fn split_registry(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some((first, rest)) if names_registry(first) => (first, rest),
        _ => (DEFAULT_REGISTRY, text),
    }
}

fn names_registry(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':'])
}

/// The images of one part at the default registry are the official ones.
fn normal_name(registry: &str, repository: &str) -> String {
    let official = if registry == DEFAULT_REGISTRY && !repository.contains('/') {
        OFFICIAL
    } else {
        ""
    };
    format!("{registry}/{official}{repository}")
}

fn is_registry(registry: &str) -> bool {
    let (host, port) = match registry.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, "")) => return is_ipv6(address),
            Some((address, port)) => {
                return is_ipv6(address) && port.strip_prefix(':').is_some_and(is_port);
            }
            None => return false,
        },
        None => match registry.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (registry, None),
        },
    };
    port.is_none_or(is_port)
        && host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

fn is_ipv6(address: &str) -> bool {
    !address.is_empty()
        && address
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
}

fn is_port(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_repository_part(part: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separators = part
        .split(|character: char| {
            character.is_ascii() && u8::try_from(character).is_ok_and(is_alphanumeric)
        })
        .filter(|separator| !separator.is_empty());
    part.bytes().next().is_some_and(is_alphanumeric)
        && part.bytes().next_back().is_some_and(is_alphanumeric)
        && separators.all(|separator| {
            matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

/// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= TAG_BYTES
        && tag.bytes().next().is_some_and(is_word)
        && tag
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}
