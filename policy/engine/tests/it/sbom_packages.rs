//! What rules ask of the packages that a bill of materials lists, and of their licences.

use serde_json::{Value, json};

use crate::sboms::{asking, assert_changed, cyclonedx, listed, spdx_23};
use crate::world::{assert_code, attestation, by_key, decide};

const SPDX: &str = "https://spdx.dev/Document";
const OK: &str = "ok";

pub(crate) fn package(purl: &str) -> (&'static str, Value) {
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

/// Syft and Trivy list the operating system of an image beside its packages, without a package URL.
#[test]
fn operating_systems() {
    let system = json!({"type": "operating-system", "name": "debian", "version": "13"});
    let mut licensed = system.clone();
    licensed["licenses"] = json!([{"license": {"id": "GPL-2.0-only"}}]);
    let mut identified = system.clone();
    identified["purl"] = json!("pkg:generic/debian@13");
    let allowed = json!({"packages": {"allow": [{"package": "pkg:npm/**"}]}});
    let licenses = json!({"licenses": {"allow": ["MIT"]}});
    let denied = json!({"packages": {"deny": [{"package": "pkg:generic/debian"}]}});
    for (asked, system, code) in [
        (&allowed, &system, OK),
        (&licenses, &system, OK),
        // What is told of it counts.
        (&allowed, &identified, "sbom.package-not-allowed"),
        (&denied, &identified, "sbom.package-denied"),
        (&licenses, &licensed, "sbom.license-not-allowed"),
    ] {
        assert_changed(asked.clone(), &[("/components/-", system.clone())], code);
    }
    let alone = [("/components", json!([system]))];
    assert_changed(allowed, &alone, "sbom.packages-missing");
}

/// cargo-cyclonedx lists what is built of a package as its part. Another package that is a part counts.
#[test]
fn parts_of_what_is_described() {
    let asked =
        json!({"packages": {"allow": [{"package": "pkg:npm/**"}]}, "licenses": {"allow": ["MIT"]}});
    for (purl, code) in [
        ("pkg:oci/app#src/main.rs", OK),
        ("pkg:oci/app@2#src/main.rs", "sbom.package-not-allowed"),
        ("pkg:oci/other", "sbom.package-not-allowed"),
        ("pkg:npm/other", "sbom.license-unknown"),
    ] {
        let parts = json!([{"type": "library", "name": "part", "purl": purl}]);
        assert_changed(
            asked.clone(),
            &[("/metadata/component/components", parts)],
            code,
        );
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
