//! `sealstone explain` and `sealstone verify --explain`.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Answer, Example, sealstone};

fn explain(example: &Example, decision: impl ToString) -> Answer {
    example.write("decision.json", decision.to_string());
    sealstone(["explain", example.path("decision.json").to_str().unwrap()])
}

#[test]
fn both_ways_tell_the_same() {
    let example = Example::new();
    for (layout, status) in [("signed", 0), ("tampered", 1)] {
        let json = example.verify_layout(layout, &["--output=json"]);
        let at_once = example.verify_layout(layout, &["--explain"]);
        assert_eq!((at_once.status, at_once.stderr.as_str()), (status, ""));
        let later = explain(&example, json.stdout);
        assert_eq!((later.status, later.stderr.as_str()), (0, ""));
        assert_eq!(later.stdout, at_once.stdout);
    }
}

#[test]
fn each_piece_says_what_it_lacked_and_what_to_do() {
    let example = Example::new();
    let decision: Value =
        serde_json::from_str(&example.verify_layout("tampered", &["--output=json"]).stdout)
            .unwrap();
    let rule = &decision["images"][0]["rules"][0];
    let pieces: Vec<&str> = rule["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| piece["sha256"].as_str().unwrap())
        .collect();
    let [first, second] = pieces.as_slice() else {
        panic!("{pieces:?}");
    };
    let media_type = |index: usize| rule["evidence"][index]["mediaType"].as_str().unwrap();
    let digest = example.digest("tampered");
    let expected = format!(
        "decision  rejected\n\
         policy    container-image\n\
         time      2026-06-01T00:00:00Z\n\
         \n\
         image localhost/tampered  {digest}\n  \
           rejected: the signature does not verify [signature.invalid]\n  \
           rule provenance: fail\n    \
             looked at sha256:{first}  {}\n      \
               it first lacked: the signature does not verify [signature.invalid]\n      \
               next: Do not trust the evidence: it was changed, or signed by somebody else.\n    \
             looked at sha256:{second}  {}\n      \
               it first lacked: the signature does not verify [signature.invalid]\n    \
             so the rule is not met: the signature does not verify [signature.invalid]\n",
        media_type(0),
        media_type(1),
    );
    let answer = example.verify_layout("tampered", &["--explain"]);
    assert_eq!(answer.stdout, expected);
}

#[test]
fn what_is_met_says_by_whom() {
    let example = Example::new();
    let answer = example.verify_layout("signed", &["--explain"]);
    for part in [
        "decision  allowed",
        "run it as localhost/signed@sha256:",
        "rule provenance: pass",
        "container.yml@refs/tags/v2.1.0 as container-workflow",
        "it meets the rule",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {answer:?}");
    }
}

#[test]
fn every_kind_of_decision_is_told() {
    let example = Example::new();
    let decision = |members: Value| {
        let mut decision = json!({
            "apiVersion": "sealstone.dev/v1alpha1", "kind": "Decision", "time": "2026-06-01T00:00:00Z",
        });
        let members = members.as_object().unwrap().clone();
        decision.as_object_mut().unwrap().extend(members);
        decision
    };
    let missing = json!({
        "reference": "r.example/app", "outcome": "rejected", "code": "evidence.missing", "message": "m",
        "rules": [{"rule": "signed", "result": "fail", "code": "evidence.missing", "message": "none was found", "evidence": []}],
    });
    let cases: [(Value, &[&str]); 4] = [
        (
            json!({"outcome": "allowed", "allowed": true, "images": [], "reason": {"code": "request.operation-passes", "message": "it runs nothing"}}),
            &[
                "decision  allowed",
                "no image was looked at: it runs nothing [request.operation-passes]",
            ],
        ),
        (
            json!({"outcome": "invalid", "allowed": false, "problem": {"code": "request.empty", "path": "/images", "message": "there is none"}}),
            &[
                "the request cannot be read: /images: there is none [request.empty]",
                "next: Name at least one image.",
            ],
        ),
        (
            json!({"outcome": "rejected", "allowed": true, "mode": "audit", "images": [missing]}),
            &[
                "decision  rejected, but it passes: the mode of the policy is audit",
                "no evidence was looked at",
                "so the rule is not met: none was found [evidence.missing]",
                "next: Sign or attest the image",
            ],
        ),
        (
            json!({"outcome": "rejected", "allowed": false, "images": [{"reference": "m.example/app", "source": "docker.io/o/app", "outcome": "rejected", "code": "image.no-rule", "message": "no rule", "rules": []}]}),
            &[
                "rules saw it as docker.io/o/app",
                "rejected: no rule [image.no-rule]",
                "next: Add a rule for the image",
            ],
        ),
    ];
    for (members, parts) in cases {
        let answer = explain(&example, decision(members));
        assert_eq!(
            (answer.status, answer.stderr.as_str()),
            (0, ""),
            "{answer:?}"
        );
        for part in parts {
            assert!(answer.stdout.contains(part), "{part}: {}", answer.stdout);
        }
    }
}

#[test]
fn foreign_text_is_escaped_and_bounded() {
    let example = Example::new();
    let hostile = format!("\u{1b}[2J\n\u{202e}{}", "x".repeat(5_000));
    let piece =
        json!({"sha256": hostile, "mediaType": hostile, "code": hostile, "message": hostile});
    let rule = json!({
        "rule": hostile, "result": "fail", "code": hostile, "message": hostile,
        "evidence": vec![piece; 200], "metBy": [{"evidence": hostile, "authority": hostile, "signer": {"subject": hostile}}],
    });
    let image = json!({
        "reference": hostile, "digest": hostile, "outcome": hostile, "code": hostile, "message": hostile,
        "source": hostile, "pin": hostile, "rules": [rule],
    });
    let decision = json!({
        "kind": "Decision", "outcome": hostile, "allowed": true, "mode": hostile, "time": hostile,
        "policy": {"name": hostile}, "reason": {"code": hostile, "message": hostile},
        "problem": {"code": hostile, "message": hostile, "path": hostile}, "images": [image],
    });
    let answer = explain(&example, decision);
    assert_eq!(answer.status, 0);
    assert!(!answer.stdout.contains(['\u{1b}', '\u{202e}']));
    assert!(
        answer.stdout.contains("and 136 more pieces"),
        "{}",
        answer.stdout.len()
    );
    assert!(answer.stdout.len() < 300_000, "{}", answer.stdout.len());
    // A line break in a text does not begin a line.
    assert!(!answer.stdout.lines().any(|line| line.starts_with('x')));
}

#[test]
fn standard_input_is_read() {
    let example = Example::new();
    let decision = example.verify_layout("signed", &["--output=json"]).stdout;
    for arguments in [&["explain"][..], &["explain", "-"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealstone"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(decision.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("rule provenance: pass"), "{text}");
    }
}

#[test]
fn what_is_no_decision_is_refused() {
    let example = Example::new();
    let cases = [
        ("", "decision.malformed"),
        ("{", "decision.malformed"),
        ("{}", "decision.kind-unknown"),
        (r#"{"kind":"Policy"}"#, "decision.kind-unknown"),
        (
            r#"{"kind":"AdmissionReview","response":{}}"#,
            "decision.kind-unknown",
        ),
    ];
    for (content, code) in cases {
        explain(&example, content).is_usage_error(code);
    }
    let none = example.path("none");
    sealstone(["explain", none.to_str().unwrap()]).is_usage_error("file.unreadable");
    fs::write(example.path("large"), vec![b' '; (16 << 20) + 1]).unwrap();
    let large = example.path("large");
    sealstone(["explain", large.to_str().unwrap()]).is_usage_error("limit.decision-bytes");
    let both = example.verify_layout("signed", &["--explain", "--output=json"]);
    assert_eq!(both.status, 2);
}
