//! Whole decisions about layouts that are damaged or altered.

use std::fs;

use serde_json::Value;

use crate::support::{Answer, Example, assert_decision};

/// The outcome and code of the only image of a decision in JSON.
#[track_caller]
fn result(answer: &Answer) -> (i32, String, String) {
    let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_decision(&decision);
    let image = &decision["images"][0];
    assert_eq!(decision["images"].as_array().unwrap().len(), 1);
    assert_eq!(decision["allowed"], image["allowed"]);
    assert_eq!(decision["outcome"], image["outcome"]);
    let text = |name: &str| image[name].as_str().unwrap().to_owned();
    (answer.status, text("outcome"), text("code"))
}

#[track_caller]
fn decides(example: &Example, arguments: &[&str], expected: (i32, &str, &str)) {
    let mut all = vec!["--output=json"];
    all.extend_from_slice(arguments);
    let answer = example.verify_layout("signed", &all);
    let (status, outcome, code) = result(&answer);
    assert_eq!(
        (status, outcome.as_str(), code.as_str()),
        expected,
        "{answer:?}"
    );
}

const ALLOWED: (i32, &str, &str) = (0, "allowed", "ok");

#[test]
fn an_intact_layout_allows() {
    let example = Example::new();
    decides(&example, &[], ALLOWED);
    decides(&example, &["--digest", &example.digest("signed")], ALLOWED);
    decides(&example, &["--tag", "1.2.3"], ALLOWED);
}

#[test]
fn an_altered_image_is_rejected() {
    let example = Example::new();
    let blob = example.blob("signed", &example.digest("signed"));
    let content = fs::read_to_string(&blob).unwrap();
    fs::write(&blob, content.replacen("schemaVersion", "schemaversion", 1)).unwrap();
    decides(&example, &[], (1, "rejected", "layout.digest-mismatch"));
    fs::write(&blob, format!("{content} ")).unwrap();
    decides(&example, &[], (1, "rejected", "layout.size-mismatch"));

    let answer = example.verify_layout("signed", &[]);
    assert_eq!(answer.status, 1);
    for part in ["denied", "layout.size-mismatch", "help: "] {
        assert!(answer.stdout.contains(part), "{answer:?}");
    }
}

#[test]
fn a_missing_image_is_unavailable() {
    let example = Example::new();
    fs::remove_file(example.blob("signed", &example.digest("signed"))).unwrap();
    let answer = example.verify_layout("signed", &["--output=json"]);
    let (status, outcome, _) = result(&answer);
    assert_eq!((status, outcome.as_str()), (3, "unavailable"));
    assert!(answer.stdout.contains("layout.blob-missing"), "{answer:?}");
    let text = example.verify_layout("signed", &[]);
    assert_eq!(text.status, 3);
    assert!(text.stdout.starts_with("unavailable"), "{text:?}");
}

#[test]
fn another_digest_is_rejected() {
    let example = Example::new();
    let other = example.digest("tampered");
    let answer = example.verify_layout("signed", &["--output=json", "--digest", &other]);
    // What cosign saved is brought for any digest: the statement itself says whose it is.
    let (status, outcome, code) = result(&answer);
    let expected = (1, "rejected", "statement.subject-mismatch");
    assert_eq!((status, outcome.as_str(), code.as_str()), expected);
    assert!(
        answer.stderr.contains(&example.digest("signed")),
        "{answer:?}"
    );
}

#[test]
fn lost_evidence_is_unavailable_and_never_helps() {
    let example = Example::new();
    for blob in example.blobs_with("signed", "payloadType") {
        fs::remove_file(blob).unwrap();
    }
    let answer = example.verify_layout("signed", &["--output=json"]);
    let (status, outcome, _) = result(&answer);
    assert_eq!((status, outcome.as_str()), (3, "unavailable"), "{answer:?}");
    assert!(answer.stdout.contains("layout.blob-missing"), "{answer:?}");
}

#[test]
fn one_good_piece_is_enough() {
    for lost_is_bundle in [true, false] {
        let example = Example::new();
        for blob in example.blobs_with("signed", "payloadType") {
            let content = fs::read_to_string(&blob).unwrap();
            if content.contains("verificationMaterial") == lost_is_bundle {
                fs::remove_file(blob).unwrap();
            }
        }
        decides(&example, &[], ALLOWED);
    }
}

#[test]
fn altered_evidence_does_not_count() {
    let example = Example::new();
    for blob in example.blobs_with("signed", "payloadType") {
        let mut content = fs::read(&blob).unwrap();
        let last = content.len() - 3;
        content[last] ^= 1;
        fs::write(&blob, content).unwrap();
    }
    let answer = example.verify_layout("signed", &["--output=json"]);
    let (status, outcome, _) = result(&answer);
    assert_eq!((status, outcome.as_str()), (3, "unavailable"), "{answer:?}");
    assert!(
        answer.stdout.contains("layout.digest-mismatch"),
        "{answer:?}"
    );
}

#[test]
fn a_layout_without_evidence_is_rejected() {
    let example = Example::new();
    let mut index: Value = serde_json::from_str(&example.read("signed/index.json")).unwrap();
    let image = example.digest("signed");
    let entries = index["manifests"].as_array_mut().unwrap();
    entries.retain(|entry| entry["digest"] == *image);
    example.write("signed/index.json", index.to_string());
    decides(&example, &[], (1, "rejected", "evidence.missing"));
}
