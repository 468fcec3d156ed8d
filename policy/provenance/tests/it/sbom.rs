//! Bills of materials in their normal form: every format and every spelling.

use sealstone_provenance::{
    MinimumElement, Sbom, SbomFormat, SbomLicense, SbomPackage, embedded_document,
};
use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::support::value;

pub(crate) const CYCLONEDX: &str = "https://cyclonedx.org/bom";
pub(crate) const SPDX: &str = "https://spdx.dev/Document";

pub(crate) const SPDX_23: &str = r#"{
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "registry.example/app",
    "documentNamespace": "https://sbom.example/app-1",
    "creationInfo": {
        "created": "2026-01-02T03:04:05Z",
        "creators": ["Organization: Example", "Tool: scan-tool-1.2.3", "Tool: plain", "Person: "]
    },
    "packages": [
        {
            "SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1.0.0",
            "primaryPackagePurpose": "CONTAINER", "supplier": "Organization: Example",
            "licenseDeclared": "NOASSERTION", "licenseConcluded": "NONE",
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator": "pkg:oci/app@sha256%3Aab?repository_url=registry.example/app"
            }]
        },
        {
            "SPDXID": "SPDXRef-lib", "name": "lib", "versionInfo": "2.0.0", "supplier": "Person: A (a@example)",
            "licenseDeclared": "MIT OR Apache-2.0", "licenseConcluded": "MIT",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "00ff"}],
            "externalRefs": [
                {"referenceType": "purl", "referenceLocator": "pkg:npm/%40scope/lib@2.0.0"},
                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:lib:lib:2.0.0:*:*:*:*:*:*:*"},
                {"referenceType": "other", "referenceLocator": "x"}
            ]
        },
        {"SPDXID": "SPDXRef-file", "name": "f", "versionInfo": "NOASSERTION", "primaryPackagePurpose": "FILE", "supplier": "NOASSERTION"}
    ],
    "relationships": [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": "SPDXRef-app", "relationshipType": "DESCRIBES"},
        {"spdxElementId": "SPDXRef-app", "relatedSpdxElement": "SPDXRef-lib", "relationshipType": "CONTAINS"},
        {"spdxElementId": "SPDXRef-app", "relatedSpdxElement": "SPDXRef-file", "relationshipType": "OTHER"}
    ]
}"#;

pub(crate) const SPDX_30: &str = r#"{
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-02T03:04:05Z",
         "createdBy": ["urn:org"], "createdUsing": ["urn:tool"]},
        {"type": "Organization", "spdxId": "urn:org", "creationInfo": "_:c", "name": "Example"},
        {"type": "Tool", "spdxId": "urn:tool", "creationInfo": "_:c", "name": "scan-tool-1.2.3"},
        {"type": "SpdxDocument", "spdxId": "urn:doc", "creationInfo": "_:c", "name": "registry.example/app", "rootElement": ["urn:sbom"]},
        {"type": "software_Sbom", "spdxId": "urn:sbom", "creationInfo": "_:c", "rootElement": ["urn:app"]},
        {"type": "software_Package", "spdxId": "urn:app", "creationInfo": "_:c", "name": "app", "software_packageVersion": "1.0.0",
         "software_primaryPurpose": "container", "suppliedBy": "urn:org",
         "software_packageUrl": "pkg:oci/app@sha256%3Aab?repository_url=registry.example/app"},
        {"type": "software_Package", "spdxId": "urn:lib", "creationInfo": "_:c", "name": "lib", "software_packageVersion": "2.0.0",
         "suppliedBy": "urn:org", "software_packageUrl": "pkg:npm/%40scope/lib@2.0.0",
         "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "00ff"}],
         "externalIdentifier": [
            {"type": "ExternalIdentifier", "externalIdentifierType": "packageUrl", "identifier": "pkg:npm/%40scope/lib@2.0.0"},
            {"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:lib:lib:2.0.0:*:*:*:*:*:*:*"}
         ]},
        {"type": "software_Package", "spdxId": "urn:file", "creationInfo": "_:c", "name": "f", "software_primaryPurpose": "file"},
        {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l", "creationInfo": "_:c", "simplelicensing_licenseExpression": "MIT OR Apache-2.0"},
        {"type": "Relationship", "spdxId": "urn:r1", "creationInfo": "_:c", "from": "urn:app", "relationshipType": "contains", "to": ["urn:lib"]},
        {"type": "Relationship", "spdxId": "urn:r2", "creationInfo": "_:c", "from": "urn:lib", "relationshipType": "hasDeclaredLicense", "to": ["urn:l"]},
        {"type": "Relationship", "spdxId": "urn:r3", "creationInfo": "_:c", "from": "urn:lib", "relationshipType": "hasConcludedLicense", "to": ["https://spdx.org/licenses/MIT"]},
        {"type": "Relationship", "spdxId": "urn:r4", "creationInfo": "_:c", "from": "urn:app", "relationshipType": "hasConcludedLicense", "to": ["https://spdx.org/rdf/3.0.1/terms/Licensing/None"]}
    ]
}"#;

pub(crate) const CYCLONEDX_16: &str = r#"{
    "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
    "metadata": {
        "timestamp": "2026-01-02T03:04:05Z",
        "tools": {"components": [{"type": "application", "name": "scan-tool", "version": "1.2.3"}], "services": [{"name": "service"}]},
        "authors": [{"name": "A"}, {"email": "b@example"}],
        "manufacturer": {"name": "Example"},
        "supplier": {"name": "Supplier"},
        "component": {"type": "container", "bom-ref": "app", "name": "registry.example/app", "version": "1.0.0",
            "purl": "pkg:oci/app@sha256%3Aab?repository_url=registry.example/app"}
    },
    "components": [
        {"type": "library", "bom-ref": "lib", "name": "lib", "version": "2.0.0", "supplier": {"name": "A"},
         "purl": "pkg:npm/%40scope/lib@2.0.0", "cpe": "cpe:2.3:a:lib:lib:2.0.0:*:*:*:*:*:*:*",
         "hashes": [{"alg": "SHA-256", "content": "00ff"}],
         "licenses": [{"expression": "MIT OR Apache-2.0"}, {"license": {"id": "MIT", "acknowledgement": "concluded"}}],
         "components": [{"type": "library", "name": "part", "licenses": [{"license": {"name": "Own Licence"}}]}]},
        {"type": "file", "name": "f"}
    ],
    "dependencies": [{"ref": "app", "dependsOn": ["lib"]}]
}"#;

pub(crate) fn check<T>(
    predicate_type: &str,
    predicate: &Value,
    look: impl FnOnce(&Sbom<'_>) -> T,
) -> Result<T, &'static str> {
    let document = embedded_document(predicate)
        .map_err(|error| sealstone_provenance::SbomError::from(error).code())?;
    let sbom = Sbom::from_document(predicate_type, &document).map_err(|error| {
        assert!(!error.to_string().is_empty());
        error.code()
    })?;
    Ok(look(&sbom))
}

fn urls(package: &SbomPackage<'_>) -> Vec<String> {
    package
        .package_urls
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// What all three documents say.
fn assert_common(sbom: &Sbom<'_>) {
    assert_eq!(sbom.created, UnixTime::from_rfc3339("2026-01-02T03:04:05Z"));
    assert_eq!(sbom.name, Some("registry.example/app"));
    assert!(sbom.serial.is_some());
    let tool = sbom.tools.first().unwrap();
    assert_eq!((tool.name, tool.version), ("scan-tool", Some("1.2.3")));
    assert!(sbom.authors.contains(&"Example"));
    assert!(sbom.relationships > 0);

    let app = &sbom.packages[0];
    assert!(app.is_described && app.is_related && !app.is_file());
    assert_eq!(app.version, Some("1.0.0"));
    assert_eq!(
        urls(app),
        ["pkg:oci/app@sha256:ab?repository_url=registry.example%2Fapp"]
    );
    assert_eq!(app.declared_licenses, []);

    let lib = &sbom.packages[1];
    assert!(!lib.is_described && lib.is_related);
    assert_eq!((lib.name, lib.version), ("lib", Some("2.0.0")));
    assert_eq!(urls(lib), ["pkg:npm/%40scope/lib@2.0.0"]);
    assert_eq!(lib.cpes, ["cpe:2.3:a:lib:lib:2.0.0:*:*:*:*:*:*:*"]);
    assert_eq!(
        lib.declared_licenses,
        [SbomLicense::Expression("MIT OR Apache-2.0")]
    );
    assert_eq!(lib.concluded_licenses, [SbomLicense::Expression("MIT")]);
    assert_eq!(lib.checksums[0].1, "00ff");
    assert!(lib.supplier.is_some());

    let file = sbom.packages.last().unwrap();
    assert!(file.is_file() && !file.is_related);
    assert_eq!((file.version, file.supplier), (None, None));
}

#[test]
fn formats() {
    for (predicate_type, document, format) in [
        (SPDX, SPDX_23, SbomFormat::Spdx23),
        (SPDX, SPDX_30, SbomFormat::Spdx30),
        (CYCLONEDX, CYCLONEDX_16, SbomFormat::CycloneDx16),
    ] {
        check(predicate_type, &value(document), |sbom| {
            assert_eq!(sbom.format, format);
            assert_common(sbom);
        })
        .unwrap();
    }
}

/// Every spelling of the predicate type, with the document as object, as text, and in cosign's `Data`.
#[test]
fn spellings() {
    for (document, predicate_types) in [
        (
            SPDX_23,
            &[
                SPDX,
                "https://spdx.dev/Document/v2.3",
                "https://spdx.dev/Document@v2.3",
                "https://spdx.dev/Document/v2",
            ][..],
        ),
        (
            SPDX_30,
            &[
                SPDX,
                "https://spdx.dev/Document/v3",
                "https://spdx.dev/Document/v3.0.1",
            ],
        ),
        (
            CYCLONEDX_16,
            &[
                CYCLONEDX,
                "https://cyclonedx.org/bom/v1.6",
                "https://cyclonedx.org/schema",
                "https://cyclonedx.org/schema/v1.6",
            ],
        ),
    ] {
        let object = value(document);
        let data = |data: Value| {
            let time = Value::from("2026-01-02T03:04:05Z");
            Value::Object([("Data".into(), data), ("Timestamp".into(), time)].into())
        };
        for predicate_type in predicate_types {
            for predicate in [
                object.clone(),
                Value::from(document),
                data(object.clone()),
                data(Value::from(document)),
            ] {
                check(predicate_type, &predicate, assert_common).expect(predicate_type);
            }
        }
    }
}

#[test]
fn versions_of_cyclonedx() {
    for (version, format) in [
        ("1.4", SbomFormat::CycloneDx14),
        ("1.5", SbomFormat::CycloneDx15),
        ("1.6", SbomFormat::CycloneDx16),
        ("1.7", SbomFormat::CycloneDx17),
    ] {
        let tools = r#"[{"vendor": "v", "name": "scan-tool", "version": "1.2.3"}]"#;
        let document = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "{version}", "metadata": {{"tools": {tools}, "manufacture": {{"name": "M"}}}}}}"#
        );
        check(CYCLONEDX, &value(&document), |sbom| {
            assert_eq!(sbom.format, format);
            assert_eq!(sbom.tools[0].version, Some("1.2.3"));
            assert_eq!(sbom.authors, ["M"]);
            assert_eq!(sbom.packages, []);
        })
        .unwrap();
    }
}

/// What 1.7 says in a new way is never read as if it said more.
#[test]
fn cyclonedx_17() {
    let component = r#"{"type": "library", "name": "external", "isExternal": true,
        "versionRange": "vers:semver/>=1.0.0|<2.0.0", "licenses": [
            {"expression": "MIT", "expressionDetails": [{"licenseIdentifier": "MIT"}]},
            {"license": {"name": "Own Licence"}}
        ]}"#;
    let document = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [{component}]}}"#
    );
    check(CYCLONEDX, &value(&document), |sbom| {
        assert_eq!(sbom.packages[0].version, None);
        assert_eq!(
            sbom.packages[0].declared_licenses,
            [
                SbomLicense::Expression("MIT"),
                SbomLicense::Name("Own Licence")
            ]
        );
    })
    .unwrap();
}

#[test]
fn parts_of_components() {
    check(CYCLONEDX, &value(CYCLONEDX_16), |sbom| {
        let names: Vec<_> = sbom.packages.iter().map(|package| package.name).collect();
        assert_eq!(names, ["registry.example/app", "lib", "part", "f"]);
        let part = &sbom.packages[2];
        assert!(part.is_related);
        assert_eq!(part.declared_licenses, [SbomLicense::Name("Own Licence")]);
        assert_eq!(sbom.supplier, Some("Supplier"));
        assert_eq!(sbom.authors, ["A", "b@example", "Example"]);
        assert_eq!(sbom.tools[1].name, "service");
    })
    .unwrap();
}

#[test]
fn details_of_spdx() {
    check(SPDX, &value(SPDX_23), |sbom| {
        assert_eq!(sbom.packages[0].concluded_licenses, [SbomLicense::None]);
        assert_eq!(sbom.packages[1].supplier, Some("A (a@example)"));
        assert_eq!((sbom.tools[1].name, sbom.tools[1].version), ("plain", None));
    })
    .unwrap();
    check(SPDX, &value(SPDX_30), |sbom| {
        assert_eq!(sbom.packages[0].concluded_licenses, [SbomLicense::None]);
        assert_eq!(sbom.packages[1].supplier, Some("Example"));
    })
    .unwrap();
}

/// A licence that stands elsewhere, or in another form, never goes missing.
#[test]
fn licences_of_spdx_3() {
    for (target, element, found) in [
        (
            "urn:elsewhere",
            "",
            &[SbomLicense::Name("urn:elsewhere")][..],
        ),
        (
            "urn:l",
            r#"{"type": "expandedlicensing_ConjunctiveLicenseSet", "spdxId": "urn:l"}"#,
            &[SbomLicense::Name("urn:l")],
        ),
        (
            "urn:l",
            r#"{"type": "expandedlicensing_ListedLicense", "spdxId": "urn:l"}"#,
            &[SbomLicense::Name("urn:l")],
        ),
        (
            "https://spdx.org/licenses/MIT",
            r#"{"type": "expandedlicensing_ListedLicense", "spdxId": "https://spdx.org/licenses/MIT"}"#,
            &[SbomLicense::Expression("MIT")],
        ),
        (
            "urn:l",
            r#"{"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l", "simplelicensing_licenseExpression": "NOASSERTION"}"#,
            &[],
        ),
        (
            "https://spdx.org/rdf/3.0.1/terms/Licensing/NoAssertion",
            "",
            &[],
        ),
    ] {
        let comma = if element.is_empty() { "" } else { "," };
        let document = format!(
            r#"{{"@context": "https://spdx.org/rdf/3.0.0/spdx-context.jsonld", "@graph": [
                {{"type": "SpdxDocument", "spdxId": "urn:doc", "creationInfo": {{"specVersion": "3.0.0"}}}},
                {{"type": "software_Package", "spdxId": "urn:p", "name": "p"}},
                {{"type": "Relationship", "from": "urn:p", "relationshipType": "hasDeclaredLicense", "to": ["{target}"]}}
                {comma}{element}
            ]}}"#
        );
        check(SPDX, &value(&document), |sbom| {
            assert_eq!(sbom.packages[0].declared_licenses, found, "{element}");
        })
        .unwrap();
    }
}

#[test]
fn completeness() {
    let whole = value(SPDX_23);
    assert_eq!(
        check(SPDX, &whole, |sbom| sbom.check_completeness().is_ok()),
        Ok(true)
    );
    let whole_30 = value(SPDX_30);
    assert_eq!(
        check(SPDX, &whole_30, |sbom| sbom.check_completeness().is_ok()),
        Ok(true)
    );
    for (from, to, element, code, package) in [
        (
            "\"Organization: Example\", ",
            "",
            MinimumElement::Author,
            "sbom.author-missing",
            None,
        ),
        (
            r#""created": "2026-01-02T03:04:05Z","#,
            "",
            MinimumElement::Time,
            "sbom.time-missing",
            None,
        ),
        (
            r#""versionInfo": "2.0.0", "#,
            "",
            MinimumElement::Version,
            "sbom.package-version-missing",
            Some("lib"),
        ),
        (
            r#""referenceType": "purl",
                "#,
            r#""referenceType": "none", "#,
            MinimumElement::Identifier,
            "sbom.identifier-missing",
            Some("app"),
        ),
        (
            "Person: A (a@example)",
            "NOASSERTION",
            MinimumElement::Supplier,
            "sbom.supplier-missing",
            Some("lib"),
        ),
        (
            r#""relationshipType": "CONTAINS""#,
            r#""relationshipType": "OTHER""#,
            MinimumElement::Relationship,
            "sbom.relationship-missing",
            Some("lib"),
        ),
    ] {
        let edited = SPDX_23.replacen(from, to, 1);
        assert_ne!(edited, SPDX_23, "{from}");
        check(SPDX, &value(&edited), |sbom| {
            let incomplete = sbom.check_completeness().unwrap_err();
            assert_eq!((incomplete.element, incomplete.package), (element, package));
            assert_eq!(incomplete.element.code(), code);
        })
        .unwrap();
    }
    // The supplier of the whole is that of what is described, not of its parts.
    check(CYCLONEDX, &value(CYCLONEDX_16), |sbom| {
        let incomplete = sbom.check_completeness().unwrap_err();
        assert_eq!(
            (incomplete.element, incomplete.package),
            (MinimumElement::Version, Some("part"))
        );
    })
    .unwrap();
}
