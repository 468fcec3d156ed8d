//! CycloneDX 1.4 to 1.6 in JSON.
//!
//! Follows <https://cyclonedx.org/docs/1.6/json/>.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::{Sbom, SbomError, SbomLicense, SbomPackage, SbomTool, license};
use crate::{PackageUrl, field};

pub(super) fn read<'d>(document: &'d Value, sbom: &mut Sbom<'d>) -> Result<(), SbomError> {
    sbom.serial = field::borrowed(document, "serialNumber")?;
    sbom.created = field::time(document, "metadata.timestamp")?;
    sbom.supplier = field::borrowed(document, "metadata.supplier.name")?;
    read_tools(document, sbom)?;
    read_authors(document, sbom)?;

    let mut related = BTreeSet::new();
    for dependency in field::items(document, "dependencies")? {
        related.insert(field::required(dependency, "ref")?);
        const DEPENDS_ON: &str = "dependsOn";
        let on = field::items(dependency, DEPENDS_ON)?;
        sbom.relate(on.len())?;
        for on in on {
            related.insert(on.as_str().ok_or(SbomError::FieldMalformed(DEPENDS_ON))?);
        }
    }

    let described = field::object(document, "metadata.component")?;
    if !described.is_null() {
        sbom.name = field::borrowed(described, "name")?;
        read_components(core::slice::from_ref(described), true, &related, sbom)?;
    }
    read_components(field::items(document, "components")?, false, &related, sbom)
}

/// Reads components with those that they consist of, however deep these are nested.
fn read_components<'d>(
    components: &'d [Value],
    is_described: bool,
    related: &BTreeSet<&str>,
    sbom: &mut Sbom<'d>,
) -> Result<(), SbomError> {
    let mut left = vec![(components.iter(), is_described, false)];
    while let Some((components, is_described, is_part)) = left.last_mut() {
        let Some(item) = components.next() else {
            left.pop();
            continue;
        };
        let mut package = package(item)?;
        let parts = field::items(item, "components")?;
        package.is_described = *is_described;
        package.is_related =
            *is_part || !parts.is_empty() || package.id.is_some_and(|id| related.contains(id));
        sbom.push(package)?;
        if !parts.is_empty() {
            sbom.relate(parts.len())?;
            left.push((parts.iter(), false, true));
        }
    }
    Ok(())
}

/// One component by itself: its dependencies stand elsewhere.
fn package(item: &Value) -> Result<SbomPackage<'_>, SbomError> {
    let mut package = SbomPackage {
        id: field::borrowed(item, "bom-ref")?,
        name: field::required(item, "name")?,
        version: field::borrowed(item, "version")?,
        purpose: field::borrowed(item, "type")?,
        supplier: field::borrowed(item, "supplier.name")?,
        ..SbomPackage::default()
    };
    if let Some(url) = field::borrowed(item, "purl")? {
        package.package_urls.push(PackageUrl::parse(url)?);
    }
    package.cpes.extend(field::borrowed(item, "cpe")?);
    for choice in field::items(item, "licenses")? {
        let (license, acknowledgement) = license_choice(choice)?;
        match acknowledgement {
            Some("concluded") => package.concluded_licenses.extend(license),
            None | Some("declared") => package.declared_licenses.extend(license),
            Some(_) => return Err(SbomError::FieldMalformed("licenses.acknowledgement")),
        }
    }
    for hash in field::items(item, "hashes")? {
        package.checksums.push((
            field::required(hash, "alg")?,
            field::required(hash, "content")?,
        ));
    }
    Ok(package)
}

/// An expression, or a licence by id or name; and who says so.
fn license_choice(choice: &Value) -> Result<(Option<SbomLicense<'_>>, Option<&str>), SbomError> {
    if let Some(expression) = field::borrowed(choice, "expression")? {
        let acknowledgement = field::borrowed(choice, "acknowledgement")?;
        return Ok((license(expression), acknowledgement));
    }
    let acknowledgement = field::borrowed(choice, "license.acknowledgement")?;
    let license = match field::borrowed(choice, "license.id")? {
        Some(id) => license(id),
        None => Some(SbomLicense::Name(field::required(choice, "license.name")?)),
    };
    Ok((license, acknowledgement))
}

/// Since 1.5 tools are components and services; the list of before is still allowed.
fn read_tools<'d>(document: &'d Value, sbom: &mut Sbom<'d>) -> Result<(), SbomError> {
    const TOOLS: &str = "metadata.tools";
    let lists = match field::value(document, TOOLS)? {
        None => return Ok(()),
        Some(Value::Array(tools)) => vec![tools.as_slice()],
        Some(tools @ Value::Object(_)) => vec![
            field::items(tools, "components")?,
            field::items(tools, "services")?,
        ],
        Some(_) => return Err(SbomError::FieldMalformed(TOOLS)),
    };
    for tool in lists.into_iter().flatten() {
        sbom.tools.push(SbomTool {
            name: field::required(tool, "name")?,
            version: field::borrowed(tool, "version")?,
        });
    }
    Ok(())
}

/// People, and the organisation that made the document. 1.6 renamed the latter.
fn read_authors<'d>(document: &'d Value, sbom: &mut Sbom<'d>) -> Result<(), SbomError> {
    for author in field::items(document, "metadata.authors")? {
        let name = field::borrowed(author, "name")?;
        sbom.authors.extend(match name {
            Some(name) => Some(name),
            None => field::borrowed(author, "email")?,
        });
    }
    let organizations: Vec<_> = [
        field::borrowed(document, "metadata.manufacturer.name")?,
        field::borrowed(document, "metadata.manufacture.name")?,
    ]
    .into();
    sbom.authors.extend(organizations.into_iter().flatten());
    Ok(())
}
