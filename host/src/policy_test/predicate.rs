//! What forged statements say.

use sealstone_forge::{Build, Statement, StatementType, UnixTime};
use serde_json::{Map, Value, json};

use super::document::{
    Finding, Provenance, ProvenanceVersion, Sbom, SbomFormat, SbomPackage, Severity,
    SummaryEvidence, Vex, VulnerabilityScan,
};
use super::error::TestError;
use super::image::TestImage;

/// The package of documents that name none.
const PACKAGE: &str = "pkg:npm/example@1.0.0";

/// The build that provenance is about.
pub(super) fn build(provenance: &Provenance, builder: Option<&str>) -> Result<Build, TestError> {
    let usual = Build::default();
    let or = |given: &Option<String>, usual: String| given.clone().unwrap_or(usual);
    let repository = match &provenance.source {
        Some(source) => repository(source)
            .ok_or_else(|| TestError::Source(source.clone()))?
            .to_owned(),
        None => usual.repository,
    };
    let builder = provenance.builder.as_deref().or(builder);
    Ok(Build {
        builder_id: builder.map_or(usual.builder_id, str::to_owned),
        build_type: provenance.build_type.clone(),
        repository,
        repository_id: or(&provenance.repository_id, usual.repository_id),
        repository_owner_id: or(&provenance.owner_id, usual.repository_owner_id),
        source_ref: or(&provenance.r#ref, usual.source_ref),
        commit: or(&provenance.commit, usual.commit),
        event_name: or(&provenance.event, usual.event_name),
        ..usual
    })
}

/// Provenance of a build.
pub(super) fn provenance(
    provenance: &Provenance,
    build: &Build,
    image: &TestImage<'_>,
) -> Statement {
    match provenance.version.unwrap_or_default() {
        ProvenanceVersion::V02 => build.provenance_v02(image.subject()),
        ProvenanceVersion::V1 => build.provenance_v1(image.subject()),
    }
}

/// A verification summary.
pub(super) fn summary(
    summary: &SummaryEvidence,
    image: &TestImage<'_>,
    time: UnixTime,
) -> Statement {
    let resource = summary.resource_uri.clone();
    let result = if summary.failed { "FAILED" } else { "PASSED" };
    let predicate = json!({
        "verifier": {"id": summary.verifier},
        "timeVerified": time.to_string(),
        "resourceUri": resource.unwrap_or_else(|| format!("{}@{}", image.name(), image.digest)),
        "policy": {"uri": "https://policy.example"},
        "verificationResult": result,
        "verifiedLevels": summary.levels,
    });
    statement("https://slsa.dev/verification_summary/v1", predicate, image)
}

/// A bill of materials.
pub(super) fn sbom(sbom: &Sbom, image: &TestImage<'_>, time: UnixTime) -> Statement {
    let usual = [SbomPackage {
        purl: PACKAGE.to_owned(),
        license: None,
    }];
    let packages = sbom.packages.as_deref().unwrap_or(&usual);
    let (tool, version) = match &sbom.tool {
        Some(tool) => (tool.name.as_str(), tool.version.as_deref()),
        None => ("example-tool", Some("1.0.0")),
    };
    match sbom.format.unwrap_or_default() {
        SbomFormat::CycloneDx => {
            let predicate = cyclonedx(packages, (tool, version), image, time);
            statement("https://cyclonedx.org/bom", predicate, image)
        }
        SbomFormat::Spdx => {
            let predicate = spdx(packages, (tool, version), image, time);
            statement("https://spdx.dev/Document", predicate, image)
        }
    }
}

fn cyclonedx(
    packages: &[SbomPackage],
    (tool, version): (&str, Option<&str>),
    image: &TestImage<'_>,
    time: UnixTime,
) -> Value {
    let reference = |position: usize| format!("package-{position}");
    let components = packages.iter().enumerate().map(|(position, package)| {
        let (name, version) = name_and_version(&package.purl);
        json!({
            "type": "library",
            "bom-ref": reference(position),
            "name": name,
            "version": version,
            "purl": package.purl,
            "supplier": {"name": "Example"},
            "licenses": [{"expression": package.license.as_deref().unwrap_or("MIT")}],
        })
    });
    let depended: Vec<String> = (0..packages.len()).map(reference).collect();
    let mut made_by = json!({"type": "application", "name": tool});
    if let (Some(version), Some(members)) = (version, made_by.as_object_mut()) {
        members.insert("version".to_owned(), version.into());
    }
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": time.to_string(),
            "tools": {"components": [made_by]},
            "authors": [{"name": "Example"}],
            "component": {"type": "container", "bom-ref": "image", "name": image.name(),
                "version": "1", "purl": image.package_url(), "supplier": {"name": "Example"}},
        },
        "components": components.collect::<Vec<_>>(),
        "dependencies": [{"ref": "image", "dependsOn": depended}],
    })
}

fn spdx(
    packages: &[SbomPackage],
    (tool, version): (&str, Option<&str>),
    image: &TestImage<'_>,
    time: UnixTime,
) -> Value {
    let package = |id: &str, purl: &str, license: &str| {
        let (name, version) = name_and_version(purl);
        json!({
            "SPDXID": id,
            "name": name,
            "versionInfo": version,
            "supplier": "Organization: Example",
            "downloadLocation": "NOASSERTION",
            "licenseConcluded": license,
            "licenseDeclared": license,
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator": purl}],
        })
    };
    let id = |position: usize| format!("SPDXRef-package-{position}");
    let mut all = vec![package(
        "SPDXRef-image",
        &image.package_url(),
        "NOASSERTION",
    )];
    let mut relationships = vec![json!({"spdxElementId": "SPDXRef-DOCUMENT",
        "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-image"})];
    for (position, of) in packages.iter().enumerate() {
        let license = of.license.as_deref().unwrap_or("MIT");
        all.push(package(&id(position), &of.purl, license));
        relationships.push(json!({"spdxElementId": "SPDXRef-image",
            "relationshipType": "CONTAINS", "relatedSpdxElement": id(position)}));
    }
    let tool = match version {
        Some(version) => format!("Tool: {tool}-{version}"),
        None => format!("Tool: {tool}"),
    };
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": image.name(),
        "documentNamespace": "https://sbom.example/1",
        "creationInfo": {
            "created": time.to_string(),
            "creators": ["Organization: Example", tool],
        },
        "packages": all,
        "relationships": relationships,
    })
}

/// A vulnerability scan, whose result is a report of Trivy.
pub(super) fn scan(
    scan: &VulnerabilityScan,
    image: &TestImage<'_>,
    time: UnixTime,
) -> Result<Statement, TestError> {
    let age = scan.database_age.as_deref().unwrap_or("1h");
    let age = super::time::duration(age).ok_or_else(|| TestError::Duration(age.to_owned()))?;
    let updated = UnixTime::from_seconds(time.seconds().saturating_sub(age));
    let findings: Vec<Value> = scan.findings.iter().map(finding).collect();
    let predicate = json!({
        "scanner": {
            "uri": scan.scanner.as_deref().unwrap_or("pkg:github/aquasecurity/trivy"),
            "version": "0.60.0",
            "db": {"uri": "pkg:github/aquasecurity/trivy-db", "lastUpdate": updated.to_string()},
            "result": {
                "SchemaVersion": 2,
                "ArtifactName": image.name(),
                "Results": [{"Target": "packages", "Class": "lang-pkgs",
                    "Vulnerabilities": findings}],
            },
        },
        "metadata": {
            "scanStartedOn": time.to_string(),
            "scanFinishedOn": time.to_string(),
        },
    });
    let kind = "https://cosign.sigstore.dev/attestation/vuln/v1";
    Ok(statement(kind, predicate, image))
}

fn finding(finding: &Finding) -> Value {
    let purl = finding.package.as_deref().unwrap_or(PACKAGE);
    let (name, version) = name_and_version(purl);
    let severity = match finding.severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Unknown => "UNKNOWN",
    };
    let mut members = Map::from_iter([
        ("VulnerabilityID".to_owned(), json!(finding.id)),
        ("PkgName".to_owned(), json!(name)),
        ("PkgIdentifier".to_owned(), json!({"PURL": purl})),
        ("InstalledVersion".to_owned(), json!(version)),
        ("Severity".to_owned(), json!(severity)),
    ]);
    let status = if finding.fixed_in.is_some() {
        "fixed"
    } else {
        "affected"
    };
    members.insert("Status".to_owned(), json!(status));
    if let Some(fixed) = &finding.fixed_in {
        members.insert("FixedVersion".to_owned(), json!(fixed));
    }
    if let Some(published) = &finding.published {
        members.insert("PublishedDate".to_owned(), json!(published));
    }
    if let Some(score) = finding.score {
        members.insert("CVSS".to_owned(), json!({"nvd": {"V3Score": score}}));
    }
    Value::Object(members)
}

/// A VEX document.
pub(super) fn vex(vex: &Vex, image: &TestImage<'_>, time: UnixTime) -> Statement {
    let statements = vex.statements.iter().map(|of| {
        let product = of.product.clone().unwrap_or_else(|| image.package_url());
        let mut members = Map::from_iter([
            (
                "vulnerability".to_owned(),
                json!({"name": of.vulnerability}),
            ),
            ("products".to_owned(), json!([{"@id": product}])),
            ("status".to_owned(), json!(of.status)),
        ]);
        if let Some(justification) = &of.justification {
            members.insert("justification".to_owned(), json!(justification));
        }
        Value::Object(members)
    });
    let predicate = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example/1",
        "author": "Example",
        "timestamp": time.to_string(),
        "version": 1,
        "statements": statements.collect::<Vec<_>>(),
    });
    statement("https://openvex.dev/ns/v0.2.0", predicate, image)
}

/// A statement about the image.
pub(super) fn statement(kind: &str, predicate: Value, image: &TestImage<'_>) -> Statement {
    Statement {
        statement_type: StatementType::V1,
        subject: vec![image.subject()],
        predicate_type: kind.to_owned(),
        predicate,
    }
}

/// Changes members of a predicate, by JSON pointer. Objects on the way are made; `null` takes a member
/// away, `-` at the end of a list appends.
pub(super) fn change(predicate: &mut Value, changes: &Map<String, Value>) -> Result<(), TestError> {
    for (pointer, value) in changes {
        set(predicate, pointer, value).ok_or_else(|| TestError::Pointer(pointer.clone()))?;
    }
    Ok(())
}

fn set(predicate: &mut Value, pointer: &str, value: &Value) -> Option<()> {
    let mut steps = pointer
        .strip_prefix('/')?
        .split('/')
        .map(unescape)
        .peekable();
    let mut place = predicate;
    while let Some(step) = steps.next() {
        let is_last = steps.peek().is_none();
        match place {
            Value::Object(members) if is_last && value.is_null() => {
                return members.remove(&step).map(drop);
            }
            Value::Object(members) => {
                place = members
                    .entry(step)
                    .or_insert_with(|| Value::Object(Map::new()));
            }
            Value::Array(elements) if is_last && step == "-" => {
                elements.push(value.clone());
                return Some(());
            }
            Value::Array(elements) if is_last && value.is_null() => {
                let position: usize = step.parse().ok()?;
                return (position < elements.len()).then(|| drop(elements.remove(position)));
            }
            Value::Array(elements) => place = elements.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        }
    }
    *place = value.clone();
    Some(())
}

/// RFC 6901 section 4.
fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// `owner/name` of a repository at GitHub.
pub(crate) fn repository(text: &str) -> Option<&str> {
    let path = text.strip_prefix("https://github.com/").unwrap_or(text);
    let is_name = |name: &str| {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !name.is_empty() && name.bytes().all(of_name)
    };
    let (owner, name) = path.split_once('/')?;
    (is_name(owner) && is_name(name)).then_some(path)
}

/// The name and the version in a package URL.
fn name_and_version(purl: &str) -> (&str, &str) {
    let purl = purl.split(['?', '#']).next().unwrap_or(purl);
    let last = purl.rsplit('/').next().unwrap_or(purl);
    last.split_once('@').unwrap_or((last, ""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{change, name_and_version};

    #[test]
    fn changes_by_pointer() {
        let cases = [
            (json!({"/a": 1}), Some(json!({"a": 1, "b": [{"c": 2}, 3]}))),
            (
                json!({"/x/y": 1}),
                Some(json!({"a": 0, "b": [{"c": 2}, 3], "x": {"y": 1}})),
            ),
            (
                json!({"/b/0/c": 4}),
                Some(json!({"a": 0, "b": [{"c": 4}, 3]})),
            ),
            (
                json!({"/b/-": 5}),
                Some(json!({"a": 0, "b": [{"c": 2}, 3, 5]})),
            ),
            (json!({"/b/0": null}), Some(json!({"a": 0, "b": [3]}))),
            (json!({"/a": null}), Some(json!({"b": [{"c": 2}, 3]}))),
            (
                json!({"/d~1e": 1}),
                Some(json!({"a": 0, "b": [{"c": 2}, 3], "d/e": 1})),
            ),
            (json!({"/z": null}), None),
            (json!({"/b/7": null}), None),
            (json!({"/b/7": 1}), None),
            (json!({"/b/x": 1}), None),
            (json!({"/a/b": 1}), None),
            (json!({"a": 1}), None),
        ];
        for (changes, expected) in cases {
            let mut predicate = json!({"a": 0, "b": [{"c": 2}, 3]});
            let changed = change(&mut predicate, changes.as_object().unwrap());
            let result = changed.ok().map(|()| predicate);
            assert_eq!(result, expected, "{changes}");
        }
    }

    #[test]
    fn package_urls() {
        let cases = [
            ("pkg:npm/%40scope/lib@2.0.0", ("lib", "2.0.0")),
            ("pkg:deb/debian/a@1?arch=amd64", ("a", "1")),
            ("pkg:oci/app", ("app", "")),
        ];
        for (purl, expected) in cases {
            assert_eq!(name_and_version(purl), expected);
        }
    }
}
