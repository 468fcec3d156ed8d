//! Branch, tag and version tag, as slsa-verifier derives and compares them.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

/// Why provenance names no branch, or no tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefAbsence {
    /// It was built from a ref of another kind: a branch build has no tag, a tag that was not pushed
    /// from a branch has no branch.
    OtherKind,
    /// The provenance does not say.
    Unknown,
}

/// The branch and the tag of one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refs {
    pub(crate) branch: Result<String, RefAbsence>,
    pub(crate) tag: Result<String, RefAbsence>,
}

impl Refs {
    pub(crate) const UNKNOWN: Self = Self {
        branch: Err(RefAbsence::Unknown),
        tag: Err(RefAbsence::Unknown),
    };

    /// What a whole ref says.
    pub(crate) fn of(git_ref: Option<&str>) -> Self {
        Self {
            branch: branch(git_ref),
            tag: tag(git_ref),
        }
    }
}

/// The branch that a whole ref names.
pub(crate) fn branch(git_ref: Option<&str>) -> Result<String, RefAbsence> {
    named(git_ref, "refs/heads/")
}

/// The tag that a whole ref names.
pub(crate) fn tag(git_ref: Option<&str>) -> Result<String, RefAbsence> {
    named(git_ref, "refs/tags/")
}

fn named(git_ref: Option<&str>, prefix: &str) -> Result<String, RefAbsence> {
    git_ref
        .ok_or(RefAbsence::Unknown)?
        .strip_prefix(prefix)
        .filter(|name| !name.is_empty())
        .map(ToString::to_string)
        .ok_or(RefAbsence::OtherKind)
}

/// A version that a tag must have: `v1`, `v1.2` or `v1.2.3[-prerelease]`.
///
/// Only the parts that are given are compared. `v14` as a tag is `v14.0.0`. The prerelease belongs to the
/// patch; build metadata is passed over, as <https://semver.org> demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTag(String);

impl VersionTag {
    /// Whether `tag`, the name without `refs/tags/`, is this version. A tag that is no semantic version
    /// never is.
    pub fn matches(&self, tag: &str) -> bool {
        let (Some(expected), Some(found)) = (Version::parse(&self.0), Version::parse(tag)) else {
            return false;
        };
        let part = |expected: Option<&str>, found: Option<&str>| {
            expected.is_none() || expected == Some(found.unwrap_or("0"))
        };
        expected.major == found.major
            && part(expected.minor, found.minor)
            && part(expected.patch, found.patch)
            && (expected.patch.is_none() || expected.prerelease == found.prerelease)
    }

    /// The version as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VersionTag {
    type Err = VersionTagError;

    fn from_str(text: &str) -> Result<Self, VersionTagError> {
        match Version::parse(text) {
            Some(_) => Ok(Self(text.to_string())),
            None => Err(VersionTagError),
        }
    }
}

/// The text is not `v1`, `v1.2` or `v1.2.3`, the last with an optional prerelease and build metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing more to say")]
pub struct VersionTagError;

impl VersionTagError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        "policy.version-tag-malformed"
    }
}

impl fmt::Display for VersionTagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a version such as `v1`, `v1.2` or `v1.2.3`")
    }
}

impl core::error::Error for VersionTagError {}

/// Numbers have no leading zeros, so they compare as texts.
struct Version<'t> {
    major: &'t str,
    minor: Option<&'t str>,
    patch: Option<&'t str>,
    prerelease: Option<&'t str>,
}

impl<'t> Version<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('v')?;
        let (text, metadata) = cut(text, '+');
        let (core, prerelease) = cut(text, '-');
        let mut numbers = core.split('.');
        let version = Self {
            major: numbers.next()?,
            minor: numbers.next(),
            patch: numbers.next(),
            prerelease,
        };
        let numeric = [Some(version.major), version.minor, version.patch]
            .into_iter()
            .flatten()
            .all(is_number);
        let suffixes = prerelease.is_none_or(|text| is_identifiers(text, true))
            && metadata.is_none_or(|text| is_identifiers(text, false));
        // Only a whole version may have a prerelease or build metadata.
        let whole = version.patch.is_some() || (prerelease.is_none() && metadata.is_none());
        (numeric && suffixes && whole && numbers.next().is_none()).then_some(version)
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

/// Identifiers separated by dots; those of a prerelease have no leading zeros when they are numbers.
fn is_identifiers(text: &str, prerelease: bool) -> bool {
    text.split('.').all(|identifier| {
        let digits = identifier.bytes().all(|byte| byte.is_ascii_digit());
        !identifier.is_empty()
            && identifier
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !(prerelease && digits && !is_number(identifier))
    })
}
