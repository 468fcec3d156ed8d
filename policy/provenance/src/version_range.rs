//! Ranges of versions in the order of their ecosystem.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use sealstone_verify::text::split_once;
use semver::Version;

/// A range of versions of one ecosystem.
///
/// Alternatives stand between `||`; the comparisons of one alternative, all of which must hold, between
/// commas: `<1.2.3`, `>=2.0.0, <2.4.1 || =3.0.0`. The order is that of Semantic Versioning 2.0.0,
/// section 11, where the ecosystem has it: pre-releases stand before their release, build metadata
/// makes no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    prefix: &'static str,
    alternatives: Vec<Vec<(Comparison, Version)>>,
}

/// Why a range, or a version that was to be compared with it, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionError {
    /// The order of versions in this ecosystem is not known here.
    OrderUnknown,
    /// The range is malformed.
    RangeMalformed,
    /// The version has no place in the order.
    VersionMalformed,
}

impl VersionError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OrderUnknown => "package-version.order-unknown",
            Self::RangeMalformed => "package-version.range-malformed",
            Self::VersionMalformed => "package-version.malformed",
        }
    }
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OrderUnknown => "the order of versions of this type of package is not known",
            Self::RangeMalformed => "the range of versions is malformed",
            Self::VersionMalformed => "the version is none of its ecosystem",
        })
    }
}

impl core::error::Error for VersionError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    AtMost,
    AtLeast,
    Below,
    Above,
    Equal,
}

/// Longer ones first: each is looked for at the beginning.
const COMPARISONS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Below),
    (">", Comparison::Above),
    ("=", Comparison::Equal),
];

/// Types of package URL whose versions are Semantic Versions, and what may stand before one.
const SEMANTIC: [(&str, &str); 5] = [
    ("cargo", ""),
    ("golang", "v"),
    ("hex", ""),
    ("npm", ""),
    ("swift", ""),
];

impl VersionRange {
    /// Reads a range for packages of this type, the type of their package URL.
    ///
    /// # Errors
    /// [`VersionError::OrderUnknown`] for other types than `cargo`, `golang`, `hex`, `npm` and `swift`,
    /// and [`VersionError::RangeMalformed`].
    pub fn parse(package_type: &str, text: &str) -> Result<Self, VersionError> {
        let (_, prefix) = SEMANTIC
            .iter()
            .find(|(name, _)| *name == package_type)
            .ok_or(VersionError::OrderUnknown)?;
        let mut alternatives = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let all;
            (all, rest) =
                split_once(text, "||").map_or((text, None), |(all, rest)| (all, Some(rest)));
            let all = all.split(',').map(|one| comparison(one, prefix));
            alternatives.push(
                all.collect::<Option<_>>()
                    .ok_or(VersionError::RangeMalformed)?,
            );
        }
        Ok(Self {
            prefix,
            alternatives,
        })
    }

    /// Whether the version lies in the range.
    ///
    /// # Errors
    /// [`VersionError::VersionMalformed`]: nothing is said of what has no place in the order.
    pub fn contains(&self, version: &str) -> Result<bool, VersionError> {
        let version = read(version, self.prefix).ok_or(VersionError::VersionMalformed)?;
        Ok(self
            .alternatives
            .iter()
            .any(|all| all.iter().all(|(is, than)| is.holds(&version, than))))
    }
}

impl Comparison {
    fn holds(self, version: &Version, than: &Version) -> bool {
        let order = version.cmp_precedence(than);
        match self {
            Self::AtMost => order != Ordering::Greater,
            Self::AtLeast => order != Ordering::Less,
            Self::Below => order == Ordering::Less,
            Self::Above => order == Ordering::Greater,
            Self::Equal => order == Ordering::Equal,
        }
    }
}

fn comparison(text: &str, prefix: &str) -> Option<(Comparison, Version)> {
    let text = text.trim();
    COMPARISONS.iter().find_map(|(sign, comparison)| {
        let version = read(text.strip_prefix(sign)?.trim_start(), prefix)?;
        Some((*comparison, version))
    })
}

fn read(text: &str, prefix: &str) -> Option<Version> {
    Version::parse(text.strip_prefix(prefix).unwrap_or(text)).ok()
}
