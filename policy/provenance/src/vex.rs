//! OpenVEX: which vulnerabilities matter in which products.

mod error;
mod index;

use alloc::vec::Vec;

pub use error::VexError;
pub use index::VexIndex;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::reader::{Failure, Reader};
use crate::{PackageUrl, PredicateFamily};

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
        let mut reader = Reader::default();
        let context = reader.required(document, "@context");
        let known = ["/v0.0.", "/v0.1.", "/v0.2."];
        match context.strip_prefix(CONTEXT) {
            Some("") => {}
            Some(version) if known.iter().any(|known| version.starts_with(known)) => {}
            _ => reader.fail(Failure::UnknownVersion),
        }
        let mut vex = Self {
            id: reader.text(document, "@id"),
            author: reader.required(document, "author"),
            timestamp: reader.time(document, "timestamp"),
            statements: Vec::new(),
        };
        for item in reader.items(document, "statements") {
            let mut statement = statement(&mut reader, item);
            statement.timestamp = statement.timestamp.or(vex.timestamp);
            vex.statements.push(statement);
            if reader.has_failed() {
                break;
            }
        }
        reader.finish::<VexError>()?;
        Ok(vex)
    }
}

fn statement<'d>(reader: &mut Reader, item: &'d Value) -> VexStatement<'d> {
    let status = choice(reader, item, "status", &VexStatus::NAMES);
    if status.is_none() {
        reader.fail(Failure::Missing("status"));
    }
    let status = status.unwrap_or(VexStatus::Affected);
    let justification = choice(reader, item, "justification", &VexJustification::NAMES);
    // The specification demands a reason, by name or in words.
    if status == VexStatus::NotAffected
        && justification.is_none()
        && reader.text(item, "impact_statement").is_none()
    {
        reader.fail(Failure::Missing("justification"));
    }
    let mut products = components(reader, item, PRODUCTS);
    // Before 0.2.0 the parts stood beside the products and were those of each.
    let parts = components(reader, item, SUBCOMPONENTS);
    match products.as_mut_slice() {
        _ if parts.is_empty() => {}
        [product] => product.subcomponents.extend(parts),
        _ => reader.fail(Failure::Malformed(SUBCOMPONENTS)),
    }
    VexStatement {
        vulnerability: vulnerability(reader, item),
        products,
        status,
        justification,
        timestamp: reader.time(item, "timestamp"),
    }
}

/// The names of the vulnerability: a text before 0.2.0, an object since.
fn vulnerability<'d>(reader: &mut Reader, item: &'d Value) -> Vec<&'d str> {
    const VULNERABILITY: &str = "vulnerability";
    if let Some(Value::String(_)) = item.get(VULNERABILITY) {
        return Vec::from([reader.required(item, VULNERABILITY)]);
    }
    let mut names = reader.texts(item, "vulnerability.aliases");
    names.insert(0, reader.required(item, "vulnerability.name"));
    names
}

const PRODUCTS: &str = "products";
const SUBCOMPONENTS: &str = "subcomponents";

/// Products or subcomponents: texts before 0.2.0, objects since.
fn components<'d>(reader: &mut Reader, item: &'d Value, path: &'static str) -> Vec<VexProduct<'d>> {
    let mut components_read = Vec::new();
    for item in reader.items(item, path) {
        let mut product = VexProduct {
            package_urls: Vec::new(),
            sha256: None,
            subcomponents: Vec::new(),
        };
        let id = match item {
            Value::String(text) => Some(text.as_str()),
            Value::Object(_) => {
                product.sha256 = reader.text(item, "hashes.sha-256");
                let url = reader.package_url(item, "identifiers.purl");
                product.package_urls.extend(url);
                // A subcomponent has none of its own: the specification knows two levels.
                if path == PRODUCTS {
                    product.subcomponents = components(reader, item, SUBCOMPONENTS);
                }
                reader.text(item, "@id")
            }
            _ => {
                reader.fail(Failure::Malformed(path));
                None
            }
        };
        if let Some(url) = id.filter(|id| id.starts_with("pkg:")) {
            product.package_urls.extend(reader.parsed_url(url));
        }
        components_read.push(product);
    }
    components_read
}

fn choice<T: Copy>(
    reader: &mut Reader,
    item: &Value,
    path: &'static str,
    names: &[(&str, T)],
) -> Option<T> {
    let text = reader.text(item, path)?;
    let found = names.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        reader.fail(Failure::UnknownWord);
    }
    found.map(|(_, value)| *value)
}
