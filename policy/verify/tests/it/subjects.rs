//! What evidence must be about: one of several artifacts, or a commit.

use sealstone_forge::{Identity, Statement, StatementType, Subject as ForgedSubject};
use sealstone_verify::{ArtifactDigest, Limits, SignedEntity, Subject, UnixTime};

use crate::world::{By, FORMS, Make, SIGSTORE, artifact, make, read, verifier};

const NOW: UnixTime = UnixTime::from_seconds(sealstone_forge::NOW.seconds());

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn entity(by: By, form: Make) -> SignedEntity {
    read(&make(form, by, None).expect("forged")).expect("well-formed")
}

fn other(hex: char) -> ArtifactDigest {
    format!("sha256:{}", hex.to_string().repeat(64))
        .parse()
        .expect("a digest")
}

#[test]
fn any_of_several_artifacts_will_do_and_the_facts_name_it() {
    let artifacts = [other('0'), artifact(), other('1')];
    for (name, form) in FORMS {
        for by in [By::Certificate, By::Key] {
            let verifier = verifier(by);
            let entity = entity(by, *form);
            let facts = verifier
                .verify_subject(&entity, &Subject::Artifacts(&artifacts), NOW)
                .unwrap_or_else(|error| panic!("{name} {by:?}: {error}"));
            assert_eq!(facts.artifact, Some(artifact()), "{name} {by:?}");
        }
    }
}

#[test]
fn none_of_the_artifacts_is_refused() {
    for (name, form) in FORMS {
        let verifier = verifier(By::Certificate);
        let entity = entity(By::Certificate, *form);
        for artifacts in [&[other('0'), other('1')][..], &[]] {
            let error = verifier
                .verify_subject(&entity, &Subject::Artifacts(artifacts), NOW)
                .expect_err(name);
            assert!(
                [
                    "artifact.mismatch",
                    "statement.subject-mismatch",
                    "simple-signing.digest-mismatch",
                    "signature.invalid",
                ]
                .contains(&error.code()),
                "{name}: {}",
                error.code()
            );
        }
    }
}

#[test]
fn only_a_statement_about_the_commit_speaks_of_it() {
    let of = |digest: &str| {
        let evidence = SIGSTORE
            .keyless(&Identity::email("https://issuer.example", "a@example.com"))
            .attest(&Statement {
                statement_type: StatementType::V1,
                subject: vec![ForgedSubject::new("source", digest)],
                predicate_type: "https://slsa.dev/verification_summary/v1".to_owned(),
                predicate: serde_json::json!({}),
            })
            .expect("forged");
        SignedEntity::from_bundle(&evidence.content, &Limits::default()).expect("a bundle")
    };
    let verifier = verifier(By::Certificate);
    let verify = |entity: &SignedEntity, commit: &str| {
        verifier
            .verify_subject(entity, &Subject::GitCommit(commit), NOW)
            .map(|facts| facts.artifact)
            .map_err(|error| error.code())
    };
    assert_eq!(
        verify(&of(&format!("gitCommit:{COMMIT}")), COMMIT),
        Ok(None)
    );
    for (digest, commit) in [
        (format!("gitCommit:{COMMIT}"), "0".repeat(40)),
        (format!("gitCommit:{COMMIT}"), String::new()),
        (format!("sha1:{COMMIT}"), COMMIT.to_owned()),
        (artifact().to_string(), COMMIT.to_owned()),
        (artifact().to_string(), artifact().hex().to_owned()),
    ] {
        assert_eq!(
            verify(&of(&digest), &commit),
            Err("statement.subject-mismatch"),
            "{digest} {commit}"
        );
    }
    for (name, form) in FORMS {
        let code = verify(&entity(By::Certificate, *form), COMMIT).expect_err(name);
        assert!(
            [
                "statement.subject-mismatch",
                "artifact.mismatch",
                "signature.invalid"
            ]
            .contains(&code),
            "{name}: {code}"
        );
    }
}
