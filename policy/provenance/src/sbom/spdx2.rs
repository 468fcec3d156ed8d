//! SPDX 2.3 in JSON.
//!
//! Follows <https://spdx.github.io/spdx-spec/v2.3/>.

use sealstone_verify::json::Value;

use super::{DESCRIBED, RELATED, Sbom, SbomPackage, SbomTool, asserted, license, mark};
use crate::reader::{Failure, Ids, Reader};

pub(super) fn read<'d>(reader: &mut Reader, document: &'d Value, sbom: &mut Sbom<'d>) {
    sbom.name = reader.text(document, "name");
    sbom.serial = reader.text(document, "documentNamespace");
    sbom.created = reader.time(document, "creationInfo.created");
    const CREATORS: &str = "creationInfo.creators";
    for creator in reader.texts(document, CREATORS) {
        match creator
            .split_once(':')
            .map(|(kind, who)| (kind, who.trim()))
        {
            Some((_, "")) => {}
            Some(("Tool", tool)) => sbom.tools.push(SbomTool::of(tool)),
            Some(("Person" | "Organization", who)) => sbom.authors.extend(asserted(who)),
            _ => reader.fail(Failure::Malformed(CREATORS)),
        }
    }

    let mut marks = Ids::new();
    for id in reader.texts(document, "documentDescribes") {
        mark(&mut marks, id, DESCRIBED);
    }
    let relationships = reader.items(document, "relationships");
    sbom.relate(reader, relationships.len());
    for relationship in relationships {
        let from = reader.required(relationship, "spdxElementId");
        let to = reader.required(relationship, "relatedSpdxElement");
        let (of_from, of_to) = match reader.required(relationship, "relationshipType") {
            "DESCRIBES" => (0, DESCRIBED),
            "DESCRIBED_BY" => (DESCRIBED, 0),
            "CONTAINS" | "CONTAINED_BY" | "DEPENDS_ON" => (RELATED, RELATED),
            kind if kind.ends_with("DEPENDENCY_OF") => (RELATED, RELATED),
            _ => continue,
        };
        mark(&mut marks, from, of_from);
        mark(&mut marks, to, of_to);
        if reader.has_failed() {
            return;
        }
    }

    for item in reader.items(document, "packages") {
        let mut package = package(reader, item);
        package.mark_by(&marks);
        sbom.push(reader, package);
        if reader.has_failed() {
            return;
        }
    }
}

/// One package by itself: its relationships stand elsewhere.
fn package<'d>(reader: &mut Reader, item: &'d Value) -> SbomPackage<'d> {
    let mut package = SbomPackage {
        id: reader.text(item, "SPDXID"),
        name: reader.required(item, "name"),
        version: reader.text(item, "versionInfo").and_then(asserted),
        purpose: reader.text(item, "primaryPackagePurpose"),
        supplier: reader.text(item, "supplier").and_then(supplier),
        ..SbomPackage::default()
    };
    let declared = reader.text(item, "licenseDeclared").and_then(license);
    package.declared_licenses.extend(declared);
    let concluded = reader.text(item, "licenseConcluded").and_then(license);
    package.concluded_licenses.extend(concluded);
    for reference in reader.items(item, "externalRefs") {
        let locator = reader.required(reference, "referenceLocator");
        match reader.required(reference, "referenceType") {
            "purl" => package.package_urls.extend(reader.parsed_url(locator)),
            "cpe22Type" | "cpe23Type" => package.cpes.push(locator),
            _ => {}
        }
    }
    for checksum in reader.items(item, "checksums") {
        package.checksums.push((
            reader.required(checksum, "algorithm"),
            reader.required(checksum, "checksumValue"),
        ));
    }
    package
}

/// Whom `Person: …` or `Organization: …` names.
fn supplier(text: &str) -> Option<&str> {
    let text = asserted(text)?;
    let (_, who) = text.split_once(':').unwrap_or(("", text));
    asserted(who.trim()).filter(|who| !who.is_empty())
}
