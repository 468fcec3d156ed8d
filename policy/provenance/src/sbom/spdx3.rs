//! SPDX 3.0 in JSON-LD.
//!
//! Follows <https://spdx.github.io/spdx-spec/v3.0.1/>, annex "RDF serialization". The document is a list
//! of elements that name one another by id; each id is looked up in an index.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::{Sbom, SbomError, SbomLicense, SbomPackage, SbomTool, license};
use crate::{PackageUrl, field};

/// What relationships say about one element.
#[derive(Default)]
struct Related<'d> {
    is_related: bool,
    is_described: bool,
    declared: Vec<&'d str>,
    concluded: Vec<&'d str>,
}

/// The element that says what the graph is.
const DOCUMENT: &str = "SpdxDocument";

pub(super) fn read<'d>(document: &'d Value, sbom: &mut Sbom<'d>) -> Result<(), SbomError> {
    let graph = field::items(document, "@graph")?;
    let mut elements = BTreeMap::new();
    for element in graph {
        if let Some(id) = id(element)? {
            // Two elements of one id would be read one way here and another way elsewhere.
            if elements.insert(id, element).is_some() {
                return Err(SbomError::FieldMalformed("spdxId"));
            }
        }
    }
    let elements = Elements(elements);

    let mut related = BTreeMap::<&str, Related<'d>>::new();
    let mut document_element = None;
    for element in graph {
        match kind(element)? {
            DOCUMENT if document_element.is_none() => document_element = Some(element),
            DOCUMENT => return Err(SbomError::FieldMalformed(DOCUMENT)),
            "software_Sbom" => describe(element, &mut related)?,
            "Relationship" | "LifecycleScopedRelationship" => {
                relate(element, &mut related, sbom)?;
            }
            _ => {}
        }
    }
    let document_element = document_element.ok_or(SbomError::FieldMissing(DOCUMENT))?;
    describe(document_element, &mut related)?;
    sbom.name = field::borrowed(document_element, "name")?;
    sbom.serial = id(document_element)?;
    read_creation(document_element, &elements, sbom)?;

    for element in graph {
        if kind(element)? != "software_Package" {
            continue;
        }
        let mut package = package(element)?;
        let said = package
            .id
            .and_then(|id| related.remove(id))
            .unwrap_or_default();
        package.is_related = said.is_related || said.is_described;
        package.is_described = said.is_described;
        if let Some(supplier) = field::borrowed(element, "suppliedBy")? {
            package.supplier = elements.name(supplier)?;
        }
        for (ids, licenses) in [
            (said.declared, &mut package.declared_licenses),
            (said.concluded, &mut package.concluded_licenses),
        ] {
            for id in ids {
                licenses.extend(elements.license(id)?);
            }
        }
        sbom.push(package)?;
    }
    Ok(())
}

/// One package by itself: suppliers and relationships are elements of their own.
fn package(element: &Value) -> Result<SbomPackage<'_>, SbomError> {
    let mut package = SbomPackage {
        id: id(element)?,
        name: field::required(element, "name")?,
        version: field::borrowed(element, "software_packageVersion")?,
        purpose: field::borrowed(element, "software_primaryPurpose")?,
        ..SbomPackage::default()
    };
    if let Some(url) = field::borrowed(element, "software_packageUrl")? {
        package.package_urls.push(PackageUrl::parse(url)?);
    }
    for identifier in field::items(element, "externalIdentifier")? {
        let text = field::required(identifier, "identifier")?;
        match field::required(identifier, "externalIdentifierType")? {
            "packageUrl" => {
                let url = PackageUrl::parse(text)?;
                if !package.package_urls.contains(&url) {
                    package.package_urls.push(url);
                }
            }
            "cpe22" | "cpe23" => package.cpes.push(text),
            _ => {}
        }
    }
    for hash in field::items(element, "verifiedUsing")? {
        if kind(hash)? == "Hash" {
            package.checksums.push((
                field::required(hash, "algorithm")?,
                field::required(hash, "hashValue")?,
            ));
        }
    }
    Ok(package)
}

/// Notes what the document, or its list of packages, is about.
fn describe<'d>(
    element: &'d Value,
    related: &mut BTreeMap<&'d str, Related<'d>>,
) -> Result<(), SbomError> {
    const ROOT: &str = "rootElement";
    for root in field::items(element, ROOT)? {
        let root = root.as_str().ok_or(SbomError::FieldMalformed(ROOT))?;
        related.entry(root).or_default().is_described = true;
    }
    Ok(())
}

/// Notes a relationship at the elements that it is about.
fn relate<'d>(
    element: &'d Value,
    related: &mut BTreeMap<&'d str, Related<'d>>,
    sbom: &mut Sbom<'d>,
) -> Result<(), SbomError> {
    let from = field::required(element, "from")?;
    let kind = field::required(element, "relationshipType")?;
    const TO: &str = "to";
    let targets = field::items(element, TO)?;
    sbom.relate(targets.len())?;
    for target in targets {
        let target = target.as_str().ok_or(SbomError::FieldMalformed(TO))?;
        let said = related.entry(from).or_default();
        match kind {
            "hasDeclaredLicense" => said.declared.push(target),
            "hasConcludedLicense" => said.concluded.push(target),
            "describes" => related.entry(target).or_default().is_described = true,
            "contains"
            | "dependsOn"
            | "hasOptionalDependency"
            | "hasProvidedDependency"
            | "hasPrerequisite"
            | "hasStaticLink"
            | "hasDynamicLink" => {
                said.is_related = true;
                related.entry(target).or_default().is_related = true;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads by whom, by what and when the document was made.
fn read_creation<'d>(
    document_element: &'d Value,
    elements: &Elements<'d>,
    sbom: &mut Sbom<'d>,
) -> Result<(), SbomError> {
    const CREATION: &str = "creationInfo";
    let creation = match field::value(document_element, CREATION)? {
        Some(Value::String(id)) => elements.get(id).ok_or(SbomError::FieldMissing(CREATION))?,
        Some(inline) => inline,
        None => return Err(SbomError::FieldMissing(CREATION)),
    };
    if !field::required(creation, "specVersion")?.starts_with("3.0.") {
        return Err(SbomError::VersionUnsupported);
    }
    sbom.created = field::time(creation, "created")?;
    for path in ["createdBy", "createdUsing"] {
        for id in field::items(creation, path)? {
            let id = id.as_str().ok_or(SbomError::FieldMalformed(path))?;
            let Some(name) = elements.name(id)? else {
                continue;
            };
            match elements.get(id).map(kind).transpose()? {
                Some("Tool" | "SoftwareAgent") => sbom.tools.push(SbomTool::of(name)),
                _ => sbom.authors.push(name),
            }
        }
    }
    Ok(())
}

/// The elements of the document by id.
struct Elements<'d>(BTreeMap<&'d str, &'d Value>);

impl<'d> Elements<'d> {
    fn get(&self, id: &str) -> Option<&'d Value> {
        self.0.get(id).copied()
    }

    /// The name of an agent or a tool. `None` for one that is defined elsewhere: an id is no name.
    fn name(&self, id: &str) -> Result<Option<&'d str>, SbomError> {
        match self.get(id) {
            Some(element) => Ok(field::borrowed(element, "name")?),
            None => Ok(None),
        }
    }

    /// What the licence of this id says. One that cannot be read as expression keeps its id as name, so
    /// that no licence goes missing.
    fn license(&self, id: &'d str) -> Result<Option<SbomLicense<'d>>, SbomError> {
        let Some(element) = self.get(id) else {
            return Ok(match id.rsplit('/').next() {
                Some("NoAssertionLicense" | "NoAssertion") => None,
                Some("NoneLicense" | "None") => Some(SbomLicense::None),
                Some(listed) if id.starts_with(LISTED) => Some(SbomLicense::Expression(listed)),
                _ => Some(SbomLicense::Name(id)),
            });
        };
        Ok(match kind(element)? {
            "simplelicensing_LicenseExpression" => license(field::required(
                element,
                "simplelicensing_licenseExpression",
            )?),
            "expandedlicensing_ListedLicense" => match id.strip_prefix(LISTED) {
                Some(listed) => Some(SbomLicense::Expression(listed)),
                None => Some(SbomLicense::Name(id)),
            },
            _ => Some(SbomLicense::Name(id)),
        })
    }
}

/// Where the licences of the SPDX licence list are.
const LISTED: &str = "https://spdx.org/licenses/";

fn id(element: &Value) -> Result<Option<&str>, SbomError> {
    match field::borrowed(element, "spdxId")? {
        Some(id) => Ok(Some(id)),
        None => Ok(field::borrowed(element, "@id")?),
    }
}

fn kind(element: &Value) -> Result<&str, SbomError> {
    match field::borrowed(element, "type")? {
        Some(kind) => Ok(kind),
        None => Ok(field::required(element, "@type")?),
    }
}
