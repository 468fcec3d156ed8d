//! OpenVEX documents: every version, every way to be refused, and which statement is about a finding.

use sealstone_provenance::{
    OpenVex, PackageUrl, VexError, VexIndex, VexJustification, VexStatus, VulnerabilityScan,
    embedded_document,
};
use sealstone_verify::UnixTime;

use crate::support::value;

pub(crate) const OPENVEX: &str = "https://openvex.dev/ns";
const REPOSITORY: &str = "registry.example/team/app";
const DIGEST: &str = "sha256:aa";

pub(crate) fn document(context: &str, statements: &str) -> String {
    format!(
        r#"{{"@context": "{context}", "@id": "https://vex.example/1", "author": "Example", "timestamp": "2026-01-02T00:00:00Z",
            "version": 1, "statements": [{statements}]}}"#
    )
}

fn check<T>(
    predicate_type: &str,
    predicate: &str,
    look: impl FnOnce(&OpenVex<'_>) -> T,
) -> Result<T, VexError> {
    let predicate = value(predicate);
    let document = embedded_document(&predicate)?;
    Ok(look(&OpenVex::from_document(predicate_type, &document)?))
}

pub(crate) const STATEMENT: &str = r#"{
    "vulnerability": {"@id": "https://x.example/CVE-1", "name": "CVE-1", "aliases": ["GHSA-1"]},
    "products": [{"@id": "pkg:oci/app@sha256%3Aaa", "identifiers": {"purl": "pkg:oci/app@sha256:aa?tag=1"}, "hashes": {"sha-256": "aa"},
        "subcomponents": [{"@id": "pkg:npm/lib@1.0.0"}]}],
    "status": "not_affected", "justification": "component_not_present", "timestamp": "2026-01-03T00:00:00Z"
}"#;

const EARLIER: &str = r#"{
    "vulnerability": "CVE-1", "products": ["pkg:oci/app@sha256:aa"], "subcomponents": ["pkg:npm/lib@1.0.0"],
    "status": "not_affected", "impact_statement": "it is not there"
}"#;

#[test]
fn spellings() {
    for (predicate_type, context, statement) in [
        (OPENVEX, "https://openvex.dev/ns/v0.2.0", STATEMENT),
        (
            "https://openvex.dev/ns/v0.2.0",
            "https://openvex.dev/ns/v0.2.0",
            STATEMENT,
        ),
        (
            "https://openvex.dev/ns/v0.2.0",
            "https://openvex.dev/ns",
            EARLIER,
        ),
        (OPENVEX, "https://openvex.dev/ns", EARLIER),
        (OPENVEX, "https://openvex.dev/ns/v0.0.1", EARLIER),
        (OPENVEX, "https://openvex.dev/ns/v0.1.0", STATEMENT),
    ] {
        let text = document(context, statement);
        for predicate in [
            text.clone(),
            sealstone_verify::json::Value::from(text).to_canonical_string(),
        ] {
            check(predicate_type, &predicate, |vex| {
                assert_eq!(
                    (vex.id, vex.author),
                    (Some("https://vex.example/1"), "Example")
                );
                let statement = &vex.statements[0];
                assert_eq!(statement.status, VexStatus::NotAffected);
                assert_eq!(statement.vulnerability[0], "CVE-1");
                let product = &statement.products[0];
                assert_eq!(
                    product.package_urls.last().unwrap().version.as_deref(),
                    Some("sha256:aa")
                );
                let part = &product.subcomponents[0];
                assert_eq!(part.package_urls[0].to_string(), "pkg:npm/lib@1.0.0");
                let is_new = statement.justification.is_some();
                let time = if is_new {
                    "2026-01-03T00:00:00Z"
                } else {
                    "2026-01-02T00:00:00Z"
                };
                assert_eq!(statement.timestamp, UnixTime::from_rfc3339(time));
                if is_new {
                    assert_eq!(statement.vulnerability, ["CVE-1", "GHSA-1"]);
                    assert_eq!(product.sha256, Some("aa"));
                    assert_eq!(
                        statement.justification,
                        Some(VexJustification::ComponentNotPresent)
                    );
                }
            })
            .expect(context);
        }
    }
}

#[test]
fn refused() {
    let code = |predicate_type: &str, predicate: &str| {
        let error = check(predicate_type, predicate, |_| ()).expect_err(predicate);
        assert!(!error.to_string().is_empty());
        error.code()
    };
    let context = "https://openvex.dev/ns/v0.2.0";
    let whole = document(context, STATEMENT);
    for predicate_type in ["https://openvex.dev/nsx", "https://spdx.dev/Document"] {
        assert_eq!(
            code(predicate_type, &whole),
            "vex.predicate-type-unsupported"
        );
    }
    for context in [
        "https://openvex.dev/ns/v0.3.0",
        "https://openvex.dev/ns/v1.0.0",
        "https://example.com/ns",
        "x",
    ] {
        assert_eq!(
            code(OPENVEX, &document(context, STATEMENT)),
            "vex.version-unsupported",
            "{context}"
        );
    }
    assert_eq!(code(OPENVEX, r#""{""#), "vex.json-malformed");
    for (from, to, expected) in [
        (
            r#""@context": "https://openvex.dev/ns/v0.2.0", "#,
            "",
            "vex.field-missing",
        ),
        (r#""author": "Example", "#, "", "vex.field-missing"),
        (
            r#""timestamp": "2026-01-02T00:00:00Z""#,
            r#""timestamp": "2026""#,
            "vex.field-malformed",
        ),
        (
            r#""statements": ["#,
            r#""statements": 1, "x": ["#,
            "vex.field-malformed",
        ),
        (
            r#""statements": ["#,
            r#""statements": ["x", "#,
            "vex.field-malformed",
        ),
        (r#""name": "CVE-1", "#, "", "vex.field-missing"),
        (
            r#""aliases": ["GHSA-1"]"#,
            r#""aliases": [1]"#,
            "vex.field-malformed",
        ),
        (r#""status": "not_affected", "#, "", "vex.field-missing"),
        ("not_affected", "harmless", "vex.status-unknown"),
        ("component_not_present", "no_reason", "vex.status-unknown"),
        (
            r#""justification": "component_not_present", "#,
            "",
            "vex.field-missing",
        ),
        (
            r#""products": ["#,
            r#""products": [1, "#,
            "vex.field-malformed",
        ),
        ("pkg:npm/lib@1.0.0", "pkg:npm/", "package-url.name-missing"),
        (
            r#""hashes": {"#,
            r#""hashes": [], "x": {"#,
            "vex.field-malformed",
        ),
        (
            r#""subcomponents": ["#,
            r#""subcomponents": [[], "#,
            "vex.field-malformed",
        ),
    ] {
        let edited = whole.replacen(from, to, 1);
        assert_ne!(edited, whole, "{from}");
        assert_eq!(code(OPENVEX, &edited), expected, "{from} -> {to}");
    }
    // Which of two products the parts are of, nobody says.
    let two = EARLIER.replace(
        r#"["pkg:oci/app@sha256:aa"]"#,
        r#"["pkg:oci/app@sha256:aa", "pkg:oci/b"]"#,
    );
    assert_eq!(
        code(OPENVEX, &document(OPENVEX, &two)),
        "vex.field-malformed"
    );
}

/// The status that the document gives the finding `CVE-1` (also `GHSA-1`) in the package.
fn status(statements: &str, package: &str) -> Option<VexStatus> {
    let text = document("https://openvex.dev/ns/v0.2.0", statements);
    let report = value(&format!(
        r#"{{"scanner": {{"result": {{"descriptor": {{"name": "grype"}}, "matches": [
            {{"vulnerability": {{"id": "CVE-1"}}, "relatedVulnerabilities": [{{"id": "GHSA-1"}}], "artifact": {{"purl": "{package}"}}}}]}}}}}}"#
    ));
    let scan =
        VulnerabilityScan::from_predicate("cosign.sigstore.dev/attestation/vuln/v1", &report)
            .unwrap();
    check(OPENVEX, &text, |vex| {
        let index = VexIndex::new(vex, &PackageUrl::of_image(REPOSITORY, DIGEST)).unwrap();
        index.statement(&scan.findings[0]).map(|found| found.status)
    })
    .unwrap()
}

fn fixed(vulnerability: &str, product: &str) -> String {
    format!(
        r#"{{"vulnerability": {{"name": "{vulnerability}"}}, "products": [{product}], "status": "fixed"}}"#
    )
}

#[test]
fn products() {
    const LIB: &str = "pkg:npm/lib@1.0.0?arch=x";
    for (vulnerability, product, package, matches) in [
        // The whole image, by its digest or by its repository.
        ("CVE-1", r#"{"@id": "pkg:oci/app@sha256%3Aaa"}"#, LIB, true),
        ("CVE-1", r#"{"@id": "pkg:oci/app@sha256%3Aaa"}"#, "", true),
        (
            "GHSA-1",
            r#"{"@id": "pkg:oci/app@sha256%3Aaa?arch=amd64&tag=1"}"#,
            LIB,
            true,
        ),
        (
            "CVE-1",
            r#"{"identifiers": {"purl": "pkg:docker/team/app@sha256:aa"}}"#,
            LIB,
            true,
        ),
        (
            "CVE-1",
            r#"{"@id": "https://x.example", "hashes": {"sha-256": "aa"}}"#,
            LIB,
            true,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app?repository_url=registry.example/team/app"}"#,
            LIB,
            true,
        ),
        ("CVE-1", r#""pkg:oci/app@sha256:aa""#, LIB, true),
        // Another image, or one that could be another.
        ("CVE-1", r#"{"@id": "pkg:oci/app@sha256%3Abb"}"#, LIB, false),
        ("CVE-1", r#"{"@id": "pkg:oci/app"}"#, LIB, false),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app?repository_url=registry.example/other/app"}"#,
            LIB,
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app?repository_url=registry.example/team/app&tag=1"}"#,
            LIB,
            false,
        ),
        ("CVE-1", r#"{"hashes": {"sha-256": "bb"}}"#, LIB, false),
        ("CVE-1", r#"{"@id": "https://x.example/app"}"#, LIB, false),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "hashes": {"sha-256": "bb"}}"#,
            LIB,
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:bb", "identifiers": {"purl": "pkg:npm/lib@1.0.0"}}"#,
            LIB,
            false,
        ),
        // Another vulnerability.
        (
            "CVE-11",
            r#"{"@id": "pkg:oci/app@sha256%3Aaa"}"#,
            LIB,
            false,
        ),
        // Parts of the image.
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib"}]}"#,
            LIB,
            true,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib@1.0.0"}]}"#,
            LIB,
            true,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib?arch=x"}]}"#,
            LIB,
            true,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib?arch=y"}]}"#,
            LIB,
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib@1.0.1"}]}"#,
            LIB,
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib@1.0.0"}]}"#,
            "pkg:npm/lib",
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "pkg:npm/lib"}]}"#,
            "",
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:aa", "subcomponents": [{"@id": "lib"}]}"#,
            LIB,
            false,
        ),
        (
            "CVE-1",
            r#"{"@id": "pkg:oci/app@sha256:bb", "subcomponents": [{"@id": "pkg:npm/lib"}]}"#,
            LIB,
            false,
        ),
        // The package wherever it is, but not as part of something else.
        ("CVE-1", r#"{"@id": "pkg:npm/lib@1.0.0"}"#, LIB, true),
        ("CVE-1", r#"{"@id": "pkg:npm/lib@1.0.1"}"#, LIB, false),
        (
            "CVE-1",
            r#"{"@id": "pkg:npm/host@1.0.0", "subcomponents": [{"@id": "pkg:npm/lib@1.0.0"}]}"#,
            LIB,
            false,
        ),
    ] {
        let expected = matches.then_some(VexStatus::Fixed);
        assert_eq!(
            status(&fixed(vulnerability, product), package),
            expected,
            "{vulnerability} {product} {package}"
        );
    }
    assert_eq!(status("", LIB), None);
}

#[test]
fn the_latest_counts() {
    let at = |status: &str, time: &str, product: &str| {
        let time = if time.is_empty() {
            String::new()
        } else {
            format!(r#", "timestamp": "{time}""#)
        };
        format!(
            r#"{{"vulnerability": {{"name": "CVE-1"}}, "products": [{{"@id": "{product}"}}], "status": "{status}",
                "impact_statement": "none"{time}}}"#
        )
    };
    const IMAGE: &str = "pkg:oci/app@sha256%3Aaa";
    const LIB: &str = "pkg:npm/lib@1.0.0";
    use VexStatus::{Affected, NotAffected, UnderInvestigation};
    for (first, second, expected) in [
        (
            at("affected", "2026-02-01T00:00:00Z", IMAGE),
            at("not_affected", "2026-02-02T00:00:00Z", IMAGE),
            NotAffected,
        ),
        (
            at("not_affected", "2026-02-01T00:00:00Z", IMAGE),
            at("affected", "2026-02-02T00:00:00Z", IMAGE),
            Affected,
        ),
        (
            at("not_affected", "2026-02-01T00:00:00Z", IMAGE),
            at("affected", "2026-02-02T00:00:00Z", LIB),
            Affected,
        ),
        (
            at("not_affected", "", LIB),
            at("under_investigation", "", LIB),
            UnderInvestigation,
        ),
        (
            at("affected", "", LIB),
            at("not_affected", "", IMAGE),
            Affected,
        ),
    ] {
        for both in [format!("{first},{second}"), format!("{second},{first}")] {
            assert_eq!(status(&both, LIB), Some(expected), "{both}");
        }
    }
    assert!(NotAffected.lowers() && VexStatus::Fixed.lowers());
    assert!(!Affected.lowers() && !UnderInvestigation.lowers());
}

#[test]
fn limits() {
    let index = |statements: &str| {
        let text = document("https://openvex.dev/ns/v0.2.0", statements);
        let image = PackageUrl::of_image(REPOSITORY, DIGEST);
        check(OPENVEX, &text, |vex| VexIndex::new(vex, &image).map(|_| ()))
            .unwrap()
            .map_err(|error| error.code())
    };
    let products = |count| {
        let products = vec![r#""pkg:npm/lib""#; count].join(",");
        fixed("CVE-1", &products)
    };
    assert_eq!(index(&products(65_536)), Ok(()));
    assert_eq!(index(&products(65_537)), Err("limit.vex-products"));
    let qualified = |count: usize| {
        let products: Vec<_> = (0..count)
            .map(|n| format!(r#""pkg:npm/lib?arch={n}""#))
            .collect();
        fixed("CVE-1", &products.join(","))
    };
    assert_eq!(index(&qualified(64)), Ok(()));
    assert_eq!(index(&qualified(65)), Err("limit.vex-products"));
}
