//! Test files that cannot be used.

use super::{BY_KEY, Folder};
use crate::support::sealstone;

const CASE: &str = "
  - name: signed
    images: [a.example/app]
    evidence: [{signature: {}, signer: release}]
    expect: {outcome: allowed}
";

#[test]
fn each_with_its_code_and_place() {
    let cases = [
        // What is to be replaced, by what, the code, the place, and a word of the help.
        (
            "name: signed",
            "names: signed",
            "policy-test.malformed",
            "/cases/0/names",
            "sealstone schema policy-test",
        ),
        (
            "signer: release",
            "signer: 7",
            "policy-test.malformed",
            "/cases/0/evidence/0/signer",
            "sealstone schema",
        ),
        (
            "signer: release",
            "signer: {who: x}",
            "policy-test.malformed",
            "/cases/0/evidence/0/signer/who",
            "sealstone schema",
        ),
        (
            "outcome: allowed",
            "outcome: perhaps",
            "policy-test.malformed",
            "/cases/0/expect/outcome",
            "sealstone schema",
        ),
        (
            "images: [a.example/app]",
            "images: [",
            "policy-test.malformed",
            "",
            "sealstone schema",
        ),
        (
            "images: [a.example/app]",
            "namespace: x",
            "policy-test.evidence",
            "/cases/0",
            "sealstone schema",
        ),
        (
            "images: [a.example/app]",
            "images: [a.example/app]\n    request: {}",
            "policy-test.evidence",
            "/cases/0",
            "sealstone schema",
        ),
        (
            "images: [a.example/app]",
            "requestFile: none.json",
            "file.unreadable",
            "/cases/0",
            "check the name",
        ),
        (
            "images: [a.example/app]",
            "request: {}\n    namespace: x",
            "policy-test.evidence",
            "/cases/0",
            "sealstone schema",
        ),
        (
            "images: [a.example/app]",
            "images: [a.example/a, a.example/b]",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "image",
        ),
        (
            "signature: {}",
            "signature: {}, image: b",
            "policy-test.unknown-reference",
            "/cases/0/evidence/0",
            "there are: a.example/app",
        ),
        (
            "signature: {}",
            "signature: {}, sbom: {}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signature: {}, signer: release",
            "signature: {}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "add `signer`",
        ),
        (
            "signature: {}, signer: release",
            "unavailable: x, signer: release",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signature: {}, signer: release",
            "file: none.json",
            "evidence.unreadable",
            "/cases/0/evidence/0",
            "",
        ),
        (
            "signature: {}",
            "signature: {}, changes: {/a: 1}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signature: {}",
            "signature: {annotations: {a: b}}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signature: {}",
            "attestation: {predicateType: a}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signature: {}",
            "attestation: {predicateType: a, predicate: {}}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "slsaprovenance1",
        ),
        (
            "signature: {}",
            "attestation: {predicateType: 'a:b', predicate: {}}, changes: {/a/b: null}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signature: {}",
            "provenance: {source: 'https://gitlab.com/a/b'}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "attestation",
        ),
        (
            "signer: release",
            "signer: nobody",
            "policy-test.unknown-reference",
            "/cases/0/evidence/0",
            "there are: release",
        ),
        (
            "signer: release",
            "signer: {authority: release, subject: a@b}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signer: release",
            "signer: {key: a, subject: a@b}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signer: release",
            "signer: {issuer: 'https://a.example'}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "signer",
        ),
        (
            "signer: release",
            "signer: {issuer: 'https://a.example', subject: a}",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "sealstone schema",
        ),
        (
            "signer: release",
            "signer: {issuer: a, subject: a@b, extensions: {a: b}}",
            "policy-test.unknown-reference",
            "/cases/0/evidence/0",
            "tokenSubject",
        ),
        (
            "signer: release",
            "signer: {key: a, trustRoot: b}",
            "policy-test.unknown-reference",
            "/cases/0/evidence/0",
            "there are none",
        ),
        (
            "signer: release",
            "signer: release, fault: nothing",
            "forge.fault-unknown",
            "/cases/0/evidence/0",
            "sealstone forge faults",
        ),
        (
            "signer: release",
            "signer: release, fault: sct-missing",
            "forge.fault-not-applicable",
            "/cases/0/evidence/0",
            "profile",
        ),
        (
            "signer: release",
            "signer: release, age: 1w",
            "time.malformed",
            "/cases/0/evidence/0",
            "",
        ),
        (
            "signer: release",
            "signer: release, time: today",
            "time.malformed",
            "/cases/0/evidence/0",
            "",
        ),
        (
            "signer: release",
            "signer: release, time: '2024-01-01T00:00:00Z'",
            "time.out-of-range",
            "/cases/0/evidence/0",
            "",
        ),
        (
            "signer: release",
            "signer: release, age: 1h, time: '2026-01-01T00:00:00Z'",
            "policy-test.evidence",
            "/cases/0/evidence/0",
            "",
        ),
        (
            "expect:",
            "now: then\n    expect:",
            "time.malformed",
            "/cases/0/now",
            "",
        ),
        (
            "outcome: allowed",
            "outcome: allowed, rules: {other: pass}",
            "policy-test.unknown-reference",
            "/cases/0/expect/rules/other",
            "there are: signed",
        ),
        (
            "outcome: allowed",
            "outcome: allowed, metBy: {signed: [other]}",
            "policy-test.unknown-reference",
            "/cases/0/expect/metBy/signed",
            "there are: release",
        ),
    ];
    for (from, to, code, place, help) in cases {
        assert!(CASE.contains(from), "{from}");
        let folder = Folder::new(BY_KEY, &CASE.replacen(from, to, 1));
        let answer = folder.run(&[]);
        assert_eq!(
            (answer.status, &*answer.stdout),
            (2, ""),
            "{to}: {answer:?}"
        );
        assert!(
            answer.stderr.contains(&format!("error[{code}]: ")),
            "{to}: {answer:?}"
        );
        let said = if place.is_empty() {
            "tests.yaml: ".to_owned()
        } else {
            format!("tests.yaml at {place}: ")
        };
        assert!(answer.stderr.contains(&said), "{to}: {answer:?}");
        if !help.is_empty() {
            let (_, said) = answer.stderr.split_once("help: ").expect(to);
            assert!(said.contains(help), "{to}: {answer:?}");
        }
    }
}

#[test]
fn files_of_other_forms() {
    let folder = Folder::new(BY_KEY, &format!("{CASE}{CASE}"));
    folder.run(&[]).is_usage_error("policy-test.duplicate-name");
    folder.write("tests.yaml", "kind: PolicyTest\n");
    folder.run(&[]).is_usage_error("policy-test.version");
    folder.write("tests.yaml", "kind: Policy\n");
    folder.run(&[]).is_usage_error("policy-test.none");
    folder.write("tests.yaml", &super::test("  []\n"));
    folder.run(&[]).is_usage_error("policy-test.malformed");
    folder.write("tests.json", "{");
    let path = folder.path("tests.json");
    sealstone(["test", path.to_str().unwrap()]).is_usage_error("policy-test.malformed");
    sealstone(["test", "/nowhere/tests.yaml"]).is_usage_error("file.unreadable");
}

#[test]
fn policies_that_cannot_be_used() {
    let folder = Folder::new("authorities: []\n", CASE);
    let answer = folder.run(&[]);
    answer.is_usage_error("policy.empty");
    assert!(
        answer.stderr.contains("tests.yaml at /policy: "),
        "{answer:?}"
    );
    folder.write("policy.yaml", "{");
    folder.run(&[]).is_usage_error("policy.malformed-yaml");
    std::fs::remove_file(folder.path("policy.yaml")).unwrap();
    folder.run(&[]).is_usage_error("file.unreadable");
}

/// Nothing is reported about any case when one cannot be run, and every mistake is told.
#[test]
fn all_or_nothing() {
    let broken = CASE.replace("signed", "other").replace("release", "nobody");
    let folder = Folder::new(BY_KEY, &format!("{CASE}{broken}"));
    folder.write("more.yaml", &super::test(&CASE.replace("name:", "names:")));
    let answer = folder.run(&[]);
    assert_eq!((answer.status, &*answer.stdout), (2, ""));
    assert!(answer.stderr.contains("more.yaml at "), "{answer:?}");
}
