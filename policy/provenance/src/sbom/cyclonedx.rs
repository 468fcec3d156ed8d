//! CycloneDX 1.4 to 1.7 in JSON.
//!
//! Follows <https://cyclonedx.org/docs/1.7/json/>.

use alloc::vec;

use sealstone_verify::json::Value;

use super::{RELATED, Sbom, SbomLicense, SbomPackage, SbomTool, license, mark};
use crate::reader::{Failure, Ids, Reader};

pub(super) fn read<'d>(reader: &mut Reader, document: &'d Value, sbom: &mut Sbom<'d>) {
    sbom.serial = reader.text(document, "serialNumber");
    sbom.created = reader.time(document, "metadata.timestamp");
    sbom.supplier = reader.text(document, "metadata.supplier.name");
    read_tools(reader, document, sbom);
    for author in reader.items(document, "metadata.authors") {
        let name = reader.text(author, "name");
        let email = reader.text(author, "email");
        sbom.authors.extend(name.or(email));
    }
    // The organisation that made the document; 1.6 renamed it.
    for path in ["metadata.manufacturer.name", "metadata.manufacture.name"] {
        sbom.authors.extend(reader.text(document, path));
    }

    let mut marks = Ids::new();
    for dependency in reader.items(document, "dependencies") {
        mark(&mut marks, reader.required(dependency, "ref"), RELATED);
        let on = reader.texts(dependency, "dependsOn");
        sbom.relate(reader, on.len());
        for on in on {
            mark(&mut marks, on, RELATED);
        }
        if reader.has_failed() {
            return;
        }
    }

    if let Some(described) = reader.value(document, "metadata.component") {
        sbom.name = reader.text(described, "name");
        read_components(reader, core::slice::from_ref(described), &marks, sbom);
        if let Some((package, parts)) = sbom.packages.split_first_mut() {
            package.is_described = true;
            // What is built of a package is listed as its part, by the package's own URL with a subpath.
            for part in parts {
                part.is_described = part.is_of_package(package);
            }
        }
    }
    let components = reader.items(document, "components");
    read_components(reader, components, &marks, sbom);
}

/// Reads components with those that they consist of, however deep these are nested.
fn read_components<'d>(
    reader: &mut Reader,
    components: &'d [Value],
    marks: &Ids<'_>,
    sbom: &mut Sbom<'d>,
) {
    let mut left = vec![components.iter()];
    while let Some(components) = left.last_mut() {
        if reader.has_failed() {
            return;
        }
        let Some(item) = components.next() else {
            left.pop();
            continue;
        };
        let mut package = package(reader, item);
        let parts = reader.items(item, "components");
        // A part is related to its whole.
        package.is_related = left.len() > 1 || !parts.is_empty();
        package.mark_by(marks);
        sbom.push(reader, package);
        sbom.relate(reader, parts.len());
        if !parts.is_empty() {
            left.push(parts.iter());
        }
    }
}

impl SbomPackage<'_> {
    /// Whether both are of one package by their URLs.
    fn is_of_package(&self, other: &Self) -> bool {
        let urls = self.package_urls.first().zip(other.package_urls.first());
        urls.is_some_and(|(one, other)| {
            one.coordinates() == other.coordinates() && one.version == other.version
        })
    }
}

/// One component by itself: its dependencies stand elsewhere.
fn package<'d>(reader: &mut Reader, item: &'d Value) -> SbomPackage<'d> {
    let mut package = SbomPackage {
        id: reader.text(item, "bom-ref"),
        name: reader.required(item, "name"),
        version: reader.text(item, "version"),
        purpose: reader.text(item, "type"),
        supplier: reader.text(item, "supplier.name"),
        ..SbomPackage::default()
    };
    let url = reader.package_url(item, "purl");
    package.package_urls.extend(url);
    package.cpes.extend(reader.text(item, "cpe"));
    for choice in reader.items(item, "licenses") {
        let (license, acknowledgement) = license_choice(reader, choice);
        match acknowledgement {
            Some("concluded") => package.concluded_licenses.extend(license),
            None | Some("declared") => package.declared_licenses.extend(license),
            Some(_) => reader.fail(Failure::Malformed("licenses.acknowledgement")),
        }
    }
    for hash in reader.items(item, "hashes") {
        package.checksums.push((
            reader.required(hash, "alg"),
            reader.required(hash, "content"),
        ));
    }
    package
}

/// An expression, or a licence by id or name; and who says so.
fn license_choice<'d>(
    reader: &mut Reader,
    choice: &'d Value,
) -> (Option<SbomLicense<'d>>, Option<&'d str>) {
    if let Some(expression) = reader.text(choice, "expression") {
        return (license(expression), reader.text(choice, "acknowledgement"));
    }
    let license = match reader.text(choice, "license.id") {
        Some(id) => license(id),
        None => Some(SbomLicense::Name(reader.required(choice, "license.name"))),
    };
    (license, reader.text(choice, "license.acknowledgement"))
}

/// Since 1.5 tools are components and services; the list of before is still allowed.
fn read_tools<'d>(reader: &mut Reader, document: &'d Value, sbom: &mut Sbom<'d>) {
    const TOOLS: &str = "metadata.tools";
    let lists = match reader.value(document, TOOLS) {
        Some(tools @ Value::Object(_)) => [
            reader.items(tools, "components"),
            reader.items(tools, "services"),
        ],
        _ => [reader.items(document, TOOLS), &[]],
    };
    for tool in lists.into_iter().flatten() {
        sbom.tools.push(SbomTool {
            name: reader.required(tool, "name"),
            version: reader.text(tool, "version"),
        });
    }
}
