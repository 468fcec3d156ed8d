//! Names of images in registries.
//!
//! Follows the grammar and the defaults of <https://github.com/distribution/reference>, as the module
//! does. Every part is checked, so that it can stand in a URL as it is.

use core::fmt;
use core::str::FromStr;

use crate::digest::Digest;

const DOCKER: &str = "docker.io";
const REFERENCE_BYTES: usize = 512;
const TAG_BYTES: usize = 128;

/// The name of an image: `[registry/]repository[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
    explicit: bool,
}

/// Why a text is no name of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// What follows `@` is no digest.
    #[error("the digest of the image reference is not `sha256:` and 64 hexadecimal digits")]
    Digest,
    /// The registry is no host with an optional port.
    #[error("the registry of the image reference is not a host name")]
    Registry,
    /// The repository is empty, too long, or has characters that no repository has.
    #[error("the image reference has no well-formed repository")]
    Repository,
    /// What follows `:` is no tag.
    #[error("the tag of the image reference is malformed")]
    Tag,
}

impl ReferenceError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Digest | Self::Registry | Self::Repository | Self::Tag => {
                "image.reference-malformed"
            }
        }
    }
}

impl Reference {
    /// The registry, a host with an optional port: `docker.io` where none is written.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository in the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` where neither a tag nor a digest is written.
    pub fn tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => Some(tag),
            (None, Some(_)) => None,
            (None, None) => Some("latest"),
        }
    }

    /// The digest, if one is written.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same name with a digest.
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self {
            digest: Some(digest),
            ..self.clone()
        }
    }

    /// Whether the registry is written, and not the one of Docker by default.
    pub fn names_registry(&self) -> bool {
        self.explicit
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.len() > REFERENCE_BYTES {
            return Err(ReferenceError::Repository);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest.parse().map_err(|_| ReferenceError::Digest)?;
                (rest, Some(digest))
            }
            None => (text, None),
        };
        // The tag follows the last colon, unless a slash follows that: then it is a port.
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag)),
            _ => (rest, None),
        };
        if !tag.is_none_or(is_tag) {
            return Err(ReferenceError::Tag);
        }
        let looks_like_host = |first: &str| first == "localhost" || first.contains(['.', ':']);
        let (registry, repository, explicit) = match rest.split_once('/') {
            Some((first, rest)) if looks_like_host(first) => (first, rest, true),
            _ => (DOCKER, rest, false),
        };
        if !is_registry(registry) {
            return Err(ReferenceError::Registry);
        }
        if !repository.split('/').all(is_repository_part) {
            return Err(ReferenceError::Repository);
        }
        let registry = match registry.to_ascii_lowercase() {
            registry if registry == "index.docker.io" => DOCKER.to_owned(),
            registry => registry,
        };
        let repository = if registry == DOCKER && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        Ok(Self {
            registry,
            repository,
            tag: tag.map(str::to_owned),
            digest,
            explicit,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = self.tag() {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

fn is_registry(registry: &str) -> bool {
    let (host, port) = match registry.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) => {
                let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
                let is_rest = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
                return is_address && is_rest;
            }
            None => return false,
        },
        None => match registry.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (registry, None),
        },
    };
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(is_allowed)
    };
    port.is_none_or(is_port) && host.split('.').all(is_label)
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_repository_part(part: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separators = part
        .split(|character: char| u8::try_from(character).is_ok_and(is_alphanumeric))
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

#[cfg(test)]
mod tests {
    use super::{Reference, ReferenceError};
    use crate::digest::Digest;

    #[test]
    fn fills_in_what_is_left_out() {
        let digest = Digest::of(b"image");
        let cases = [
            ("alpine", "docker.io/library/alpine:latest", false),
            ("team/app:v1", "docker.io/team/app:v1", false),
            (
                "index.docker.io/alpine",
                "docker.io/library/alpine:latest",
                true,
            ),
            ("Registry.Example/App", "", true),
            (
                "registry.example/team/app",
                "registry.example/team/app:latest",
                true,
            ),
            (
                "localhost:5000/a/b_c--d.e:v1.2_3-4",
                "localhost:5000/a/b_c--d.e:v1.2_3-4",
                true,
            ),
            ("[::1]:5000/app", "[::1]:5000/app:latest", true),
            (
                &format!("127.0.0.1:1/app@{digest}"),
                &format!("127.0.0.1:1/app@{digest}"),
                true,
            ),
            (
                &format!("a.b/app:v1@{digest}"),
                &format!("a.b/app:v1@{digest}"),
                true,
            ),
        ];
        for (text, full, explicit) in cases {
            match text.parse::<Reference>() {
                Ok(reference) => {
                    assert_eq!(reference.to_string(), full);
                    assert_eq!(reference.names_registry(), explicit, "{text}");
                }
                Err(error) => assert_eq!((error, full), (ReferenceError::Repository, "")),
            }
        }
    }

    #[test]
    fn refuses_what_could_not_stand_in_a_url() {
        use ReferenceError::{Digest, Registry, Repository, Tag};
        let cases = [
            ("", Repository),
            ("a.b/", Repository),
            ("a.b/../c", Repository),
            ("a.b/c?d", Repository),
            ("a.b/c#d", Repository),
            ("a.b/c d", Repository),
            ("a.b/c%2fd", Repository),
            ("a.b/.c", Repository),
            ("./c", Registry),
            ("../c", Registry),
            ("user@a.b/c", Digest),
            ("a.b:70000/c", Registry),
            ("a.b:/c", Registry),
            ("-a.b/c", Registry),
            ("[::1/c", Registry),
            ("[1.2]/c", Registry),
            ("a.b/c:", Tag),
            ("a.b/c:v 1", Tag),
            ("a.b/c@sha256:00", Digest),
            ("a.b/c@sha512:00", Digest),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Reference>(), Err(error), "{text}");
            assert_eq!(error.code(), "image.reference-malformed");
        }
    }
}
