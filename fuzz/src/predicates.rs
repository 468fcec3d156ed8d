//! The targets that read what attestations say: they must not panic, must read the canonical form of a
//! document alike, and must not find what is not there.

use std::fmt::Debug;

use sealstone_provenance::{
    OpenVex, PackageUrl, Provenance, Sbom, VerificationSummary, VexIndex, VulnerabilityScan,
    embedded_document,
};
use sealstone_verify::Limits;
use sealstone_verify::json::{Value, parse};

use crate::targets::has_floating_point;
use crate::world::digest;

pub(crate) const BILLS: [&str; 2] = ["https://cyclonedx.org/bom", "https://spdx.dev/Document"];
pub(crate) const SCANS: [&str; 2] = [
    "https://cosign.sigstore.dev/attestation/vuln/v1",
    "https://in-toto.io/attestation/vulns/v0.2",
];
pub(crate) const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
const PROVENANCE: [&str; 3] = [
    "https://slsa.dev/provenance/v0.1",
    "https://slsa.dev/provenance/v0.2",
    "https://slsa.dev/provenance/v1",
];
const SUMMARIES: [&str; 3] = [
    "https://slsa.dev/verification_summary/v0.1",
    "https://slsa.dev/verification_summary/v0.2",
    "https://slsa.dev/verification_summary/v1",
];

/// Findings that VEX documents may be about.
const FOUND: &str = r#"{"scanner": {"uri": "pkg:github/a/scanner", "result": [
    {"id": "CVE-1", "severity": [{"method": "nvd", "score": "critical"}]},
    {"id": "CVE-2", "severity": [{"method": "nvd", "score": "low"}]}]}}"#;

/// An SBOM. Package URLs are in their normal form, and no more packages are listed than the document has objects.
pub fn sbom(data: &[u8]) {
    each_form(data, &BILLS, |predicate_type, predicate| {
        let document = embedded_document(predicate).map_err(|error| format!("{error:?}"))?;
        let sbom = Sbom::from_document(predicate_type, &document);
        let sbom = sbom.map_err(|error| format!("{error:?}"))?;
        assert!(sbom.packages.len() <= nodes(&document));
        for package in &sbom.packages {
            package.package_urls.iter().for_each(check_package_url);
        }
        let complete = sbom.check_completeness().is_ok();
        Ok(format!("{sbom:?} {complete}"))
    });
}

/// A vulnerability scan. Every finding has a name, and there are no more than the document has objects.
pub fn vulnerability_scan(data: &[u8]) {
    each_form(data, &SCANS, |predicate_type, predicate| {
        let document = embedded_document(predicate).map_err(|error| format!("{error:?}"))?;
        let scan = VulnerabilityScan::from_predicate(predicate_type, &document);
        let scan = scan.map_err(|error| format!("{error:?}"))?;
        assert!(scan.findings.len() <= nodes(&document));
        for finding in &scan.findings {
            assert!(finding.ids().all(|id| !id.is_empty()));
            finding.package_url.iter().for_each(check_package_url);
        }
        Ok(format!("{scan:?}"))
    });
}

/// A VEX document. What it says of a finding, it says of one of its names.
pub fn vex(data: &[u8]) {
    let found = parse(FOUND.as_bytes(), 64).expect("it is JSON");
    let found = VulnerabilityScan::from_predicate(SCANS[1], &found).expect("it is a scan");
    let digest = digest();
    let image = PackageUrl::of_image("registry.example/octo-org/app", &digest);
    each_form(data, &[OPENVEX], |predicate_type, predicate| {
        let document = embedded_document(predicate).map_err(|error| format!("{error:?}"))?;
        let vex = OpenVex::from_document(predicate_type, &document);
        let vex = vex.map_err(|error| format!("{error:?}"))?;
        let index = VexIndex::new(&vex, &image).map_err(|error| format!("{error:?}"))?;
        let mut said = Vec::new();
        for finding in &found.findings {
            let statement = index.statement(finding);
            if let Some(statement) = statement {
                assert!(vex.statements.contains(statement));
                let mut names = statement.vulnerability.iter();
                assert!(names.any(|name| finding.ids().any(|id| id == *name)));
            }
            said.push(statement);
        }
        Ok(format!("{vex:?} {said:?}"))
    });
}

/// Provenance or a verification summary, in every version.
pub fn provenance(data: &[u8]) {
    each_form(data, &PROVENANCE, |predicate_type, predicate| {
        let read = Provenance::from_predicate(predicate_type, predicate);
        read.map(|read| {
            let refs = (read.branch().ok(), read.tag().ok());
            format!("{read:?} {refs:?} {:?}", read.unverifiable_claim())
        })
        .map_err(|error| format!("{error:?}"))
    });
    each_form(data, &SUMMARIES, |predicate_type, predicate| {
        shown(VerificationSummary::from_predicate(
            predicate_type,
            predicate,
        ))
    });
}

fn shown(read: Result<impl Debug, impl Debug>) -> Result<String, String> {
    read.map(|read| format!("{read:?}"))
        .map_err(|error| format!("{error:?}"))
}

/// Reads a document as each of the predicate types: twice the same comes out, of the document and of its
/// canonical form.
fn each_form(
    data: &[u8],
    predicate_types: &[&str],
    read: impl Fn(&str, &Value) -> Result<String, String>,
) {
    let nesting = Limits::default().json_nesting;
    let Ok(value) = parse(data, nesting) else {
        return;
    };
    // Numbers beyond the integers are not written as they were read.
    let canonical = (!has_floating_point(&value)).then(|| value.to_canonical_string());
    let canonical = canonical.map(|text| parse(text.as_bytes(), nesting).expect("strict JSON"));
    for predicate_type in predicate_types {
        let first = read(predicate_type, &value);
        if let Some(canonical) = &canonical {
            assert_eq!(read(predicate_type, canonical), first, "{predicate_type}");
        }
    }
}

/// The normal form of a package URL is one, and the same one.
fn check_package_url(url: &PackageUrl<'_>) {
    let text = url.to_string();
    match PackageUrl::parse(&text) {
        Ok(again) => assert_eq!(again.to_string(), text),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(members) => members.values().map(nodes).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
