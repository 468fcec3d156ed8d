//! SBOMs, vulnerability scans and VEX documents.

use anyhow::Result;
use serde_json::{Value, json};

use super::cases::Case;
use super::world::{
    DIGEST, attestation, by_key, by_person, call, key, own_root, person, policy, rule,
};

pub(super) const CYCLONEDX: &str = "https://cyclonedx.org/bom";
const SPDX: &str = "https://spdx.dev/Document";
const COSIGN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
pub(super) const VULNS: &str = "https://in-toto.io/attestation/vulns/v0.2";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = bills()?;
    cases.extend(licenses()?);
    cases.extend(scans()?);
    cases.extend(vex()?);
    Ok(cases)
}

/// A CycloneDX document of one package under this licence.
pub(super) fn cyclonedx(purl: &str, license: Value) -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"tools": {"components": [{"type": "application", "name": "syft", "version": "1.20.0"}]}},
        "components": [
            {"type": "library", "name": "lib", "purl": purl, "licenses": [license]},
        ],
    })
}

fn spdx(purl: &str) -> Value {
    json!({
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "dataLicense": "CC0-1.0",
        "documentNamespace": "https://sbom.example/1",
        "creationInfo": {"created": "2026-02-01T00:00:00Z", "creators": ["Tool: syft-1.20.0"]},
        "packages": [{
            "SPDXID": "SPDXRef-lib", "name": "lib", "versionInfo": "2.0.0", "downloadLocation": "NOASSERTION",
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "MIT OR AGPL-3.0-only",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator": purl}],
        }],
        "relationships": [],
    })
}

fn bills() -> Result<Vec<Case>> {
    let asking = |asked: Value| {
        let mut whole = json!({"signedBy": ["lister"]});
        if let (Some(whole), Value::Object(asked)) = (whole.as_object_mut(), asked) {
            whole.extend(asked);
        }
        policy(&[key("lister")], rule("sbom", whole), json!({}))
    };
    let packages = asking(json!({
        "tools": [{"name": {"exact": "syft"}}],
        "packages": {"deny": [{"package": "pkg:npm/lib", "versions": "<2.0.0", "reason": "see the advisory"}]},
    }));
    let spdx_alone = asking(json!({"formats": ["spdx"]}));
    let complete = asking(json!({"complete": true}));
    let mit = json!({"license": {"id": "MIT"}});
    let by = |signer: &str, predicate_type: &str, document: Value| {
        attestation(&by_key(signer), predicate_type, document)
    };
    let old = || cyclonedx("pkg:npm/lib@1.9.9", mit.clone());
    let new = || cyclonedx("pkg:npm/lib@2.0.0", mit.clone());
    let mut without_tool = new();
    without_tool["metadata"] = json!({});
    Ok(vec![
        Case::allowed(
            "sbom-cyclonedx",
            call(&packages, vec![by("lister", CYCLONEDX, new())?]),
        ),
        Case::allowed(
            "sbom-spdx-as-text",
            call(
                &packages,
                vec![by(
                    "lister",
                    SPDX,
                    json!(spdx("pkg:npm/lib@2.0.0").to_string()),
                )?],
            ),
        ),
        Case::rejected(
            "sbom-with-a-denied-package",
            "sbom.package-denied",
            call(&packages, vec![by("lister", CYCLONEDX, old())?]),
        ),
        Case::rejected(
            "sbom-without-tool",
            "sbom.tool-missing",
            call(&packages, vec![by("lister", CYCLONEDX, without_tool)?]),
        ),
        Case::rejected(
            "sbom-by-another-key",
            "signature.invalid",
            call(&packages, vec![by("stranger", CYCLONEDX, new())?]),
        ),
        Case::rejected("sbom-missing", "evidence.missing", call(&packages, vec![])),
        Case::rejected(
            "sbom-of-another-format",
            "sbom.format-disallowed",
            call(&spdx_alone, vec![by("lister", CYCLONEDX, new())?]),
        ),
        Case::rejected(
            "sbom-under-a-false-name",
            "sbom.format-mismatch",
            call(&spdx_alone, vec![by("lister", SPDX, new())?]),
        ),
        Case::rejected(
            "sbom-incomplete",
            "sbom.author-missing",
            call(&complete, vec![by("lister", CYCLONEDX, new())?]),
        ),
    ])
}

fn licenses() -> Result<Vec<Case>> {
    let asking = |licenses: Value| {
        let asked = json!({"signedBy": ["lister"], "licenses": licenses});
        policy(&[key("lister")], rule("sbom", asked), json!({}))
    };
    let allow = asking(json!({"allow": ["MIT", "Apache-2.0"]}));
    let deny = asking(json!({"deny": ["AGPL-3.0-only"]}));
    let lenient = asking(json!({"allow": ["MIT"], "insecureIgnoreUnknown": true}));
    let listed = |license: Value| {
        let document = cyclonedx("pkg:npm/lib@2.0.0", license);
        attestation(&by_key("lister"), CYCLONEDX, document)
    };
    let expression = |text: &str| json!({"expression": text});
    let named = json!({"license": {"name": "our own"}});
    Ok(vec![
        Case::allowed(
            "licences-of-which-one-is-allowed",
            call(&allow, vec![listed(expression("GPL-2.0-only OR mit"))?]),
        ),
        Case::rejected(
            "licences-of-which-one-is-not-allowed",
            "sbom.license-not-allowed",
            call(&allow, vec![listed(expression("MIT AND GPL-2.0-only"))?]),
        ),
        Case::rejected(
            "licence-denied",
            "sbom.license-denied",
            call(&deny, vec![listed(expression("AGPL-3.0-only"))?]),
        ),
        Case::rejected(
            "licence-unknown",
            "sbom.license-unknown",
            call(&allow, vec![listed(named.clone())?]),
        ),
        Case::allowed(
            "licence-unknown-ignored",
            call(&lenient, vec![listed(named)?]),
        ),
    ])
}

/// A finding of Trivy.
fn finding(id: &str, severity: &str, fixed: Option<&str>) -> Value {
    let mut finding = json!({
        "VulnerabilityID": id, "PkgName": "lib", "PkgIdentifier": {"PURL": "pkg:npm/lib@2.0.0"},
        "Severity": severity, "PublishedDate": "2026-02-01T00:00:00Z", "Status": "affected",
    });
    if let Some(version) = fixed {
        finding["FixedVersion"] = json!(version);
        finding["Status"] = json!("fixed");
    }
    finding
}

fn trivy(findings: &[Value]) -> Value {
    json!({
        "scanner": {
            "uri": "pkg:github/scanner/scanner@1.0.0",
            "db": {"uri": "pkg:github/scanner/db", "lastUpdate": "2026-03-01T11:00:00Z"},
            "result": {"SchemaVersion": 2, "ArtifactName": "app", "Results": [
                {"Target": "npm", "Class": "lang-pkgs", "Vulnerabilities": findings}]},
        },
        "metadata": {"scanFinishedOn": "2026-03-01T11:31:00Z"},
    })
}

/// A scan in the form of in-toto that found these, all critical.
pub(super) fn vulns(ids: &[&str]) -> Value {
    let result: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "severity": [{"method": "nvd", "score": "critical"}]}))
        .collect();
    json!({"scanner": {"uri": "pkg:github/scanner/scanner@1.0.0", "result": result}})
}

fn asking_scan(asked: Value) -> Value {
    let mut whole = json!({"signedBy": ["scanner"], "maximumAge": "120d"});
    if let (Some(whole), Value::Object(asked)) = (whole.as_object_mut(), asked) {
        whole.extend(asked);
    }
    let authorities = [
        person("scanner", "scanner@example.com"),
        person("triage", "triage@example.com"),
    ];
    policy(&authorities, rule("vulnerabilities", whole), own_root())
}

fn scanned(predicate_type: &str, predicate: Value) -> Result<Value> {
    let scanner = by_person("scanner@example.com");
    Ok(attestation(&scanner, predicate_type, predicate)?)
}

fn scans() -> Result<Vec<Case>> {
    let strict = asking_scan(json!({
        "scanners": [{"glob": "pkg:github/scanner/*"}],
        "maximumDatabaseAge": "1d",
        "maximum": {"critical": {"fixable": 0, "unfixable": 1}},
        "ignore": [{"id": "CVE-9", "reason": "not reachable", "until": "2026-06-20T00:00:00Z"}],
    }));
    let recent = asking_scan(json!({"maximum": {"critical": 0}, "leeway": {"critical": "150d"}}));
    let fresh = asking_scan(json!({"maximum": {"critical": 0}, "maximumAge": "7d"}));
    let score = asking_scan(json!({"maximumScore": "8.9"}));
    let fixable = finding("CVE-1", "CRITICAL", Some("2.0.1"));
    let unfixable = finding("CVE-2", "CRITICAL", None);
    let ignored = finding("CVE-9", "CRITICAL", Some("2.0.1"));
    let with = |findings: &[Value]| scanned(COSIGN, trivy(findings));
    Ok(vec![
        Case::allowed(
            "scan-of-one-without-a-fix",
            call(&strict, vec![with(&[unfixable.clone(), ignored])?]),
        ),
        Case::rejected(
            "scan-of-one-with-a-fix",
            "vulnerability-scan.too-many",
            call(&strict, vec![with(&[unfixable.clone(), fixable.clone()])?]),
        ),
        Case::allowed(
            "scan-of-what-is-new",
            call(&recent, vec![with(&[fixable])?]),
        ),
        Case::rejected(
            "scan-too-old",
            "evidence.too-old",
            call(&fresh, vec![with(&[])?]),
        ),
        Case::rejected(
            "scan-of-too-high-a-score",
            "vulnerability-scan.score",
            call(&score, vec![scanned(VULNS, vulns(&["CVE-1"]))?]),
        ),
        Case::rejected(
            "scan-that-nobody-can-read",
            "vulnerability-scan.result-unreadable",
            call(
                &fresh_enough(),
                vec![scanned(COSIGN, json!({"scanner": {"result": {"x": 1}}}))?],
            ),
        ),
        Case::rejected(
            "scan-by-somebody-else",
            "identity.subject-mismatch",
            call(
                &fresh_enough(),
                vec![attestation(
                    &by_person("ann@example.com"),
                    VULNS,
                    vulns(&[]),
                )?],
            ),
        ),
    ])
}

fn fresh_enough() -> Value {
    asking_scan(json!({"maximum": {"critical": 0}}))
}

fn vex() -> Result<Vec<Case>> {
    let heeding = asking_scan(json!({
        "maximum": {"critical": 0},
        "vex": {"signedBy": ["triage"], "maximumAge": "120d",
            "justifications": ["vulnerable_code_not_present"]},
    }));
    let document = |status: &str, justification: &str| {
        json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": "https://vex.example/1",
            "author": "Triage",
            "timestamp": "2026-02-01T00:00:00Z",
            "version": 1,
            "statements": [{
                "vulnerability": {"name": "CVE-1"},
                "products": [{"@id": format!("pkg:oci/app@{}", DIGEST.replace(':', "%3A"))}],
                "status": status,
                "justification": justification,
            }],
        })
    };
    let said = |address: &str, status: &str, justification: &str| {
        attestation(
            &by_person(address),
            OPENVEX,
            document(status, justification),
        )
    };
    let absent = "vulnerable_code_not_present";
    let found = || scanned(VULNS, vulns(&["CVE-1"]));
    let too_many = "vulnerability-scan.too-many";
    Ok(vec![
        Case::allowed(
            "vex-lowers",
            call(
                &heeding,
                vec![
                    found()?,
                    said("triage@example.com", "not_affected", absent)?,
                ],
            ),
        ),
        Case::rejected("vex-missing", too_many, call(&heeding, vec![found()?])),
        Case::rejected(
            "vex-by-somebody-else",
            too_many,
            call(
                &heeding,
                vec![
                    found()?,
                    said("scanner@example.com", "not_affected", absent)?,
                ],
            ),
        ),
        Case::rejected(
            "vex-for-another-reason",
            too_many,
            call(
                &heeding,
                vec![
                    found()?,
                    said(
                        "triage@example.com",
                        "not_affected",
                        "component_not_present",
                    )?,
                ],
            ),
        ),
        Case::rejected(
            "vex-of-what-is-affected",
            too_many,
            call(
                &heeding,
                vec![found()?, said("triage@example.com", "affected", absent)?],
            ),
        ),
        Case::rejected(
            "vex-alone",
            "evidence.missing",
            call(
                &heeding,
                vec![said("triage@example.com", "not_affected", absent)?],
            ),
        ),
    ])
}
