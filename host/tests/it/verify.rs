//! Whole decisions with the module of the program: policies, trust roots, bundles.

use std::fs;

use serde_json::Value;

use crate::support::{Example, assert_decision};

/// The code of the only image of a decision in JSON.
#[track_caller]
fn code(json: &str) -> String {
    let decision: Value = serde_json::from_str(json).unwrap();
    assert_decision(&decision);
    decision["images"][0]["code"].as_str().unwrap().to_owned()
}

#[test]
fn text_says_what_was_proved_and_by_whom() {
    let example = Example::new();
    let answer = example.verify_layout("signed", &[]);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    let parts = [
        "allowed  localhost/signed",
        &example.digest("signed"),
        "container.yml@refs/tags/v2.1.0",
        "https://token.actions.githubusercontent.com",
        "https://rekor.sigstore.example index ",
        "2026-03-01T12:00:00Z",
        "https://github.com/octo-org/app@refs/tags/v1.2.3",
    ];
    for part in parts {
        assert!(answer.stdout.contains(part), "{part}: {answer:?}");
    }
    assert!(
        !answer.stdout.contains('\u{1b}'),
        "no colours without a terminal"
    );
}

#[test]
fn text_says_what_failed_and_what_to_do() {
    let example = Example::new();
    let answer = example.verify_layout("tampered", &[]);
    assert_eq!((answer.status, answer.stderr.as_str()), (1, ""));
    let json = example.verify_layout("tampered", &["--output=json"]);
    assert_eq!(json.status, 1);
    for part in [
        "denied  localhost/tampered",
        &code(&json.stdout),
        "help: ",
        "evidence",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {answer:?}");
    }
}

#[test]
fn a_mode_that_only_reports_is_said_plainly() {
    for mode in ["warn", "audit"] {
        let example = Example::new();
        let kind = "kind: Policy\n";
        example.replace("policy.yaml", kind, &format!("{kind}mode: {mode}\n"));
        let answer = example.verify_layout("tampered", &[]);
        assert_eq!((answer.status, answer.stderr.as_str()), (1, ""));
        let passes = format!("not allowed, but it passes: the mode of the policy is {mode}\n");
        for part in [passes.as_str(), "denied  localhost/tampered"] {
            assert!(answer.stdout.contains(part), "{part}: {answer:?}");
        }
        let answer = example.verify_layout("signed", &[]);
        assert_eq!(answer.status, 0);
        assert!(!answer.stdout.contains("but it passes"), "{answer:?}");
    }
}

#[test]
fn text_says_how_to_name_the_image() {
    let example = Example::new();
    let answer = example.verify_layout("signed", &["--reference=mirror.example/octo-org/app:v1"]);
    assert_eq!(answer.status, 1, "{answer:?}");
    assert!(!answer.stdout.contains("  pin "), "{answer:?}");
    let rules = "rules:\n";
    let mirrors = "images: {mirrors: [{from: mirror.example, to: registry.example}]}\nrules:\n";
    example.replace("policy.yaml", rules, mirrors);
    let answer = example.verify_layout("signed", &["--reference=mirror.example/octo-org/app:v1"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    let pin = format!(
        "  pin    mirror.example/octo-org/app:v1@{}\n",
        example.digest("signed")
    );
    for part in ["  source registry.example/octo-org/app\n", &pin] {
        assert!(answer.stdout.contains(part), "{part}: {answer:?}");
    }
}

#[test]
fn json_is_one_canonical_line() {
    let example = Example::new();
    for (layout, status, allowed) in [("signed", 0, true), ("tampered", 1, false)] {
        let answer = example.verify_layout(layout, &["--output", "json"]);
        assert_eq!((answer.status, answer.stderr.as_str()), (status, ""));
        let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(answer.stdout, format!("{decision}\n"));
        assert_eq!(decision["allowed"], allowed);
        assert_eq!(decision["kind"], "Decision");
        assert_eq!(decision["time"], "2026-06-01T00:00:00Z");
        assert_eq!(decision["policy"]["name"], "container-image");
    }
}

#[test]
fn yaml_and_json_policies_decide_alike() {
    let example = Example::new();
    let from_yaml = example.verify_layout("signed", &["--output=json"]);
    let policy: Value = yaml_serde::from_str(&example.read("policy.yaml")).unwrap();
    example.write("policy.yaml", policy.to_string());
    let from_json = example.verify_layout("signed", &["--output=json"]);
    assert_eq!(from_yaml.stdout, from_json.stdout);
}

#[test]
fn each_change_of_the_policy_denies_with_its_own_code() {
    let cases = [
        (
            "https://token.actions.githubusercontent.com",
            "https://issuer.example",
            "identity.issuer-mismatch",
        ),
        (
            "- issuer:\n            exact: https",
            "- issuer:\n            exact: http",
            "identity.issuer-mismatch",
        ),
        (
            "uri: https://github.com/octo-org/app",
            "uri: https://github.com/octo-org/ape",
            "provenance.source-mismatch",
        ),
        (
            "glob: \"refs/tags/v*\"",
            "glob: \"refs/heads/v*\"",
            "provenance.ref-mismatch",
        ),
        (
            "images: [\"localhost/**\"",
            "images: [\"localhost/other\"",
            "image.no-rule",
        ),
    ];
    for (from, to, expected) in cases {
        let example = Example::new();
        example.replace("policy.yaml", from, to);
        let answer = example.verify_layout("signed", &["--output=json"]);
        assert_eq!(answer.status, 1, "{answer:?}");
        assert_eq!(code(&answer.stdout), expected, "{to}");
    }
    let tail = "container.yml@refs/tags/v*\"\n";
    for (before, expected) in [
        (format!("{tail}rules:"), "identity.subject-mismatch"),
        (tail.to_owned(), "provenance.builder-mismatch"),
    ] {
        let example = Example::new();
        let policy = example.read("policy.yaml");
        let at = policy.rfind(&before).unwrap();
        let (head, rest) = policy.split_at(at);
        let rest = rest.replacen("container.yml", "other.yml", 1);
        example.write("policy.yaml", format!("{head}{rest}"));
        let answer = example.verify_layout("signed", &["--output=json"]);
        assert_eq!(
            (answer.status, code(&answer.stdout).as_str()),
            (1, expected)
        );
    }
}

#[test]
fn all_problems_of_a_policy_are_shown() {
    let example = Example::new();
    example.write(
        "policy.yaml",
        "apiVersion: sealstone.dev/v1alpha1\nkind: Policy\nmetadata: {name: a, colour: red}\n\
         trustRoots: [{name: example}]\nauthorities: []\nrules: []\n",
    );
    let answer = example.verify_layout("signed", &[]);
    answer.is_usage_error("policy.unknown-field");
    for part in [
        "/metadata/colour",
        "[policy.empty]",
        "/authorities",
        "/rules",
    ] {
        assert!(answer.stderr.contains(part), "{answer:?}");
    }
}

#[test]
fn broken_policies_are_usage_errors() {
    let deep = "[".repeat(100_000);
    let cases: [(&str, &str); 6] = [
        ("{", "policy.malformed"),
        ("[]", "policy.wrong-type"),
        ("{}", "policy.missing-field"),
        ("text", "policy.malformed"),
        (
            "{\"kind\":\"Policy\",\"kind\":\"Policy\"}",
            "policy.duplicate-member",
        ),
        (&deep, "limit.json-nesting"),
    ];
    for (content, code) in cases {
        let example = Example::new();
        let policy = example.path("policy.json");
        fs::write(&policy, content).unwrap();
        let bundle = example.path("policy.yaml");
        let digest = example.digest("signed");
        let answer = crate::support::sealstone([
            "verify",
            "--policy",
            policy.to_str().unwrap(),
            "--bundle",
            bundle.to_str().unwrap(),
            "--digest",
            &digest,
        ]);
        answer.is_usage_error(code);
    }
}

#[test]
fn broken_trust_roots_are_usage_errors() {
    let deep = "[".repeat(100_000);
    let example = Example::new();
    let root = example.read("trusted-root.json");
    let truncated = root.get(..root.len() / 2).unwrap();
    let cases = [
        ("", "trusted-root.json-malformed"),
        (truncated, "trusted-root.json-malformed"),
        ("text", "trusted-root.json-malformed"),
        ("{}", "trusted-root.field-missing"),
        (&deep, "limit.json-nesting"),
    ];
    for (content, code) in cases {
        example.write("trusted-root.json", content);
        example.verify_layout("signed", &[]).is_usage_error(code);
    }
}

#[test]
fn a_trust_root_without_a_name_is_for_every_name() {
    let example = Example::new();
    let (layout, policy) = (example.path("signed"), example.path("policy.yaml"));
    let root = example.path("trusted-root.json");
    let common = ["--now", "1780272000", "--policy", policy.to_str().unwrap()];
    let verify = |more: &[&str]| {
        let arguments = ["verify", layout.to_str().unwrap()];
        crate::support::sealstone(arguments.iter().chain(&common).chain(more))
    };
    assert_eq!(
        verify(&["--trusted-root", root.to_str().unwrap()]).status,
        0
    );
    verify(&[]).is_usage_error("policy.trust-root-missing");
    // The public-good root is built in: the policy is complete, but nothing here is signed there.
    example.replace("policy.yaml", "name: example", "name: public-good");
    example.replace(
        "policy.yaml",
        "trustRoot: example",
        "trustRoot: public-good",
    );
    let answer = verify(&["--output=json"]);
    assert_eq!(
        (answer.status, code(&answer.stdout).as_str()),
        (1, "certificate.untrusted")
    );
    assert_eq!(
        verify(&["--trusted-root", root.to_str().unwrap()]).status,
        0
    );
}

#[test]
fn bundle_files_are_evidence() {
    let example = Example::new();
    let digest = example.digest("signed");
    let bundles = example.blobs_with("signed", "verificationMaterial");
    let [bundle] = bundles.as_slice() else {
        panic!("{bundles:?}");
    };
    let content = fs::read_to_string(bundle).unwrap();
    let verify = |content: &str, digest: &str| {
        example.write("bundle.json", content);
        let path = example.path("bundle.json");
        let path = path.to_str().unwrap();
        example.verify(&["--bundle", path, "--digest", digest, "--output=json"])
    };
    let pretty: Value = serde_json::from_str(&content).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    let line = content.trim();
    for content in [&content, &pretty, &format!("{{}}\n{line}\n")] {
        let answer = verify(content, &digest);
        assert_eq!((answer.status, code(&answer.stdout).as_str()), (0, "ok"));
        assert!(answer.stdout.contains("localhost/artifact"), "{answer:?}");
    }
    let other = example.digest("tampered");
    let answer = verify(&content, &other);
    assert_eq!(
        (answer.status, code(&answer.stdout).as_str()),
        (1, "statement.subject-mismatch")
    );

    let truncated = content.get(..content.len() / 2).unwrap();
    let deep = "[".repeat(100_000);
    for content in [truncated, "text", &deep, "{\"a\": 1, \"a\": 2}"] {
        let answer = verify(content, &digest);
        assert_eq!(answer.status, 1, "{answer:?}");
        let code = code(&answer.stdout);
        assert!(
            code.starts_with("bundle.") || code == "limit.json-nesting",
            "{code}"
        );
    }
}

#[test]
fn the_time_counts() {
    let example = Example::new();
    let (layout, policy) = (example.path("signed"), example.path("policy.yaml"));
    let root = format!("example={}", example.path("trusted-root.json").display());
    let verify = |now: &str| {
        let mut arguments = vec!["verify", layout.to_str().unwrap(), "--output=json"];
        arguments.extend([
            "--policy",
            policy.to_str().unwrap(),
            "--trusted-root",
            &root,
        ]);
        arguments.extend(["--now", now]);
        crate::support::sealstone(arguments)
    };
    let answer = verify("2020-01-01T00:00:00Z");
    assert_eq!(
        (answer.status, code(&answer.stdout).as_str()),
        (1, "time.in-future")
    );
    let answer = verify("18446744073709551615");
    assert_eq!(answer.status, 2, "{answer:?}");
    let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_decision(&decision);
    assert_eq!(decision["problem"]["code"], "request.time-out-of-range");
}

#[test]
fn references_are_checked() {
    let example = Example::new();
    let digest = example.digest("signed");
    let other = example.digest("tampered");
    let cases = [
        ("Upper/Case".to_owned(), "image.reference-malformed"),
        ("a b".to_owned(), "image.reference-malformed"),
        ("\u{1b}[2J".to_owned(), "image.reference-malformed"),
        (String::new(), "request.empty"),
        (format!("localhost/a@{other}"), "request.digest-mismatch"),
    ];
    for (reference, code) in cases {
        let answer = example.verify_layout("signed", &["--reference", &reference]);
        answer.is_usage_error(code);
        assert!(!answer.stderr.contains('\u{1b}'));
    }
    let reference = format!("registry.example/octo-org/app:v1@{digest}");
    let answer = example.verify_layout("signed", &["--reference", &reference]);
    assert_eq!(answer.status, 0, "{answer:?}");
}
