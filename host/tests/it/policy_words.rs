//! What a policy says in words, for every part that it can have.

use std::fs;

use sealstone::policy::explanation;
use serde_json::{Value, json};

fn words(document: &Value) -> String {
    let paragraphs = explanation(document).into_iter();
    paragraphs.map(|paragraph| paragraph.text + "\n").collect()
}

#[test]
fn every_part_has_words() {
    let exact = |text: &str| json!({"exact": text});
    let document = json!({
        "metadata": {"name": "rich"},
        "mode": "audit",
        "modes": [{"namespaces": ["dev-*"], "excludeNamespaces": ["dev-a"], "mode": "warn"}],
        "insecureAllowUnmatchedImages": true,
        "limits": {"evidencePieces": 8, "images": 16},
        "images": {
            "tags": "deny",
            "mirrors": [{"from": "mirror.example", "to": "docker.io"}],
            "subjects": {"index": true, "platforms": true},
        },
        "trustRoots": [
            {"name": "a", "trustedRoot": {}, "requirements": {"profile": "publicGoodRekorV2", "transparencyLogThreshold": 2}},
            {"name": "b", "pem": {}, "requirements": {"profile": "private", "insecureCurrentTime": true}},
            {"name": "c", "requirements": {"profile": "gitHub", "signedTimestampThreshold": 2},
             "witnesses": {"threshold": 1, "keys": [{"name": "w1"}, {"name": "w2"}]}},
        ],
        "authorities": [
            {"name": "open-key", "key": {"insecureIgnoreTransparencyLog": true}},
            {"name": "new-key", "key": {"trustRoot": "a", "validFor": {"start": "2026-01-01T00:00:00Z"}}},
            {"name": "private", "certificate": {"trustRoot": "b", "subjects": [exact("ci@acme.example"), {"glob": "https://ci.acme.example/x/*"}]}},
        ],
        "builders": [{
            "name": "b", "id": {"regexp": "b"}, "signedBy": ["x", "y", "z"], "maximumLevel": 2,
            "delegated": true, "operator": "acme", "properties": ["HERMETIC", "PARAMETERLESS"],
        }],
        "rules": [
            {"name": "signed", "images": ["**"],
             "match": {"namespaces": ["a", "b"], "excludeNamespaces": ["c"], "labels": {"matchLabels": {"t": "w"}}},
             "signature": {"signedBy": {"anyOf": ["x", {"allOf": ["y", "z"]}]}, "annotations": {"env": exact("prod")}}},
            {"name": "attested", "images": ["a"], "attestation": {
                "predicateType": {"glob": "https://x/*"}, "quantifier": "all", "signedBy": ["x", "y"],
                "conditions": [
                    {"field": "", "equals": 1}, {"field": "/a", "notEquals": "b"}, {"field": "/b", "oneOf": [1, 2]},
                    {"field": "/c", "matches": {"glob": "v*"}}, {"field": "/d", "atLeast": 1}, {"field": "/e", "atMost": 2},
                    {"field": "/f", "contains": "x"}, {"field": "/g", "doesNotContain": "y"},
                    {"field": "/h", "maximumLength": 3}, {"field": "/i", "notBefore": "2026-01-01T00:00:00Z"},
                    {"field": "/j", "maximumAge": "7d"},
                ]}},
            {"name": "built", "images": ["a"], "provenance": {
                "signedBy": ["x"], "builder": {"id": exact("b"), "delegated": true},
                "source": {"uri": "https://x/y", "branch": exact("main"), "versionTag": "v1", "repositoryId": exact("7"), "ownerId": exact("8")},
                "buildType": exact("t"), "runnerEnvironment": exact("github-hosted"), "deploymentEnvironment": exact("prod"),
                "workflowInputs": {"release": exact("yes")}, "legacyLevel": 4, "properties": ["REPRODUCED"],
                "externalParameters": {"conditions": [{"field": "/w", "equals": "x"}], "insecureIgnoreOthers": true},
                "maximumAge": "30d",
            }},
            {"name": "open", "images": ["a"], "mode": "enforce", "effectiveOn": "2027-01-01T00:00:00Z", "provenance": {
                "signedBy": ["x"], "source": {"uri": "https://x/y"},
                "externalParameters": {"conditions": [{"field": "/w", "equals": "x"}]},
            }},
            {"name": "listed", "images": ["a"], "sbom": {
                "signedBy": ["x"], "quantifier": "all", "formats": ["spdx", "cycloneDx"], "complete": true,
                "tools": [{"name": exact("syft"), "version": {"glob": "1.*"}}, {"name": exact("other")}],
                "packages": {"allow": [{"package": "pkg:npm/**"}], "deny": [
                    {"package": "pkg:npm/a", "versions": "<1.0.0"}, {"package": "pkg:npm/b"}]},
                "licenses": {"allow": ["MIT", "Zlib"], "of": "declared"},
            }},
            {"name": "listed-openly", "images": ["a"], "sbom": {
                "signedBy": ["x"],
                "packages": {"deny": [{"package": "pkg:npm/a"}], "insecureIgnoreUnidentified": true},
                "licenses": {"deny": ["MIT"], "insecureIgnoreUnknown": true},
            }},
            {"name": "scanned", "images": ["a"], "vulnerabilities": {
                "signedBy": ["x"], "scanners": [exact("s"), {"glob": "t*"}], "maximumDatabaseAge": "2d",
                "maximum": {"critical": 0, "high": {"fixable": 1, "unfixable": 2}}, "maximumScore": "8.9",
                "leeway": {"critical": "7d"}, "maximumAge": "7d",
                "ignore": [
                    {"id": "CVE-1", "reason": "not reachable", "until": "2026-12-01T00:00:00Z"},
                    {"id": "CVE-2", "package": "pkg:npm/a", "reason": "r", "until": "2026-12-01T00:00:00Z"},
                ],
                "vex": {"signedBy": ["t"], "maximumAge": "30d", "justifications": ["component_not_present"]},
            }},
            {"name": "summed-up", "images": ["a"], "verificationSummary": {
                "verifiedBy": ["v"], "resourceUris": ["u"], "inputAttestations": ["built", "listed"],
            }, "relations": [
                {"rule": "built", "subject": "same", "signer": "different", "after": {}},
                {"rule": "listed", "signer": "same"},
                {"rule": "signed", "after": {"minimum": "1h"}},
                {"rule": "open", "after": {"maximum": "1d"}},
                {"rule": "scanned", "after": {"minimum": "1h", "maximum": "1d"}},
            ]},
            {"name": "asked", "images": ["a"], "rego": {
                "attestations": [
                    {"name": "build", "signedBy": ["x", "y"], "predicateType": {"glob": "https://x/*"}, "maximumAge": "7d"},
                    {"name": "tests", "signedBy": ["z"], "family": "testResult"},
                ],
                "modules": ["package m"], "deny": "data.m.deny", "allow": "data.m.allow",
            }},
        ],
        "exceptions": [
            {"name": "old", "images": ["a", "b"], "rules": ["built", "open"], "namespaces": ["legacy"],
             "reason": "moves", "ends": "2027-01-01T00:00:00Z", "approval": {"signedBy": "x", "bundle": {}}},
        ],
    });
    let told = words(&document);
    let snapshot = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/policy_check/rich.txt"
    );
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        fs::write(snapshot, &told).unwrap();
    }
    assert_eq!(told, fs::read_to_string(snapshot).unwrap());
}

#[test]
fn a_document_of_another_form_has_fewer_words() {
    for document in [
        json!(null),
        json!([]),
        json!({"rules": {"a": 1}, "metadata": 3}),
    ] {
        assert!(words(&document).starts_with("Policy ``: "));
    }
    let strange = json!({"rules": [1, {"name": 2, "images": "x", "provenance": [], "signature": {"signedBy": 3}}]});
    assert!(!words(&strange).is_empty());
}
