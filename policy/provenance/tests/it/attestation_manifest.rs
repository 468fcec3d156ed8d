//! Docker's attestation manifests.

use sealstone_provenance::{
    AttestationManifest, AttestationManifestError as Error, AttestationReference, Limit,
    StatementLayer,
};
use sealstone_verify::{ArtifactDigest, DigestAlgorithm, Limits};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

fn digest(bytes: &str) -> ArtifactDigest {
    ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &Sha256::digest(bytes)).expect("32 bytes")
}

fn references(index: &str) -> Result<Vec<AttestationReference>, Error> {
    AttestationReference::all_in(index.as_bytes(), &digest(index))
}

fn manifest(manifest: &str) -> Result<AttestationManifest, Error> {
    AttestationManifest::read(manifest.as_bytes(), &digest(manifest))
}

fn platform_entry(platform: &str) -> String {
    format!(
        r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{platform}","size":1}}"#
    )
}

fn attestation_entry(attestation: &str, platform: &str) -> String {
    format!(
        r#"{{"digest":"{attestation}","annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{platform}"}}}}"#
    )
}

fn index(entries: &[String]) -> String {
    format!(
        r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
        entries.join(",")
    )
}

#[test]
fn an_index_pairs_attestation_manifests_with_images() {
    let (a, b, c) = (digest("a"), digest("b"), digest("c"));
    let [sa, sb, sc] = [&a, &b, &c].map(ToString::to_string);
    let found = references(&index(&[
        platform_entry(&sa),
        attestation_entry(&sb, &sa),
        platform_entry(&sc),
    ]))
    .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].manifest, &found[0].platform), (&b, &a));
    assert_eq!(references(&index(&[platform_entry(&sa)])).unwrap(), []);

    // The image must be listed, and as an image.
    for entries in [
        vec![attestation_entry(&sb, &sa)],
        vec![platform_entry(&sc), attestation_entry(&sb, &sa)],
        vec![attestation_entry(&sa, &sb), attestation_entry(&sb, &sa)],
    ] {
        let error = references(&index(&entries)).unwrap_err();
        assert_eq!(error, Error::PlatformUnlisted);
        assert_eq!(error.code(), "attestation-manifest.platform-unlisted");
    }
    let good = index(&[platform_entry(&sa)]);
    let error = AttestationReference::all_in(good.as_bytes(), &a).unwrap_err();
    assert_eq!(error.code(), "attestation-manifest.digest-mismatch");
}

#[test]
fn indexes_that_are_refused() {
    let sa = digest("a").to_string();
    let attested = r#""annotations":{"vnd.docker.reference.type":"attestation-manifest""#;
    for (text, code) in [
        ("", "attestation-manifest.json-malformed"),
        ("{} x", "attestation-manifest.json-malformed"),
        (
            r#"{"manifests":[],"manifests":[]}"#,
            "attestation-manifest.duplicate-member",
        ),
        ("[]", "attestation-manifest.field-malformed"),
        ("{}", "attestation-manifest.field-missing"),
        (
            r#"{"manifests":{}}"#,
            "attestation-manifest.field-malformed",
        ),
        (
            &format!(r#"{{"manifests":[{{"digest":"{sa}",{attested}}}}}]}}"#),
            "attestation-manifest.field-missing",
        ),
        (
            &format!(
                r#"{{"manifests":[{{"digest":"{sa}",{attested},"vnd.docker.reference.digest":"md5:00"}}}}]}}"#
            ),
            "attestation-manifest.field-malformed",
        ),
        (
            &format!(
                r#"{{"manifests":[{{"digest":"x",{attested},"vnd.docker.reference.digest":"{sa}"}}}}]}}"#
            ),
            "attestation-manifest.field-malformed",
        ),
        (
            &format!(
                r#"{{"manifests":[{{"digest":1}},{{"digest":"{sa}",{attested},"vnd.docker.reference.digest":"{sa}"}}}}]}}"#
            ),
            "attestation-manifest.field-malformed",
        ),
    ] {
        assert_eq!(references(text).unwrap_err().code(), code, "{text}");
    }
    let deep = |nesting: usize| {
        format!(
            r#"{{"manifests":[],"more":{}{}}}"#,
            "[".repeat(nesting),
            "]".repeat(nesting)
        )
    };
    references(&deep(15)).unwrap();
    assert_eq!(
        references(&deep(16)).unwrap_err().code(),
        "limit.json-nesting"
    );
}

#[test]
fn limits() {
    let entries = |count: usize| vec!["{}"; count].join(",");
    references(&format!(r#"{{"manifests":[{}]}}"#, entries(256))).unwrap();
    let error = references(&format!(r#"{{"manifests":[{}]}}"#, entries(257))).unwrap_err();
    assert_eq!(
        error,
        Error::LimitExceeded(Limit::AttestationManifestEntries)
    );
    assert_eq!(error.code(), "limit.attestation-manifest-entries");
    let layers = |count: usize| vec![r#"{"mediaType":"x"}"#; count].join(",");
    manifest(&format!(r#"{{"layers":[{}]}}"#, layers(256))).unwrap();
    let error = manifest(&format!(r#"{{"layers":[{}]}}"#, layers(257))).unwrap_err();
    assert_eq!(error.code(), "limit.attestation-manifest-entries");
    let spaces = " ".repeat((4 << 20) - 13);
    manifest(&format!(r#"{{"layers":[]}}{spaces}"#)).unwrap();
    let error = manifest(&format!(r#"{{"layers":[]}}{spaces} "#)).unwrap_err();
    assert_eq!(error.code(), "limit.attestation-manifest-bytes");
}

#[test]
fn a_manifest_lists_statements() {
    let (layer, platform) = (digest("layer"), digest("platform"));
    let layers = format!(
        r#""layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"x"}},
        {{"mediaType":"application/vnd.in-toto+json","digest":"{layer}","annotations":{{"in-toto.io/predicate-type":"https://slsa.dev/provenance/v1"}}}},
        {{"mediaType":"application/vnd.in-toto+json","digest":"{layer}"}}]"#
    );
    let older = manifest(&format!("{{{layers}}}")).unwrap();
    assert_eq!(older.platform, None);
    let announced: Vec<_> = older
        .statements
        .iter()
        .map(
            |StatementLayer {
                 digest,
                 predicate_type,
                 ..
             }| (digest, predicate_type.as_deref()),
        )
        .collect();
    assert_eq!(
        announced,
        [
            (&layer, Some("https://slsa.dev/provenance/v1")),
            (&layer, None)
        ]
    );
    let artifact_type = r#""artifactType":"application/vnd.docker.attestation.manifest.v1+json""#;
    let text = format!(r#"{{{artifact_type},"subject":{{"digest":"{platform}"}},{layers}}}"#);
    let newer = manifest(&text).unwrap();
    assert_eq!(newer.platform, Some(platform));
    assert_eq!(newer.digest, digest(&text));
    assert_eq!(newer.statements, older.statements);

    for (text, code) in [
        (
            format!(r#"{{"artifactType":"application/other",{layers}}}"#),
            "attestation-manifest.artifact-type-unknown",
        ),
        (
            format!(r#"{{"artifactType":1,{layers}}}"#),
            "attestation-manifest.artifact-type-unknown",
        ),
        (
            format!("{{{artifact_type},{layers}}}"),
            "attestation-manifest.field-missing",
        ),
        (
            format!(r#"{{{artifact_type},"subject":{{"digest":"x"}},{layers}}}"#),
            "attestation-manifest.field-malformed",
        ),
        ("{}".to_owned(), "attestation-manifest.field-missing"),
        (
            r#"{"layers":1}"#.to_owned(),
            "attestation-manifest.field-malformed",
        ),
        (
            r#"{"layers":[{}]}"#.to_owned(),
            "attestation-manifest.field-malformed",
        ),
        (
            r#"{"layers":[{"mediaType":"application/vnd.in-toto+json"}]}"#.to_owned(),
            "attestation-manifest.field-malformed",
        ),
        (
            r#"{"layers":[],"layers":[]}"#.to_owned(),
            "attestation-manifest.duplicate-member",
        ),
    ] {
        assert_eq!(manifest(&text).unwrap_err().code(), code, "{text}");
    }
    let error = AttestationManifest::read(b"{}", &digest("{} ")).unwrap_err();
    assert_eq!(error, Error::DigestMismatch);
}

#[test]
fn a_statement_is_about_its_image() {
    let platform = digest("platform");
    let text = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"x","digest":{{"sha256":"{}"}}}}],"predicateType":"https://example/v1","predicate":{{}}}}"#,
        platform.hex()
    );
    let layer = |text: &str, announced: Option<&str>| {
        let annotations = announced
            .map(|announced| {
                format!(r#","annotations":{{"in-toto.io/predicate-type":"{announced}"}}"#)
            })
            .unwrap_or_default();
        let found = manifest(&format!(
            r#"{{"layers":[{{"mediaType":"application/vnd.in-toto+json","digest":"{}"{annotations}}}]}}"#,
            digest(text)
        ));
        found.unwrap().statements.remove(0)
    };
    let limits = Limits::default();
    for announced in [None, Some("https://example/v1")] {
        let statement = layer(&text, announced)
            .statement(text.as_bytes(), &platform, &limits)
            .unwrap();
        assert_eq!(statement.predicate_type, "https://example/v1");
    }
    let cases = [
        (
            layer(&text, None),
            "other",
            &platform,
            "attestation-manifest.digest-mismatch",
        ),
        (
            layer(&text, Some("https://example/v2")),
            text.as_str(),
            &platform,
            "attestation-manifest.predicate-type-mismatch",
        ),
        (
            layer(&text, None),
            &text,
            &digest("another platform"),
            "attestation-manifest.subject-mismatch",
        ),
        (
            layer("[]", None),
            "[]",
            &platform,
            "statement.json-malformed",
        ),
    ];
    for (layer, bytes, platform, code) in cases {
        let error = layer
            .statement(bytes.as_bytes(), platform, &limits)
            .unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[test]
fn every_digest_algorithm_is_checked() {
    let text = r#"{"layers":[]}"#;
    for (algorithm, found) in [
        (DigestAlgorithm::Sha384, Sha384::digest(text).to_vec()),
        (DigestAlgorithm::Sha512, Sha512::digest(text).to_vec()),
    ] {
        let good = ArtifactDigest::from_bytes(algorithm, &found).unwrap();
        AttestationManifest::read(text.as_bytes(), &good).unwrap();
        let bad = ArtifactDigest::from_bytes(algorithm, &vec![0; algorithm.size()]).unwrap();
        let error = AttestationManifest::read(text.as_bytes(), &bad).unwrap_err();
        assert_eq!(error.code(), "attestation-manifest.digest-mismatch");
    }
}
