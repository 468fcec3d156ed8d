//! Every way in which a bill of materials can be refused.

use sealstone_verify::json::Value;

use crate::sbom::{CYCLONEDX, CYCLONEDX_16, SPDX, SPDX_23, SPDX_30, check};
use crate::support::value;

fn code(predicate_type: &str, document: &str) -> &'static str {
    check(predicate_type, &value(document), |_| ()).expect_err(document)
}

#[test]
fn formats() {
    for (predicate_type, document, expected) in [
        (
            "https://slsa.dev/provenance/v1",
            SPDX_23,
            "sbom.predicate-type-unsupported",
        ),
        (
            "https://spdx.dev/Documents",
            SPDX_23,
            "sbom.predicate-type-unsupported",
        ),
        (CYCLONEDX, SPDX_23, "sbom.format-mismatch"),
        (CYCLONEDX, SPDX_30, "sbom.format-mismatch"),
        (SPDX, CYCLONEDX_16, "sbom.format-mismatch"),
        (SPDX, "{}", "sbom.format-unknown"),
        (SPDX, "[]", "sbom.format-unknown"),
        (SPDX, "null", "sbom.format-unknown"),
        // What one producer labels as SPDX.
        (
            SPDX,
            r#"{"artifacts": [], "descriptor": {"name": "syft"}, "schema": {"version": "16.0.0"}}"#,
            "sbom.format-unknown",
        ),
        (
            SPDX,
            r#"{"spdxVersion": "SPDX-2.3", "bomFormat": "CycloneDX", "specVersion": "1.6"}"#,
            "sbom.format-unknown",
        ),
        (
            SPDX,
            r#"{"@context": "https://example.com/rdf/3.0.1"}"#,
            "sbom.format-unknown",
        ),
        (
            CYCLONEDX,
            r#"{"bomFormat": "cyclonedx", "specVersion": "1.6"}"#,
            "sbom.format-unknown",
        ),
        (
            SPDX,
            r#"{"spdxVersion": "SPDX-2.2"}"#,
            "sbom.version-unsupported",
        ),
        (
            SPDX,
            r#"{"spdxVersion": "SPDX-2.4"}"#,
            "sbom.version-unsupported",
        ),
        (
            SPDX,
            r#"{"@context": "https://spdx.org/rdf/4.0.0/spdx-context.jsonld"}"#,
            "sbom.version-unsupported",
        ),
        (
            SPDX,
            &SPDX_30.replace(r#""3.0.1""#, r#""3.1.0""#),
            "sbom.version-unsupported",
        ),
        (
            CYCLONEDX,
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.3"}"#,
            "sbom.version-unsupported",
        ),
        (
            CYCLONEDX,
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.8"}"#,
            "sbom.version-unsupported",
        ),
        (
            CYCLONEDX,
            r#"{"bomFormat": "CycloneDX"}"#,
            "sbom.version-unsupported",
        ),
    ] {
        assert_eq!(
            code(predicate_type, document),
            expected,
            "{predicate_type} {document}"
        );
    }
}

#[test]
fn texts_in_predicates() {
    for text in [
        "",
        "SPDXVersion: SPDX-2.3",
        "{",
        "{} {}",
        r#"{"a": 1, "a": 2}"#,
        &"[".repeat(200),
    ] {
        let text = Value::from(text);
        assert_eq!(
            check(SPDX, &text, |_| ()),
            Err("sbom.json-malformed"),
            "{text:?}"
        );
    }
    // A text in a text is not read again.
    let twice = Value::from(Value::from(SPDX_23).to_canonical_string());
    assert_eq!(check(SPDX, &twice, |_| ()), Err("sbom.format-unknown"));
    // `Data` beside other members is none of cosign's.
    let other = Value::Object(
        [
            ("Data".into(), Value::from(SPDX_23)),
            ("x".into(), Value::Null),
        ]
        .into(),
    );
    assert_eq!(check(SPDX, &other, |_| ()), Err("sbom.format-unknown"));
}

/// What is replaced, by what, and the code of the result.
type Edit<'e> = (&'e str, &'e str, &'e str);

/// Each edit is made once; the code is that of the first thing that is wrong.
#[test]
fn fields() {
    let cases: &[(&str, &str, &[Edit<'_>])] = &[
        (
            SPDX,
            SPDX_23,
            &[
                (r#""name": "lib", "#, "", "sbom.field-missing"),
                (r#""name": "lib""#, r#""name": """#, "sbom.field-missing"),
                (r#""name": "lib""#, r#""name": 1"#, "sbom.field-malformed"),
                (
                    r#""versionInfo": "2.0.0""#,
                    r#""versionInfo": 2"#,
                    "sbom.field-malformed",
                ),
                ("2026-01-02T03:04:05Z", "2026-01-02", "sbom.field-malformed"),
                ("Tool: plain", "plain", "sbom.field-malformed"),
                (r#""Tool: plain""#, "1", "sbom.field-malformed"),
                (
                    r#""licenseDeclared": "MIT OR Apache-2.0""#,
                    r#""licenseDeclared": ["MIT"]"#,
                    "sbom.field-malformed",
                ),
                (
                    r#""relationships": ["#,
                    r#""relationships": {}, "x": ["#,
                    "sbom.field-malformed",
                ),
                (
                    r#""packages": ["#,
                    r#""packages": 1, "x": ["#,
                    "sbom.field-malformed",
                ),
                (
                    r#""packages": ["#,
                    r#""packages": [1, "#,
                    "sbom.field-malformed",
                ),
                (
                    r#", "relationshipType": "CONTAINS""#,
                    "",
                    "sbom.field-missing",
                ),
                (
                    r#""checksumValue": "00ff""#,
                    r#""x": 1"#,
                    "sbom.field-missing",
                ),
                (
                    r#""referenceLocator": "x""#,
                    r#""x": "x""#,
                    "sbom.field-missing",
                ),
                (
                    "pkg:npm/%40scope/lib@2.0.0",
                    "npm/lib",
                    "package-url.scheme-missing",
                ),
            ],
        ),
        (
            SPDX,
            SPDX_30,
            &[
                (
                    r#""type": "SpdxDocument", "#,
                    r#""type": "Bundle", "#,
                    "sbom.field-missing",
                ),
                (
                    r#""type": "Tool""#,
                    r#""type": "SpdxDocument""#,
                    "sbom.field-malformed",
                ),
                (r#""type": "Tool", "#, "", "sbom.field-missing"),
                (
                    "\"spdxId\": \"urn:lib\"",
                    "\"spdxId\": \"urn:app\"",
                    "sbom.field-malformed",
                ),
                (r#""name": "lib", "#, "", "sbom.field-missing"),
                (r#""@id": "_:c""#, r#""@id": "_:d""#, "sbom.field-missing"),
                (r#""specVersion": "3.0.1", "#, "", "sbom.field-missing"),
                (
                    r#""createdBy": ["urn:org"]"#,
                    r#""createdBy": [1]"#,
                    "sbom.field-malformed",
                ),
                (
                    r#""to": ["urn:lib"]"#,
                    r#""to": [1]"#,
                    "sbom.field-malformed",
                ),
                (
                    r#""to": ["urn:lib"]"#,
                    r#""to": "urn:lib""#,
                    "sbom.field-malformed",
                ),
                (
                    r#""rootElement": ["urn:app"]"#,
                    r#""rootElement": [{}]"#,
                    "sbom.field-malformed",
                ),
                (r#""from": "urn:app", "#, "", "sbom.field-missing"),
                (r#""hashValue": "00ff""#, r#""x": 1"#, "sbom.field-missing"),
                (
                    r#""software_packageUrl": "pkg:npm/%40scope/lib@2.0.0""#,
                    r#""software_packageUrl": "pkg:npm""#,
                    "package-url.type-malformed",
                ),
            ],
        ),
        (
            CYCLONEDX,
            CYCLONEDX_16,
            &[
                (r#""name": "part", "#, "", "sbom.field-missing"),
                (
                    r#""components": [{"type": "library", "name": "part""#,
                    r#""components": [1, {"name": "part""#,
                    "sbom.field-malformed",
                ),
                (r#""name": "scan-tool", "#, "", "sbom.field-missing"),
                (
                    r#""tools": {"#,
                    r#""tools": 1, "x": {"#,
                    "sbom.field-malformed",
                ),
                (
                    r#""timestamp": "2026"#,
                    r#""timestamp": "26"#,
                    "sbom.field-malformed",
                ),
                (r#"{"name": "Own Licence"}"#, "{}", "sbom.field-missing"),
                (
                    r#""acknowledgement": "concluded""#,
                    r#""acknowledgement": "guessed""#,
                    "sbom.field-malformed",
                ),
                (
                    r#"{"expression": "MIT OR Apache-2.0"}"#,
                    r#""MIT""#,
                    "sbom.field-malformed",
                ),
                (
                    r#""dependsOn": ["lib"]"#,
                    r#""dependsOn": [1]"#,
                    "sbom.field-malformed",
                ),
                (r#""ref": "app", "#, "", "sbom.field-missing"),
                (r#""alg": "SHA-256", "#, "", "sbom.field-missing"),
                (
                    r#""component": {"#,
                    r#""component": [], "x": {"#,
                    "sbom.field-malformed",
                ),
                (
                    "pkg:npm/%40scope/lib@2.0.0",
                    "pkg:npm/",
                    "package-url.name-missing",
                ),
            ],
        ),
    ];
    for (predicate_type, document, edits) in cases {
        for (from, to, expected) in *edits {
            let edited = document.replacen(from, to, 1);
            assert_ne!(edited, *document, "{from}");
            assert_eq!(code(predicate_type, &edited), *expected, "{from} -> {to}");
        }
    }
}

fn many(count: usize, item: &str) -> String {
    vec![item; count].join(",")
}

#[test]
fn limits() {
    for (predicate_type, head, item) in [
        (
            SPDX,
            r#""spdxVersion": "SPDX-2.3", "packages""#,
            r#"{"name": "p"}"#,
        ),
        (
            CYCLONEDX,
            r#""bomFormat": "CycloneDX", "specVersion": "1.6", "components""#,
            r#"{"name": "p"}"#,
        ),
        (
            CYCLONEDX,
            r#""bomFormat": "CycloneDX", "specVersion": "1.6", "components""#,
            r#"{"name": "p", "components": [{"name": "q"}]}"#,
        ),
    ] {
        let with_parts = item.contains('q');
        let most = if with_parts { 32_768 } else { 65_536 };
        let most_allowed = format!("{{{head}: [{}]}}", many(most, item));
        assert_eq!(
            check(predicate_type, &value(&most_allowed), |sbom| sbom
                .packages
                .len()),
            Ok(65_536)
        );
        let beyond = format!("{{{head}: [{}]}}", many(most + 1, item));
        assert_eq!(code(predicate_type, &beyond), "limit.sbom-packages");
    }
    let dependencies = |count| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "dependencies": [{{"ref": "a", "dependsOn": [{}]}}]}}"#,
            many(count, r#""b""#)
        )
    };
    assert_eq!(
        check(CYCLONEDX, &value(&dependencies(524_288)), |sbom| sbom
            .relationships),
        Ok(524_288)
    );
    assert_eq!(
        code(CYCLONEDX, &dependencies(524_289)),
        "limit.sbom-relationships"
    );
}
