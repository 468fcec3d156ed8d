//! SPDX 2.3 in JSON.
//!
//! Follows <https://spdx.github.io/spdx-spec/v2.3/>.

use alloc::collections::BTreeSet;

use sealstone_verify::json::Value;

use super::{Sbom, SbomError, SbomPackage, SbomTool, asserted, license};
use crate::{PackageUrl, field};

pub(super) fn read<'d>(document: &'d Value, sbom: &mut Sbom<'d>) -> Result<(), SbomError> {
    sbom.name = field::borrowed(document, "name")?;
    sbom.serial = field::borrowed(document, "documentNamespace")?;
    sbom.created = field::time(document, "creationInfo.created")?;
    const CREATORS: &str = "creationInfo.creators";
    for creator in field::items(document, CREATORS)? {
        let creator = creator
            .as_str()
            .ok_or(SbomError::FieldMalformed(CREATORS))?;
        match creator
            .split_once(':')
            .map(|(kind, who)| (kind, who.trim()))
        {
            Some((_, "")) => {}
            Some(("Tool", tool)) => sbom.tools.push(SbomTool::of(tool)),
            Some(("Person" | "Organization", who)) => sbom.authors.extend(asserted(who)),
            _ => return Err(SbomError::FieldMalformed(CREATORS)),
        }
    }

    let mut related = BTreeSet::new();
    let mut described = BTreeSet::new();
    for id in field::items(document, "documentDescribes")? {
        described.extend(id.as_str());
    }
    let relationships = field::items(document, "relationships")?;
    sbom.relate(relationships.len())?;
    for relationship in relationships {
        let from = field::required(relationship, "spdxElementId")?;
        let to = field::required(relationship, "relatedSpdxElement")?;
        match field::required(relationship, "relationshipType")? {
            "DESCRIBES" => described.extend([to]),
            "DESCRIBED_BY" => described.extend([from]),
            "CONTAINS" | "CONTAINED_BY" | "DEPENDS_ON" => related.extend([from, to]),
            kind if kind.ends_with("DEPENDENCY_OF") => related.extend([from, to]),
            _ => {}
        }
    }

    for item in field::items(document, "packages")? {
        let mut package = package(item)?;
        let of = |ids: &BTreeSet<&str>| package.id.is_some_and(|id| ids.contains(id));
        (package.is_related, package.is_described) = (of(&related), of(&described));
        // What is described may stand alone.
        package.is_related |= package.is_described;
        sbom.push(package)?;
    }
    Ok(())
}

/// One package by itself: its relationships stand elsewhere.
fn package(item: &Value) -> Result<SbomPackage<'_>, SbomError> {
    let mut package = SbomPackage {
        id: field::borrowed(item, "SPDXID")?,
        name: field::required(item, "name")?,
        version: field::borrowed(item, "versionInfo")?.and_then(asserted),
        purpose: field::borrowed(item, "primaryPackagePurpose")?,
        supplier: field::borrowed(item, "supplier")?.and_then(supplier),
        ..SbomPackage::default()
    };
    let declared = field::borrowed(item, "licenseDeclared")?.and_then(license);
    package.declared_licenses.extend(declared);
    let concluded = field::borrowed(item, "licenseConcluded")?.and_then(license);
    package.concluded_licenses.extend(concluded);
    for reference in field::items(item, "externalRefs")? {
        let locator = field::required(reference, "referenceLocator")?;
        match field::required(reference, "referenceType")? {
            "purl" => package.package_urls.push(PackageUrl::parse(locator)?),
            "cpe22Type" | "cpe23Type" => package.cpes.push(locator),
            _ => {}
        }
    }
    for checksum in field::items(item, "checksums")? {
        package.checksums.push((
            field::required(checksum, "algorithm")?,
            field::required(checksum, "checksumValue")?,
        ));
    }
    Ok(package)
}

/// Whom `Person: …` or `Organization: …` names.
fn supplier(text: &str) -> Option<&str> {
    let text = asserted(text)?;
    let (_, who) = text.split_once(':').unwrap_or(("", text));
    asserted(who.trim()).filter(|who| !who.is_empty())
}
