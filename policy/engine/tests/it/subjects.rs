//! Evidence about an index instead of the admitted manifest, and about the platforms of an admitted
//! index.

use sealstone_engine::{CompiledPolicy, Evidence, Outcome};
use sealstone_forge::{Build, Subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::forging::{
    IMAGE, build_level, decide_about, piece_codes, policy_with, rule, run, signed,
};
use crate::support::{document, image_code, step, text};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

const AMD64: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const ARM64: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
const STRANGER: &str = "sha256:3333333333333333333333333333333333333333333333333333333333333333";

/// A policy with this section `images.subjects`.
fn policy(subjects: &str) -> CompiledPolicy {
    policy_with(
        &format!(r#""images":{{"subjects":{subjects}}},"#),
        &rule(
            r#""builders":["container"]"#,
            r#","ref":{"glob":"refs/tags/v*"}"#,
            r#","minimumLevels":{"build":3}"#,
        ),
    )
}

fn platform(digest: &str, architecture: &str) -> Value {
    json!({"mediaType": MANIFEST, "digest": digest, "size": 7,
        "platform": {"os": "linux", "architecture": architecture}})
}

fn index(manifests: &[Value]) -> Vec<u8> {
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    serde_json::to_vec(&index).unwrap()
}

/// Two platforms, and the attestations of BuildKit, which no runtime runs.
fn both() -> Vec<u8> {
    index(&[
        platform(AMD64, "amd64"),
        platform(ARM64, "arm64"),
        json!({"mediaType": MANIFEST, "digest": STRANGER, "size": 7,
            "platform": {"os": "unknown", "architecture": "unknown"}}),
    ])
}

fn sha256(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn brought(media_type: &str, content: &[u8]) -> Evidence {
    Evidence {
        media_type: media_type.to_owned(),
        content: content.to_vec(),
        ..Evidence::default()
    }
}

fn provenance(build: &Build, digest: &str) -> Evidence {
    signed(build, &build.provenance_v1(Subject::new(IMAGE, digest)))
}

fn honest(digest: &str) -> Evidence {
    provenance(&Build::default(), digest)
}

/// Provenance of the index lets its platforms run where the policy says so.
#[test]
fn an_index_for_its_platforms() {
    let content = both();
    let about_index = honest(&sha256(&content));
    for media_type in [INDEX, LIST] {
        let pieces = || vec![about_index.clone(), brought(media_type, &content)];
        for platform in [AMD64, ARM64] {
            let decision = decide_about(&policy(r#"{"index":true}"#), platform, pieces());
            assert!(decision.allowed(), "{}", decision.to_json());
            assert_eq!(build_level(&decision), Some(3));
        }
        // What the index lists beside its platforms does not run.
        let decision = decide_about(&policy(r#"{"index":true}"#), STRANGER, pieces());
        assert_eq!(image_code(&decision), "statement.subject-mismatch");
        assert_eq!(
            piece_codes(&decision),
            ["image.index-unrelated", "statement.subject-mismatch"]
        );
    }
}

#[test]
fn an_index_that_does_not_count() {
    let content = both();
    let about_index = honest(&sha256(&content));
    let unrelated = index(&[platform(STRANGER, "amd64")]);
    let pieces = |content: &[u8], about: &Evidence| vec![about.clone(), brought(INDEX, content)];
    for (subjects, evidence, code) in [
        (
            "{}",
            pieces(&content, &about_index),
            "image.index-not-allowed",
        ),
        (
            r#"{"platforms":true}"#,
            pieces(&content, &about_index),
            "image.index-not-allowed",
        ),
        (
            r#"{"index":true}"#,
            pieces(&unrelated, &honest(&sha256(&unrelated))),
            "image.index-unrelated",
        ),
        (
            r#"{"index":true}"#,
            pieces(b"{", &about_index),
            "image.index-malformed",
        ),
    ] {
        let decision = decide_about(&policy(subjects), AMD64, evidence);
        assert_eq!(decision.outcome(), Outcome::Rejected, "{subjects}");
        assert_eq!(image_code(&decision), "statement.subject-mismatch");
        assert_eq!(piece_codes(&decision), [code, "statement.subject-mismatch"]);
    }
    // Provenance of another index than the one that was brought, and none of the bytes at all.
    let other = honest(STRANGER);
    for evidence in [pieces(&content, &other), vec![about_index]] {
        let decision = decide_about(&policy(r#"{"index":true}"#), AMD64, evidence);
        assert_eq!(image_code(&decision), "statement.subject-mismatch");
        assert_eq!(piece_codes(&decision), ["statement.subject-mismatch"]);
    }
}

/// An index may run where every platform of it has what the rule asks for, each by itself.
#[test]
fn platforms_for_their_index() {
    let content = both();
    let digest = sha256(&content);
    let allowing = policy(r#"{"platforms":true}"#);
    let with = |mut pieces: Vec<Evidence>| {
        pieces.push(brought(INDEX, &content));
        pieces
    };
    let all = with(vec![honest(AMD64), honest(ARM64)]);
    let decision = decide_about(&allowing, &digest, all.clone());
    assert!(decision.allowed(), "{}", decision.to_json());
    let document = document(&decision);
    let met = |place| {
        let path = ["images", "0", "rules", "0", "metBy", place, "evidence"];
        text(&document, &path)
    };
    assert_ne!(met("0"), met("1"));
    assert!(!met("1").is_empty());

    for subjects in ["{}", r#"{"index":true}"#] {
        let decision = decide_about(&policy(subjects), &digest, all.clone());
        assert_eq!(image_code(&decision), "statement.subject-mismatch");
    }
    let main = run(|run| run.source_ref = "refs/heads/main".to_owned());
    let lower = run(|run| {
        run.builder_id =
            "https://github.com/octo-org/app/.github/workflows/x.yml@refs/tags/v1".to_owned();
    });
    for (what, pieces) in [
        ("one is missing", vec![honest(AMD64)]),
        ("the other is missing", vec![honest(ARM64)]),
        ("one twice", vec![honest(AMD64), honest(AMD64)]),
        (
            "one of a branch",
            vec![honest(AMD64), provenance(&main, ARM64)],
        ),
        (
            "one of another workflow",
            vec![provenance(&lower, AMD64), honest(ARM64)],
        ),
        ("what does not run", vec![honest(AMD64), honest(STRANGER)]),
        ("none", Vec::new()),
    ] {
        let decision = decide_about(&allowing, &digest, with(pieces.clone()));
        assert_eq!(decision.outcome(), Outcome::Rejected, "{what}");
        let expected = if pieces.is_empty() {
            "evidence.missing"
        } else {
            "statement.subject-mismatch"
        };
        assert_eq!(image_code(&decision), expected, "{what}");
    }
    // One statement about both will do, and so does evidence about the index itself.
    let build = Build::default();
    let mut statement = build.provenance_v1(Subject::new(IMAGE, AMD64));
    statement.subject.push(Subject::new(IMAGE, ARM64));
    for piece in [signed(&build, &statement), honest(&digest)] {
        let decision = decide_about(&allowing, &digest, with(vec![piece]));
        assert!(decision.allowed(), "{}", decision.to_json());
    }
}

/// An index within the admitted index: nobody checks what it lists.
#[test]
fn nested_indexes() {
    let inner = json!({"mediaType": INDEX, "digest": ARM64, "size": 7});
    let content = index(&[platform(AMD64, "amd64"), inner]);
    let pieces = vec![honest(AMD64), honest(ARM64), brought(INDEX, &content)];
    let decision = decide_about(&policy(r#"{"platforms":true}"#), &sha256(&content), pieces);
    assert_eq!(decision.outcome(), Outcome::Rejected);
    let listed = document(&decision);
    let listed = step(&listed, &["images", "0", "rules", "0", "evidence", "2"]).unwrap();
    assert_eq!(text(listed, &["code"]), "image.index-nested");
}
