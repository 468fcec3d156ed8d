//! Every spelling of every family of predicate types, with and without a version, reaches the rules that
//! are about the family, and no other spelling does.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_provenance::PredicateFamily;
use serde_json::{Value, json};

use crate::sboms::{cyclonedx, spdx_23};
use crate::summaries::{CHECKER, summary};
use crate::vex::vex;
use crate::world::{
    assert_code, attestation, by_key, by_person, compiled, decide, key, person, policy,
};

fn policy_of(kind: &str, mut asked: Value) -> CompiledPolicy {
    if kind != "verificationSummary" {
        asked["signedBy"] = json!(["ann"]);
    }
    let rules = json!([{"name": "rule", "images": ["**"], kind: asked}]);
    let verifiers = json!({"verifiers": [{"name": "checker", "signedBy": ["ann"],
        "id": {"exact": CHECKER}, "maximumLevels": {"build": 3}}]});
    let authorities = json!([person("ann", "ann@example.com"), key("k1")]);
    compiled(&policy(authorities, rules, verifiers))
}

fn piece(predicate_type: &str, predicate: &Value) -> Evidence {
    attestation(
        &by_person("ann@example.com"),
        predicate_type,
        predicate.clone(),
    )
}

/// The spelling without version, and with these after a slash and after an at sign.
fn with_versions(spelling: &str, versions: &[&str]) -> Vec<String> {
    let versions = versions.iter().flat_map(|version| {
        [
            format!("{spelling}/{version}"),
            format!("{spelling}@{version}"),
        ]
    });
    std::iter::once(spelling.to_owned())
        .chain(versions)
        .collect()
}

/// What is near to a spelling and none.
fn strangers(spelling: &str) -> Vec<String> {
    vec![
        format!("{spelling}s"),
        format!("{spelling}/"),
        format!("{spelling}/1"),
        format!("{spelling}/v"),
        format!("{spelling}/vX"),
        format!("{spelling}/v1/x"),
        format!(" {spelling}"),
        format!("x{spelling}"),
        spelling.to_uppercase(),
    ]
}

const FAMILIES: [(&str, PredicateFamily); 15] = [
    ("cosignCustom", PredicateFamily::CosignCustom),
    ("cosignVuln", PredicateFamily::CosignVuln),
    ("cycloneDx", PredicateFamily::CycloneDx),
    ("link", PredicateFamily::Link),
    ("openVex", PredicateFamily::OpenVex),
    ("osvResults", PredicateFamily::OsvResults),
    ("provenance", PredicateFamily::Provenance),
    ("reference", PredicateFamily::Reference),
    ("release", PredicateFamily::Release),
    ("scai", PredicateFamily::Scai),
    (
        "simpleVerificationResult",
        PredicateFamily::SimpleVerificationResult,
    ),
    ("spdx", PredicateFamily::Spdx),
    ("testResult", PredicateFamily::TestResult),
    ("verificationSummary", PredicateFamily::VerificationSummary),
    ("vulns", PredicateFamily::Vulns),
];

#[test]
fn attestations_by_family() {
    for (name, family) in FAMILIES {
        let asking = policy_of("attestation", json!({"family": name, "quantifier": "any"}));
        assert!(!family.spellings().is_empty(), "{name}");
        for spelling in family.spellings() {
            for found in with_versions(spelling, &["v1", "v0.2", "v3.0.1-rc_1"]) {
                let decided = decide(&asking, vec![piece(&found, &json!({}))]);
                assert_code(&decided, "ok", &found);
            }
            for found in strangers(spelling) {
                let decided = decide(&asking, vec![piece(&found, &json!({}))]);
                assert_code(&decided, "evidence.missing", &found);
            }
        }
        // No spelling is one of another family.
        for (_, other) in FAMILIES.iter().filter(|(_, other)| *other != family) {
            let found = piece(other.spellings()[0], &json!({}));
            assert_code(&decide(&asking, vec![found]), "evidence.missing", name);
        }
    }
}

/// The rules that read what they are about: each spelling in each version that can be read.
#[test]
fn rules_that_read_the_predicate() {
    use PredicateFamily as Family;
    let scan = json!({"scanner": {"uri": "pkg:github/a/scanner", "result": []}});
    let trivy = json!({"scanner": {"uri": "pkg:github/a/scanner", "result": {
        "SchemaVersion": 2, "ArtifactName": "app", "Results": [{"Class": "lang-pkgs"}]}}});
    let bill = policy_of("sbom", json!({}));
    let found = policy_of("vulnerabilities", json!({"maximumAge": "365d"}));
    let summed = policy_of(
        "verificationSummary",
        json!({"verifiedBy": ["checker"], "resourceUris": ["{registry}/{repository}@{digest}"]}),
    );
    let cases: [(&CompiledPolicy, Family, Value, &[&str]); 5] = [
        (
            &bill,
            Family::CycloneDx,
            cyclonedx(&[]),
            &["v1", "v1.4", "v1.5", "v1.6"],
        ),
        (&bill, Family::Spdx, spdx_23(), &["v2.3", "v3.0.1"]),
        (&found, Family::CosignVuln, trivy, &["v1"]),
        (&found, Family::Vulns, scan, &["v0.1", "v0.2"]),
        (
            &summed,
            Family::VerificationSummary,
            summary(json!({})),
            &["v1"],
        ),
    ];
    for (policy, family, predicate, versions) in cases {
        for spelling in family.spellings() {
            for found in with_versions(spelling, versions) {
                // Scans and summaries are of the versions that their specifications name, written as there.
                let code = match family {
                    Family::VerificationSummary if !found.contains("/v1") => {
                        "verification-summary.predicate-type-unsupported"
                    }
                    Family::CosignVuln | Family::Vulns if found.contains('@') => {
                        "vulnerability-scan.predicate-type-unsupported"
                    }
                    _ => "ok",
                };
                let decided = decide(policy, vec![piece(&found, &predicate)]);
                assert_code(&decided, code, &found);
            }
            for found in strangers(spelling) {
                let decided = decide(policy, vec![piece(&found, &predicate)]);
                assert_code(&decided, "evidence.missing", &found);
            }
        }
    }
}

#[test]
fn vex_by_every_spelling() {
    let vex_by_ann = json!({"signedBy": ["ann"], "maximumAge": "365d"});
    let asking = policy_of(
        "vulnerabilities",
        json!({"maximumAge": "365d", "maximum": {"critical": 0}, "vex": vex_by_ann}),
    );
    let critical = json!({"scanner": {"uri": "pkg:github/a/scanner", "result": [
        {"id": "CVE-1", "severity": [{"method": "nvd", "score": "critical"}]}]}});
    let scan = piece("https://in-toto.io/attestation/vulns/v0.2", &critical);
    let document = vex(json!({}));
    let decided = |spelling: &str| decide(&asking, vec![scan.clone(), piece(spelling, &document)]);
    for spelling in PredicateFamily::OpenVex.spellings() {
        for found in with_versions(spelling, &["v0.0.1", "v0.2.0"]) {
            assert_code(&decided(&found), "ok", &found);
        }
        for found in strangers(spelling) {
            assert_code(&decided(&found), "vulnerability-scan.too-many", &found);
        }
    }
    let by_another = attestation(
        &by_key("k1"),
        PredicateFamily::OpenVex.spellings()[0],
        document.clone(),
    );
    let decided = decide(&asking, vec![scan.clone(), by_another]);
    assert_code(&decided, "vulnerability-scan.too-many", "by somebody else");
}

/// What a policy spells so that it names no package, no range of versions and no licence.
#[test]
fn policies_that_name_nothing() {
    let package = |text: &str| json!({"packages": {"deny": [{ "package": text }]}});
    let versions = |package: &str, text: &str| json!({"packages": {"deny": [{"package": package, "versions": text}]}});
    let license = |text: &str| json!({"licenses": {"allow": [text]}});
    for (mut asked, code) in [
        (package("npm/a"), "package-url.scheme-missing"),
        (package("pkg:npm"), "package-url.type-malformed"),
        (package("pkg:3d/a"), "package-url.type-malformed"),
        (package("pkg:npm/"), "package-url.name-missing"),
        (package("pkg:npm/a%zz"), "package-url.encoding-malformed"),
        (package("pkg:npm/a%2Fb"), "package-url.segment-malformed"),
        (package("pkg:npm/a?k"), "package-url.qualifier-malformed"),
        (
            versions("pkg:npm/a", "^1.0.0"),
            "package-version.range-malformed",
        ),
        (
            versions("pkg:deb/a", "<1.0.0"),
            "package-version.order-unknown",
        ),
        (license("MIT OR Zlib"), "license-expression.not-one"),
        (license("MIT AND"), "license-expression.malformed"),
    ] {
        asked["signedBy"] = json!(["ann"]);
        let rules = json!([{"name": "rule", "images": ["**"], "sbom": asked}]);
        let policy = policy(json!([person("ann", "ann@example.com")]), rules, json!({}));
        let problems = CompiledPolicy::compile(policy.to_string().as_bytes(), &[]).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [code], "{asked}");
    }
}

/// A version that has no place in the order of its ecosystem is denied by every range.
#[test]
fn versions_without_a_place() {
    let range = json!([{"package": "pkg:golang/x.example/a", "versions": "<1.0.0"}]);
    let asking = policy_of("sbom", json!({"packages": {"deny": range}}));
    for (version, code) in [
        ("@v1.0.0", "ok"),
        ("@v0.9.0", "sbom.package-denied"),
        ("@latest", "sbom.package-denied"),
        ("", "sbom.package-denied"),
    ] {
        let purl = format!("pkg:golang/x.example/a{version}");
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
            "components": [{"type": "library", "name": "a", "purl": purl}]});
        let decided = decide(&asking, vec![piece("https://cyclonedx.org/bom", &document)]);
        assert_code(&decided, code, version);
    }
    let nameless = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library"}]});
    let decided = decide(&asking, vec![piece("https://cyclonedx.org/bom", &nameless)]);
    assert_code(&decided, "sbom.field-missing", "a package without a name");
}
