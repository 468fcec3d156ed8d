//! What a document takes grows with its length, and no faster.

use std::fmt::Write;

use sealstone_provenance::{OpenVex, PackageUrl, Sbom, VexIndex, VulnerabilityScan};
use sealstone_verify::json::Value;

use crate::sbom::{CYCLONEDX, SPDX};
use crate::support::value;
use crate::vulnerability::{COSIGN, predicate};

/// `count` items by their number, with commas between.
fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

fn spdx_2(count: usize) -> String {
    let packages = list(count, |n| {
        format!(
            r#"{{"SPDXID": "SPDXRef-{n}", "name": "p{n}", "versionInfo": "1.0.{n}", "licenseDeclared": "MIT",
                "externalRefs": [{{"referenceType": "purl", "referenceLocator": "pkg:npm/%40s/p{n}@1.0.{n}?a=b"}}]}}"#
        )
    });
    let relationships = list(count, |n| {
        format!(
            r#"{{"spdxElementId": "SPDXRef-0", "relatedSpdxElement": "SPDXRef-{n}", "relationshipType": "CONTAINS"}}"#
        )
    });
    format!(
        r#"{{"spdxVersion": "SPDX-2.3", "packages": [{packages}], "relationships": [{relationships}]}}"#
    )
}

fn spdx_3(count: usize) -> String {
    let elements = list(count, |n| {
        format!(
            r#"{{"type": "software_Package", "spdxId": "urn:{n}", "name": "p{n}", "software_packageUrl": "pkg:npm/p{n}"}},
               {{"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l{n}", "simplelicensing_licenseExpression": "MIT"}},
               {{"type": "Relationship", "spdxId": "urn:r{n}", "from": "urn:{n}", "relationshipType": "hasDeclaredLicense", "to": ["urn:l{n}"]}}"#
        )
    });
    format!(
        r#"{{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
            {{"type": "SpdxDocument", "spdxId": "urn:d", "creationInfo": {{"specVersion": "3.0.1"}}}}, {elements}]}}"#
    )
}

fn cyclonedx(count: usize) -> String {
    let components = list(count, |n| {
        format!(
            r#"{{"bom-ref": "{n}", "name": "p{n}", "purl": "pkg:pypi/P_{n}@1", "components": [{{"name": "part"}}]}}"#
        )
    });
    let dependencies = list(count, |n| {
        format!(r#"{{"ref": "{n}", "dependsOn": ["0"]}}"#)
    });
    format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{components}], "dependencies": [{dependencies}]}}"#
    )
}

fn scan(count: usize) -> String {
    let findings = list(count, |n| {
        format!(
            r#"{{"VulnerabilityID": "CVE-{n}", "Severity": "HIGH", "PkgIdentifier": {{"PURL": "pkg:npm/p{n}@1"}}, "FixedVersion": "2"}}"#
        )
    });
    predicate(&format!(
        r#"{{"SchemaVersion": 2, "ArtifactName": "a", "Results": [{{"Class": "os-pkgs", "Vulnerabilities": [{findings}]}}]}}"#
    ))
}

fn vex(count: usize) -> String {
    let statements = list(count, |n| {
        format!(
            r#"{{"vulnerability": {{"name": "CVE-{n}"}}, "status": "fixed", "products": [{{"@id": "pkg:npm/p{n}"}}]}}"#
        )
    });
    format!(
        r#"{{"@context": "https://openvex.dev/ns", "author": "a", "statements": [{statements}]}}"#
    )
}

/// A name, the document of so many items, and what reads it.
type Case<'c> = (&'c str, fn(usize) -> String, &'c dyn Fn(&Value));

#[test]
fn memory_is_linear() {
    let read_spdx = |document: &Value| {
        Sbom::from_document(SPDX, document).unwrap();
    };
    let read_cyclonedx = |document: &Value| {
        Sbom::from_document(CYCLONEDX, document).unwrap();
    };
    let read_scan = |document: &Value| {
        VulnerabilityScan::from_predicate(COSIGN, document).unwrap();
    };
    let read_vex = |document: &Value| {
        let document = OpenVex::from_document("https://openvex.dev/ns", document).unwrap();
        VexIndex::new(
            &document,
            &PackageUrl::of_image("registry.example/a", "sha256:aa"),
        )
        .unwrap();
    };
    let readers: [Case<'_>; 5] = [
        ("SPDX 2", spdx_2, &read_spdx),
        ("SPDX 3", spdx_3, &read_spdx),
        ("CycloneDX", cyclonedx, &read_cyclonedx),
        ("scan", scan, &read_scan),
        ("VEX", vex, &read_vex),
    ];
    let mut report = String::new();
    for (name, document, read) in readers {
        let spent = |count| {
            let document = value(&document(count));
            let spent = allocation_counter::measure(|| read(&document));
            (spent.count_total, spent.bytes_total)
        };
        let (small, large) = (spent(1000), spent(4000));
        writeln!(report, "{name}: {small:?} {large:?}").unwrap();
        // A vector that grows is copied up to twice its length, wherever its last doubling falls.
        assert!(large.0 <= small.0 * 5, "{report}");
        assert!(large.1 <= small.1 * 6, "{report}");
    }
}
