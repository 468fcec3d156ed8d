//! Whole decisions over forged evidence: what a tenant of the build platform could try, and what a
//! registry could do with the evidence.

use std::sync::LazyLock;

use sealstone_engine::{
    CompiledPolicy, Decision, Evidence, ImageEvidence, NamedTrustedRoot, Outcome, UnixTime,
};
use sealstone_forge::{Build, Identity, KeyDetails, SIGNED, Statement, Subject, VirtualSigstore};
use sealstone_verify::json::Value;

use crate::support::{DIGEST, document, image_code, request, step, text};

const IMAGE: &str = "registry.example/octo-org/app";
const NOW: UnixTime = UnixTime::from_seconds(sealstone_forge::NOW.seconds());

static SIGSTORE: LazyLock<VirtualSigstore> = LazyLock::new(|| VirtualSigstore::new("engine"));

fn subject() -> Subject {
    Subject::new(IMAGE, DIGEST)
}

/// A statement, signed by the workflow of `run`.
fn signed(run: &Build, statement: &Statement) -> Evidence {
    let evidence = SIGSTORE
        .keyless(&Identity::github_actions(run))
        .attest(statement)
        .unwrap();
    evidence_of(evidence)
}

fn evidence_of(evidence: sealstone_forge::Evidence) -> Evidence {
    Evidence {
        media_type: evidence.media_type,
        content: evidence.content,
        annotations: evidence.annotations.into_iter().collect(),
    }
}

/// A policy whose rules stand in `rules`; `builder` and `tenant` are authorities by certificate,
/// `key` is one by key.
fn policy(rules: &str) -> CompiledPolicy {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let key = Value::from(key.public_key_pem()).to_canonical_string();
    let identity = |subject: &str| {
        format!(
            r#"{{"trustRoot":"forged","identities":[{{"issuer":{{"exact":"https://token.actions.githubusercontent.com"}},"subject":{{"glob":"{subject}"}}}}]}}"#
        )
    };
    let builder = identity(
        "https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v*",
    );
    let tenant = identity("https://github.com/octo-org/**");
    let policy = format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"forged"}},
        "trustRoots":[{{"name":"forged"}}],
        "authorities":[{{"name":"builder","keyless":{builder}}},{{"name":"tenant","keyless":{tenant}}},
            {{"name":"key","key":{{"publicKey":{key},"trustRoot":"forged"}}}}],
        "rules":[{rules}]}}"#
    );
    let root = NamedTrustedRoot {
        name: "forged".to_owned(),
        content: SIGSTORE.trusted_root(),
    };
    CompiledPolicy::compile(policy.as_bytes(), &[root])
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A rule that asks for provenance of the app's tag build.
fn provenance_rule(signed_by: &str, delegated: bool) -> String {
    format!(
        r#"{{"name":"built","images":["registry.example/**"],"provenance":{{"signedBy":["{signed_by}"],
        "source":{{"uri":"https://github.com/octo-org/app","ref":{{"glob":"refs/tags/v*"}}}},
        "builder":{{"id":{{"glob":"https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v*"}},"delegated":{delegated}}}}}}}"#
    )
}

fn signature_rule(signed_by: &str) -> String {
    format!(
        r#"{{"name":"signed","images":["registry.example/octo-org/*"],"signature":{{"signedBy":["{signed_by}"]}}}}"#
    )
}

fn decide(policy: &CompiledPolicy, evidence: Vec<Evidence>) -> Decision {
    decide_with(policy, evidence, None)
}

fn decide_with(
    policy: &CompiledPolicy,
    evidence: Vec<Evidence>,
    unavailable: Option<&str>,
) -> Decision {
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence,
        unavailable: unavailable.map(str::to_owned),
    };
    policy.decide(request(IMAGE, Some(DIGEST)).as_bytes(), &[brought], NOW)
}

#[test]
fn honest_provenance_is_allowed() {
    let build = Build::default();
    for rule in [
        provenance_rule("builder", false),
        provenance_rule("tenant", false),
    ] {
        let policy = policy(&rule);
        for statement in [
            build.provenance_v02(subject()),
            build.provenance_v1(subject()),
        ] {
            let decision = decide(&policy, vec![signed(&build, &statement)]);
            assert!(decision.allowed(), "{}", decision.to_json());
        }
    }
}

/// A workflow of the organisation says what it likes about itself.
#[test]
fn provenance_that_lies_about_its_run() {
    let honest = Build::default();
    let other = |change: fn(&mut Build)| {
        let mut build = Build::default();
        change(&mut build);
        build
    };
    let runs = [
        other(|run| run.repository = "octo-org/other".to_owned()),
        other(|run| run.source_ref = "refs/heads/evil".to_owned()),
        other(|run| run.commit = "1".repeat(40)),
        other(|run| run.event_name = "pull_request_target".to_owned()),
        other(|run| run.repository_id = "1".to_owned()),
        other(|run| run.repository_owner_id = "1".to_owned()),
        other(|run| run.run_id = 1),
        other(|run| {
            run.builder_id =
                "https://github.com/octo-org/app/.github/workflows/x.yml@refs/tags/v1".to_owned();
        }),
    ];
    let policy = policy(&provenance_rule("tenant", false));
    for run in runs {
        for statement in [
            honest.provenance_v02(subject()),
            honest.provenance_v1(subject()),
        ] {
            let decision = decide(&policy, vec![signed(&run, &statement)]);
            assert_eq!(
                image_code(&decision),
                "provenance.certificate-mismatch",
                "{run:?} {}",
                statement.predicate_type
            );
        }
    }
}

/// With `delegated` the builder id is as good as the signer; everything else must still agree.
#[test]
fn delegated_builders() {
    let honest = Build::default();
    let delegator = Build {
        builder_id: "https://github.com/octo-org/delegator/.github/workflows/d.yml@refs/tags/v1"
            .to_owned(),
        ..Build::default()
    };
    let elsewhere = Build {
        repository: "octo-org/other".to_owned(),
        ..delegator.clone()
    };
    let delegated = policy(&provenance_rule("tenant", true));
    let statement = honest.provenance_v1(subject());
    assert!(decide(&delegated, vec![signed(&delegator, &statement)]).allowed());
    let decision = decide(&delegated, vec![signed(&elsewhere, &statement)]);
    assert_eq!(image_code(&decision), "provenance.certificate-mismatch");
    let strict = policy(&provenance_rule("builder", true));
    let decision = decide(&strict, vec![signed(&delegator, &statement)]);
    assert_eq!(image_code(&decision), "identity.subject-mismatch");
}

/// Two honest envelopes, each with one half of what is asked for.
#[test]
fn envelopes_are_not_mixed() {
    let other_source = Build {
        repository: "octo-org/other".to_owned(),
        ..Build::default()
    };
    let other_ref = Build {
        source_ref: "refs/heads/main".to_owned(),
        ..Build::default()
    };
    let policy = policy(&provenance_rule("builder", false));
    let evidence: Vec<Evidence> = [other_source, other_ref]
        .iter()
        .map(|build| signed(build, &build.provenance_v1(subject())))
        .collect();
    let decision = decide(&policy, evidence.clone());
    // The piece that came furthest names the code.
    assert_eq!(image_code(&decision), "provenance.ref-mismatch");
    let document = document(&decision);
    let listed = step(&document, &["images", "0", "rules", "0", "evidence"])
        .and_then(Value::as_array)
        .unwrap();
    let mut codes: Vec<String> = listed.iter().map(|piece| text(piece, &["code"])).collect();
    codes.sort();
    assert_eq!(
        codes,
        ["provenance.ref-mismatch", "provenance.source-mismatch"]
    );

    // Broken and unrelated pieces beside a good one change nothing.
    let good = Build::default();
    let mut evidence = evidence;
    evidence.push(signed(&good, &good.provenance_v02(subject())));
    evidence.push(Evidence::default());
    assert!(decide(&policy, evidence).allowed());
}

#[test]
fn malformed_provenance() {
    let build = Build::default();
    let policy = policy(&provenance_rule("builder", false));
    for (predicate, code) in [
        ("{}", "provenance.field-missing"),
        (r#"{"buildDefinition":1}"#, "provenance.field-malformed"),
    ] {
        let payload = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"x","digest":{{"sha256":"{}"}}}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{predicate}}}"#,
            DIGEST.trim_start_matches("sha256:")
        );
        let evidence = SIGSTORE
            .keyless(&Identity::github_actions(&build))
            .attest_payload(payload.as_bytes())
            .unwrap();
        assert_eq!(
            image_code(&decide(&policy, vec![evidence_of(evidence)])),
            code
        );
    }
}

/// A build type that nobody knows names no source.
#[test]
fn unknown_build_types() {
    let build = Build {
        build_type: Some("https://builds.example/v1".to_owned()),
        ..Build::default()
    };
    let policy = policy(&provenance_rule("builder", false));
    let decision = decide(
        &policy,
        vec![signed(&build, &build.provenance_v1(subject()))],
    );
    assert_eq!(image_code(&decision), "provenance.source-mismatch");
}

#[test]
fn key_authorities() {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let other_key = SIGSTORE.key_pair("other", KeyDetails::EcdsaP256Sha256);
    let sign = |key| evidence_of(SIGSTORE.keyed(key).sign_legacy(IMAGE, DIGEST).unwrap());
    let policy = policy(&signature_rule("key"));
    let decision = decide(&policy, vec![sign(&key)]);
    assert!(decision.allowed(), "{}", decision.to_json());
    let document = document(&decision);
    let facts = step(&document, &["images", "0", "rules", "0", "metBy", "0"]).unwrap();
    assert_eq!(text(facts, &["authority"]), "key");
    assert_eq!(step(facts, &["insecureIgnoreTransparencyLog"]), None);

    let decision = decide(&policy, vec![sign(&other_key)]);
    assert_eq!(decision.outcome(), Outcome::Rejected);
    // A certificate is no key, and a key no certificate.
    let build = Build::default();
    let keyless = SIGSTORE
        .keyless(&Identity::github_actions(&build))
        .sign_legacy(IMAGE, DIGEST)
        .unwrap();
    let decision = decide(&policy, vec![evidence_of(keyless.clone())]);
    assert_eq!(image_code(&decision), "certificate.unexpected");
    let by_builder = self::policy(&signature_rule("builder"));
    assert!(decide(&by_builder, vec![evidence_of(keyless)]).allowed());
    assert_eq!(
        image_code(&decide(&by_builder, vec![sign(&key)])),
        "certificate.missing"
    );
}

#[test]
fn every_matching_rule_must_be_met() {
    let build = Build::default();
    let both = format!(
        "{},{}",
        provenance_rule("builder", false),
        signature_rule("key")
    );
    let policy = policy(&both);
    let provenance = signed(&build, &build.provenance_v1(subject()));
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let signature = evidence_of(SIGSTORE.keyed(&key).sign_legacy(IMAGE, DIGEST).unwrap());

    assert!(decide(&policy, vec![provenance.clone(), signature.clone()]).allowed());
    let without_signature = decide(&policy, vec![provenance]);
    let document = document(&without_signature);
    let result = |rule: &str| text(&document, &["images", "0", "rules", rule, "result"]);
    assert_eq!((result("0"), result("1")), ("pass".into(), "fail".into()));
    assert_eq!(without_signature.outcome(), Outcome::Rejected);
    assert!(!decide(&policy, vec![signature]).allowed());
}

#[test]
fn unavailable_evidence_matters_only_when_it_is_needed() {
    let build = Build::default();
    let policy = policy(&provenance_rule("builder", false));
    let good = signed(&build, &build.provenance_v1(subject()));
    assert!(decide_with(&policy, vec![good], Some("timeout")).allowed());

    let main = Build {
        source_ref: "refs/heads/main".to_owned(),
        ..Build::default()
    };
    let bad = signed(&main, &main.provenance_v1(subject()));
    let decision = decide_with(&policy, vec![bad], Some("timeout"));
    assert_eq!(decision.outcome(), Outcome::Unavailable);
    assert_eq!(image_code(&decision), "evidence.unavailable");
}

#[test]
fn evidence_from_the_future() {
    let build = Build::default();
    let policy = policy(&provenance_rule("builder", false));
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: vec![signed(&build, &build.provenance_v1(subject()))],
        unavailable: None,
    };
    let before = UnixTime::from_seconds(SIGNED.seconds() - 3600);
    let decision = policy.decide(request(IMAGE, Some(DIGEST)).as_bytes(), &[brought], before);
    assert_eq!(decision.outcome(), Outcome::Rejected);
    assert_eq!(image_code(&decision), "time.in-future");
}
