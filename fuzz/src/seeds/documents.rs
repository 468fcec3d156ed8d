//! Documents that statements carry, and requests of hosts.

use sealstone_forge::Build;
use serde_json::{Value, json};

use super::{Seed, subject};
use crate::predicates::{BILLS, OPENVEX, SCANS};
use crate::world::{SIGSTORE, digest};

/// The seeds of the targets that read what attestations say, and of those that read requests.
pub(super) fn all() -> Vec<(&'static str, Vec<Seed>)> {
    vec![
        ("sbom", through_evidence(bills())),
        ("vulnerability_scan", through_evidence(scans())),
        ("vex", through_evidence(vex())),
        ("provenance", provenance()),
        ("admission_request", named(requests())),
        ("opa_term", terms()),
    ]
}

type Document = (&'static str, &'static str, Value);

/// The predicates of evidence that the forge makes of the documents, as objects and as text.
fn through_evidence(documents: Vec<Document>) -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, predicate_type, document) in documents {
        let text = json!(document.to_string());
        for (form, predicate) in [("object", document), ("text", text)] {
            let statement = sealstone_forge::Statement {
                statement_type: sealstone_forge::StatementType::V1,
                subject: vec![subject()],
                predicate_type: predicate_type.to_owned(),
                predicate,
            };
            let key = SIGSTORE.key_pair("release", sealstone_forge::KeyDetails::EcdsaP256Sha256);
            let made = SIGSTORE.keyed(&key).attest(&statement);
            let bundle = made.expect("the forge makes it").content;
            let bundle: Value = serde_json::from_slice(&bundle).expect("a bundle is JSON");
            for payload in super::payloads(&bundle) {
                let statement: Value = serde_json::from_slice(&payload).expect("a statement");
                let predicate = statement["predicate"].to_string();
                seeds.push((format!("{name}-{form}"), predicate.into_bytes()));
            }
        }
    }
    seeds
}

fn named(documents: Vec<(&'static str, Value)>) -> Vec<Seed> {
    let documents = documents.into_iter();
    documents
        .map(|(name, document)| (name.to_owned(), document.to_string().into_bytes()))
        .collect()
}

fn bills() -> Vec<Document> {
    let cyclonedx = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "authors": [{"name": "A"}],
            "tools": {"components": [{"type": "application", "name": "syft", "version": "1.20.0"}]},
            "component": {"type": "container", "bom-ref": "app", "name": "app", "version": "1"},
        },
        "components": [{
            "type": "library", "bom-ref": "lib", "name": "lib", "version": "2.0.0", "supplier": {"name": "S"},
            "purl": "pkg:npm/%40scope/lib@2.0.0?arch=x#sub/path",
            "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "ours"}}],
            "components": [{"type": "file", "name": "f"}],
        }, {"type": "library", "name": "other", "licenses": [{"expression": "MIT OR (Zlib AND 0BSD)"}]}],
        "dependencies": [{"ref": "app", "dependsOn": ["lib"]}],
    });
    let spdx = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "app",
        "documentNamespace": "https://sbom.example/1",
        "creationInfo": {"created": "2026-01-01T00:00:00Z",
            "creators": ["Organization: Example", "Tool: syft-1.20.0"]},
        "packages": [{
            "SPDXID": "SPDXRef-lib", "name": "lib", "versionInfo": "2.0.0", "supplier": "Person: A",
            "licenseDeclared": "MIT OR Apache-2.0", "licenseConcluded": "NOASSERTION",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/lib@2.0.0"}],
        }],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": "SPDXRef-lib",
            "relationshipType": "DESCRIBES"}],
    });
    let spdx_3 = json!({
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z",
             "createdBy": ["urn:org"], "createdUsing": ["urn:tool"]},
            {"type": "Organization", "spdxId": "urn:org", "creationInfo": "_:c", "name": "Example"},
            {"type": "Tool", "spdxId": "urn:tool", "creationInfo": "_:c", "name": "syft-1.20.0"},
            {"type": "SpdxDocument", "spdxId": "urn:doc", "creationInfo": "_:c", "name": "app",
             "rootElement": ["urn:lib"]},
            {"type": "software_Package", "spdxId": "urn:lib", "creationInfo": "_:c", "name": "lib",
             "software_packageVersion": "2.0.0", "software_packageUrl": "pkg:npm/lib@2.0.0"},
            {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l", "creationInfo": "_:c",
             "simplelicensing_licenseExpression": "MIT"},
            {"type": "Relationship", "spdxId": "urn:r", "creationInfo": "_:c", "from": "urn:lib",
             "relationshipType": "hasDeclaredLicense", "to": ["urn:l"]},
        ],
    });
    vec![
        ("cyclonedx", BILLS[0], cyclonedx),
        ("spdx-2", BILLS[1], spdx),
        ("spdx-3", BILLS[1], spdx_3),
    ]
}

fn scans() -> Vec<Document> {
    let around = |result: Value| {
        json!({
            "scanner": {
                "uri": "pkg:github/scanner/scanner@1.0.0", "version": "1.0.0",
                "db": {"uri": "pkg:github/scanner/db", "lastUpdate": "2026-03-01T11:00:00Z"},
                "result": result,
            },
            "metadata": {"scanStartedOn": "2026-03-01T11:30:00Z", "scanFinishedOn": "2026-03-01T11:31:00Z"},
        })
    };
    let trivy = json!({"SchemaVersion": 2, "ArtifactName": "app", "Results": [
        {"Target": "npm", "Class": "lang-pkgs", "Vulnerabilities": [{
            "VulnerabilityID": "CVE-1", "PkgName": "lib", "InstalledVersion": "2.0.0", "FixedVersion": "2.0.1",
            "PkgIdentifier": {"PURL": "pkg:npm/lib@2.0.0"}, "Severity": "CRITICAL", "Status": "fixed",
            "PublishedDate": "2026-02-01T00:00:00Z", "CVSS": {"nvd": {"V3Score": 10}}}]}]});
    let grype = json!({"matches": [{
        "vulnerability": {"id": "CVE-1", "severity": "High", "fix": {"state": "fixed", "versions": ["2.0.1"]}},
        "relatedVulnerabilities": [{"id": "GHSA-1"}],
        "artifact": {"name": "lib", "version": "2.0.0", "purl": "pkg:npm/lib@2.0.0"}}],
        "descriptor": {"name": "grype", "version": "1"}});
    let sarif = json!({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{"tool": {"driver": {"name": "S", "rules": [{"id": "CVE-1", "properties": {"security-severity": "9.8"}}]}},
            "invocations": [{"executionSuccessful": true}],
            "results": [{"ruleId": "CVE-1", "ruleIndex": 0}]}]});
    let in_toto = json!([{"id": "CVE-1", "severity": [
        {"method": "nvd", "score": "critical"}, {"method": "cvss_score", "score": "9.8"}]}]);
    vec![
        ("trivy", SCANS[0], around(trivy)),
        ("grype", SCANS[0], around(grype)),
        ("sarif", SCANS[0], around(sarif)),
        ("in-toto", SCANS[1], around(in_toto)),
    ]
}

fn vex() -> Vec<Document> {
    let image = format!("pkg:oci/app@{}", digest().replace(':', "%3A"));
    let statement = |status: &str, time: &str| {
        json!({
            "vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1"]},
            "timestamp": time,
            "products": [{"@id": image, "subcomponents": [{"@id": "pkg:npm/lib"}]},
                {"hashes": {"sha-256": digest().trim_start_matches("sha256:")}}],
            "status": status, "justification": "component_not_present",
        })
    };
    let document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vex.example/1", "author": "A",
        "timestamp": "2026-02-01T00:00:00Z", "version": 1,
        "statements": [statement("not_affected", "2026-02-02T00:00:00Z"),
            statement("affected", "2026-02-01T00:00:00Z")],
    });
    vec![("openvex", OPENVEX, document)]
}

fn provenance() -> Vec<Seed> {
    let build = Build::default();
    let summary = json!({
        "verifier": {"id": "https://checker.example", "version": {"checker": "1"}},
        "timeVerified": "2026-03-01T00:00:00Z", "resourceUri": format!("registry.example/app@{}", digest()),
        "policy": {"uri": "https://policy.example", "digest": {"sha256": "00"}},
        "inputAttestations": [{"uri": "https://evidence.example", "digest": {"sha256": "00"}}],
        "verificationResult": "PASSED", "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
        "dependencyLevels": {"SLSA_BUILD_LEVEL_2": 7}, "slsaVersion": "1.2",
    });
    named(vec![
        ("v1", build.provenance_v1(subject()).predicate),
        ("v0.2", build.provenance_v02(subject()).predicate),
        ("summary", summary),
    ])
}

fn requests() -> Vec<(&'static str, Value)> {
    let image = format!("registry.example/octo-org/app@{}", digest());
    let pod = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "1", "operation": "CREATE", "namespace": "default",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "userInfo": {"username": "ann", "groups": ["people"]},
            "object": {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": "p", "labels": {"a": "b"}, "annotations": {"sealstone.dev/evidence": "[]"}},
                "spec": {"containers": [{"name": "c", "image": image}],
                    "initContainers": [{"name": "i", "image": "busybox:1"}]}},
        },
    });
    let edited = |pointer: &str, value: Value| {
        let mut pod = pod.clone();
        if let Some(place) = pod.pointer_mut(pointer) {
            *place = value;
        }
        pod
    };
    vec![
        (
            "images",
            json!({"images": [{"reference": image, "digest": digest()}, {"reference": "busybox"}]}),
        ),
        ("delete", edited("/request/operation", json!("DELETE"))),
        ("exempt", edited("/request/namespace", json!("kube-system"))),
        (
            "other-kind",
            edited("/request/kind/kind", json!("ConfigMap")),
        ),
        ("bare", pod["request"].clone()),
        ("pod", pod),
    ]
}

fn terms() -> Vec<Seed> {
    let mut seeds = named(requests());
    for (name, text) in [
        (
            "sets",
            r#"{"a": {1, 2}, "b": set(), "c": {{"d"}, {"e": [1, -2.5e3]}}}"#,
        ),
        ("escapes", r#""\a\v\x7f\x00\U0001f600\u00e9\n""#),
        ("words", " [true, false, null]\n\0"),
    ] {
        seeds.push((name.to_owned(), text.as_bytes().to_vec()));
    }
    seeds
}
