//! Builders: the level follows from the pair of signer and builder id, never from what provenance says.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{Build, FulcioExtension, GITHUB_ACTIONS_ISSUER, Identity, Statement};
use serde_json::{Value, json};

use crate::world::{
    Decided, SIGSTORE, assert_code, by_key, compiled, decide, evidence, key, policy, rule, subject,
};

const CONTAINER: &str =
    "https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v*";
const GITHUB_HOSTED: &str = "https://github.com/actions/runner/github-hosted";
const SELF_HOSTED: &str = "https://github.com/actions/runner/self-hosted";
const LEVEL: &str = "provenance.build-level";
const BUILDER: &str = "provenance.builder-mismatch";
const CERTIFICATE: &str = "provenance.certificate-mismatch";

/// `workflow` is the organisation's build workflow, `tenant` any of its workflows, `key` and
/// `other-key` are keys.
fn authorities() -> Value {
    let github = |name: &str, subject: &str| {
        let identity =
            json!({"issuer": {"exact": GITHUB_ACTIONS_ISSUER}, "subject": {"glob": subject}});
        json!({"name": name, "keyless": {"trustRoot": "root", "identities": [identity]}})
    };
    json!([
        github("workflow", CONTAINER),
        github("tenant", "https://github.com/octo-org/**"),
        key("key"),
        key("other-key"),
    ])
}

/// A policy with these builders, and a rule that asks this beside the source.
fn asking(builders: &Value, asked: Value) -> CompiledPolicy {
    let mut whole = json!({
        "source": {"uri": "https://github.com/octo-org/app", "ref": {"glob": "refs/tags/v*"}},
    });
    for (name, value) in asked.as_object().unwrap() {
        whole[name] = value.clone();
    }
    let more = if builders.as_array().unwrap().is_empty() {
        json!({})
    } else {
        json!({"builders": builders})
    };
    compiled(&policy(authorities(), rule("provenance", whole), more))
}

fn builder(name: &str, signed_by: &str, id: &str, level: u64) -> Value {
    json!({"name": name, "signedBy": [signed_by], "id": {"glob": id}, "maximumLevel": level})
}

fn delegated(name: &str, signed_by: &str, id: &str, level: u64) -> Value {
    let mut builder = builder(name, signed_by, id, level);
    builder["delegated"] = json!(true);
    builder
}

fn signed(run: &Build, statement: &Statement) -> Evidence {
    evidence(
        SIGSTORE
            .keyless(&Identity::github_actions(run))
            .attest(statement),
    )
}

/// Provenance of an honest run.
fn honest() -> Evidence {
    let build = Build::default();
    signed(&build, &build.provenance_v1(subject()))
}

/// The honest run says that this builder built.
fn calling(builder_id: &str) -> Evidence {
    let run = Build::default();
    let claimed = Build {
        builder_id: builder_id.to_owned(),
        ..Build::default()
    };
    signed(&run, &claimed.provenance_v1(subject()))
}

/// The level that the decision shows, and the builder by its name in the policy.
fn level(decided: &Decided) -> (u64, Option<&str>) {
    let provenance = &decided.met_by()[0]["provenance"];
    let level = provenance["buildLevel"].as_u64().unwrap();
    (level, provenance["policyBuilder"].as_str())
}

#[test]
fn the_level_of_the_pair() {
    for granted in 0..=3 {
        let builders = json!([builder("container", "workflow", CONTAINER, granted)]);
        let decided = decide(
            &asking(&builders, json!({"signedBy": ["workflow"]})),
            vec![honest()],
        );
        assert_code(&decided, "ok", "no minimum");
        assert_eq!(level(&decided), (granted, Some("container")));
        for wanted in 1..=3 {
            for asked in [
                json!({"signedBy": ["workflow"]}),
                json!({"builders": ["container"]}),
            ] {
                let mut asked = asked;
                asked["minimumLevels"] = json!({"build": wanted});
                let decided = decide(&asking(&builders, asked), vec![honest()]);
                let code = if granted >= wanted { "ok" } else { LEVEL };
                assert_code(
                    &decided,
                    code,
                    &format!("{granted} granted, {wanted} wanted"),
                );
            }
        }
    }
}

/// A builder that the policy does not know reaches level 1, whatever it calls itself.
#[test]
fn an_unknown_builder() {
    let others = [
        json!([]),
        // The right id by another signer, and another id by the right signer.
        json!([builder("container", "key", CONTAINER, 3)]),
        json!([builder("other", "workflow", "https://builder.example/*", 3)]),
    ];
    for builders in others {
        for (minimum, code) in [(1, "ok"), (2, LEVEL), (3, LEVEL)] {
            let asked = json!({"signedBy": ["workflow"], "minimumLevels": {"build": minimum}});
            let decided = decide(&asking(&builders, asked), vec![honest()]);
            assert_code(&decided, code, &format!("{builders} {minimum}"));
            if code == "ok" {
                assert_eq!(level(&decided), (1, None), "{builders}");
            }
        }
    }
    // What provenance says about its own level is not read.
    let mut boast = Build::default().provenance_v1(subject());
    boast.predicate["slsaLevel"] = json!("SLSA_BUILD_LEVEL_3");
    boast.predicate["runDetails"]["builder"]["version"] = json!({"slsa": "3"});
    let asked = json!({"signedBy": ["workflow"], "minimumLevels": {"build": 2}});
    let decided = decide(
        &asking(&json!([]), asked),
        vec![signed(&Build::default(), &boast)],
    );
    assert_code(&decided, LEVEL, "a boast");
}

#[test]
fn the_best_of_several_builders() {
    let low = || builder("low", "workflow", "https://github.com/**", 1);
    let high = || builder("high", "workflow", CONTAINER, 3);
    let middle = || builder("middle", "workflow", "https://github.com/octo-org/**", 2);
    let foreign = || builder("foreign", "key", CONTAINER, 3);
    for (builders, expected) in [
        (json!([low(), high(), middle()]), (3, "high")),
        (json!([high(), low()]), (3, "high")),
        (json!([low(), middle()]), (2, "middle")),
        (json!([low(), foreign()]), (1, "low")),
    ] {
        let decided = decide(
            &asking(&builders, json!({"signedBy": ["workflow"]})),
            vec![honest()],
        );
        assert_code(&decided, "ok", "");
        assert_eq!(
            level(&decided),
            (expected.0, Some(expected.1)),
            "{builders}"
        );
    }
}

/// The signer is a builder's only for the authorities that the policy names for it.
#[test]
fn the_authority_of_a_builder() {
    let builders = json!([
        builder("container", "workflow", CONTAINER, 3),
        builder("by-key", "key", "https://builder.example/a", 2),
    ]);
    let by_key = |name: &str, id: &str| {
        let build = Build {
            builder_id: id.to_owned(),
            ..Build::default()
        };
        evidence(by_key(name).attest(&build.provenance_v1(subject())))
    };
    let any = asking(&builders, json!({"builders": ["container", "by-key"]}));
    let only_key = asking(&builders, json!({"builders": ["by-key"]}));
    let only_container = asking(&builders, json!({"builders": ["container"]}));
    let container_id = &Build::default().builder_id;
    for (policy, piece, code) in [
        (&any, honest(), "ok"),
        (&any, by_key("key", "https://builder.example/a"), "ok"),
        // The key must not speak for the workflow, nor for another builder.
        (&any, by_key("key", container_id), BUILDER),
        (&any, by_key("key", "https://builder.example/b"), BUILDER),
        (
            &any,
            by_key("other-key", "https://builder.example/a"),
            "signature.invalid",
        ),
        (&only_key, by_key("key", "https://builder.example/a"), "ok"),
        (&only_key, honest(), "certificate.unexpected"),
        (&only_container, honest(), "ok"),
        (
            &only_container,
            by_key("key", "https://builder.example/a"),
            "certificate.missing",
        ),
    ] {
        assert_code(&decide(policy, vec![piece]), code, code);
    }
    // Beside `signedBy` such a signer is one whose builder nobody knows.
    let policy = asking(&builders, json!({"signedBy": ["key"]}));
    let decided = decide(&policy, vec![by_key("key", container_id)]);
    assert_code(&decided, "ok", "");
    assert_eq!(level(&decided), (1, None));
}

/// Without `delegated` the builder is the signer.
#[test]
fn the_builder_id_is_the_subject() {
    const ELSEWHERE: &str = "https://builder.example/x";
    let plain = json!([builder("b", "workflow", "https://**", 3)]);
    let vouched = json!([delegated("b", "workflow", "https://builder.example/*", 3)]);
    let by_name = || json!({"builders": ["b"]});
    let by_signer = || json!({"signedBy": ["workflow"]});
    for (builders, asked, piece, code) in [
        (&plain, by_name(), honest(), "ok"),
        (&plain, by_name(), calling(ELSEWHERE), CERTIFICATE),
        (&plain, by_signer(), calling(ELSEWHERE), CERTIFICATE),
        (&vouched, by_name(), calling(ELSEWHERE), "ok"),
        (&vouched, by_signer(), calling(ELSEWHERE), "ok"),
        (
            &vouched,
            by_name(),
            calling("https://builder.example/x/y"),
            BUILDER,
        ),
        // The workflow itself is none of the builders that it vouches for.
        (&vouched, by_name(), honest(), BUILDER),
    ] {
        let decided = decide(&asking(builders, asked.clone()), vec![piece]);
        assert_code(&decided, code, &format!("{builders} {asked}"));
        if code == "ok" {
            assert_eq!(level(&decided), (3, Some("b")));
        }
    }
    // To vouch for a builder is not to contradict the certificate.
    let other = Build {
        builder_id: ELSEWHERE.to_owned(),
        repository: "octo-org/other".to_owned(),
        ..Build::default()
    };
    let liar = signed(&Build::default(), &other.provenance_v1(subject()));
    let decided = decide(&asking(&vouched, by_name()), vec![liar]);
    assert_code(&decided, CERTIFICATE, "another repository");
}

/// What names only the kind of runner was written by the workflow itself: level 2 at most.
#[test]
fn the_name_of_the_runner() {
    for id in [CONTAINER, GITHUB_HOSTED] {
        for (granted, reached) in [(3, 2), (2, 2), (1, 1)] {
            let builders = json!([builder("b", "workflow", id, granted)]);
            let policy = |minimum: u64| {
                asking(
                    &builders,
                    json!({"builders": ["b"], "minimumLevels": {"build": minimum}}),
                )
            };
            let decided = decide(&policy(reached), vec![calling(GITHUB_HOSTED)]);
            assert_code(&decided, "ok", id);
            assert_eq!(level(&decided), (reached, Some("b")));
            let decided = decide(&policy(reached + 1), vec![calling(GITHUB_HOSTED)]);
            assert_code(&decided, LEVEL, id);
        }
    }
    // A better builder that is capped does not push out one that reaches more.
    let builders = json!([
        builder("capped", "workflow", CONTAINER, 3),
        builder("low", "workflow", GITHUB_HOSTED, 1),
    ]);
    let decided = decide(
        &asking(&builders, json!({"signedBy": ["workflow"]})),
        vec![calling(GITHUB_HOSTED)],
    );
    assert_eq!(level(&decided), (2, Some("capped")));
    // The certificate knows which runner it was.
    let builders = json!([builder("b", "workflow", "**", 3)]);
    let policy = asking(&builders, json!({"builders": ["b"]}));
    assert_code(
        &decide(&policy, vec![calling(SELF_HOSTED)]),
        CERTIFICATE,
        "self-hosted",
    );
    let on_own_runner = Identity::github_actions(&Build::default())
        .with_extension(FulcioExtension::RunnerEnvironment, "self-hosted");
    let mut statement = Build {
        builder_id: SELF_HOSTED.to_owned(),
        ..Build::default()
    }
    .provenance_v1(subject());
    statement.predicate["buildDefinition"]["internalParameters"]["github"]["runner_environment"] =
        json!("self-hosted");
    let piece = evidence(SIGSTORE.keyless(&on_own_runner).attest(&statement));
    let decided = decide(&policy, vec![piece]);
    assert_code(&decided, "ok", "self-hosted by certificate");
    assert_eq!(level(&decided), (2, Some("b")));
    let decided = decide(
        &policy,
        vec![calling("https://github.com/actions/runner/other")],
    );
    assert_code(&decided, CERTIFICATE, "no such runner");
}

#[test]
fn a_list_of_builders() {
    let builders = json!([
        builder("container", "workflow", CONTAINER, 3),
        builder("tenants", "tenant", "https://github.com/octo-org/**", 2),
        builder("elsewhere", "workflow", "https://builder.example/*", 3),
    ]);
    let tenant = Build {
        builder_id: "https://github.com/octo-org/app/.github/workflows/x.yml@refs/heads/main"
            .to_owned(),
        ..Build::default()
    };
    let by_tenant = || signed(&tenant, &tenant.provenance_v1(subject()));
    let policy = |names: Value| asking(&builders, json!({"builders": names}));
    for (names, piece, code) in [
        (json!(["container"]), honest(), "ok"),
        (
            json!(["container"]),
            by_tenant(),
            "identity.subject-mismatch",
        ),
        (json!(["tenants"]), by_tenant(), "ok"),
        (json!(["tenants"]), honest(), "ok"),
        (json!(["elsewhere"]), honest(), BUILDER),
        (json!(["elsewhere", "tenants"]), by_tenant(), "ok"),
    ] {
        let decided = decide(&policy(names.clone()), vec![piece]);
        assert_code(&decided, code, &format!("{names}"));
    }
    // Only the listed builders give a level.
    let decided = decide(&policy(json!(["tenants"])), vec![honest()]);
    assert_eq!(level(&decided), (2, Some("tenants")));
    // Whoever signed stands for two authorities, and is for each the builder of that authority.
    let decided = decide(&policy(json!(["tenants", "container"])), vec![honest()]);
    let mut levels: Vec<_> = decided
        .met_by()
        .iter()
        .map(|met| {
            let provenance = &met["provenance"];
            (
                met["authority"].as_str(),
                provenance["buildLevel"].as_u64(),
                provenance["policyBuilder"].as_str(),
            )
        })
        .collect();
    levels.sort_unstable();
    assert_eq!(
        levels,
        [
            (Some("tenant"), Some(2), Some("tenants")),
            (Some("workflow"), Some(3), Some("container")),
        ]
    );
}

/// Level, source and ref must be met by one envelope: every pair of them by two is not enough.
#[test]
fn envelopes_are_not_mixed() {
    let builders = json!([builder("container", "workflow", CONTAINER, 3)]);
    let policy = asking(
        &builders,
        json!({
            "signedBy": ["tenant", "workflow"],
            "minimumLevels": {"build": 3},
            "source": {
                "uri": "https://github.com/octo-org/app",
                "ref": {"glob": "refs/tags/v*"},
                "commit": {"exact": Build::default().commit},
            },
        }),
    );
    let of = |change: fn(&mut Build)| {
        let mut build = Build::default();
        change(&mut build);
        signed(&build, &build.provenance_v1(subject()))
    };
    let low = of(|build| {
        build.builder_id =
            "https://github.com/octo-org/app/.github/workflows/x.yml@refs/heads/main".to_owned();
    });
    let source = of(|build| build.repository = "octo-org/other".to_owned());
    let git_ref = of(|build| build.source_ref = "refs/heads/main".to_owned());
    let commit = of(|build| build.commit = "1".repeat(40));
    let pieces = [
        (low, LEVEL),
        (source, "provenance.source-mismatch"),
        (git_ref, "provenance.ref-mismatch"),
        (commit, "provenance.commit-mismatch"),
    ];
    for (piece, code) in &pieces {
        assert_code(&decide(&policy, vec![piece.clone()]), code, code);
    }
    let mut all: Vec<Evidence> = pieces.iter().map(|(piece, _)| piece.clone()).collect();
    let decided = decide(&policy, all.clone());
    assert_code(
        &decided,
        "provenance.commit-mismatch",
        "the one that came furthest",
    );
    let mut codes: Vec<&str> = pieces.iter().map(|(_, code)| *code).collect();
    codes.sort_unstable();
    assert_eq!(decided.piece_codes(), codes);
    all.push(honest());
    let decided = decide(&policy, all);
    assert_code(&decided, "ok", "one that meets all");
    // As a tenant's the builder is not known, which is not enough.
    assert_eq!(decided.met_by().len(), 1);
    assert_eq!(decided.met_by()[0]["authority"], "workflow");
}

#[test]
fn the_commit() {
    let commit = Build::default().commit;
    let policy = |commit: Value| {
        asking(
            &json!([]),
            json!({
                "signedBy": ["workflow"],
                "source": {"uri": "https://github.com/octo-org/app", "commit": commit},
            }),
        )
    };
    let mut without = Build::default().provenance_v1(subject());
    without.predicate["buildDefinition"]["resolvedDependencies"] = json!([]);
    let without = signed(&Build::default(), &without);
    const MISMATCH: &str = "provenance.commit-mismatch";
    for (wanted, piece, code) in [
        (json!({"exact": commit}), honest(), "ok"),
        (json!({"regexp": "[0-9a-f]{40}"}), honest(), "ok"),
        (json!({"exact": commit.to_uppercase()}), honest(), MISMATCH),
        (json!({"exact": commit.get(..39)}), honest(), MISMATCH),
        // The build type demands the dependency that names it.
        (json!({"glob": "**"}), without, "provenance.field-missing"),
    ] {
        let decided = decide(&policy(wanted.clone()), vec![piece]);
        assert_code(&decided, code, &wanted.to_string());
    }
}

#[test]
fn the_build_type() {
    let policy = |build_type: Value| {
        asking(
            &json!([]),
            json!({"signedBy": ["workflow"], "buildType": build_type}),
        )
    };
    const MISMATCH: &str = "provenance.build-type-mismatch";
    for (wanted, code) in [
        (
            json!({"exact": "https://actions.github.io/buildtypes/workflow/v1"}),
            "ok",
        ),
        (
            json!({"glob": "https://actions.github.io/buildtypes/workflow/*"}),
            "ok",
        ),
        (
            json!({"exact": "https://actions.github.io/buildtypes/workflow/v11"}),
            MISMATCH,
        ),
        (
            json!({"exact": "https://actions.github.io/buildtypes/workflow"}),
            MISMATCH,
        ),
    ] {
        let decided = decide(&policy(wanted.clone()), vec![honest()]);
        assert_code(&decided, code, &wanted.to_string());
    }
}
