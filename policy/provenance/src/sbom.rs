//! Software bills of materials.

mod completeness;
mod cyclonedx;
mod error;
mod spdx2;
mod spdx3;

use alloc::vec::Vec;

pub use completeness::{Incomplete, MinimumElement};
pub use error::SbomError;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::limits::{SBOM_PACKAGES, SBOM_RELATIONSHIPS};
use crate::reader::{Failure, Ids, Reader};
use crate::{Limit, PackageUrl, PredicateFamily};

/// A bill of materials, whichever format it is written in. Borrows from the document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sbom<'d> {
    /// The format with its version.
    pub format: SbomFormat,
    /// When the document was made. A claim, not a verified time.
    pub created: Option<UnixTime>,
    /// What made the document.
    pub tools: Vec<SbomTool<'d>>,
    /// Who made the document: people and organisations.
    pub authors: Vec<&'d str>,
    /// Who supplies what the document describes, where the document says so for the whole.
    pub supplier: Option<&'d str>,
    /// The name of the document, or of what it describes.
    pub name: Option<&'d str>,
    /// What identifies the document: its namespace, serial number or id.
    pub serial: Option<&'d str>,
    /// The packages in their order; in CycloneDX what is described comes first, and parts after what
    /// they are a part of.
    pub packages: Vec<SbomPackage<'d>>,
    /// How many relationships between packages the document states.
    pub relationships: usize,
}

/// A format of bills of materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SbomFormat {
    /// CycloneDX 1.4.
    CycloneDx14,
    /// CycloneDX 1.5.
    CycloneDx15,
    /// CycloneDX 1.6.
    CycloneDx16,
    /// CycloneDX 1.7.
    CycloneDx17,
    /// SPDX 2.3.
    Spdx23,
    /// SPDX 3.0 in the serialisation as JSON-LD.
    Spdx30,
}

impl SbomFormat {
    /// The family of predicate types that announce this format.
    pub const fn family(self) -> PredicateFamily {
        match self {
            Self::CycloneDx14 | Self::CycloneDx15 | Self::CycloneDx16 | Self::CycloneDx17 => {
                PredicateFamily::CycloneDx
            }
            Self::Spdx23 | Self::Spdx30 => PredicateFamily::Spdx,
        }
    }
}

/// A tool that made a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SbomTool<'d> {
    /// The name.
    pub name: &'d str,
    /// The version, if it is told.
    pub version: Option<&'d str>,
}

/// A package or component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SbomPackage<'d> {
    /// What identifies it within the document.
    pub id: Option<&'d str>,
    /// The name. Never empty.
    pub name: &'d str,
    /// The version.
    pub version: Option<&'d str>,
    /// What kind of thing it is, as the format spells it: `LIBRARY`, `library`.
    pub purpose: Option<&'d str>,
    /// Its package URLs.
    pub package_urls: Vec<PackageUrl<'d>>,
    /// Its CPE names.
    pub cpes: Vec<&'d str>,
    /// The licences that its authors declare. All of them apply.
    pub declared_licenses: Vec<SbomLicense<'d>>,
    /// The licences that the document's author concludes. All of them apply.
    pub concluded_licenses: Vec<SbomLicense<'d>>,
    /// Who supplies it.
    pub supplier: Option<&'d str>,
    /// Its checksums: the algorithm as the format spells it, and the digits.
    pub checksums: Vec<(&'d str, &'d str)>,
    /// Whether the document states a relationship of it: what it depends on, contains or is a part of.
    pub is_related: bool,
    /// Whether it is what the document describes.
    pub is_described: bool,
}

/// What a document says about a licence. That nothing is known of it is no entry at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SbomLicense<'d> {
    /// An SPDX licence expression, unread.
    Expression(&'d str),
    /// A name that is no expression.
    Name(&'d str),
    /// There is no licence at all (`NONE`).
    None,
}

impl<'d> Sbom<'d> {
    /// Reads a document that came as predicate of this type; see [`crate::embedded_document`].
    ///
    /// Every spelling and version of the predicate type is read: what it is, the document itself says.
    ///
    /// # Errors
    /// [`SbomError::PredicateTypeUnsupported`] when the type announces no bill of materials,
    /// [`SbomError::FormatMismatch`] when it announces another one than the document is, and the other
    /// variants for the document.
    pub fn from_document(predicate_type: &str, document: &'d Value) -> Result<Self, SbomError> {
        let Some(announced @ (PredicateFamily::CycloneDx | PredicateFamily::Spdx)) =
            PredicateFamily::of(predicate_type)
        else {
            return Err(SbomError::PredicateTypeUnsupported);
        };
        let format = format(document)?;
        if format.family() != announced {
            return Err(SbomError::FormatMismatch);
        }
        let mut sbom = Self {
            format,
            created: None,
            tools: Vec::new(),
            authors: Vec::new(),
            supplier: None,
            name: None,
            serial: None,
            packages: Vec::new(),
            relationships: 0,
        };
        let mut reader = Reader::default();
        match format {
            SbomFormat::Spdx23 => spdx2::read(&mut reader, document, &mut sbom),
            SbomFormat::Spdx30 => spdx3::read(&mut reader, document, &mut sbom),
            _ => cyclonedx::read(&mut reader, document, &mut sbom),
        }
        reader.finish::<SbomError>()?;
        Ok(sbom)
    }

    fn push(&mut self, reader: &mut Reader, package: SbomPackage<'d>) {
        if self.packages.len() >= SBOM_PACKAGES {
            reader.fail(Failure::LimitExceeded(Limit::SbomPackages));
        } else {
            self.packages.push(package);
        }
    }

    fn relate(&mut self, reader: &mut Reader, more: usize) {
        self.relationships = self.relationships.saturating_add(more);
        if self.relationships > SBOM_RELATIONSHIPS {
            reader.fail(Failure::LimitExceeded(Limit::SbomRelationships));
        }
    }
}

/// What the document says that it is.
fn format(document: &Value) -> Result<SbomFormat, SbomError> {
    let text = |name| document.get(name).and_then(Value::as_str);
    // What could be read in two ways is read in none.
    let formats = ["spdxVersion", "bomFormat", "@context"];
    if formats.iter().filter(|name| text(name).is_some()).count() != 1 {
        return Err(SbomError::FormatUnknown);
    }
    if let Some(version) = text("spdxVersion") {
        return match version {
            "SPDX-2.3" => Ok(SbomFormat::Spdx23),
            _ => Err(SbomError::VersionUnsupported),
        };
    }
    if text("bomFormat") == Some("CycloneDX") {
        return match text("specVersion") {
            Some("1.4") => Ok(SbomFormat::CycloneDx14),
            Some("1.5") => Ok(SbomFormat::CycloneDx15),
            Some("1.6") => Ok(SbomFormat::CycloneDx16),
            Some("1.7") => Ok(SbomFormat::CycloneDx17),
            _ => Err(SbomError::VersionUnsupported),
        };
    }
    match text("@context").and_then(|it| it.strip_prefix("https://spdx.org/rdf/")) {
        Some(version) if version.starts_with("3.0.") => Ok(SbomFormat::Spdx30),
        Some(_) => Err(SbomError::VersionUnsupported),
        None => Err(SbomError::FormatUnknown),
    }
}

impl<'d> SbomTool<'d> {
    /// Reads the name and the version that SPDX writes into one text: `tool-1.2.3`.
    fn of(text: &'d str) -> Self {
        let version_at = text.match_indices('-').find_map(|(at, _)| {
            let version = text.get(at.checked_add(1)?..)?;
            let digits = version.strip_prefix('v').unwrap_or(version);
            (digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.'))
                .then_some((text.get(..at)?, version))
        });
        match version_at {
            Some((name, version)) if !name.is_empty() => Self {
                name,
                version: Some(version),
            },
            _ => Self {
                name: text,
                version: None,
            },
        }
    }
}

/// What relationships say of an element, as bits of the number beside its id.
const RELATED: usize = 1;
const DESCRIBED: usize = 2;

fn mark<'d>(ids: &mut Ids<'d>, id: &'d str, bit: usize) {
    let marks = ids.entry(id).or_insert(0);
    *marks |= bit;
}

impl SbomPackage<'_> {
    /// Takes over what relationships say. What is described may stand alone.
    fn mark_by(&mut self, marks: &Ids<'_>) {
        let marks = self.id.and_then(|id| marks.get(id)).copied().unwrap_or(0);
        self.is_related |= marks != 0;
        self.is_described |= marks & DESCRIBED != 0;
    }
}

/// The text, unless it says that nothing is said.
fn asserted(text: &str) -> Option<&str> {
    (text != "NOASSERTION").then_some(text)
}

/// What an SPDX field of licences says.
fn license(text: &str) -> Option<SbomLicense<'_>> {
    match text {
        "NOASSERTION" => None,
        "NONE" => Some(SbomLicense::None),
        expression => Some(SbomLicense::Expression(expression)),
    }
}
