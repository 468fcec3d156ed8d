//! `sealstone policy check`.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, sealstone};

const WORKFLOW: &str = "https://github.com/octo-org/build/.github/workflows/build.yml";

/// The trust root and a public key of a virtual Sigstore, and a policy.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let (root, key) = (folder.path("root.json"), folder.path("key.pub"));
        let arguments = ["forge", "root", "--output", &root, "--key=ecdsa-p256"];
        let made = sealstone(arguments.iter().chain(&["--public-key", &key]));
        assert_eq!(made.status, 0, "{made:?}");
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn check(&self, policy: &Value, arguments: &[&str]) -> Answer {
        let path = self.path("policy.json");
        fs::write(&path, policy.to_string()).unwrap();
        let root = format!("forged={}", self.path("root.json"));
        let usual = ["policy", "check", &path, "--trusted-root", &root];
        sealstone(usual.iter().chain(arguments))
    }

    /// A policy without a weakness.
    fn policy(&self) -> Value {
        let key = fs::read_to_string(self.path("key.pub")).unwrap();
        json!({
            "apiVersion": "sealstone.dev/v1alpha1",
            "kind": "Policy",
            "metadata": {"name": "strict"},
            "trustRoots": [{"name": "forged"}],
            "authorities": [
                {"name": "workflow", "keyless": {"trustRoot": "forged", "identities": [{
                    "issuer": {"exact": "https://token.actions.githubusercontent.com"},
                    "subject": {"glob": format!("{WORKFLOW}@refs/tags/v*")},
                    "extensions": {"sourceRepositoryOwnerIdentifier": {"exact": "1"}},
                }]}},
                {"name": "key", "key": {
                    "publicKey": key, "trustRoot": "forged",
                    "validFor": {"start": "2025-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"},
                }},
            ],
            "builders": [{
                "name": "builder", "signedBy": ["workflow"], "maximumLevel": 3,
                "id": {"glob": format!("{WORKFLOW}@refs/tags/v*")},
            }],
            "verifiers": [{
                "name": "verifier", "signedBy": ["key"],
                "id": {"exact": "https://verifier.example"},
                "maximumLevels": {"build": 3, "source": 2},
            }],
            "rules": [
                {"name": "built", "images": ["ghcr.io/octo-org/**"], "provenance": {
                    "builders": ["builder"],
                    "source": {"uri": "https://github.com/octo-org/app", "ref": {"exact": "refs/heads/main"}},
                    "minimumLevels": {"build": 3, "source": 2},
                    "sourceVerifiedBy": ["verifier"],
                    "triggers": ["push", "release"],
                }},
                {"name": "signed", "images": ["ghcr.io/octo-org/app", "ghcr.io/octo-org/web"], "signature": {
                    "signedBy": {"atLeast": {"count": 2, "of": ["key", "workflow"]}},
                    "maximumAge": "90d",
                }},
                {"name": "scanned", "images": ["ghcr.io/octo-org/app"], "attestation": {
                    "family": "vulns", "quantifier": "any", "signedBy": ["key"], "maximumAge": "7d",
                    "conditions": [{"field": "/scanner/result", "maximumLength": 0}],
                }},
                {"name": "summarised", "images": ["ghcr.io/octo-org/web"], "verificationSummary": {
                    "verifiedBy": ["verifier"], "resourceUris": ["{registry}/{repository}"],
                    "minimumLevels": {"build": 2}, "maximumAge": "7d",
                }},
                {"name": "listed", "images": ["ghcr.io/octo-org/listed"], "sbom": {
                    "signedBy": ["key"],
                    "licenses": {"allow": ["MIT", "apache-2.0 WITH LLVM-exception", "LicenseRef-ours"]},
                }},
                {"name": "found", "images": ["ghcr.io/octo-org/listed"], "vulnerabilities": {
                    "signedBy": ["key"], "maximum": {"critical": 0}, "maximumAge": "7d",
                }},
            ],
        })
    }
}

/// Sets the member at `pointer`, or removes it where `value` is `null`.
fn edit(policy: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = policy.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => {
            members.remove(name).unwrap();
        }
        (Value::Object(members), value) => {
            members.insert(name.to_owned(), value);
        }
        (parent, value) => {
            let elements = parent.as_array_mut().unwrap();
            elements[name.parse::<usize>().unwrap()] = value;
        }
    }
}

#[track_caller]
fn report(answer: &Answer) -> Value {
    let report: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(answer.stdout, format!("{report}\n"));
    assert_eq!(report["apiVersion"], "sealstone.dev/v1alpha1");
    assert_eq!(report["kind"], "PolicyCheck");
    report
}

/// Codes and paths of the warnings.
fn warnings(report: &Value) -> Vec<(String, String)> {
    let warnings = report["warnings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    warnings
        .map(|warning| {
            assert!(!text(&warning["message"]).is_empty());
            assert!(!text(&warning["advice"]).is_empty());
            (text(&warning["code"]), text(&warning["path"]))
        })
        .collect()
}

#[test]
fn a_strict_policy_has_no_warnings() {
    let folder = Folder::new();
    let answer = folder.check(&folder.policy(), &["--output=json", "--deny-warnings"]);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (0, ""),
        "{answer:?}"
    );
    let report = report(&answer);
    assert_eq!(report["policy"], "strict");
    assert_eq!(report["valid"], true);
    assert_eq!(report["problems"], json!([]));
    assert_eq!(report["images"], json!([]));
    assert_eq!(warnings(&report), []);
}

#[test]
fn the_policy_is_told_in_words() {
    let folder = Folder::new();
    let answer = folder.check(&folder.policy(), &[]);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (0, ""),
        "{answer:?}"
    );
    let snapshot = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/policy_check/strict.txt"
    );
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        fs::write(snapshot, &answer.stdout).unwrap();
    }
    assert_eq!(answer.stdout, fs::read_to_string(snapshot).unwrap());
    let json = folder.check(&folder.policy(), &["--output=json"]);
    let report = report(&json);
    let paragraphs = report["explanation"].as_array().unwrap().iter();
    let paths: Vec<&str> = paragraphs
        .map(|paragraph| {
            let text = paragraph["text"].as_str().unwrap();
            assert!(answer.stdout.contains(text), "{text}");
            paragraph["path"].as_str().unwrap()
        })
        .collect();
    let expected = [
        "",
        "/trustRoots/0",
        "/authorities/0",
        "/authorities/1",
        "/builders/0",
        "/verifiers/0",
        "/rules/0",
        "/rules/1",
        "/rules/2",
        "/rules/3",
        "/rules/4",
        "/rules/5",
    ];
    assert_eq!(paths, expected);
}

/// What is changed in the strict policy, and the code and path of the warning.
type Case = (Vec<(&'static str, Value)>, &'static str, &'static str);

/// Each weakness.
fn weaknesses() -> Vec<Case> {
    let issuer = "/authorities/0/keyless/identities/0/issuer";
    let subject = "/authorities/0/keyless/identities/0/subject";
    let extensions = "/authorities/0/keyless/identities/0/extensions";
    let id = "/builders/0/id";
    let source = "/rules/0/provenance/source";
    let git_ref = "/rules/0/provenance/source/ref";
    let triggers = "/rules/0/provenance/triggers";
    let sbom = "/rules/4/sbom/licenses";
    let one = |pointer, value| vec![(pointer, value)];
    let glob = |end: &str| json!({"glob": format!("https://github.com{end}")});
    let escaped = r"https://github\.com/octo-org/build/\.github/workflows/build\.yml";
    vec![
        (
            one("/mode", json!("warn")),
            "policy-warning.mode-not-enforced",
            "/mode",
        ),
        (
            one("/mode", json!("audit")),
            "policy-warning.mode-not-enforced",
            "/mode",
        ),
        (
            one("/rules/1/mode", json!("warn")),
            "policy-warning.mode-not-enforced",
            "/rules/1/mode",
        ),
        (
            one("/modes", json!([{"namespaces": ["dev"], "mode": "audit"}])),
            "policy-warning.mode-not-enforced",
            "/modes/0/mode",
        ),
        (
            one(
                "/exceptions",
                json!([{"name": "e", "images": ["**"], "rules": ["built"], "reason": "r", "ends": "2027-01-01T00:00:00Z"}]),
            ),
            "policy-warning.exception-for-every-image",
            "/exceptions/0/images",
        ),
        (
            one("/insecureAllowUnmatchedImages", json!(true)),
            "policy-warning.insecure-field",
            "/insecureAllowUnmatchedImages",
        ),
        (
            one("/admission", json!({"insecureExemptGroups": ["admins"]})),
            "policy-warning.insecure-field",
            "/admission/insecureExemptGroups",
        ),
        (
            one("/trustRoots/0/requirements", json!({"profile": "private"})),
            "policy-warning.trust-root-without-log",
            "/trustRoots/0/requirements",
        ),
        (
            one("/authorities/1/key/validFor", Value::Null),
            "policy-warning.key-without-validity",
            "/authorities/1/key",
        ),
        (
            one(issuer, json!({"glob": "https://*.githubusercontent.com"})),
            "policy-warning.issuer-not-exact",
            issuer,
        ),
        (
            one(issuer, json!({"regexp": "https://token.actions"})),
            "policy-warning.regexp-dot",
            issuer,
        ),
        (
            one(subject, json!({"glob": "**"})),
            "policy-warning.subject-wide",
            subject,
        ),
        (
            one(subject, json!({"regexp": ".*"})),
            "policy-warning.subject-wide",
            subject,
        ),
        (
            one(subject, glob("/*/build**")),
            "policy-warning.subject-wide",
            subject,
        ),
        (
            one(subject, glob("/octo-org**")),
            "policy-warning.organisation-open",
            subject,
        ),
        (
            one(
                subject,
                json!({"regexp": r"https://github\.com/octo-org.*"}),
            ),
            "policy-warning.organisation-open",
            subject,
        ),
        (
            one(subject, glob("/octo-org/**")),
            "policy-warning.builder-signer-wide",
            "/builders/0/signedBy",
        ),
        (
            one(subject, json!({"regexp": format!("{escaped}@.*")})),
            "policy-warning.builder-signer-wide",
            "/builders/0/signedBy",
        ),
        (
            one(
                subject,
                json!({"regexp": format!("{escaped}@refs/tags/v1.0")}),
            ),
            "policy-warning.regexp-dot",
            subject,
        ),
        (
            one(
                extensions,
                json!({"buildTrigger": {"exact": "pull_request_target"}}),
            ),
            "policy-warning.trigger-untrusted",
            "/authorities/0/keyless/identities/0/extensions/buildTrigger",
        ),
        (
            one(id, json!({"glob": "**"})),
            "policy-warning.builder-id-wide",
            id,
        ),
        (
            one(id, glob("/octo-org**")),
            "policy-warning.organisation-open",
            id,
        ),
        (
            vec![
                ("/rules/0/provenance/builder", json!({"id": {"glob": "**"}})),
                ("/rules/0/provenance/signedBy", json!(["workflow"])),
                ("/rules/0/provenance/builders", Value::Null),
                ("/rules/0/provenance/minimumLevels", json!({"source": 2})),
            ],
            "policy-warning.builder-id-wide",
            "/rules/0/provenance/builder/id",
        ),
        (
            one(git_ref, Value::Null),
            "policy-warning.ref-unpinned",
            source,
        ),
        (
            one(git_ref, json!({"glob": "**"})),
            "policy-warning.ref-wide",
            git_ref,
        ),
        (
            one(git_ref, json!({"glob": "refs/heads/*"})),
            "policy-warning.ref-wide",
            git_ref,
        ),
        (
            one(git_ref, json!({"regexp": "refs/.*"})),
            "policy-warning.ref-wide",
            git_ref,
        ),
        (
            vec![
                (git_ref, Value::Null),
                ("/rules/0/provenance/source/branch", json!({"glob": "*"})),
            ],
            "policy-warning.ref-wide",
            "/rules/0/provenance/source/branch",
        ),
        (
            one(triggers, json!(["push", "workflow_run"])),
            "policy-warning.trigger-untrusted",
            "/rules/0/provenance/triggers/1",
        ),
        (
            one(triggers, Value::Null),
            "policy-warning.triggers-unlimited",
            "/rules/0/provenance",
        ),
        (
            one(
                "/rules/1/match",
                json!({"labels": {"matchLabels": {"insecure": "x"}}}),
            ),
            "policy-warning.labels-select-rule",
            "/rules/1/match/labels",
        ),
        (
            one("/rules/2/attestation/maximumAge", Value::Null),
            "policy-warning.age-unlimited",
            "/rules/2/attestation",
        ),
        (
            one(sbom, json!({"deny": ["AGPL-3.0-only"]})),
            "policy-warning.licenses-denied",
            sbom,
        ),
        (
            one(sbom, json!({"allow": ["MIT", "The-MIT"]})),
            "policy-warning.license-unknown",
            "/rules/4/sbom/licenses/allow/1",
        ),
        (
            one(sbom, json!({"allow": ["MIT WITH No-exception"]})),
            "policy-warning.license-unknown",
            "/rules/4/sbom/licenses/allow/0",
        ),
        (
            one("/rules/5/vulnerabilities/maximum", Value::Null),
            "policy-warning.vulnerabilities-unlimited",
            "/rules/5/vulnerabilities",
        ),
        (
            one(
                "/rules/5/relations",
                json!([{"rule": "built", "subject": "same"}]),
            ),
            "policy-warning.subject-relation-idle",
            "/rules/5/relations/0/subject",
        ),
        (
            vec![
                (
                    "/rules/5/relations",
                    json!([{"rule": "signed", "after": {}}]),
                ),
                ("/authorities/1/key/trustRoot", Value::Null),
                (
                    "/authorities/1/key/insecureIgnoreTransparencyLog",
                    json!(true),
                ),
            ],
            "policy-warning.relation-time-unproven",
            "/rules/5/relations/0/after",
        ),
        (
            one("/rules/3/verificationSummary/maximumAge", Value::Null),
            "policy-warning.age-unlimited",
            "/rules/3/verificationSummary",
        ),
    ]
}

#[test]
fn each_weakness_is_warned_of() {
    let folder = Folder::new();
    let mut reached = BTreeSet::new();
    for (edits, code, path) in weaknesses() {
        let mut policy = folder.policy();
        for (pointer, value) in edits.clone() {
            edit(&mut policy, pointer, value);
        }
        let answer = folder.check(&policy, &["--output=json"]);
        assert_eq!(
            (answer.status, answer.stderr.as_str()),
            (0, ""),
            "{answer:?}"
        );
        let expected = (code.to_owned(), path.to_owned());
        let found = warnings(&report(&answer));
        assert!(found.contains(&expected), "{edits:?}: {found:?}");
        reached.insert(expected.0);
    }
    // What takes more than a change of the strict policy.
    reached.insert("policy-warning.image-not-covered".to_owned());
    reached.insert("policy-warning.key-signature-without-log".to_owned());
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/reference/policy-warnings.md"
    );
    let page = fs::read_to_string(page).unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let explained: BTreeSet<String> = rows.map(|(code, _)| code.to_owned()).collect();
    assert_eq!(explained, reached);
}

#[test]
fn a_change_that_is_not_weak_warns_of_nothing() {
    let folder = Folder::new();
    let subject = "/authorities/0/keyless/identities/0/subject";
    let source = "/rules/0/provenance/source";
    let uri = "https://github.com/octo-org/app";
    let cases = [
        (
            subject,
            json!({"exact": format!("{WORKFLOW}@refs/heads/main")}),
        ),
        (source, json!({"uri": uri, "commit": {"glob": "*"}})),
        (source, json!({"uri": uri, "versionTag": "v1"})),
        (
            source,
            json!({"uri": uri, "ref": {"glob": "refs/heads/*"}, "branch": {"exact": "main"}}),
        ),
        (source, json!({"uri": uri, "ref": {"glob": "refs/tags/*"}})),
        ("/rules/1/signature/maximumAge", Value::Null),
        ("/rules/2/attestation/family", json!("spdx")),
        ("/rules/1/match", json!({"namespaces": ["prod"]})),
        ("/rules/1/mode", json!("enforce")),
        ("/rules/1/effectiveOn", json!("2027-01-01T00:00:00Z")),
        (
            "/exceptions",
            json!([{"name": "e", "images": ["ghcr.io/octo-org/app"], "rules": ["built"], "reason": "r", "ends": "2027-01-01T00:00:00Z"}]),
        ),
        (
            "/rules/1/signature/annotations",
            json!({"insecure": {"exact": "x"}}),
        ),
        (
            "/trustRoots/0/requirements",
            json!({"profile": "private", "transparencyLogThreshold": 1}),
        ),
    ];
    for (pointer, value) in cases {
        let mut policy = folder.policy();
        edit(&mut policy, pointer, value.clone());
        let answer = folder.check(&policy, &["--output=json", "--deny-warnings"]);
        assert_eq!(answer.status, 0, "{pointer} {value}: {answer:?}");
    }
}

#[test]
fn keys_without_a_log_are_weak_in_several_ways() {
    let folder = Folder::new();
    let mut policy = folder.policy();
    edit(&mut policy, "/authorities/1/key/trustRoot", Value::Null);
    let field = "/authorities/1/key/insecureIgnoreTransparencyLog";
    edit(&mut policy, field, json!(true));
    edit(&mut policy, "/authorities/1/key/validFor", Value::Null);
    let report = report(&folder.check(&policy, &["--output=json"]));
    let expected = [
        ("policy-warning.key-without-validity", "/authorities/1/key"),
        ("policy-warning.insecure-field", field),
        (
            "policy-warning.key-signature-without-log",
            "/rules/1/signature/signedBy",
        ),
    ];
    let expected = expected.map(|(code, path)| (code.to_owned(), path.to_owned()));
    assert_eq!(warnings(&report), expected);
}

#[test]
fn certificates_of_a_private_authority_are_looked_at_too() {
    let folder = Folder::new();
    let mut policy = folder.policy();
    let requirements = json!({"profile": "private", "transparencyLogThreshold": 1});
    edit(&mut policy, "/trustRoots/0/requirements", requirements);
    edit(&mut policy, "/authorities/0/keyless", Value::Null);
    let certificate = |subject: Value| json!({"trustRoot": "forged", "subjects": [subject]});
    let cases: [(Value, &[(&str, &str)]); 3] = [
        (json!({"exact": "ci@acme.example"}), &[]),
        (
            json!({"glob": "*@acme.example"}),
            &[("policy-warning.builder-signer-wide", "/builders/0/signedBy")],
        ),
        (
            json!({"glob": "**"}),
            &[
                (
                    "policy-warning.subject-wide",
                    "/authorities/0/certificate/subjects/0",
                ),
                ("policy-warning.builder-signer-wide", "/builders/0/signedBy"),
            ],
        ),
    ];
    for (subject, expected) in cases {
        edit(
            &mut policy,
            "/authorities/0/certificate",
            certificate(subject),
        );
        let answer = folder.check(&policy, &["--output=json"]);
        assert_eq!(answer.status, 0, "{answer:?}");
        let expected = expected.iter();
        let expected: Vec<(String, String)> = expected
            .map(|(code, path)| ((*code).to_owned(), (*path).to_owned()))
            .collect();
        assert_eq!(warnings(&report(&answer)), expected);
    }
}

#[test]
fn images_are_covered_or_not() {
    let folder = Folder::new();
    let digest = format!("sha256:{}", "0".repeat(64));
    let pinned = format!("ghcr.io/octo-org/tool@{digest}");
    let images = [
        "ghcr.io/octo-org/app:v1",
        &pinned,
        "ghcr.io/octo-evil/app",
        "nginx",
    ];
    let mut arguments = vec!["--output=json"];
    for image in images {
        arguments.extend(["--image", image]);
    }
    let mut policy = folder.policy();
    let answer = folder.check(&policy, &arguments);
    assert_eq!(answer.status, 0, "{answer:?}");
    let found = report(&answer);
    let expected = json!([
        {"reference": images[0], "covered": true, "rules": ["built", "signed", "scanned"]},
        {"reference": images[1], "covered": true, "rules": ["built"]},
        {"reference": images[2], "covered": false, "rules": []},
        {"reference": images[3], "covered": false, "rules": []},
    ]);
    assert_eq!(found["images"], expected);
    let warning = ("policy-warning.image-not-covered".to_owned(), String::new());
    assert_eq!(warnings(&found), [warning.clone(), warning]);
    // An image that runs without a rule is not covered either.
    edit(&mut policy, "/insecureAllowUnmatchedImages", json!(true));
    assert_eq!(
        report(&folder.check(&policy, &arguments))["images"],
        expected
    );

    let text = folder.check(&folder.policy(), &["--image=nginx", "--deny-warnings"]);
    assert_eq!((text.status, text.stderr.as_str()), (1, ""), "{text:?}");
    for part in [
        "image nginx: no rule",
        "warning[policy-warning.image-not-covered]",
        "help: ",
        "1 warning",
    ] {
        assert!(text.stdout.contains(part), "{part}: {text:?}");
    }
    let answer = folder.check(&folder.policy(), &["--image=Upper/Case"]);
    answer.is_usage_error("image.reference-malformed");
}

#[test]
fn all_problems_are_shown_at_once() {
    let folder = Folder::new();
    let mut policy = folder.policy();
    edit(&mut policy, "/metadata/colour", json!("red"));
    edit(&mut policy, "/rules/0/images", json!([]));
    let text = folder.check(&policy, &[]);
    text.is_usage_error("policy.unknown-field");
    let json = folder.check(&policy, &["--output=json"]);
    assert_eq!((json.status, json.stderr.as_str()), (2, ""), "{json:?}");
    let report = report(&json);
    assert_eq!(report["valid"], false);
    let problems = report["problems"].as_array().unwrap().iter();
    let found: Vec<(&str, &str)> = problems
        .map(|problem| {
            let message = problem["message"].as_str().unwrap();
            assert!(text.stderr.contains(message), "{message}: {text:?}");
            (
                problem["code"].as_str().unwrap(),
                problem["path"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("policy.unknown-field", "/metadata/colour"),
        ("policy.empty", "/rules/0/images"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_checked_is_a_usage_error() {
    let folder = Folder::new();
    sealstone(["policy", "check", &folder.path("none.yaml")]).is_usage_error("file.unreadable");
    fs::write(folder.path("empty.yaml"), "").unwrap();
    sealstone(["policy", "check", &folder.path("empty.yaml")]).is_usage_error("policy.empty");
    let path = folder.path("policy.json");
    fs::write(&path, folder.policy().to_string()).unwrap();
    sealstone(["policy", "check", &path]).is_usage_error("policy.trust-root-missing");
    assert_eq!(sealstone(["policy"]).status, 2);
    assert_eq!(sealstone(["policy", "check"]).status, 2);
}

#[test]
fn nothing_of_the_policy_steers_the_terminal() {
    let folder = Folder::new();
    let mut policy = folder.policy();
    let pattern = json!({"exact": "\u{1b}2J\u{202e}"});
    edit(
        &mut policy,
        "/authorities/0/keyless/identities/0/subject",
        pattern,
    );
    let answer = folder.check(&policy, &[]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.stdout.contains("\\u{1b}2J\\u{202e}"), "{answer:?}");
    assert!(
        !answer.stdout.contains(['\u{1b}', '\u{202e}']),
        "{answer:?}"
    );
}
