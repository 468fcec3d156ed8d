//! The name of a source repository, so that two spellings of the same one compare equal.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use sealstone_verify::text::{rsplit_once, split_once};

/// A source repository.
///
/// Producers write the same repository in several ways: `git+https://github.com/o/r@refs/tags/v1`,
/// `https://github.com/o/r.git#refs/tags/v1`, `https://github.com/o/r/`. Parsed, all of them are
/// `https://github.com/o/r`. The host is compared without regard to case; so is the path on
/// `github.com`, which treats owners and repositories that way. Everything else is compared byte by
/// byte, and never by prefix.
#[derive(Clone, Debug)]
pub struct SourceUri {
    text: String,
    key: String,
}

impl SourceUri {
    /// The normal form, with the case of the path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether both are written alike, the case of the path too, as slsa-verifier demands it.
    pub fn is_identical(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl PartialEq for SourceUri {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for SourceUri {}

impl fmt::Display for SourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for SourceUri {
    type Err = SourceUriError;

    /// Reads a repository without a ref or commit.
    fn from_str(text: &str) -> Result<Self, SourceUriError> {
        match Located::parse(text)? {
            Located {
                uri,
                git_ref: None,
                commit: None,
            } => Ok(uri),
            Located { .. } => Err(SourceUriError::RefInside),
        }
    }
}

/// Why a text is no source URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceUriError {
    /// Not `scheme://host/path`, or with user information, a query, an empty or dotted path
    /// segment, or a character that no repository name has.
    Malformed,
    /// A ref or commit follows the repository.
    RefInside,
}

impl fmt::Display for SourceUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a repository URI such as `https://github.com/owner/name`",
            Self::RefInside => "a ref or commit follows the repository",
        })
    }
}

impl core::error::Error for SourceUriError {}

/// A repository and what was written behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) uri: SourceUri,
    pub(crate) git_ref: Option<String>,
    pub(crate) commit: Option<String>,
}

impl Located {
    /// Reads `[git+]scheme://host/path` with an optional `@ref` (SPDX, in-toto), `#ref[:directory]`
    /// (BuildKit) or, on github.com, `/commit/sha` (Cloud Build) behind it. A ref that is a whole
    /// commit id is a commit. A ref may itself hold `@`: it begins at the first one, since neither
    /// hosts nor repository paths hold any.
    pub(crate) fn parse(text: &str) -> Result<Self, SourceUriError> {
        let text = text.strip_prefix("git+").unwrap_or(text);
        let (scheme, rest) = split_once(text, "://").ok_or(SourceUriError::Malformed)?;
        let (authority, path) = rest.split_once('/').ok_or(SourceUriError::Malformed)?;
        if !is_scheme(scheme) || !is_authority(authority) {
            return Err(SourceUriError::Malformed);
        }
        let scheme = scheme.to_ascii_lowercase();
        let host = authority.to_ascii_lowercase();
        let on_github = host == "github.com";

        let (path, revision) = split_revision(path);
        let path = path.trim_end_matches('/');
        let (path, commit) = match split_commit(path).filter(|_| on_github && revision.is_none()) {
            Some((path, commit)) => (path, Some(commit.to_string())),
            None => (path, None),
        };
        let path = path.strip_suffix(".git").unwrap_or(path);
        if !is_path(path) {
            return Err(SourceUriError::Malformed);
        }

        let mut key = format!("{scheme}://{host}/");
        let text = format!("{key}{path}");
        if on_github {
            key.push_str(&path.to_ascii_lowercase());
        } else {
            key.push_str(path);
        }
        let uri = SourceUri { text, key };
        match revision {
            Some("") => Err(SourceUriError::Malformed),
            Some(revision) if !revision.bytes().all(is_ref_byte) => Err(SourceUriError::Malformed),
            Some(revision) if is_commit(revision) => Ok(Self {
                uri,
                git_ref: None,
                commit: Some(revision.to_string()),
            }),
            Some(revision) => Ok(Self {
                uri,
                git_ref: Some(revision.to_string()),
                commit: None,
            }),
            None => Ok(Self {
                uri,
                git_ref: None,
                commit,
            }),
        }
    }
}

/// Whether this is a whole git commit id, SHA-1 or SHA-256, in lower case.
pub(crate) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64)
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn split_revision(path: &str) -> (&str, Option<&str>) {
    let Some(at) = path.find(['@', '#']) else {
        return (path, None);
    };
    let (path, revision) = path.split_at(at);
    match revision.strip_prefix('#') {
        // BuildKit: the directory inside the repository follows the ref.
        Some(fragment) => {
            let git_ref = fragment
                .split_once(':')
                .map_or(fragment, |(git_ref, _)| git_ref);
            (path, Some(git_ref))
        }
        None => (path, revision.strip_prefix('@')),
    }
}

fn split_commit(path: &str) -> Option<(&str, &str)> {
    let (repository, commit) = rsplit_once(path, "/commit/")?;
    is_commit(commit).then_some((repository, commit))
}

fn is_scheme(scheme: &str) -> bool {
    let mut bytes = scheme.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Host and optional port. User information is refused: `https://github.com@evil.example/` is not
/// on github.com.
fn is_authority(authority: &str) -> bool {
    !authority.is_empty()
        && authority
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':'))
}

fn is_path(path: &str) -> bool {
    path.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b'+')
            })
    })
}

/// The bytes that git allows in a ref, except those above ASCII.
fn is_ref_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'~' | b'^' | b':' | b'?' | b'*' | b'[' | b'\\')
}
