//! OpenVEX: which vulnerabilities matter in which products.

mod error;
mod index;

use alloc::vec::Vec;

pub use error::VexError;
pub use index::VexIndex;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::{PackageUrl, PredicateFamily, field};

/// An OpenVEX document, whichever version it is written in. Borrows from the document.
///
/// Follows <https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>, versions 0.0.1 to 0.2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenVex<'d> {
    /// `@id`.
    pub id: Option<&'d str>,
    /// `author`. Never empty. A claim: the signer is another matter.
    pub author: &'d str,
    /// When the document was issued. A claim, not a verified time.
    pub timestamp: Option<UnixTime>,
    /// The statements in their order.
    pub statements: Vec<VexStatement<'d>>,
}

/// What a document says of one vulnerability in some products.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VexStatement<'d> {
    /// Every name of the vulnerability: its name and its aliases.
    pub vulnerability: Vec<&'d str>,
    /// The products that it is said of.
    pub products: Vec<VexProduct<'d>>,
    /// What is said.
    pub status: VexStatus,
    /// Why the products are not affected, in the words of the specification.
    pub justification: Option<VexJustification>,
    /// Since when it holds: the time of the statement, else that of the document. A claim.
    pub timestamp: Option<UnixTime>,
}

/// A product or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VexProduct<'d> {
    /// Its package URLs: `@id`, if that is one, and `identifiers.purl`.
    pub package_urls: Vec<PackageUrl<'d>>,
    /// Its SHA-256, `hashes.sha-256`.
    pub sha256: Option<&'d str>,
    /// The parts that are meant, if not the whole.
    pub subcomponents: Vec<VexProduct<'d>>,
}

/// The status of a vulnerability in a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VexStatus {
    /// `not_affected`.
    NotAffected,
    /// `fixed`.
    Fixed,
    /// `under_investigation`.
    UnderInvestigation,
    /// `affected`.
    Affected,
}

impl VexStatus {
    const NAMES: [(&'static str, Self); 4] = [
        ("not_affected", Self::NotAffected),
        ("fixed", Self::Fixed),
        ("under_investigation", Self::UnderInvestigation),
        ("affected", Self::Affected),
    ];

    /// Whether a finding of this status need not be acted on.
    pub const fn lowers(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

/// Why a product is not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VexJustification {
    /// `component_not_present`.
    ComponentNotPresent,
    /// `inline_mitigations_already_exist`.
    InlineMitigationsAlreadyExist,
    /// `vulnerable_code_cannot_be_controlled_by_adversary`.
    VulnerableCodeCannotBeControlledByAdversary,
    /// `vulnerable_code_not_in_execute_path`.
    VulnerableCodeNotInExecutePath,
    /// `vulnerable_code_not_present`.
    VulnerableCodeNotPresent,
}

impl VexJustification {
    const NAMES: [(&'static str, Self); 5] = [
        ("component_not_present", Self::ComponentNotPresent),
        (
            "inline_mitigations_already_exist",
            Self::InlineMitigationsAlreadyExist,
        ),
        (
            "vulnerable_code_cannot_be_controlled_by_adversary",
            Self::VulnerableCodeCannotBeControlledByAdversary,
        ),
        (
            "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeNotInExecutePath,
        ),
        (
            "vulnerable_code_not_present",
            Self::VulnerableCodeNotPresent,
        ),
    ];
}

/// What `@context` is in every version; the version may follow.
const CONTEXT: &str = "https://openvex.dev/ns";

impl<'d> OpenVex<'d> {
    /// Reads a document that came as predicate of this type; see [`crate::embedded_document`].
    ///
    /// # Errors
    /// [`VexError::PredicateTypeUnsupported`] when the type announces no OpenVEX document, and the other
    /// variants for the document.
    pub fn from_document(predicate_type: &str, document: &'d Value) -> Result<Self, VexError> {
        if PredicateFamily::of(predicate_type) != Some(PredicateFamily::OpenVex) {
            return Err(VexError::PredicateTypeUnsupported);
        }
        let version = field::required(document, "@context")?.strip_prefix(CONTEXT);
        let known = ["/v0.0.", "/v0.1.", "/v0.2."];
        match version {
            Some("") => {}
            Some(version) if known.iter().any(|known| version.starts_with(known)) => {}
            _ => return Err(VexError::VersionUnsupported),
        }
        let timestamp = field::time(document, "timestamp")?;
        let statements = field::items(document, "statements")?
            .iter()
            .map(|item| statement(item, timestamp))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: field::borrowed(document, "@id")?,
            author: field::required(document, "author")?,
            timestamp,
            statements,
        })
    }
}

fn statement(item: &Value, of_document: Option<UnixTime>) -> Result<VexStatement<'_>, VexError> {
    let status = choice(item, "status", &VexStatus::NAMES)?;
    let status = status.ok_or(VexError::FieldMissing("status"))?;
    let justification = choice(item, "justification", &VexJustification::NAMES)?;
    // The specification demands a reason, by name or in words.
    if status == VexStatus::NotAffected
        && justification.is_none()
        && field::borrowed(item, "impact_statement")?.is_none()
    {
        return Err(VexError::FieldMissing("justification"));
    }
    let mut products = components(item, "products")?;
    // Before 0.2.0 the parts stood beside the products and were those of each.
    let parts = components(item, "subcomponents")?;
    match products.as_mut_slice() {
        _ if parts.is_empty() => {}
        [product] => product.subcomponents.extend(parts),
        _ => return Err(VexError::FieldMalformed("subcomponents")),
    }
    Ok(VexStatement {
        vulnerability: vulnerability(item)?,
        products,
        status,
        justification,
        timestamp: field::time(item, "timestamp")?.or(of_document),
    })
}

/// The names of the vulnerability: a text before 0.2.0, an object since.
fn vulnerability(item: &Value) -> Result<Vec<&str>, VexError> {
    const ALIASES: &str = "vulnerability.aliases";
    if let Some(Value::String(_)) = item.get("vulnerability") {
        return Ok([field::required(item, "vulnerability")?].into());
    }
    let mut names = Vec::from([field::required(item, "vulnerability.name")?]);
    for alias in field::items(item, ALIASES)? {
        names.push(alias.as_str().ok_or(VexError::FieldMalformed(ALIASES))?);
    }
    Ok(names)
}

/// Products or subcomponents: texts before 0.2.0, objects since.
fn components<'d>(item: &'d Value, path: &'static str) -> Result<Vec<VexProduct<'d>>, VexError> {
    let component = |item: &'d Value| {
        let mut product = VexProduct {
            package_urls: Vec::new(),
            sha256: None,
            subcomponents: Vec::new(),
        };
        let id = match item {
            Value::String(text) => Some(text.as_str()),
            Value::Object(_) => {
                product.sha256 = field::borrowed(item, "hashes.sha-256")?;
                if let Some(url) = field::borrowed(item, "identifiers.purl")? {
                    product.package_urls.push(PackageUrl::parse(url)?);
                }
                // A subcomponent has none of its own: the specification knows two levels.
                if path == "products" {
                    product.subcomponents = components(item, "subcomponents")?;
                }
                field::borrowed(item, "@id")?
            }
            _ => return Err(VexError::FieldMalformed(path)),
        };
        if let Some(url) = id.filter(|id| id.starts_with("pkg:")) {
            product.package_urls.push(PackageUrl::parse(url)?);
        }
        Ok(product)
    };
    field::items(item, path)?.iter().map(component).collect()
}

fn choice<T: Copy>(
    item: &Value,
    path: &'static str,
    names: &[(&str, T)],
) -> Result<Option<T>, VexError> {
    let Some(text) = field::borrowed(item, path)? else {
        return Ok(None);
    };
    match names.iter().find(|(name, _)| *name == text) {
        Some((_, value)) => Ok(Some(*value)),
        None => Err(VexError::StatusUnknown),
    }
}
