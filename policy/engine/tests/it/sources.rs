//! From provenance to its source, and what is asked of a build beyond levels.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{Build, Identity, Statement, StatementType, Subject};
use serde_json::{Value, json};

use crate::world::{
    SIGSTORE, assert_code, by_key, compiled, decide, evidence, key, policy, rule, subject,
};

const VSA: &str = "https://slsa.dev/verification_summary/v1";
const CHECKER: &str = "https://source.example/checker";
const REPOSITORY: &str = "https://github.com/octo-org/app";

/// A policy whose rule asks for provenance of the workflow, and for more.
fn asking(more: Value) -> CompiledPolicy {
    asking_with(
        json!([{
            "name": "container", "signedBy": ["workflow"], "id": {"glob": "https://github.com/octo-org/**"},
            "maximumLevel": 3, "operator": "octo",
        }]),
        more,
    )
}

fn asking_with(builders: Value, more: Value) -> CompiledPolicy {
    let mut asked = json!({"signedBy": ["workflow"], "source": {"uri": REPOSITORY}});
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    let workflow = json!({"name": "workflow", "keyless": {"trustRoot": "root", "identities": [{
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"glob": "https://github.com/**"},
    }]}});
    let mut more = json!({
        "verifiers": [{"name": "source-checks", "signedBy": ["source"], "id": {"exact": CHECKER},
            "maximumLevels": {"source": 3}}],
    });
    if builders != json!([]) {
        more["builders"] = builders;
    }
    compiled(&policy(
        json!([workflow, key("source"), key("stranger")]),
        rule("provenance", asked),
        more,
    ))
}

fn provenance(build: &Build) -> Evidence {
    let signer = SIGSTORE.keyless(&Identity::github_actions(build));
    evidence(signer.attest(&build.provenance_v1(subject())))
}

/// A summary about a commit.
struct Summary {
    key: &'static str,
    commit: String,
    refs: Value,
    predicate: Value,
}

impl Summary {
    fn new() -> Self {
        Self {
            key: "source",
            commit: Build::default().commit,
            refs: json!({"sourceRefs": ["refs/tags/v1.2.3", "refs/heads/main"]}),
            predicate: json!({
                "verifier": {"id": CHECKER},
                "resourceUri": format!("git+{REPOSITORY}"),
                "policy": {"uri": "https://policy.example"},
                "verificationResult": "PASSED",
                "verifiedLevels": ["SLSA_SOURCE_LEVEL_3"],
            }),
        }
    }

    fn with(mut self, field: &str, value: Value) -> Self {
        self.predicate[field] = value;
        self
    }

    fn evidence(&self) -> Evidence {
        let statement = Statement {
            statement_type: StatementType::V1,
            subject: vec![Subject::new(
                "source",
                &format!("gitCommit:{}", self.commit),
            )],
            predicate_type: VSA.to_owned(),
            predicate: self.predicate.clone(),
        };
        // The library's subjects have no annotations.
        let mut payload: Value = serde_json::from_slice(&statement.to_json()).unwrap();
        payload["subject"][0]["annotations"] = self.refs.clone();
        evidence(by_key(self.key).attest_payload(payload.to_string().as_bytes()))
    }
}

fn level(least: u64) -> Value {
    json!({"minimumLevels": {"source": least}, "sourceVerifiedBy": ["source-checks"]})
}

#[test]
fn a_summary_about_the_commit() {
    let build = Build::default();
    let evidence = vec![provenance(&build), Summary::new().evidence()];
    for (least, code) in [(1, "ok"), (3, "ok"), (4, "verification-summary.level")] {
        let decided = decide(&asking(level(least)), evidence.clone());
        assert_code(&decided, code, &least.to_string());
        if code == "ok" {
            let found = &decided.met_by()[0]["provenance"]["sourceVerified"];
            assert_eq!(found["verifier"], "source-checks");
            assert_eq!(found["level"], 3);
        }
    }
}

#[test]
fn each_fact_that_the_join_relies_on() {
    let unverified = "provenance.source-unverified";
    let mut other_commit = Summary::new();
    other_commit.commit = "f".repeat(40);
    let mut stranger = Summary::new();
    stranger.key = "stranger";
    let cases = [
        (None, unverified),
        (Some(other_commit), unverified),
        (Some(stranger), unverified),
        (
            Some(Summary::new().with("verifier", json!({"id": "https://other.example"}))),
            "verification-summary.verifier-mismatch",
        ),
        (
            Some(Summary::new().with(
                "resourceUri",
                json!("git+https://github.com/octo-org/other"),
            )),
            "verification-summary.resource-mismatch",
        ),
        (
            Some(Summary::new().with("verificationResult", json!("FAILED"))),
            "verification-summary.failed",
        ),
        (
            Some(Summary::new().with("verifiedLevels", json!(["SLSA_SOURCE_LEVEL_1"]))),
            "verification-summary.level",
        ),
        (
            Some(Summary::new().with("verifiedLevels", json!(["SLSA_BUILD_LEVEL_3"]))),
            "verification-summary.level",
        ),
    ];
    for (number, (summary, code)) in cases.into_iter().enumerate() {
        let mut evidence = vec![provenance(&Build::default())];
        evidence.extend(summary.map(|summary| summary.evidence()));
        assert_code(
            &decide(&asking(level(2)), evidence),
            code,
            &number.to_string(),
        );
    }
    // The summary alone is no provenance.
    let decided = decide(&asking(level(2)), vec![Summary::new().evidence()]);
    assert_code(&decided, "certificate.missing", "no provenance");
}

#[test]
fn the_ref_for_which_the_commit_was_verified() {
    let mut asked = level(2);
    asked["source"] = json!({"uri": REPOSITORY, "ref": {"exact": "refs/tags/v1.2.3"}});
    let unverified = "provenance.source-ref-unverified";
    for (refs, code) in [
        (json!({"sourceRefs": ["refs/tags/v1.2.3"]}), "ok"),
        (json!({"source_refs": ["refs/tags/v1.2.3"]}), "ok"),
        (json!({"sourceRefs": ["refs/heads/main"]}), unverified),
        (json!({"sourceRefs": []}), unverified),
        (json!({}), unverified),
        (
            json!({"sourceRefs": "refs/tags/v1.2.3"}),
            "verification-summary.field-malformed",
        ),
    ] {
        let mut summary = Summary::new();
        summary.refs = refs.clone();
        let evidence = vec![provenance(&Build::default()), summary.evidence()];
        assert_code(
            &decide(&asking(asked.clone()), evidence),
            code,
            &refs.to_string(),
        );
    }
}

/// A commit that was verified for some branch is none that was verified for the tag.
#[test]
fn the_tag_for_which_the_commit_was_verified() {
    let unverified = "provenance.source-ref-unverified";
    for named in [json!({"tag": {"glob": "v*"}}), json!({"versionTag": "v1"})] {
        let mut asked = level(2);
        asked["source"] = source(named.clone())["source"].clone();
        for (refs, code) in [
            (json!({"sourceRefs": ["refs/tags/v1.2.3"]}), "ok"),
            (json!({"sourceRefs": ["refs/heads/main"]}), unverified),
            (json!({}), unverified),
        ] {
            let mut summary = Summary::new();
            summary.refs = refs.clone();
            let evidence = vec![provenance(&Build::default()), summary.evidence()];
            let decided = decide(&asking(asked.clone()), evidence);
            assert_code(&decided, code, &format!("{named} {refs}"));
        }
    }
}

#[test]
fn two_party_review() {
    let asked =
        json!({"properties": ["TWO_PARTY_REVIEWED"], "sourceVerifiedBy": ["source-checks"]});
    for (levels, code) in [
        (
            json!(["SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_TWO_PARTY_REVIEWED"]),
            "ok",
        ),
        (
            json!(["SLSA_SOURCE_LEVEL_3"]),
            "provenance.property-missing",
        ),
        // The verifier is believed to level 3 only, and 4 is what implies the review.
        (
            json!(["SLSA_SOURCE_LEVEL_4"]),
            "provenance.property-missing",
        ),
        (
            json!(["SLSA_SOURCE_TWO_PARTY_REVIEWED"]),
            "provenance.property-missing",
        ),
    ] {
        let summary = Summary::new().with("verifiedLevels", levels.clone());
        let evidence = vec![provenance(&Build::default()), summary.evidence()];
        assert_code(
            &decide(&asking(asked.clone()), evidence),
            code,
            &levels.to_string(),
        );
    }
}

#[test]
fn properties_of_the_builder() {
    let builder = |properties: Value| {
        let mut builder = json!({
            "name": "container", "signedBy": ["workflow"],
            "id": {"glob": "https://github.com/octo-org/**"}, "maximumLevel": 3,
        });
        if properties != json!([]) {
            builder["properties"] = properties;
        }
        json!([builder])
    };
    let missing = "provenance.property-missing";
    for (known, asked, code) in [
        (json!(["HERMETIC"]), json!(["HERMETIC"]), "ok"),
        (
            json!(["HERMETIC", "PARAMETERLESS"]),
            json!(["HERMETIC", "PARAMETERLESS"]),
            "ok",
        ),
        (json!(["PARAMETERLESS"]), json!(["HERMETIC"]), missing),
        (json!([]), json!(["HERMETIC"]), missing),
    ] {
        let policy = asking_with(builder(known.clone()), json!({"properties": asked}));
        let decided = decide(&policy, vec![provenance(&Build::default())]);
        assert_code(&decided, code, &format!("{known} {asked}"));
    }
    // A builder that the policy does not know has no properties, whatever the provenance claims.
    let policy = asking_with(json!([]), json!({"properties": ["PARAMETERLESS"]}));
    let decided = decide(&policy, vec![provenance(&Build::default())]);
    assert_code(&decided, missing, "unknown builder");
}

#[test]
fn reproduced_by_two_operators() {
    let builder = |name: &str, glob: &str, operator: &str| json!({"name": name, "signedBy": ["workflow"], "id": {"glob": glob}, "maximumLevel": 3, "operator": operator});
    let asked = json!({"properties": ["REPRODUCED"]});
    let first = Build::default();
    let second = Build {
        builder_id:
            "https://github.com/other-org/builders/.github/workflows/build.yml@refs/tags/v1.0.0"
                .to_owned(),
        run_id: 9_000_000_002,
        ..Build::default()
    };
    let both = || vec![provenance(&first), provenance(&second)];
    let of = |other: &str| {
        json!([
            builder("one", "https://github.com/octo-org/**", "octo"),
            builder("two", "https://github.com/other-org/**", other),
        ])
    };
    let reproduced = |policy: &CompiledPolicy, evidence| decide(policy, evidence);
    let policy = asking_with(of("other"), asked.clone());
    assert_code(&reproduced(&policy, both()), "ok", "two operators");
    let alone = "provenance.not-reproduced";
    assert_code(&reproduced(&policy, vec![provenance(&first)]), alone, "one");
    let twice = Build {
        run_id: 9_000_000_003,
        ..Build::default()
    };
    let evidence = vec![provenance(&first), provenance(&twice)];
    assert_code(&reproduced(&policy, evidence), alone, "one, twice");
    let policy = asking_with(of("octo"), asked);
    assert_code(
        &reproduced(&policy, both()),
        alone,
        "two builders of one operator",
    );
}

/// The old ladder on today's tracks.
#[test]
fn legacy_levels() {
    let builder = |level: u64, properties: Value| {
        let mut builder = json!({
            "name": "container", "signedBy": ["workflow"], "operator": "octo",
            "id": {"glob": "https://github.com/octo-org/**"}, "maximumLevel": level,
        });
        if properties != json!([]) {
            builder["properties"] = properties;
        }
        builder
    };
    let asked = |level: u64| json!({"legacyLevel": level, "sourceVerifiedBy": ["source-checks"]});
    let summary = || {
        Summary::new()
            .with(
                "verifiedLevels",
                json!(["SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_TWO_PARTY_REVIEWED"]),
            )
            .evidence()
    };
    let run = |builders: Value, level: u64, evidence: Vec<Evidence>| {
        decide(&asking_with(builders, asked(level)), evidence)
    };
    let first = Build::default();
    let one = || vec![provenance(&first)];
    assert_code(&run(json!([builder(1, json!([]))]), 1, one()), "ok", "1");
    assert_code(
        &run(json!([builder(1, json!([]))]), 2, one()),
        "provenance.build-level",
        "2 on 1",
    );
    assert_code(&run(json!([builder(2, json!([]))]), 2, one()), "ok", "2");
    assert_code(
        &run(json!([builder(2, json!([]))]), 3, one()),
        "provenance.build-level",
        "3 on 2",
    );
    assert_code(
        &run(json!([builder(3, json!([]))]), 3, one()),
        "provenance.source-unverified",
        "3 without source",
    );
    let with_source = || vec![provenance(&first), summary()];
    assert_code(
        &run(json!([builder(3, json!([]))]), 3, with_source()),
        "ok",
        "3",
    );
    assert_code(
        &run(json!([builder(3, json!([]))]), 4, with_source()),
        "provenance.property-missing",
        "4 without properties",
    );
    let all = json!(["HERMETIC", "PARAMETERLESS"]);
    assert_code(
        &run(json!([builder(3, all.clone())]), 4, with_source()),
        "provenance.not-reproduced",
        "4 once",
    );
    let second = Build {
        builder_id:
            "https://github.com/other-org/builders/.github/workflows/build.yml@refs/tags/v1.0.0"
                .to_owned(),
        run_id: 9_000_000_002,
        ..Build::default()
    };
    let other = json!({
        "name": "other", "signedBy": ["workflow"], "operator": "other", "properties": all,
        "id": {"glob": "https://github.com/other-org/**"}, "maximumLevel": 3,
    });
    let mut evidence = with_source();
    evidence.push(provenance(&second));
    let decided = run(json!([builder(3, all), other]), 4, evidence);
    assert_code(&decided, "ok", "4");
    // There is no Build level 4.
    for met in decided.met_by() {
        assert_eq!(met["provenance"]["buildLevel"], 3);
    }
}

#[test]
fn how_the_build_was_started_and_where_it_ran() {
    let build = Build::default();
    for (asked, code) in [
        (json!({"triggers": ["push", "release"]}), "ok"),
        (
            json!({"triggers": ["release"]}),
            "provenance.trigger-mismatch",
        ),
        (json!({"triggers": ["pus"]}), "provenance.trigger-mismatch"),
        (
            json!({"runnerEnvironment": {"exact": "github-hosted"}}),
            "ok",
        ),
        (
            json!({"runnerEnvironment": {"exact": "self-hosted"}}),
            "provenance.runner-mismatch",
        ),
        (
            json!({"deploymentEnvironment": {"exact": "production"}}),
            "provenance.environment-mismatch",
        ),
        (
            json!({"workflowInputs": {"version": {"exact": "1"}}}),
            "provenance.input-mismatch",
        ),
        (source(json!({"tag": {"exact": "v1.2.3"}})), "ok"),
        (
            source(json!({"tag": {"exact": "v1.2"}})),
            "provenance.tag-mismatch",
        ),
        (source(json!({"versionTag": "v1"})), "ok"),
        (source(json!({"versionTag": "v1.2"})), "ok"),
        (
            source(json!({"versionTag": "v1.3"})),
            "provenance.tag-mismatch",
        ),
        (
            source(json!({"versionTag": "v2"})),
            "provenance.tag-mismatch",
        ),
        (
            source(json!({"branch": {"exact": "main"}})),
            "provenance.branch-mismatch",
        ),
        (
            source(json!({"repositoryId": {"exact": build.repository_id}})),
            "ok",
        ),
        (
            source(json!({"repositoryId": {"exact": "1"}})),
            "provenance.repository-id-mismatch",
        ),
        (
            source(json!({"ownerId": {"exact": build.repository_owner_id}})),
            "ok",
        ),
        (
            source(json!({"ownerId": {"exact": "1"}})),
            "provenance.owner-id-mismatch",
        ),
    ] {
        let decided = decide(&asking(asked.clone()), vec![provenance(&build)]);
        assert_code(&decided, code, &asked.to_string());
    }
    let branch = Build {
        source_ref: "refs/heads/main".to_owned(),
        ..Build::default()
    };
    let asked = source(json!({"branch": {"exact": "main"}}));
    assert_code(
        &decide(&asking(asked), vec![provenance(&branch)]),
        "ok",
        "a branch",
    );
    let asked = source(json!({"tag": {"glob": "**"}}));
    let decided = decide(&asking(asked), vec![provenance(&branch)]);
    assert_code(&decided, "provenance.tag-mismatch", "a branch has no tag");
}

fn source(more: Value) -> Value {
    let mut source = json!({"uri": REPOSITORY});
    for (name, value) in more.as_object().unwrap() {
        source[name] = value.clone();
    }
    json!({ "source": source })
}

/// What the certificate says counts, not what the provenance says.
#[test]
fn the_deployment_environment_is_certified() {
    use sealstone_forge::FulcioExtension;
    let build = Build::default();
    let identity = Identity::github_actions(&build)
        .with_extension(FulcioExtension::DeploymentEnvironment, "production");
    let piece = evidence(
        SIGSTORE
            .keyless(&identity)
            .attest(&build.provenance_v1(subject())),
    );
    let asked = |name: &str| asking(json!({"deploymentEnvironment": {"exact": name}}));
    assert_code(
        &decide(&asked("production"), vec![piece.clone()]),
        "ok",
        "production",
    );
    let decided = decide(&asked("staging"), vec![piece]);
    assert_code(&decided, "provenance.environment-mismatch", "staging");
}
