//! Indexes in every form.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::{ArtifactDigest, DigestAlgorithm};
use sha2::{Digest as _, Sha256};

use super::{DOCKER_LIST, IndexError, OCI_INDEX, Subject, subject};
use crate::document::Subjects;
use crate::limits::Limit;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const ALL: Subjects = Subjects {
    index: true,
    platforms: true,
};

fn digest(character: char) -> ArtifactDigest {
    let hex: String = core::iter::repeat_n(character, 64).collect();
    format!("sha256:{hex}").parse().unwrap()
}

fn digest_of(content: &str) -> ArtifactDigest {
    ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &Sha256::digest(content)).unwrap()
}

fn manifest(media_type: &str, character: char, platform: &str) -> String {
    format!(
        r#"{{"mediaType":"{media_type}","digest":"{}","size":1{platform}}}"#,
        digest(character)
    )
}

fn platform(os: &str, architecture: &str) -> String {
    format!(r#","platform":{{"os":"{os}","architecture":"{architecture}"}}"#)
}

fn index(manifests: &[String]) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{}]}}"#,
        manifests.join(",")
    )
}

/// Two platforms, the first of them twice, one without a platform, and an attestation of BuildKit.
fn usual() -> String {
    index(&[
        manifest(MANIFEST, 'a', &platform("linux", "amd64")),
        manifest(MANIFEST, 'b', &platform("linux", "arm64")),
        manifest(MANIFEST, 'a', &platform("linux", "386")),
        manifest(MANIFEST, 'c', ""),
        manifest(MANIFEST, 'd', &platform("unknown", "unknown")),
    ])
}

#[test]
fn of_an_index() {
    let content = usual();
    let platforms = Subject::Platforms(['a', 'b', 'c'].map(digest).to_vec());
    let admitted = digest_of(&content);
    assert_eq!(subject(content.as_bytes(), &admitted, ALL), Ok(platforms));
    let only_index = Subjects {
        index: true,
        platforms: false,
    };
    for allowed in [Subjects::default(), only_index] {
        assert_eq!(
            subject(content.as_bytes(), &admitted, allowed),
            Err(IndexError::NotAllowed)
        );
    }
}

#[test]
fn of_a_platform_manifest() {
    let content = usual();
    let own = digest_of(&content);
    for character in ['a', 'b', 'c'] {
        assert_eq!(
            subject(content.as_bytes(), &digest(character), ALL),
            Ok(Subject::Index(own.clone()))
        );
        let only_platforms = Subjects {
            index: false,
            platforms: true,
        };
        for allowed in [Subjects::default(), only_platforms] {
            assert_eq!(
                subject(content.as_bytes(), &digest(character), allowed),
                Err(IndexError::NotAllowed)
            );
        }
    }
    // What is not listed, and what is listed but never runs.
    for character in ['e', 'd'] {
        assert_eq!(
            subject(content.as_bytes(), &digest(character), ALL),
            Err(IndexError::Unrelated)
        );
    }
    // The digest of the bytes counts, to the last of them.
    let other = format!("{content}\n");
    assert_eq!(
        subject(other.as_bytes(), &own, ALL),
        Err(IndexError::Unrelated)
    );
    // Another algorithm is another digest.
    let hex: String = core::iter::repeat_n('a', 96).collect();
    let sha384 = format!("sha384:{hex}").parse().unwrap();
    assert_eq!(
        subject(content.as_bytes(), &sha384, ALL),
        Err(IndexError::Unrelated)
    );
}

#[test]
fn nested_indexes() {
    for kind in [OCI_INDEX, DOCKER_LIST] {
        let content = index(&[manifest(MANIFEST, 'a', ""), manifest(kind, 'b', "")]);
        assert_eq!(
            subject(content.as_bytes(), &digest_of(&content), ALL),
            Err(IndexError::Nested)
        );
        assert_eq!(
            subject(content.as_bytes(), &digest('b'), ALL),
            Err(IndexError::Unrelated)
        );
        subject(content.as_bytes(), &digest('a'), ALL).unwrap();
    }
}

#[test]
fn forms() {
    let good = manifest(MANIFEST, 'a', "");
    for content in [
        format!(r#"{{"schemaVersion":2,"manifests":[{good}]}}"#),
        format!(r#"{{"schemaVersion":2,"mediaType":"{DOCKER_LIST}","manifests":[{good}]}}"#),
        format!(r#"{{"schemaVersion":2,"manifests":[{good}],"annotations":{{}},"subject":{{}}}}"#),
    ] {
        let own = digest_of(&content);
        assert_eq!(
            subject(content.as_bytes(), &digest('a'), ALL),
            Ok(Subject::Index(own)),
            "{content}"
        );
    }
    let hex = digest('a').to_string();
    let cases: Vec<String> = [
        "",
        "[]",
        "{}",
        r#"{"schemaVersion":2}"#,
        r#"{"schemaVersion":2,"manifests":{}}"#,
        r#"{"schemaVersion":2,"manifests":[]}"#,
        r#"{"schemaVersion":2,"manifests":[1]}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD],"manifests":[GOOD]}"#,
        r#"{"schemaVersion":1,"manifests":[GOOD]}"#,
        r#"{"schemaVersion":"2","manifests":[GOOD]}"#,
        r#"{"manifests":[GOOD]}"#,
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[GOOD]}"#,
        r#"{"schemaVersion":2,"mediaType":1,"manifests":[GOOD]}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD],"layers":[]}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD],"config":{}}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD],"fsLayers":[]}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD,{"mediaType":"x","digest":"sha256:00"}]}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD,{"digest":"HEX"}]}"#,
        r#"{"schemaVersion":2,"manifests":[GOOD,{"mediaType":"x"}]}"#,
    ]
    .iter()
    .map(|case| case.replace("GOOD", &good).replace("HEX", &hex))
    .collect();
    for content in cases {
        // Whether the image is the index or is listed by it.
        for admitted in [digest_of(&content), digest('a')] {
            let result = subject(content.as_bytes(), &admitted, ALL);
            let lists_nothing = content.contains("[]}") && !content.contains("sha256");
            let expected = if lists_nothing && admitted == digest('a') {
                IndexError::Unrelated
            } else {
                IndexError::Malformed
            };
            assert_eq!(result, Err(expected), "{content}");
        }
    }
    // Nothing in it that runs.
    let content = index(&[manifest(MANIFEST, 'd', &platform("unknown", "unknown"))]);
    assert_eq!(
        subject(content.as_bytes(), &digest_of(&content), ALL),
        Err(IndexError::Malformed)
    );
}

#[test]
fn limits() {
    let many = |count: usize| {
        let manifests: Vec<String> = (0..count).map(|_| manifest(MANIFEST, 'a', "")).collect();
        index(&manifests)
    };
    subject(many(64).as_bytes(), &digest('a'), ALL).unwrap();
    let cases = [
        (many(65), Limit::IndexManifests, "limit.index-manifests"),
        (
            " ".repeat((4 << 20) + 1),
            Limit::IndexBytes,
            "limit.index-bytes",
        ),
    ];
    for (content, limit, code) in cases {
        let error = subject(content.as_bytes(), &digest('a'), ALL).unwrap_err();
        assert_eq!(error, IndexError::LimitExceeded(limit));
        assert_eq!(error.code(), code);
    }
    for (error, code) in [
        (IndexError::Malformed, "image.index-malformed"),
        (IndexError::Nested, "image.index-nested"),
        (IndexError::NotAllowed, "image.index-not-allowed"),
        (IndexError::Unrelated, "image.index-unrelated"),
    ] {
        assert_eq!(error.code(), code);
        assert!(!error.to_string().is_empty());
    }
}
