//! Patterns of a policy. The policy's side is the pattern; a pattern matches whole texts or nothing.

mod glob;
mod image;
mod regexp;
#[cfg(test)]
mod tests;

pub(crate) use glob::Glob;
pub(crate) use image::ImagePattern;
pub(crate) use regexp::Regexp;

use alloc::string::String;

use crate::limits::Limit;

/// How a text of the evidence is compared with the policy.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum StringMatcher {
    /// The very same text.
    Exact(#[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024)))] String),
    /// A text in which `*` stands for any run of characters without `/`, and `**` for any run of
    /// characters. Neither stands for control characters. `? [ ] { } \` are not allowed.
    Glob(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "String", length(min = 1, max = 1024))
        )]
        Glob,
    ),
    /// A regular expression in the syntax of Rust's `regex` crate without Unicode classes. It must
    /// match the whole text; anchors are not needed.
    Regexp(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "String", length(min = 1, max = 1024))
        )]
        Regexp,
    ),
}

impl StringMatcher {
    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == text,
            Self::Glob(glob) => glob.matches(text),
            Self::Regexp(regexp) => regexp.matches(text),
        }
    }
}

/// Why a pattern was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatternError {
    /// Not a path to members of an object.
    FieldPathMalformed,
    /// A character that has a meaning in other pattern languages.
    GlobReserved(char),
    /// Three or more `*` in a row.
    GlobStars,
    /// No image has such a name: images of `docker.io` have at least two parts.
    ImageNeverMatches,
    /// The pattern does not begin with a registry.
    ImageRegistry,
    /// A character that no registry or repository name has, or an empty part.
    ImageRepository,
    /// A tag or digest follows the name.
    ImageTagOrDigest,
    /// A limit was reached.
    LimitExceeded(Limit),
    /// Not a package URL with wildcards and nothing else.
    Package,
    /// Not a regular expression.
    RegexpMalformed,
}

impl PatternError {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::LimitExceeded(limit) => limit.code(),
            _ => "policy.pattern-malformed",
        }
    }
}

impl core::fmt::Display for PatternError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::FieldPathMalformed => f.write_str(
                "a path has names of members between dots, and `[*]` for the elements of an array, such as `spec.steps[*].image`",
            ),
            Self::GlobReserved(character) => write!(
                f,
                "`{character}` has no meaning in a glob; write `exact` or `regexp` instead"
            ),
            Self::GlobStars => f.write_str("a glob has `*` and `**`, not more stars in a row"),
            Self::ImageNeverMatches => f.write_str(
                "no image is named like that; the normal form is `docker.io/library/nginx` or `docker.io/bitnami/redis`",
            ),
            Self::ImageRegistry => f.write_str(
                "an image pattern begins with a registry, such as `docker.io/library/nginx`, or is `**`",
            ),
            Self::ImageRepository => f.write_str(
                "an image pattern has lower-case letters, digits, `.`, `_`, `-`, `*` and `**` between single slashes",
            ),
            Self::ImageTagOrDigest => {
                f.write_str("an image pattern has no tag and no digest; leave it out")
            }
            Self::LimitExceeded(limit) => {
                write!(f, "the pattern exceeds the limit `{}` of {}", limit.code(), limit.value())
            }
            Self::Package => f.write_str(
                "a package pattern is a package URL without version, qualifiers and subpath, such as `pkg:npm/left-pad` or `pkg:maven/org.apache.logging.log4j/*`; versions stand beside it",
            ),
            Self::RegexpMalformed => f.write_str(
                "not a regular expression; the syntax is that of Rust's `regex` crate without Unicode classes",
            ),
        }
    }
}
