//! Rules that ask for a bill of materials: every format and spelling, and every fact that a rule relies
//! on.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::SIGNED;
use serde_json::{Value, json};

use crate::world::{
    assert_code, attestation, by_key, by_person, compiled, decide, decide_at, key, person, policy,
    rule,
};

const CYCLONEDX: &str = "https://cyclonedx.org/bom";
const SPDX: &str = "https://spdx.dev/Document";
const OK: &str = "ok";

fn asking(asked: Value) -> CompiledPolicy {
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
fn cyclonedx(changes: &[(&str, Value)]) -> Value {
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

fn spdx_23() -> Value {
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

fn listed(document: Value) -> Evidence {
    attestation(&by_key("lister"), CYCLONEDX, document)
}

/// Decides about the CycloneDX document with changes.
#[track_caller]
fn assert_changed(asked: Value, changes: &[(&str, Value)], code: &str) {
    let decided = decide(&asking(asked.clone()), vec![listed(cyclonedx(changes))]);
    assert_code(&decided, code, &format!("{asked} {changes:?}"));
}

#[test]
fn every_format_and_spelling() {
    let policy = asking(everything());
    let mut versions = Vec::new();
    for version in ["1.4", "1.5", "1.6"] {
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

fn package(purl: &str) -> (&'static str, Value) {
    (
        "/components/-",
        json!({"type": "library", "name": "x", "purl": purl}),
    )
}

#[test]
fn denied_packages() {
    let denied = "sbom.package-denied";
    for (pattern, purl, code) in [
        (
            json!({"package": "pkg:npm/left-pad"}),
            "pkg:npm/left-pad@1.0.0",
            denied,
        ),
        (
            json!({"package": "pkg:npm/left-pad"}),
            "pkg:npm/left-pad",
            denied,
        ),
        (
            json!({"package": "pkg:npm/left-pad"}),
            "pkg:npm/left-pad2@1.0.0",
            OK,
        ),
        (
            json!({"package": "pkg:npm/left-pad"}),
            "pkg:cargo/left-pad@1.0.0",
            OK,
        ),
        (
            json!({"package": "pkg:maven/org.apache.logging.log4j/*"}),
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
            denied,
        ),
        (
            json!({"package": "pkg:maven/org.apache.logging.log4j/*"}),
            "pkg:maven/org.apache.logging/log4j-core@2.14.1",
            OK,
        ),
        // In their normal form both sides are the same.
        (
            json!({"package": "pkg:npm/@scope/*"}),
            "pkg:npm/%40scope/other@1.0.0",
            denied,
        ),
        (
            json!({"package": "pkg:pypi/Foo_Bar"}),
            "pkg:pypi/foo-bar@1",
            denied,
        ),
        (
            json!({"package": "pkg:pypi/foo_*"}),
            "pkg:pypi/Foo.Bar@1",
            OK,
        ),
        (
            json!({"package": "pkg:pypi/foo_*"}),
            "pkg:pypi/Foo_Bar@1",
            denied,
        ),
        (
            json!({"package": "pkg:golang/github.com/**"}),
            "pkg:golang/github.com/a/b@v1.0.0",
            denied,
        ),
        // Versions in the order of their ecosystem.
        (
            json!({"package": "pkg:npm/a", "versions": "<1.10.0"}),
            "pkg:npm/a@1.9.0",
            denied,
        ),
        (
            json!({"package": "pkg:npm/a", "versions": "<1.10.0"}),
            "pkg:npm/a@1.10.0",
            OK,
        ),
        (
            json!({"package": "pkg:golang/a/b", "versions": ">=v1.0.0, <v1.2.0 || =v2.0.0"}),
            "pkg:golang/a/b@v2.0.0",
            denied,
        ),
        // What has no place in the order is not known to lie outside.
        (
            json!({"package": "pkg:npm/a", "versions": "<1.10.0"}),
            "pkg:npm/a@latest",
            denied,
        ),
        (
            json!({"package": "pkg:npm/a", "versions": "<1.10.0"}),
            "pkg:npm/a",
            denied,
        ),
    ] {
        let asked = json!({"packages": {"deny": [{"package": "pkg:x/y"}, pattern]}});
        assert_changed(asked, &[package(purl)], code);
    }
    // What the document describes and files are packages to a list of what is denied.
    let asked = json!({"packages": {"deny": [{"package": "pkg:oci/*"}]}});
    assert_changed(asked, &[], denied);
    let asked = json!({"packages": {"deny": [
        {"package": "pkg:npm/a", "reason": "see https://acme.example/1"}]}});
    let decided = decide(
        &asking(asked),
        vec![listed(cyclonedx(&[package("pkg:npm/a@1")]))],
    );
    let message = decided.document["images"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("pkg:npm/a@1 (see https://acme.example/1)"),
        "{message}"
    );
}

/// The version may stand beside the package URL.
#[test]
fn versions_beside_the_package_url() {
    let asked = json!({"packages": {"deny": [{"package": "pkg:npm/a", "versions": "<1.10.0"}]}});
    for (version, code) in [("1.9.0", "sbom.package-denied"), ("1.10.0", OK)] {
        let package =
            json!({"type": "library", "name": "a", "version": version, "purl": "pkg:npm/a"});
        assert_changed(asked.clone(), &[("/components/-", package)], code);
    }
}

#[test]
fn allowed_packages() {
    let not_allowed = "sbom.package-not-allowed";
    let asked = json!({"packages": {"allow": [
        {"package": "pkg:npm/%40scope/**"}, {"package": "pkg:cargo/*", "versions": ">=1.0.0"}]}});
    for (purl, code) in [
        ("pkg:npm/%40scope/x@1", OK),
        ("pkg:npm/%40scopes/x@1", not_allowed),
        ("pkg:npm/x@1", not_allowed),
        ("pkg:cargo/x@1.0.0", OK),
        ("pkg:cargo/x@0.9.0", not_allowed),
        // What has no place in the order is not known to lie inside.
        ("pkg:cargo/x@new", not_allowed),
        ("pkg:cargo/x", not_allowed),
    ] {
        assert_changed(asked.clone(), &[package(purl)], code);
    }
    let file = json!({"type": "file", "name": "f"});
    assert_changed(asked.clone(), &[("/components/-", file)], OK);
}

#[test]
fn packages_that_nothing_identifies() {
    let nameless = json!({"type": "library", "name": "x"});
    let changes = [("/components/-", nameless)];
    for list in ["allow", "deny"] {
        let mut asked = json!({"packages": {list: [{"package": "pkg:npm/**"}]}});
        if list == "deny" {
            asked = json!({"packages": {list: [{"package": "pkg:maven/**"}]}});
        }
        assert_changed(asked.clone(), &changes, "sbom.package-unidentified");
        asked["packages"]["insecureIgnoreUnidentified"] = json!(true);
        let policy = asking(asked);
        for (document, relied) in [(cyclonedx(&changes), true), (cyclonedx(&[]), false)] {
            let decided = decide(&policy, vec![listed(document)]);
            assert_code(&decided, OK, "opened");
            let found = decided.met_by()[0]["sbom"].get("insecureIgnoreUnidentified");
            assert_eq!(found.is_some(), relied);
        }
    }
}

/// A document that lists nothing meets no rule about what it lists.
#[test]
fn nothing_listed() {
    let file = json!([{"type": "file", "name": "f"}]);
    for asked in [
        json!({"packages": {"deny": [{"package": "pkg:maven/**"}]}}),
        json!({"licenses": {"deny": ["AGPL-3.0-only"]}}),
        json!({"complete": true}),
    ] {
        for components in [json!([]), file.clone()] {
            let changes = [("/components", components)];
            assert_changed(asked.clone(), &changes, "sbom.packages-missing");
            assert_changed(json!({}), &changes, OK);
        }
    }
}

fn licensed(licenses: Value) -> [(&'static str, Value); 1] {
    [("/components/0/licenses", licenses)]
}

#[test]
fn licenses() {
    let not_allowed = "sbom.license-not-allowed";
    let denied = "sbom.license-denied";
    let unknown = "sbom.license-unknown";
    let allow =
        json!({"licenses": {"allow": ["MIT", "GPL-2.0-only WITH Classpath-exception-2.0"]}});
    let deny = json!({"licenses": {"deny": ["GPL-2.0-only", "LicenseRef-ours"]}});
    let id = |id: &str| json!({"license": {"id": id}});
    let expression = |text: &str| json!([{ "expression": text }]);
    for (licenses, by_allow, by_deny) in [
        (json!([id("MIT")]), OK, OK),
        (json!([id("mit")]), OK, OK),
        (json!([id("MIT"), id("GPL-2.0-only")]), not_allowed, denied),
        (expression("MIT OR GPL-2.0-only"), OK, OK),
        (expression("MIT AND GPL-2.0-only"), not_allowed, denied),
        (
            expression("GPL-2.0-only WITH Classpath-exception-2.0"),
            OK,
            denied,
        ),
        (expression("GPL-2.0-only"), not_allowed, denied),
        (expression("LicenseRef-ours"), not_allowed, denied),
        (expression("BSD-3-Clause"), not_allowed, OK),
        (expression("MIT OR"), unknown, unknown),
        (
            json!([{"license": {"name": "Our own licence"}}]),
            unknown,
            unknown,
        ),
        (
            json!([id("MIT"), {"license": {"name": "more"}}]),
            unknown,
            unknown,
        ),
        (json!([]), unknown, unknown),
    ] {
        assert_changed(allow.clone(), &licensed(licenses.clone()), by_allow);
        assert_changed(deny.clone(), &licensed(licenses), by_deny);
    }
    // What is described, most often the image, may leave its licence open, but not have a wrong one.
    let own = [("/metadata/component/licenses", json!([id("GPL-2.0-only")]))];
    assert_changed(deny, &own, denied);
}

#[test]
fn unknown_licenses() {
    let asked = json!({"licenses": {"allow": ["MIT"], "insecureIgnoreUnknown": true}});
    let policy = asking(asked.clone());
    for (licenses, relied) in [
        (json!([]), true),
        (json!([{"license": {"name": "x"}}]), true),
        (json!([{"license": {"id": "MIT"}}]), false),
    ] {
        let decided = decide(&policy, vec![listed(cyclonedx(&licensed(licenses)))]);
        assert_code(&decided, OK, "opened");
        let found = decided.met_by()[0]["sbom"].get("insecureIgnoreUnknown");
        assert_eq!(found.is_some(), relied);
    }
    let zlib = licensed(json!([{"license": {"id": "Zlib"}}]));
    assert_changed(asked, &zlib, "sbom.license-not-allowed");
}

/// SPDX documents say what a package declares and what their author concludes.
#[test]
fn declared_and_concluded() {
    for (of, declared, concluded, code) in [
        (None, "GPL-3.0-only", "MIT", OK),
        (Some("concluded"), "GPL-3.0-only", "MIT", OK),
        (
            Some("declared"),
            "GPL-3.0-only",
            "MIT",
            "sbom.license-not-allowed",
        ),
        (Some("declared"), "MIT", "GPL-3.0-only", OK),
        (
            Some("declared"),
            "NOASSERTION",
            "MIT",
            "sbom.license-unknown",
        ),
        (None, "MIT", "NOASSERTION", OK),
        (None, "MIT", "NONE", "sbom.license-unknown"),
        (None, "NOASSERTION", "NOASSERTION", "sbom.license-unknown"),
    ] {
        let mut licenses = json!({"allow": ["MIT"]});
        if let Some(of) = of {
            licenses["of"] = json!(of);
        }
        let mut document = spdx_23();
        document["packages"][1]["licenseDeclared"] = json!(declared);
        document["packages"][1]["licenseConcluded"] = json!(concluded);
        let piece = attestation(&by_key("lister"), SPDX, document);
        let decided = decide(&asking(json!({ "licenses": licenses })), vec![piece]);
        assert_code(&decided, code, &format!("{of:?} {declared} {concluded}"));
    }
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
