//! SPDX 3.0 in JSON-LD.
//!
//! Follows <https://spdx.github.io/spdx-spec/v3.0.1/>, annex "RDF serialization". The document is a list
//! of elements that name one another by id; each id is looked up in an index.

use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::{DESCRIBED, RELATED, Sbom, SbomLicense, SbomPackage, SbomTool, license, mark};
use crate::reader::{Failure, Ids, Reader};

/// The element that says what the graph is.
const DOCUMENT: &str = "SpdxDocument";

/// Where the licences of the SPDX licence list are.
const LISTED: &str = "https://spdx.org/licenses/";

/// The elements of a document.
struct Elements<'d> {
    graph: &'d [Value],
    /// Where in the graph an element stands.
    places: Ids<'d>,
}

/// What relationships say.
#[derive(Default)]
struct Relationships<'d> {
    marks: Ids<'d>,
    /// Package, licence, and whether it is declared, not concluded.
    licenses: Vec<(&'d str, &'d str, bool)>,
}

pub(super) fn read<'d>(reader: &mut Reader, document: &'d Value, sbom: &mut Sbom<'d>) {
    let graph = reader.items(document, "@graph");
    let mut places = Ids::new();
    let mut said = Relationships::default();
    let mut document_element = None;
    for (place, element) in graph.iter().enumerate() {
        // Two elements of one id would be read one way here and another way elsewhere.
        if let Some(id) = id(reader, element)
            && places.insert(id, place).is_some()
        {
            reader.fail(Failure::Malformed("spdxId"));
        }
        match kind(reader, element) {
            DOCUMENT if document_element.is_none() => {
                document_element = Some(element);
                describe(reader, element, &mut said);
            }
            DOCUMENT => reader.fail(Failure::Malformed(DOCUMENT)),
            "software_Sbom" => describe(reader, element, &mut said),
            "Relationship" | "LifecycleScopedRelationship" => {
                relate(reader, element, &mut said, sbom);
            }
            _ => {}
        }
        if reader.has_failed() {
            return;
        }
    }
    let Some(document_element) = document_element else {
        return reader.fail(Failure::Missing(DOCUMENT));
    };
    let elements = Elements { graph, places };
    sbom.name = reader.text(document_element, "name");
    sbom.serial = id(reader, document_element);
    read_creation(reader, document_element, &elements, sbom);

    // From here on the places are those of packages in the list.
    let mut packages = Ids::new();
    for element in graph {
        if kind(reader, element) == "software_Package" {
            let mut package = package(reader, element);
            package.mark_by(&said.marks);
            package.supplier = reader
                .text(element, "suppliedBy")
                .and_then(|id| elements.name(reader, id));
            if let Some(id) = package.id {
                packages.insert(id, sbom.packages.len());
            }
            sbom.push(reader, package);
        }
        if reader.has_failed() {
            return;
        }
    }
    for (package, license, is_declared) in said.licenses {
        let package = packages.get(package).copied();
        if let Some(package) = package.and_then(|place| sbom.packages.get_mut(place)) {
            let license = elements.license(reader, license);
            match is_declared {
                true => package.declared_licenses.extend(license),
                false => package.concluded_licenses.extend(license),
            }
        }
    }
}

/// One package by itself: suppliers and relationships are elements of their own.
fn package<'d>(reader: &mut Reader, element: &'d Value) -> SbomPackage<'d> {
    let mut package = SbomPackage {
        id: id(reader, element),
        name: reader.required(element, "name"),
        version: reader.text(element, "software_packageVersion"),
        purpose: reader.text(element, "software_primaryPurpose"),
        ..SbomPackage::default()
    };
    let url = reader.package_url(element, "software_packageUrl");
    package.package_urls.extend(url);
    for identifier in reader.items(element, "externalIdentifier") {
        let text = reader.required(identifier, "identifier");
        match reader.required(identifier, "externalIdentifierType") {
            "packageUrl" => {
                // Most tools say the same in both places.
                let url = reader.parsed_url(text);
                if url.as_ref() != package.package_urls.first() {
                    package.package_urls.extend(url);
                }
            }
            "cpe22" | "cpe23" => package.cpes.push(text),
            _ => {}
        }
    }
    for hash in reader.items(element, "verifiedUsing") {
        if kind(reader, hash) == "Hash" {
            package.checksums.push((
                reader.required(hash, "algorithm"),
                reader.required(hash, "hashValue"),
            ));
        }
    }
    package
}

/// Notes what the document, or its list of packages, is about.
fn describe<'d>(reader: &mut Reader, element: &'d Value, said: &mut Relationships<'d>) {
    for root in reader.texts(element, "rootElement") {
        mark(&mut said.marks, root, DESCRIBED);
    }
}

/// Notes a relationship at the elements that it is about.
fn relate<'d>(
    reader: &mut Reader,
    element: &'d Value,
    said: &mut Relationships<'d>,
    sbom: &mut Sbom<'d>,
) {
    let from = reader.required(element, "from");
    let kind = reader.required(element, "relationshipType");
    let targets = reader.texts(element, "to");
    sbom.relate(reader, targets.len());
    for target in targets {
        let (of_from, of_target) = match kind {
            "hasDeclaredLicense" | "hasConcludedLicense" => {
                let is_declared = kind == "hasDeclaredLicense";
                said.licenses.push((from, target, is_declared));
                continue;
            }
            "describes" => (0, DESCRIBED),
            "contains"
            | "dependsOn"
            | "hasOptionalDependency"
            | "hasProvidedDependency"
            | "hasPrerequisite"
            | "hasStaticLink"
            | "hasDynamicLink" => (RELATED, RELATED),
            _ => continue,
        };
        mark(&mut said.marks, from, of_from);
        mark(&mut said.marks, target, of_target);
    }
}

/// Reads by whom, by what and when the document was made.
fn read_creation<'d>(
    reader: &mut Reader,
    document_element: &'d Value,
    elements: &Elements<'d>,
    sbom: &mut Sbom<'d>,
) {
    const CREATION: &str = "creationInfo";
    let creation = match reader.value(document_element, CREATION) {
        Some(Value::String(id)) => elements.find(id),
        inline => inline,
    };
    let Some(creation) = creation else {
        return reader.fail(Failure::Missing(CREATION));
    };
    if !reader.required(creation, "specVersion").starts_with("3.0.") {
        reader.fail(Failure::UnknownVersion);
    }
    sbom.created = reader.time(creation, "created");
    for path in ["createdBy", "createdUsing"] {
        for id in reader.texts(creation, path) {
            let Some(name) = elements.name(reader, id) else {
                continue;
            };
            match elements.find(id).map(|element| kind(reader, element)) {
                Some("Tool" | "SoftwareAgent") => sbom.tools.push(SbomTool::of(name)),
                _ => sbom.authors.push(name),
            }
        }
    }
}

impl<'d> Elements<'d> {
    fn find(&self, id: &str) -> Option<&'d Value> {
        self.graph.get(*self.places.get(id)?)
    }

    /// The name of an agent or a tool. `None` for one that is defined elsewhere: an id is no name.
    fn name(&self, reader: &mut Reader, id: &str) -> Option<&'d str> {
        let element = self.find(id)?;
        reader.text(element, "name")
    }

    /// What the licence of this id says. One that cannot be read as expression keeps its id as name, so
    /// that no licence goes missing.
    fn license(&self, reader: &mut Reader, id: &'d str) -> Option<SbomLicense<'d>> {
        let element = self.find(id);
        match element.map(|element| kind(reader, element)) {
            Some("simplelicensing_LicenseExpression") => {
                license(reader.required(element?, "simplelicensing_licenseExpression"))
            }
            None | Some("expandedlicensing_ListedLicense") => match id.strip_prefix(LISTED) {
                Some(listed) => Some(SbomLicense::Expression(listed)),
                None if id.ends_with("/Licensing/NoAssertion") => None,
                None if id.ends_with("/Licensing/None") => Some(SbomLicense::None),
                None => Some(SbomLicense::Name(id)),
            },
            Some(_) => Some(SbomLicense::Name(id)),
        }
    }
}

fn id<'d>(reader: &mut Reader, element: &'d Value) -> Option<&'d str> {
    let id = reader.text(element, "spdxId");
    id.or_else(|| reader.text(element, "@id"))
}

fn kind<'d>(reader: &mut Reader, element: &'d Value) -> &'d str {
    match reader.text(element, "type") {
        Some(kind) => kind,
        None => reader.required(element, "@type"),
    }
}
