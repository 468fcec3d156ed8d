//! Relations: how what meets one rule must stand to what meets another.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence};
use sealstone_forge::{Build, Identity, NOW, SIGNED, Signer, Subject, UnixTime};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{DIGEST, request};
use crate::world::{
    Decided, IMAGE, SIGSTORE, assert_code, attestation, by_key, by_person, compiled, decide,
    decide_request, evidence, key, person, policy, signature, statement, subject,
};

/// The predicate types of the rules `built` and `scanned`.
const BUILT: &str = "https://build.example/v1";
const SCANNED: &str = "https://scan.example/v1";
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

pub(crate) fn authorities() -> Value {
    let identity = json!({
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"glob": "https://github.com/octo-org/**"},
    });
    json!([
        person("anyone", "*@example.com"),
        key("k1"),
        key("k2"),
        {"name": "ci", "keyless": {"trustRoot": "root", "identities": [identity]}},
    ])
}

fn attested(name: &str, predicate_type: &str) -> Value {
    json!({"name": name, "images": ["**"], "attestation": {
        "signedBy": ["anyone", "k1", "k2"], "predicateType": {"exact": predicate_type},
        "quantifier": "any"}})
}

/// The rule `scanned` with these relations, and the rule `built`.
fn document(relations: Value, more: Value) -> Value {
    let mut scanned = attested("scanned", SCANNED);
    scanned["relations"] = relations;
    let rules = json!([scanned, attested("built", BUILT)]);
    policy(authorities(), rules, more)
}

fn related(mut relation: Value) -> CompiledPolicy {
    relation["rule"] = json!("built");
    compiled(&document(json!([relation]), json!({})))
}

fn built(signer: &Signer<'_>) -> Evidence {
    attestation(signer, BUILT, json!({}))
}

fn scanned(signer: &Signer<'_>) -> Evidence {
    attestation(signer, SCANNED, json!({}))
}

fn ann() -> Signer<'static> {
    by_person("ann@example.com")
}

fn bob() -> Signer<'static> {
    by_person("bob@example.com")
}

fn later(seconds: u64) -> UnixTime {
    SIGNED.plus(seconds)
}

#[test]
fn the_other_must_be_there() {
    for relation in [
        json!({"subject": "same"}),
        json!({"signer": "same"}),
        json!({"signer": "different"}),
        json!({"after": {}}),
    ] {
        let policy = related(relation.clone());
        let missing = "relation.evidence-missing";
        let broken = by_key("k1").fault(sealstone_forge::Fault::SignatureInvalid);
        let elsewhere = by_key("k1").fault(sealstone_forge::Fault::SubjectOtherDigest);
        for others in [
            vec![],
            vec![built(&by_person("eve@elsewhere.example"))],
            vec![built(&by_key("stranger"))],
            vec![built(&broken)],
            vec![built(&elsewhere)],
            vec![scanned(&bob())],
        ] {
            let pieces: Vec<Evidence> = others.into_iter().chain([scanned(&ann())]).collect();
            assert_code(&decide(&policy, pieces), missing, &relation.to_string());
        }
        // What does not meet its own rule says so.
        let decided = decide(&policy, vec![]);
        assert_code(&decided, "evidence.missing", &relation.to_string());
    }
}

#[test]
fn the_signer() {
    let ci = || SIGSTORE.keyless(&Identity::github_actions(&Build::default()));
    let same = related(json!({"signer": "same"}));
    let different = related(json!({"signer": "different"}));
    for (one, other, is_same) in [
        (ann(), ann(), true),
        // Another certificate of the same person.
        (ann(), ann().at(later(DAY)), true),
        (ann(), bob(), false),
        (by_key("k1"), by_key("k1"), true),
        (by_key("k1"), by_key("k2"), false),
        (ann(), by_key("k1"), false),
    ] {
        let decided = |policy| decide(policy, vec![built(&one), scanned(&other)]);
        let (of_same, of_different) = if is_same {
            ("ok", "relation.signer-shared")
        } else {
            ("relation.signer-mismatch", "ok")
        };
        assert_code(&decided(&same), of_same, "same");
        assert_code(&decided(&different), of_different, "different");
    }
    // The same subject of another issuer is somebody else, and not one whom the rule names.
    let decided = decide(&same, vec![built(&ann()), scanned(&ci())]);
    assert_code(&decided, "identity.issuer-mismatch", "somebody else");
}

#[test]
fn the_time() {
    for (after, distance, code) in [
        (json!({}), 0, "ok"),
        (json!({}), 1, "ok"),
        (json!({"minimum": "1h"}), HOUR - 1, "relation.too-early"),
        (json!({"minimum": "1h"}), HOUR, "ok"),
        (json!({"minimum": "1h"}), 30 * DAY, "ok"),
        (json!({"maximum": "1d"}), 0, "ok"),
        (json!({"maximum": "1d"}), DAY, "ok"),
        (json!({"maximum": "1d"}), DAY + 1, "relation.too-late"),
        (json!({"minimum": "1d", "maximum": "1d"}), DAY, "ok"),
        (
            json!({"minimum": "1d", "maximum": "2d"}),
            DAY - 1,
            "relation.too-early",
        ),
        (
            json!({"minimum": "1d", "maximum": "2d"}),
            2 * DAY + 1,
            "relation.too-late",
        ),
    ] {
        let case = format!("{after} {distance}");
        let policy = related(json!({ "after": after }));
        let pieces = vec![built(&ann()), scanned(&bob().at(later(distance)))];
        assert_code(&decide(&policy, pieces), code, &case);
        // The other way round it is before.
        if distance > 0 {
            let pieces = vec![built(&ann().at(later(distance))), scanned(&bob())];
            assert_code(&decide(&policy, pieces), "relation.too-early", &case);
        }
    }
}

/// A key without a log proves no time, so nothing can be said of before and after.
#[test]
fn a_time_that_nothing_proves() {
    let policy = related(json!({"after": {"maximum": "3650d"}}));
    for (one, other) in [(by_key("k1"), bob()), (ann(), by_key("k1"))] {
        let decided = decide(&policy, vec![built(&one), scanned(&other)]);
        assert_code(&decided, "relation.time-unproven", "by key");
    }
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const AMD64: &str = DIGEST;
const ARM64: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// An index of two platforms, and its digest.
fn index() -> (Evidence, String) {
    let platform = |digest: &str, architecture: &str| {
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest,
            "size": 7, "platform": {"os": "linux", "architecture": architecture}})
    };
    let content = json!({"schemaVersion": 2, "mediaType": INDEX,
        "manifests": [platform(AMD64, "amd64"), platform(ARM64, "arm64")]})
    .to_string()
    .into_bytes();
    let digest: String = Sha256::digest(&content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let piece = Evidence {
        media_type: INDEX.to_owned(),
        content,
        ..Evidence::default()
    };
    (piece, format!("sha256:{digest}"))
}

/// An attestation about these artifacts.
fn about(signer: &Signer<'_>, predicate_type: &str, digests: &[&str]) -> Evidence {
    let mut statement = statement(predicate_type, json!({}));
    let subjects = digests.iter().map(|digest| Subject::new(IMAGE, digest));
    statement.subject = subjects.collect();
    evidence(signer.attest(&statement))
}

fn of_subjects(relation: Value, subjects: Value) -> CompiledPolicy {
    let mut relation = relation;
    relation["rule"] = json!("built");
    let more = json!({"images": { "subjects": subjects }});
    compiled(&document(json!([relation]), more))
}

/// The image and the index that lists it are two artifacts.
#[test]
fn the_subject() {
    let (listing, index) = index();
    let related = of_subjects(json!({"subject": "same"}), json!({"index": true}));
    let free = of_subjects(json!({"after": {}}), json!({"index": true}));
    let mismatch = "relation.subject-mismatch";
    for (one, other, code) in [
        (vec![DIGEST], vec![DIGEST], "ok"),
        (vec![&*index], vec![&*index], "ok"),
        (vec![&*index], vec![DIGEST], mismatch),
        (vec![DIGEST], vec![&*index], mismatch),
        (vec![DIGEST, &*index], vec![&*index], "ok"),
        (vec![DIGEST], vec![&*index, DIGEST], "ok"),
        // What both name besides is no artifact that evidence may be about.
        (vec![&*index, ARM64], vec![DIGEST, ARM64], mismatch),
    ] {
        let pieces = || {
            vec![
                listing.clone(),
                about(&ann(), BUILT, &one),
                about(&bob(), SCANNED, &other),
            ]
        };
        let case = format!("{one:?} {other:?}");
        assert_code(&decide(&related, pieces()), code, &case);
        assert_code(&decide(&free, pieces()), "ok", &case);
    }
}

/// Where evidence about every platform counts, each platform has what is related.
#[test]
fn of_each_platform() {
    let (listing, index) = index();
    let policy = of_subjects(json!({"after": {}}), json!({"platforms": true}));
    let decided = |scan_of_arm64: u64| {
        let build = |digest, day| about(&ann().at(later(day * DAY)), BUILT, &[digest]);
        let scan = |digest, day| about(&bob().at(later(day * DAY)), SCANNED, &[digest]);
        let brought = ImageEvidence {
            reference: IMAGE.to_owned(),
            digest: index.clone(),
            evidence: vec![
                listing.clone(),
                build(AMD64, 0),
                build(ARM64, 10),
                scan(AMD64, 5),
                scan(ARM64, scan_of_arm64),
            ],
            unavailable: None,
        };
        decide_request(&policy, &request(IMAGE, Some(&index)), &[brought], NOW)
    };
    assert_code(&decided(11), "ok", "each after its own build");
    // It came after the build of the other platform alone.
    let other = decided(5);
    assert_code(&other, "statement.subject-mismatch", "one is not");
    assert_eq!(other.document["images"][0]["rules"][0]["result"], "fail");
    assert_eq!(other.document["images"][0]["rules"][1]["result"], "pass");
}

/// One piece must stand in all that is said of a rule; any one will do.
#[test]
fn one_piece_stands_in_all() {
    let policy = related(json!({"signer": "different", "after": {"maximum": "1d"}}));
    let scan = scanned(&ann().at(later(2 * DAY)));
    let by_another_too_early = built(&bob());
    let by_herself = built(&ann().at(later(DAY)));
    let by_another = built(&bob().at(later(DAY)));
    let decided = |pieces: &[&Evidence]| -> Decided {
        let pieces = pieces.iter().map(|piece| (*piece).clone());
        decide(&policy, pieces.chain([scan.clone()]).collect())
    };
    // What came furthest is told.
    for (pieces, code) in [
        (vec![&by_herself], "relation.signer-shared"),
        (vec![&by_another_too_early], "relation.too-late"),
        (
            vec![&by_herself, &by_another_too_early],
            "relation.too-late",
        ),
        (vec![&by_another], "ok"),
        (vec![&by_herself, &by_another_too_early, &by_another], "ok"),
    ] {
        assert_code(&decided(&pieces), code, &format!("{} pieces", pieces.len()));
    }
    let said = decided(&[&by_herself]).document["images"][0]["message"].clone();
    assert!(said.as_str().unwrap().ends_with("`built`"), "{said}");
}

/// With `all`, each scan must stand in the relation; the other rule is still met by any.
#[test]
fn of_all_scans() {
    let mut policy = document(json!([{"rule": "built", "after": {}}]), json!({}));
    policy["rules"][0]["attestation"]["quantifier"] = json!("all");
    let policy = compiled(&policy);
    let build = || built(&ann().at(later(DAY)));
    let (old, new) = (scanned(&bob()), scanned(&bob().at(later(2 * DAY))));
    assert_code(&decide(&policy, vec![build(), new.clone()]), "ok", "new");
    let decided = decide(&policy, vec![build(), new.clone(), old.clone()]);
    assert_code(&decided, "relation.too-early", "an old one, too");
    let earlier = built(&ann());
    assert_code(
        &decide(&policy, vec![build(), earlier, new, old]),
        "ok",
        "an earlier build",
    );
}

/// Whether the other rule is for the image, enforced or in effect, and its own relations, play no part.
#[test]
fn what_of_the_other_rule_plays_no_part() {
    let relations = json!([{"rule": "built", "signer": "different"}]);
    for (name, value) in [
        ("images", json!(["elsewhere.example/**"])),
        ("mode", json!("audit")),
        ("effectiveOn", json!("2027-01-01T00:00:00Z")),
        ("match", json!({"namespaces": ["elsewhere"]})),
    ] {
        let mut policy = document(relations.clone(), json!({}));
        policy["rules"][1][name] = value;
        let policy = compiled(&policy);
        let pieces = vec![built(&ann()), scanned(&bob())];
        assert_code(&decide(&policy, pieces), "ok", name);
        let pieces = vec![built(&bob()), scanned(&bob())];
        assert_code(&decide(&policy, pieces), "relation.signer-shared", name);
        let decided = decide(&policy, vec![scanned(&bob())]);
        assert_code(&decided, "relation.evidence-missing", name);
    }
    // Two that are related to each other.
    let mut both = document(relations, json!({}));
    both["rules"][1]["relations"] = json!([{"rule": "scanned", "signer": "different"}]);
    let both = compiled(&both);
    assert_code(
        &decide(&both, vec![built(&ann()), scanned(&bob())]),
        "ok",
        "each to the other",
    );
}

#[test]
fn several_relations() {
    let mut document = document(
        json!([{"rule": "built", "after": {}}, {"rule": "signed", "signer": "same"}]),
        json!({}),
    );
    let signed = json!({"name": "signed", "images": ["**"], "signature": {"signedBy": ["anyone"]}});
    document["rules"].as_array_mut().unwrap().push(signed);
    let policy = compiled(&document);
    let pieces = |signer: &Signer<'_>| {
        vec![
            built(&ann()),
            scanned(&bob().at(later(HOUR))),
            signature(signer),
        ]
    };
    assert_code(&decide(&policy, pieces(&bob())), "ok", "both");
    assert_code(
        &decide(&policy, pieces(&ann())),
        "relation.signer-mismatch",
        "the second is not met",
    );
}

/// A rule of every kind, and what meets it, signed by `anyone`.
fn every_kind() -> Vec<(&'static str, Value, Evidence)> {
    let scan = json!({"scanner": {"uri": "pkg:github/a/scanner", "result": []}});
    let sbom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []});
    let build = Build::default();
    let ci = SIGSTORE.keyless(&Identity::github_actions(&build));
    let source = json!({"uri": "https://github.com/octo-org/app"});
    let summary = crate::summaries::summary(json!({}));
    vec![
        (
            "signature",
            json!({"signedBy": ["anyone"]}),
            signature(&ann()),
        ),
        (
            "attestation",
            json!({"signedBy": ["anyone"], "quantifier": "any", "predicateType": {"exact": SCANNED}}),
            scanned(&ann()),
        ),
        (
            "provenance",
            json!({"signedBy": ["ci"], "source": source}),
            evidence(ci.attest(&build.provenance_v1(subject()))),
        ),
        (
            "verificationSummary",
            json!({"verifiedBy": ["checker"], "resourceUris": ["{registry}/{repository}@{digest}"]}),
            attestation(&ann(), crate::summaries::VSA, summary),
        ),
        (
            "sbom",
            json!({"signedBy": ["anyone"]}),
            attestation(&ann(), "https://cyclonedx.org/bom", sbom),
        ),
        (
            "vulnerabilities",
            json!({"signedBy": ["anyone"], "maximumAge": "365d"}),
            attestation(&ann(), "https://in-toto.io/attestation/vulns/v0.2", scan),
        ),
    ]
}

#[test]
fn every_kind_of_rule_to_every_other() {
    let verifiers = json!({"verifiers": [{"name": "checker", "signedBy": ["anyone"],
        "id": {"exact": crate::summaries::CHECKER}, "maximumLevels": {"build": 3}}]});
    let kinds = every_kind();
    for (kind, asked, piece) in &kinds {
        for (other_kind, other_asked, other_piece) in &kinds {
            if kind == other_kind {
                continue;
            }
            for (relation, code) in [
                (json!({"subject": "same", "after": {}}), "ok"),
                (json!({"after": {"minimum": "1s"}}), "relation.too-early"),
            ] {
                let mut relation = relation;
                relation["rule"] = json!("other");
                let rules = json!([
                    {"name": "this", "images": ["**"], *kind: asked, "relations": [relation]},
                    {"name": "other", "images": ["**"], *other_kind: other_asked},
                ]);
                let policy = compiled(&policy(authorities(), rules, verifiers.clone()));
                let case = format!("{kind} {other_kind}");
                let decided = decide(&policy, vec![piece.clone(), other_piece.clone()]);
                assert_code(&decided, code, &case);
                let decided = decide(&policy, vec![piece.clone()]);
                assert_code(&decided, "relation.evidence-missing", &case);
            }
        }
    }
}

#[test]
fn relations_that_a_policy_cannot_have() {
    let long = vec![json!({"rule": "built", "after": {}}); 9];
    for (relations, code, path) in [
        (
            json!([{"rule": "nobody", "after": {}}]),
            "policy.unknown-reference",
            "/rule",
        ),
        (
            json!([{"rule": "scanned", "after": {}}]),
            "policy.duplicate-name",
            "/rule",
        ),
        (json!([{"rule": "built"}]), "policy.missing-field", ""),
        (json!([{"after": {}}]), "policy.missing-field", "/rule"),
        (
            json!([{"rule": "built", "subject": "different"}]),
            "policy.unknown-value",
            "/subject",
        ),
        (
            json!([{"rule": "built", "signer": "other"}]),
            "policy.unknown-value",
            "/signer",
        ),
        (
            json!([{"rule": "built", "before": {}}]),
            "policy.unknown-field",
            "/before",
        ),
        (
            json!([{"rule": "built", "after": {"minimum": "0s"}}]),
            "policy.duration-malformed",
            "/after/minimum",
        ),
        (
            json!([{"rule": "built", "after": {"minimum": "2h", "maximum": "1h"}}]),
            "policy.range-empty",
            "/after/maximum",
        ),
        (
            json!([{"rule": "built", "after": {"exactly": "1h"}}]),
            "policy.unknown-field",
            "/after/exactly",
        ),
        (json!([]), "policy.empty", "*"),
        (json!(long), "limit.relations", "*"),
    ] {
        let document = document(relations, json!({})).to_string();
        let problems = CompiledPolicy::compile(document.as_bytes(), &[]).unwrap_err();
        let path = match path {
            "*" => "/rules/0/relations".to_owned(),
            path => format!("/rules/0/relations/0{path}"),
        };
        let found: Vec<_> = problems.iter().map(|one| (one.code, &*one.path)).collect();
        assert!(found.contains(&(code, &path)), "{code} {path}: {found:?}");
    }
    let twice = json!([{"rule": "built", "after": {}}, {"rule": "built", "subject": "same"}]);
    let document = document(twice, json!({})).to_string();
    let problems = CompiledPolicy::compile(document.as_bytes(), &[]).unwrap_err();
    assert_eq!(problems[0].code, "policy.duplicate-name");
    assert_eq!(problems[0].path, "/rules/0/relations/1/rule");
}
