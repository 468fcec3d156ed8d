//! Patterns of images.

use sealstone_verify::text::split_once;

use super::{Glob, PatternError};
use crate::image_reference::ImageReference;

/// A [`Glob`] over the normal name of an image, `registry/repository`, without tag and digest.
///
/// The registry is always written: `docker.io/library/nginx`, not `nginx`. The pattern `**` matches
/// every image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImagePattern(Glob);

impl ImagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A pattern that could never match, or that means something else than its writer thinks: one
    /// without a registry, with a tag or digest, or with characters that no name has.
    pub(crate) fn new(pattern: &str) -> Result<Self, PatternError> {
        let glob = Glob::new(pattern)?;
        if pattern == "**" {
            return Ok(Self(glob));
        }
        let (registry, repository) = pattern.split_once('/').ok_or(PatternError::ImageRegistry)?;
        if repository.contains([':', '@']) {
            return Err(PatternError::ImageTagOrDigest);
        }
        let names_registry =
            registry == "localhost" || registry.contains(['.', ':']) || registry.contains('*');
        if !names_registry {
            return Err(PatternError::ImageRegistry);
        }
        let known = |byte: u8| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'.' | b'_' | b'-' | b'*')
        };
        let registry_is_known = registry.bytes().all(|byte| known(byte) || byte == b':');
        let repository_is_known = repository
            .split('/')
            .all(|part| !part.is_empty() && part.bytes().all(known));
        if !registry_is_known || !repository_is_known {
            return Err(PatternError::ImageRepository);
        }
        let official = registry == "docker.io" && !repository.contains('/');
        if registry == "index.docker.io" || (official && split_once(repository, "**").is_none()) {
            return Err(PatternError::ImageNeverMatches);
        }
        Ok(Self(glob))
    }

    /// Whether the image's name matches.
    pub(crate) fn matches(&self, image: &ImageReference) -> bool {
        self.0.matches(image.name())
    }
}
