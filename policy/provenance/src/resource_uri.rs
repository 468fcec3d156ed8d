//! What the resource URI of a verification summary must be for an image.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::limits::TEXT_BYTES;

/// A resource URI with holes, for example `{registry}/{repository}@{digest}` or
/// `pkg:oci/{name}@{digest}?repository_url={registry}/{repository}`.
///
/// The holes are `{registry}`, `{repository}` (without registry), `{name}` (its last segment),
/// `{digest}` and `{tag}`. Everything else stands for itself; there are no wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceUriTemplate {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Registry,
    Repository,
    Name,
    Digest,
    Tag,
}

/// The image that a template is filled in for.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built by the caller")]
pub struct ResourceImage<'i> {
    /// The registry, for example `registry.example:5000`.
    pub registry: &'i str,
    /// The repository without the registry, for example `team/app`.
    pub repository: &'i str,
    /// The digest, for example `sha256:…`.
    pub digest: &'i str,
    /// The tag, if the image was named by one.
    pub tag: Option<&'i str>,
}

impl ResourceUriTemplate {
    /// The resource URI of the image. `None` when the template asks for a tag that the image has not.
    pub fn expand(&self, image: &ResourceImage<'_>) -> Option<String> {
        let mut uri = String::new();
        for part in &self.parts {
            uri.push_str(match part {
                Part::Text(text) => text,
                Part::Registry => image.registry,
                Part::Repository => image.repository,
                Part::Name => match image.repository.rsplit_once('/') {
                    Some((_, name)) => name,
                    None => image.repository,
                },
                Part::Digest => image.digest,
                Part::Tag => image.tag?,
            });
        }
        Some(uri)
    }

    /// Whether `uri` is the resource URI of the image: byte by byte, except that package URLs may write
    /// `:` and, in qualifiers, `/` either way, and their qualifiers in any order.
    pub fn matches(&self, uri: &str, image: &ResourceImage<'_>) -> bool {
        match self.expand(image) {
            Some(expected) if expected.starts_with("pkg:") => is_same_package(&expected, uri),
            Some(expected) => expected == uri,
            None => false,
        }
    }
}

impl FromStr for ResourceUriTemplate {
    type Err = ResourceUriTemplateError;

    fn from_str(text: &str) -> Result<Self, ResourceUriTemplateError> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > TEXT_BYTES || !printable {
            return Err(ResourceUriTemplateError::Malformed);
        }
        let mut parts = Vec::new();
        let mut pieces = text.split('{');
        let push = |text: &str| {
            if text.contains('}') {
                return Err(ResourceUriTemplateError::Malformed);
            }
            Ok(if text.is_empty() {
                None
            } else {
                Some(Part::Text(text.to_string()))
            })
        };
        parts.extend(push(pieces.next().unwrap_or_default())?);
        for piece in pieces {
            let (name, rest) = piece
                .split_once('}')
                .ok_or(ResourceUriTemplateError::Malformed)?;
            parts.push(match name {
                "registry" => Part::Registry,
                "repository" => Part::Repository,
                "name" => Part::Name,
                "digest" => Part::Digest,
                "tag" => Part::Tag,
                _ => return Err(ResourceUriTemplateError::PlaceholderUnknown),
            });
            parts.extend(push(rest)?);
        }
        Ok(Self { parts })
    }
}

/// Why a text is no template of a resource URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceUriTemplateError {
    /// Empty, too long, with a character that no URI has, or with a brace that has no partner.
    Malformed,
    /// A name between braces is none of those that are filled in.
    PlaceholderUnknown,
}

impl ResourceUriTemplateError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "policy.resource-uri-malformed",
            Self::PlaceholderUnknown => "policy.resource-uri-placeholder-unknown",
        }
    }
}

impl fmt::Display for ResourceUriTemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a resource URI such as `{registry}/{repository}@{digest}`",
            Self::PlaceholderUnknown => {
                "only `registry`, `repository`, `name`, `digest` and `tag` can be filled in"
            }
        })
    }
}

impl core::error::Error for ResourceUriTemplateError {}

/// Compares package URLs (<https://github.com/package-url/purl-spec>).
fn is_same_package(expected: &str, found: &str) -> bool {
    let (expected, expected_qualifiers) = split_qualifiers(expected);
    let (found, found_qualifiers) = split_qualifiers(found);
    decoded(expected, false) == decoded(found, false)
        && expected_qualifiers.len() == found_qualifiers.len()
        && expected_qualifiers
            .iter()
            .all(|qualifier| found_qualifiers.contains(qualifier))
        && found_qualifiers
            .iter()
            .all(|qualifier| expected_qualifiers.contains(qualifier))
}

fn split_qualifiers(url: &str) -> (&str, Vec<String>) {
    match url.split_once('?') {
        Some((path, qualifiers)) => {
            let qualifiers = qualifiers.split('&');
            (path, qualifiers.map(|text| decoded(text, true)).collect())
        }
        None => (url, Vec::new()),
    }
}

/// Decodes only what cannot change the structure.
fn decoded(text: &str, qualifier: bool) -> String {
    let text = text.replace("%3A", ":").replace("%3a", ":");
    if qualifier {
        text.replace("%2F", "/").replace("%2f", "/")
    } else {
        text
    }
}
