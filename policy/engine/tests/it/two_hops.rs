//! Docker's chain of two hops: a signature over an attestation manifest, the statement in it, the
//! image that the statement is about.

use sealstone_engine::{CompiledPolicy, Evidence, Outcome};
use sealstone_forge::{Build, Statement, StatementType, Subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::forging::{
    APP, IMAGE, assert_code, build_level, compile, decide, evidence_of, piece_codes, policy_text,
    rule, run, signed, workflow,
};
use crate::support::{DIGEST, OTHER_DIGEST, document, image_code, step, text};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const STATEMENT: &str = "application/vnd.in-toto+json";
const ATTESTATION: &str = "application/vnd.docker.attestation.manifest.v1+json";
const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
const DIGEST_MISMATCH: &str = "attestation-manifest.digest-mismatch";
const SUBJECT_MISMATCH: &str = "attestation-manifest.subject-mismatch";

/// The run of the reusable workflow that builds and signs.
fn builder() -> Build {
    run(|run| {
        run.builder_id =
            "https://github.com/docker/github-builder/.github/workflows/build.yml@refs/tags/v1.0.0"
                .to_owned();
    })
}

/// The same workflow, called by another organisation's repository.
fn stranger() -> Build {
    run(|run| {
        run.builder_id = format!("{APP}/.github/workflows/sign.yml@refs/heads/main");
    })
}

/// The rules of a policy that believes the builder about the runs that it names.
fn policy(rules: &str) -> CompiledPolicy {
    let text = policy_text("", rules)
        .replace(
            r#""authorities":["#,
            r#""authorities":[{"name":"docker","keyless":{"trustRoot":"forged","identities":[
                {"issuer":{"exact":"https://token.actions.githubusercontent.com"},
                "subject":{"glob":"https://github.com/docker/github-builder/.github/workflows/build.yml@refs/tags/v*"}}]}},"#,
        )
        .replace(
            r#""builders":[{"#,
            &format!(
                r#""builders":[{{"name":"runs","signedBy":["docker"],"delegated":true,"maximumLevel":3,
                "id":{{"glob":"{APP}/actions/runs/*/attempts/*"}}}},{{"#
            ),
        );
    compile(&text)
}

fn provenance_policy() -> CompiledPolicy {
    policy(&rule(
        r#""builders":["runs"]"#,
        r#","ref":{"glob":"refs/tags/v*"}"#,
        r#","minimumLevels":{"build":3}"#,
    ))
}

fn signature_policy() -> CompiledPolicy {
    policy(r#"{"name":"signed","images":["**"],"signature":{"signedBy":["docker"]}}"#)
}

/// Provenance as BuildKit writes it on GitHub.
fn buildkit(digest: &str) -> Statement {
    let run = builder();
    Statement {
        statement_type: StatementType::V1,
        subject: vec![Subject::new("pkg:docker/octo-org/app@v1.2.3", digest)],
        predicate_type: PROVENANCE.to_owned(),
        predicate: json!({
            "buildDefinition": {
                "buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
                "externalParameters": {
                    "configSource": {
                        "uri": format!("{APP}.git#{}", run.source_ref),
                        "digest": {"sha1": run.commit},
                        "path": "Dockerfile",
                    },
                    "request": {"frontend": "dockerfile.v0"},
                },
            },
            "runDetails": {"builder": {"id": run.invocation_id()}},
        }),
    }
}

fn sha256(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn descriptor(statement: &[u8], predicate_type: &str) -> Value {
    json!({
        "mediaType": STATEMENT,
        "digest": sha256(statement),
        "size": statement.len(),
        "annotations": {"in-toto.io/predicate-type": predicate_type},
    })
}

/// An attestation manifest with layers, in the newer form with a subject and in the older one.
fn manifest(layers: &[Value], subject: Option<&str>) -> Vec<u8> {
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": sha256(b"{}"), "size": 2},
        "layers": layers,
    });
    if let Some(digest) = subject {
        manifest["artifactType"] = json!(ATTESTATION);
        manifest["subject"] = json!({"mediaType": MANIFEST, "digest": digest, "size": 7});
    }
    serde_json::to_vec(&manifest).unwrap()
}

fn piece(media_type: &str, content: &[u8]) -> Evidence {
    Evidence {
        media_type: media_type.to_owned(),
        content: content.to_vec(),
        ..Evidence::default()
    }
}

/// A signature over the manifest, as a message signature.
fn signature(run: &Build, manifest: &[u8]) -> Evidence {
    evidence_of(workflow(run).sign(manifest).unwrap())
}

/// A signature over the manifest, as the statement that cosign 3 signs.
fn signature_statement(run: &Build, manifest: &[u8], predicate_type: &str) -> Evidence {
    let statement = Statement {
        statement_type: StatementType::V1,
        subject: vec![Subject::new("manifest", &sha256(manifest))],
        predicate_type: predicate_type.to_owned(),
        predicate: json!({}),
    };
    signed(run, &statement)
}

/// The three pieces of a chain in which all is well.
fn chain() -> [Evidence; 3] {
    let statement = buildkit(DIGEST).to_json();
    let manifest = manifest(&[descriptor(&statement, PROVENANCE)], Some(DIGEST));
    [
        signature(&builder(), &manifest),
        piece(MANIFEST, &manifest),
        piece(STATEMENT, &statement),
    ]
}

#[test]
fn both_hops_hold() {
    let statement = buildkit(DIGEST).to_json();
    let layers = [descriptor(&statement, PROVENANCE)];
    for subject in [Some(DIGEST), None] {
        let manifest = manifest(&layers, subject);
        for signature in [
            signature(&builder(), &manifest),
            signature_statement(&builder(), &manifest, COSIGN_SIGN),
        ] {
            let mut evidence = vec![
                signature,
                piece(MANIFEST, &manifest),
                piece(STATEMENT, &statement),
            ];
            for _ in 0..evidence.len() {
                evidence.rotate_left(1);
                let decision = decide(&provenance_policy(), evidence.clone());
                assert!(decision.allowed(), "{}", decision.to_json());
                assert_eq!(build_level(&decision), Some(3));
                let document = document(&decision);
                let met = step(&document, &["images", "0", "rules", "0", "metBy", "0"]).unwrap();
                assert_eq!(text(met, &["signer", "subject"]), builder().builder_id);
                assert_eq!(
                    text(met, &["provenance", "builder"]),
                    builder().invocation_id()
                );
                assert_eq!(text(met, &["provenance", "source", "uri"]), APP);
            }
        }
    }
}

/// Without any one of the pieces there is no way from the signature to the image.
#[test]
fn each_piece_is_needed() {
    let names = ["signature", "manifest", "statement"];
    for (place, name) in names.into_iter().enumerate() {
        let mut evidence = chain().to_vec();
        evidence.remove(place);
        let decision = decide(&provenance_policy(), evidence);
        assert_eq!(decision.outcome(), Outcome::Rejected, "{name}");
        let expected: (&str, &[&str]) = match name {
            "signature" => ("evidence.missing", &[]),
            "manifest" => ("artifact.mismatch", &["artifact.mismatch", DIGEST_MISMATCH]),
            _ => ("artifact.mismatch", &["artifact.mismatch"]),
        };
        assert_eq!(image_code(&decision), expected.0, "{name}");
        assert_eq!(piece_codes(&decision), expected.1, "{name}");
    }
}

/// The statement, the layers and subject of the manifest that is signed, what is said of the piece at
/// which the chain breaks.
type Broken<'a> = (&'a [u8], Vec<Value>, Option<&'a str>, &'a str);

#[test]
fn broken_hops() {
    let good = buildkit(DIGEST).to_json();
    let about_another = buildkit(OTHER_DIGEST).to_json();
    let elsewhere = {
        let text = String::from_utf8(good.clone()).unwrap();
        text.replace("octo-org/app.git", "octo-org/other.git")
            .into_bytes()
    };
    let layer = |statement: &[u8]| vec![descriptor(statement, PROVENANCE)];
    let malformed = b"{".to_vec();
    let cases: [Broken<'_>; 7] = [
        (&elsewhere, layer(&good), Some(DIGEST), DIGEST_MISMATCH),
        (&good, Vec::new(), Some(DIGEST), DIGEST_MISMATCH),
        (
            &about_another,
            layer(&about_another),
            None,
            SUBJECT_MISMATCH,
        ),
        (
            &about_another,
            layer(&about_another),
            Some(DIGEST),
            SUBJECT_MISMATCH,
        ),
        (&good, layer(&good), Some(OTHER_DIGEST), SUBJECT_MISMATCH),
        (
            &good,
            vec![descriptor(&good, "https://slsa.dev/provenance/v0.2")],
            Some(DIGEST),
            "attestation-manifest.predicate-type-mismatch",
        ),
        (
            &malformed,
            layer(&malformed),
            Some(DIGEST),
            "statement.json-malformed",
        ),
    ];
    for (statement, layers, subject, code) in cases {
        let manifest = manifest(&layers, subject);
        let evidence = vec![
            signature(&builder(), &manifest),
            piece(MANIFEST, &manifest),
            piece(STATEMENT, statement),
        ];
        let decision = decide(&provenance_policy(), evidence);
        assert_eq!(decision.outcome(), Outcome::Rejected, "{code}");
        assert_eq!(image_code(&decision), "artifact.mismatch", "{code}");
        let mut expected = ["artifact.mismatch", code];
        expected.sort_unstable();
        assert_eq!(piece_codes(&decision), expected);
    }
    // Manifests that are none of Docker's, or no JSON.
    let [_, _, statement] = chain();
    let sbom = String::from_utf8(manifest(&layer(&good), Some(DIGEST))).unwrap();
    let sbom = sbom.replace(ATTESTATION, "application/spdx+json");
    for (manifest, code) in [
        (sbom.as_str(), "attestation-manifest.artifact-type-unknown"),
        ("{", "attestation-manifest.json-malformed"),
        ("{}", "attestation-manifest.field-missing"),
        (
            r#"{"layers":[],"layers":[]}"#,
            "attestation-manifest.duplicate-member",
        ),
    ] {
        let evidence = vec![
            signature(&builder(), manifest.as_bytes()),
            piece(MANIFEST, manifest.as_bytes()),
            statement.clone(),
        ];
        let decision = decide(&provenance_policy(), evidence);
        let mut expected = ["artifact.mismatch", code, DIGEST_MISMATCH];
        expected.sort_unstable();
        assert_eq!(piece_codes(&decision), expected);
    }
    // A statement of another family in a chain in which all is well.
    let mut other = buildkit(DIGEST);
    other.predicate_type = "https://spdx.dev/Document".to_owned();
    let other = other.to_json();
    let manifest = manifest(&[descriptor(&other, "https://spdx.dev/Document")], None);
    let evidence = vec![
        signature_statement(&builder(), &manifest, COSIGN_SIGN),
        piece(MANIFEST, &manifest),
        piece(STATEMENT, &other),
    ];
    let decision = decide(&provenance_policy(), evidence);
    assert_eq!(image_code(&decision), "statement.subject-mismatch");
    assert_eq!(
        piece_codes(&decision),
        [
            "evidence.predicate-type-mismatch",
            "statement.subject-mismatch"
        ]
    );
}

/// The signature must be over this manifest, and by somebody who may sign for the builder.
#[test]
fn who_signed_the_manifest() {
    let [_, manifest, statement] = chain();
    let with = |signature: Evidence| vec![signature, manifest.clone(), statement.clone()];
    let strange = with(signature(&stranger(), &manifest.content));
    assert_code(&provenance_policy(), strange, "identity.subject-mismatch");
    let other = signature(&builder(), b"another manifest");
    assert_code(&provenance_policy(), with(other), "artifact.mismatch");
    // An attestation about the manifest says something about it, and does not vouch for it.
    for predicate_type in [PROVENANCE, "https://spdx.dev/Document"] {
        let about = signature_statement(&builder(), &manifest.content, predicate_type);
        assert_code(
            &provenance_policy(),
            with(about),
            "statement.subject-mismatch",
        );
    }
    // Nor does a signature over the layer.
    let over_layer = signature(&builder(), &statement.content);
    assert_code(&provenance_policy(), with(over_layer), "artifact.mismatch");
    // The builder vouches for runs of the application only, and its certificate must bear them out.
    let other_run = run(|run| {
        run.builder_id = builder().builder_id;
        run.repository = "octo-org/other".to_owned();
    });
    let lie = with(signature(&other_run, &manifest.content));
    assert_code(&provenance_policy(), lie, "provenance.certificate-mismatch");
}

/// A signature over the manifest is none over the image.
#[test]
fn the_manifest_is_not_the_image() {
    let [signature, manifest, statement] = chain();
    let by_statement = signature_statement(&builder(), &manifest.content, COSIGN_SIGN);
    let with = |signature: &Evidence| vec![signature.clone(), manifest.clone(), statement.clone()];
    let policy = signature_policy();
    assert_code(&policy, with(&signature), "artifact.mismatch");
    assert_code(&policy, with(&by_statement), "statement.subject-mismatch");
    // A layer that says to be a signature over the image is none either.
    let mut forged = buildkit(DIGEST);
    forged.predicate_type = COSIGN_SIGN.to_owned();
    let forged = forged.to_json();
    let manifest = self::manifest(&[descriptor(&forged, COSIGN_SIGN)], Some(DIGEST));
    let evidence = vec![
        signature_statement(&builder(), &manifest, COSIGN_SIGN),
        piece(MANIFEST, &manifest),
        piece(STATEMENT, &forged),
    ];
    let decision = decide(&policy, evidence);
    assert_eq!(image_code(&decision), "statement.subject-mismatch");
    assert_eq!(piece_codes(&decision), ["statement.subject-mismatch"]);
    // The same rule is met by a signature over the image itself.
    let own = workflow(&builder()).sign_legacy(IMAGE, DIGEST).unwrap();
    assert_code(&policy, vec![evidence_of(own)], "ok");
}

/// Statements in manifests are counted before anything is verified.
#[test]
fn too_many_statements() {
    let decision = |count: usize| {
        let statements: Vec<Vec<u8>> = (0..count)
            .map(|number| {
                let mut statement = buildkit(DIGEST);
                statement.predicate["runDetails"]["metadata"] =
                    json!({"invocationId": number.to_string()});
                statement.to_json()
            })
            .collect();
        let layers: Vec<Value> = statements
            .iter()
            .map(|statement| descriptor(statement, PROVENANCE))
            .collect();
        let manifest = manifest(&layers, Some(DIGEST));
        let mut evidence = vec![signature(&builder(), &manifest), piece(MANIFEST, &manifest)];
        evidence.extend(
            statements
                .iter()
                .map(|statement| piece(STATEMENT, statement)),
        );
        decide(&provenance_policy(), evidence)
    };
    assert!(decision(16).allowed());
    let denied = decision(17);
    assert_eq!(denied.outcome(), Outcome::Rejected);
    assert_eq!(image_code(&denied), "limit.manifest-statements");
}
