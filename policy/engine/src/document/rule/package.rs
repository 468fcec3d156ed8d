//! Patterns of packages.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString};

use sealstone_provenance::{PackageUrl, PackageUrlError, VersionRange};
use sealstone_verify::json::{Map, Value};
use sealstone_verify::text::replace;

use super::super::members::{optional_text, pattern};
use crate::limits::Limit;
use crate::pattern::{Glob, PatternError};
use crate::problem::Path;
use crate::reader::Reader;

/// Packages of one ecosystem.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct PackagePattern {
    /// A glob over package URLs without version, qualifiers and subpath, such as
    /// `pkg:maven/org.apache.logging.log4j/*`. The type is written out.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "String",
            length(min = 1, max = 1024),
            extend("pattern" = "^pkg:")
        )
    )]
    pub(crate) package: Glob,
    /// The versions that are meant, such as `<1.2.3` or `>=2.0.0, <2.4.1 || =3.0.0`. Only for the
    /// types `cargo`, `golang`, `hex`, `npm` and `swift`, whose versions have a known order.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", length(min = 1, max = 1024))
    )]
    pub(crate) versions: Option<VersionRange>,
    /// Why, for whoever is denied.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024)))]
    pub(crate) reason: Option<String>,
}

impl PackagePattern {
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["package", "versions", "reason"])?;
        let package = read_package(reader, members, path);
        let versions = optional_text(reader, members, path, "versions", Limit::PatternBytes);
        let reason = optional_text(reader, members, path, "reason", Limit::PatternBytes);
        let (package_type, package) = package?;
        let versions = match versions? {
            Some(text) => match VersionRange::parse(&package_type, &text) {
                Ok(range) => Some(range),
                Err(error) => {
                    let path = path.member("versions");
                    reader.problems.push(error.code(), &path, error.to_string());
                    return None;
                }
            },
            None => None,
        };
        Some(Self {
            package,
            versions,
            reason: reason?,
        })
    }

    /// Whether the package is meant. `otherwise` is what holds of a version that is not told or has
    /// no place in the order.
    pub(crate) fn matches(
        &self,
        coordinates: &str,
        version: Option<&str>,
        otherwise: bool,
    ) -> bool {
        let in_range = |range: &VersionRange| {
            let found = version.and_then(|version| range.contains(version).ok());
            found.unwrap_or(otherwise)
        };
        self.package.matches(coordinates) && self.versions.as_ref().is_none_or(in_range)
    }
}

/// The type of the packages that a pattern is about, and the pattern in the normal form of its type.
pub(super) fn read_package(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
) -> Option<(String, Glob)> {
    let text = reader.required_text(members, "package", path)?;
    let path = path.member("package");
    if text.len() > Limit::PatternBytes.value() {
        reader.exceeded(Limit::PatternBytes, &path, "bytes");
        return None;
    }
    match normal(text) {
        Ok(Some((package_type, glob))) => {
            pattern(reader, &path, Glob::new(&glob)).map(|glob| (package_type, glob))
        }
        Ok(None) => pattern(reader, &path, Err(PatternError::Package)),
        Err(error) => {
            reader.problems.push(error.code(), &path, error.to_string());
            None
        }
    }
}

/// `None` for what is no pattern of packages: one with a version, qualifiers or a subpath, or with a
/// wildcard in a name that its type writes otherwise.
fn normal(text: &str) -> Result<Option<(String, String)>, PackageUrlError> {
    if !text.starts_with("pkg:") {
        return Err(PackageUrlError::SchemeMissing);
    }
    let url = PackageUrl::parse(text)?;
    let glob = replace(&url.coordinates(), "%2A", "*");
    let stars = |text: &str| text.matches('*').count();
    let plain = url.version.is_none() && url.qualifiers.is_empty() && url.subpath.is_none();
    let is_pattern = plain && stars(text) == stars(&glob) && !text.contains(['?', '#']);
    Ok(is_pattern.then(|| (url.package_type.as_ref().to_owned(), glob)))
}
