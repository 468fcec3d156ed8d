//! Rules that ask for a bill of materials: every format and spelling, and every fact that a rule relies
//! on.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::SIGNED;
use serde_json::{Value, json};

use crate::sbom_packages::package;
use crate::world::{
    assert_code, attestation, by_key, by_person, compiled, decide, decide_at, key, person, policy,
    rule,
};

const CYCLONEDX: &str = "https://cyclonedx.org/bom";
const SPDX: &str = "https://spdx.dev/Document";
const OK: &str = "ok";

pub(crate) fn asking(asked: Value) -> CompiledPolicy {
    let mut whole = json!({"signedBy": ["lister"]});
    for (name, value) in asked.as_object().unwrap() {
        whole[name] = value.clone();
    }
    let authorities = json!([key("lister"), person("people", "*@example.com")]);
    compiled(&policy(authorities, rule("sbom", whole), json!({})))
}

/// Everything that a rule can ask for.
fn everything() -> Value {
    json!({
        "formats": ["cycloneDx", "spdx"],
        "tools": [
            {"name": {"exact": "syft"}, "version": {"glob": "1.*"}},
            {"name": {"exact": "other"}},
        ],
        "packages": {
            "allow": [{"package": "pkg:npm/**"}, {"package": "pkg:pypi/*"}],
            "deny": [{"package": "pkg:npm/%40scope/lib", "versions": "<2.0.0", "reason": "CVE-2026-1"}],
        },
        "licenses": {"allow": ["MIT", "Apache-2.0 WITH LLVM-exception"]},
        "complete": true,
    })
}

/// A CycloneDX document of one package beside the image, with changes by JSON pointer; `null` removes.
pub(crate) fn cyclonedx(changes: &[(&str, Value)]) -> Value {
    let mut document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": "2026-01-02T03:04:05Z",
            "tools": {"components": [
                {"type": "application", "name": "wrapper"},
                {"type": "application", "name": "syft", "version": "1.20.0"},
            ]},
            "authors": [{"name": "Ann"}],
            "component": {"type": "container", "bom-ref": "app", "name": "app", "version": "1",
                "purl": "pkg:oci/app", "supplier": {"name": "Us"}},
        },
        "components": [{
            "type": "library", "bom-ref": "lib", "name": "lib", "version": "2.0.0",
            "purl": "pkg:npm/%40scope/lib@2.0.0", "supplier": {"name": "Them"},
            "licenses": [{"license": {"id": "MIT"}}],
        }],
        "dependencies": [{"ref": "app", "dependsOn": ["lib"]}],
    });
    apply(&mut document, changes);
    document
}

fn apply(document: &mut Value, changes: &[(&str, Value)]) {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items.push(value.clone()),
            _ if value.is_null() => {
                parent.as_object_mut().unwrap().remove(name).unwrap();
            }
            _ => parent[name] = value.clone(),
        }
    }
}

pub(crate) fn spdx_23() -> Value {
    json!({
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "documentNamespace": "https://sbom.example/1",
        "creationInfo": {
            "created": "2026-01-02T03:04:05Z",
            "creators": ["Person: Ann", "Tool: syft-1.20.0"],
        },
        "packages": [
            {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1", "supplier": "Organization: Us",
             "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:oci/app"}]},
            {"SPDXID": "SPDXRef-lib", "name": "lib", "versionInfo": "2.0.0",
             "supplier": "Person: Them", "licenseDeclared": "GPL-3.0-only", "licenseConcluded": "MIT",
             "externalRefs": [{"referenceType": "purl",
                "referenceLocator": "pkg:npm/%40scope/lib@2.0.0"}]},
        ],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": "SPDXRef-app",
             "relationshipType": "DESCRIBES"},
            {"spdxElementId": "SPDXRef-app", "relatedSpdxElement": "SPDXRef-lib",
             "relationshipType": "CONTAINS"},
        ],
    })
}

fn spdx_30() -> Value {
    json!({
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1",
             "created": "2026-01-02T03:04:05Z", "createdBy": ["urn:us"], "createdUsing": ["urn:tool"]},
            {"type": "Organization", "spdxId": "urn:us", "creationInfo": "_:c", "name": "Us"},
            {"type": "Tool", "spdxId": "urn:tool", "creationInfo": "_:c", "name": "syft-1.20.0"},
            {"type": "SpdxDocument", "spdxId": "urn:doc", "creationInfo": "_:c", "name": "app",
             "rootElement": ["urn:app"]},
            {"type": "software_Package", "spdxId": "urn:app", "creationInfo": "_:c", "name": "app",
             "software_packageVersion": "1", "suppliedBy": "urn:us",
             "software_packageUrl": "pkg:oci/app"},
            {"type": "software_Package", "spdxId": "urn:lib", "creationInfo": "_:c", "name": "lib",
             "software_packageVersion": "2.0.0", "suppliedBy": "urn:us",
             "software_packageUrl": "pkg:npm/%40scope/lib@2.0.0"},
            {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l", "creationInfo": "_:c",
             "simplelicensing_licenseExpression": "MIT"},
            {"type": "Relationship", "spdxId": "urn:r1", "creationInfo": "_:c", "from": "urn:app",
             "relationshipType": "contains", "to": ["urn:lib"]},
            {"type": "Relationship", "spdxId": "urn:r2", "creationInfo": "_:c", "from": "urn:lib",
             "relationshipType": "hasDeclaredLicense", "to": ["urn:l"]},
        ],
    })
}

pub(crate) fn listed(document: Value) -> Evidence {
    attestation(&by_key("lister"), CYCLONEDX, document)
}

/// Decides about the CycloneDX document with changes.
#[track_caller]
pub(crate) fn assert_changed(asked: Value, changes: &[(&str, Value)], code: &str) {
    let decided = decide(&asking(asked.clone()), vec![listed(cyclonedx(changes))]);
    assert_code(&decided, code, &format!("{asked} {changes:?}"));
}

#[test]
fn every_format_and_spelling() {
    let policy = asking(everything());
    let mut versions = Vec::new();
    for version in ["1.4", "1.5", "1.6", "1.7"] {
        let mut document = cyclonedx(&[("/specVersion", json!(version))]);
        if version == "1.4" {
            document["metadata"]["tools"] = json!([{"name": "syft", "version": "1.20.0"}]);
        }
        versions.push((document, format!("CycloneDX {version}")));
    }
    for (document, format) in &versions {
        for spelling in [
            CYCLONEDX,
            "https://cyclonedx.org/bom/v1.6",
            "https://cyclonedx.org/schema",
            "https://cyclonedx.org/schema/v1.5",
        ] {
            let text = json!(document.to_string());
            for predicate in [document.clone(), text] {
                let piece = attestation(&by_key("lister"), spelling, predicate);
                let decided = decide(&policy, vec![piece]);
                assert_code(&decided, OK, spelling);
                let found = &decided.met_by()[0]["sbom"];
                let expected = json!({"format": format, "packages": 2, "tool": "syft 1.20.0"});
                assert_eq!(found, &expected);
            }
        }
    }
    for (document, format) in [(spdx_23(), "SPDX 2.3"), (spdx_30(), "SPDX 3.0")] {
        for spelling in [
            SPDX,
            "https://spdx.dev/Document/v2.3",
            "https://spdx.dev/Document/v3.0.1",
        ] {
            let text = json!(document.to_string());
            for predicate in [document.clone(), text] {
                let piece = attestation(&by_key("lister"), spelling, predicate);
                let decided = decide(&policy, vec![piece]);
                assert_code(&decided, OK, &format!("{spelling} {format}"));
                assert_eq!(decided.met_by()[0]["sbom"]["format"], format);
            }
        }
    }
}

#[test]
fn what_is_no_bill_of_materials() {
    let policy = asking(json!({}));
    let piece = |name: &str, document| vec![attestation(&by_key("lister"), name, document)];
    for (name, document, code) in [
        (
            "https://cyclonedx.org/other",
            cyclonedx(&[]),
            "evidence.missing",
        ),
        ("https://spdx.dev/Documents", spdx_23(), "evidence.missing"),
        (SPDX, cyclonedx(&[]), "sbom.format-mismatch"),
        (CYCLONEDX, spdx_23(), "sbom.format-mismatch"),
        (CYCLONEDX, json!({}), "sbom.format-unknown"),
        (CYCLONEDX, json!("{"), "sbom.json-malformed"),
        (
            CYCLONEDX,
            cyclonedx(&[("/specVersion", json!("1.3"))]),
            "sbom.version-unsupported",
        ),
        (
            CYCLONEDX,
            cyclonedx(&[("/components", json!({}))]),
            "sbom.field-malformed",
        ),
    ] {
        let decided = decide(&policy, piece(name, document));
        assert_code(&decided, code, name);
    }
    assert_code(&decide(&policy, vec![]), "evidence.missing", "nothing");
    let stranger = attestation(&by_key("stranger"), CYCLONEDX, cyclonedx(&[]));
    assert_code(
        &decide(&policy, vec![stranger]),
        "signature.invalid",
        "a stranger",
    );
}

#[test]
fn ages() {
    let policy = asking(json!({"maximumAge": "1h", "signedBy": ["lister", "people"]}));
    let piece = || attestation(&by_person("ann@example.com"), CYCLONEDX, cyclonedx(&[]));
    for (after, code) in [(3600, OK), (3601, "evidence.too-old")] {
        let decided = decide_at(&policy, vec![piece()], SIGNED.plus(after));
        assert_code(&decided, code, "by certificate");
    }
    assert_code(
        &decide(&policy, vec![listed(cyclonedx(&[]))]),
        "evidence.age-unproven",
        "by key",
    );
}

#[test]
fn formats() {
    for (format, code) in [("cycloneDx", OK), ("spdx", "sbom.format-disallowed")] {
        assert_changed(json!({"formats": [format]}), &[], code);
    }
}

/// One of the tools of the document is one of those of the rule.
#[test]
fn tools() {
    let tools = "/metadata/tools";
    let asked = json!({"tools": [
        {"name": {"exact": "syft"}, "version": {"regexp": "1\\.[0-9]+\\.[0-9]+"}},
        {"name": {"exact": "lister"}},
    ]});
    let made_by = |tools: Value| json!({ "components": tools });
    for (found, code) in [
        (json!([{"name": "syft", "version": "1.2.3"}]), OK),
        (
            json!([{"name": "x"}, {"name": "syft", "version": "1.2.3"}]),
            OK,
        ),
        (json!([{"name": "lister"}]), OK),
        (json!([{"name": "lister", "version": "9"}]), OK),
        (
            json!([{"name": "syft", "version": "2.0.0"}]),
            "sbom.tool-disallowed",
        ),
        (json!([{"name": "syft"}]), "sbom.tool-disallowed"),
        (
            json!([{"name": "Syft", "version": "1.2.3"}]),
            "sbom.tool-disallowed",
        ),
        (json!([]), "sbom.tool-missing"),
    ] {
        assert_changed(asked.clone(), &[(tools, made_by(found))], code);
    }
    assert_changed(asked, &[(tools, Value::Null)], "sbom.tool-missing");
}

#[test]
fn completeness() {
    for (changes, code) in [
        (vec![], OK),
        (
            vec![("/metadata/authors", Value::Null)],
            "sbom.author-missing",
        ),
        (
            vec![("/metadata/timestamp", Value::Null)],
            "sbom.time-missing",
        ),
        (
            vec![("/components/0/version", Value::Null)],
            "sbom.package-version-missing",
        ),
        (
            vec![("/components/0/purl", Value::Null)],
            "sbom.identifier-missing",
        ),
        (
            vec![("/components/0/supplier", Value::Null)],
            "sbom.supplier-missing",
        ),
        (
            vec![("/dependencies", json!([{"ref": "app", "dependsOn": []}]))],
            "sbom.relationship-missing",
        ),
    ] {
        assert_changed(json!({"complete": true}), &changes, code);
        assert_changed(json!({"complete": false}), &changes, OK);
    }
}

/// Not one document for the tool and another for the packages.
#[test]
fn one_document_meets_all() {
    let policy = asking(everything());
    let other_tool = cyclonedx(&[("/metadata/tools", json!({"components": [{"name": "x"}]}))]);
    let other_package = cyclonedx(&[package("pkg:maven/a/b@1")]);
    let pieces = || vec![listed(other_tool.clone()), listed(other_package.clone())];
    let decided = decide(&policy, pieces());
    assert!(!decided.decision.allowed());
    assert_eq!(
        decided.piece_codes(),
        ["sbom.package-not-allowed", "sbom.tool-disallowed"]
    );
    let mut more = pieces();
    more.push(listed(cyclonedx(&[])));
    assert_code(&decide(&policy, more), OK, "one good");
}

#[test]
fn all_documents() {
    let asked = |quantifier: &str| json!({"quantifier": quantifier, "packages": {"deny": [{"package": "pkg:npm/a"}]}});
    let (any, all) = (asking(asked("any")), asking(asked("all")));
    let good = || listed(cyclonedx(&[]));
    let bad = || listed(cyclonedx(&[package("pkg:npm/a@1")]));
    let denied = "sbom.package-denied";
    for (pieces, by_any, by_all) in [
        (vec![good()], OK, OK),
        (vec![good(), bad()], OK, denied),
        (vec![bad()], denied, denied),
        (vec![], "evidence.missing", "evidence.missing"),
    ] {
        assert_code(&decide(&any, pieces.clone()), by_any, "any");
        assert_code(&decide(&all, pieces), by_all, "all");
    }
}

#[test]
fn limits_of_policies() {
    let many = |count: usize, item: &Value| -> Value {
        std::iter::repeat_n(item.clone(), count).collect()
    };
    let package = json!({"package": "pkg:npm/a"});
    let exception = json!({"id": "CVE-1", "reason": "r", "until": "2026-12-01T00:00:00Z"});
    let long = "a".repeat(1025);
    for (kind, asked, code) in [
        (
            "sbom",
            json!({"packages": {"deny": many(257, &package)}}),
            "limit.packages",
        ),
        (
            "sbom",
            json!({"packages": {"allow": many(257, &package)}}),
            "limit.packages",
        ),
        (
            "sbom",
            json!({"licenses": {"deny": many(257, &json!("MIT"))}}),
            "limit.licenses",
        ),
        (
            "sbom",
            json!({"packages": {"deny": [{"package": format!("pkg:npm/{long}")}]}}),
            "limit.pattern-bytes",
        ),
        (
            "vulnerabilities",
            json!({"maximumAge": "7d", "ignore": many(257, &exception)}),
            "limit.ignored-vulnerabilities",
        ),
    ] {
        let mut whole = asked;
        whole["signedBy"] = json!(["lister"]);
        let policy = policy(json!([key("lister")]), rule(kind, whole), json!({}));
        assert!(
            !crate::world::policy_schema_errors(&policy).is_empty(),
            "{code}"
        );
        let problems = CompiledPolicy::compile(policy.to_string().as_bytes(), &[]).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [code]);
    }
}

/// The policy of the guide.
#[test]
fn the_guide() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/sbom.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (yaml, _) = rest.split_once("```").unwrap();
    let mut policy: Value = yaml_serde::from_str(yaml).unwrap();
    policy["trustRoots"][0]["trustedRoot"] = crate::world::trusted_root();
    compiled(&policy);
}
