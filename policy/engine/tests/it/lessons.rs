//! What past advisories of policy engines taught, each as a case that must be denied with its code.
//!
//! Lessons that need no policy are tests of the verifier; with those, every lesson has a test of its number.
//!
//! - 2: CVE-2022-35929 (GHSA-vjxv-45g9-9296), cosign: any valid attestation satisfied a demand for one type.
//! - 3: CVE-2022-35930 (GHSA-739f-hw6h-7wq8), policy-controller: a plain signature satisfied a demand for
//!   attestations.
//! - 8: GHSA-r2xv-vpr2-42m9, slsa-verifier: an attestation by the right signer was bound to neither subject nor
//!   predicate.
//! - 10: CVE-2025-29778 (GHSA-46mp-8w32-6g94), kyverno: matchers of the policy were read and then ignored.
//! - 23: CVE-2026-22772, fulcio, and warnings of sigstore-go: patterns that were not anchored.

use std::sync::LazyLock;

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, NamedTrustedRoot, UnixTime};
use sealstone_forge::{Build, Fault, Identity, SIGNED, Statement, Subject, VirtualSigstore};
use sealstone_verify::json::Value;

use crate::support::{DIGEST, OTHER_DIGEST, document, image_code, request, step, text};

const IMAGE: &str = "registry.example/octo-org/app";
const NOW: UnixTime = UnixTime::from_seconds(SIGNED.seconds() + 86_400);
const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// A predicate of vulnerability scans.
const VULNERABILITIES: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";

static SIGSTORE: LazyLock<VirtualSigstore> = LazyLock::new(|| VirtualSigstore::new("lessons"));

/// Everything that the policy of these tests matches, as JSON of the matcher.
#[derive(Clone)]
struct Matchers {
    issuer: String,
    subject: String,
    /// Identities after the one of issuer and subject, as JSON.
    more_identities: Vec<String>,
    source: String,
    git_ref: String,
    builder: String,
}

impl Default for Matchers {
    /// What [`Build::default`] says, to the letter.
    fn default() -> Self {
        let build = Build::default();
        Self {
            issuer: matcher("exact", ISSUER),
            subject: matcher("exact", &build.builder_id),
            more_identities: Vec::new(),
            source: build.source_uri(),
            git_ref: matcher("exact", &build.source_ref),
            builder: matcher("exact", &build.builder_id),
        }
    }
}

/// An identity of the policy.
fn identity(issuer: &str, subject: &str) -> String {
    format!(r#"{{"issuer":{issuer},"subject":{subject}}}"#)
}

/// A matcher of this kind.
fn matcher(kind: &str, pattern: &str) -> String {
    format!(
        r#"{{"{kind}":{}}}"#,
        Value::from(pattern).to_canonical_string()
    )
}

/// A pattern for exactly this text and what the edit puts beside it.
fn regexp(text: &str, edit: impl FnOnce(String) -> String) -> String {
    let escaped = text.replace('.', r"\.").replace('+', r"\+");
    matcher("regexp", &edit(escaped))
}

impl Matchers {
    /// A policy that asks for provenance.
    fn provenance(&self) -> CompiledPolicy {
        self.policy(&format!(
            r#""provenance":{{"signedBy":["signer"],"source":{{"uri":"{}","ref":{}}},"builder":{{"id":{}}}}}"#,
            self.source, self.git_ref, self.builder
        ))
    }

    /// A policy that asks for a signature.
    fn signature(&self) -> CompiledPolicy {
        self.policy(r#""signature":{"signedBy":["signer"]}"#)
    }

    fn policy(&self, requirement: &str) -> CompiledPolicy {
        let mut identities = vec![identity(&self.issuer, &self.subject)];
        identities.extend(self.more_identities.iter().cloned());
        let policy = format!(
            r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"lessons"}},
            "trustRoots":[{{"name":"forged"}}],
            "authorities":[{{"name":"signer","keyless":{{"trustRoot":"forged",
                "identities":[{}]}}}}],
            "rules":[{{"name":"rule","images":["registry.example/**"],{requirement}}}]}}"#,
            identities.join(",")
        );
        let root = NamedTrustedRoot {
            name: "forged".to_owned(),
            content: SIGSTORE.trusted_root(),
        };
        CompiledPolicy::compile(policy.as_bytes(), &[root])
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
    }
}

fn subject() -> Subject {
    Subject::new(IMAGE, DIGEST)
}

fn brought(evidence: sealstone_forge::Evidence) -> Evidence {
    Evidence {
        media_type: evidence.media_type,
        content: evidence.content,
        annotations: evidence.annotations.into_iter().collect(),
    }
}

/// The statement, signed by this identity.
fn signed_by(identity: &Identity, statement: &Statement) -> Evidence {
    brought(SIGSTORE.keyless(identity).attest(statement).unwrap())
}

/// The statement, signed by the workflow of [`Build::default`].
fn signed(statement: &Statement) -> Evidence {
    signed_by(&Identity::github_actions(&Build::default()), statement)
}

/// A plain signature by the workflow of [`Build::default`].
fn signature() -> Evidence {
    let identity = Identity::github_actions(&Build::default());
    brought(
        SIGSTORE
            .keyless(&identity)
            .sign_legacy(IMAGE, DIGEST)
            .unwrap(),
    )
}

fn vulnerabilities() -> Statement {
    Statement {
        predicate_type: VULNERABILITIES.to_owned(),
        ..Build::default().provenance_v1(subject())
    }
}

/// `ok` for what is allowed, else the code of the denial.
fn decide(policy: &CompiledPolicy, evidence: Vec<Evidence>) -> String {
    decide_pieces(policy, evidence).0
}

/// The same, with the code of each piece of evidence that was looked at, sorted.
fn decide_pieces(policy: &CompiledPolicy, evidence: Vec<Evidence>) -> (String, Vec<String>) {
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence,
        unavailable: None,
    };
    let decision = policy.decide(request(IMAGE, Some(DIGEST)).as_bytes(), &[brought], NOW);
    let code = image_code(&decision);
    let document = document(&decision);
    let rule = step(&document, &["images", "0", "rules", "0"]).unwrap();
    assert_eq!(decision.allowed(), code == "ok", "{}", decision.to_json());
    assert_eq!(
        (text(rule, &["code"]), text(rule, &["result"]) == "pass"),
        (code.clone(), decision.allowed())
    );
    let pieces = step(rule, &["evidence"]).and_then(Value::as_array);
    let mut pieces: Vec<String> = pieces
        .unwrap_or_default()
        .iter()
        .map(|piece| text(piece, &["code"]))
        .collect();
    pieces.sort();
    (code, pieces)
}

/// Nothing of the kind that the rule asks for was brought, only so many verified pieces of another.
fn other_kinds(count: usize) -> (String, Vec<String>) {
    (
        "evidence.missing".to_owned(),
        vec!["evidence.predicate-type-mismatch".to_owned(); count],
    )
}

/// Signer, subject and predicate are what a policy of provenance asks for; only the type is another.
#[test]
fn lesson_02_another_attestation_does_not_satisfy_the_type() {
    let policy = Matchers::default().provenance();
    let provenance = Build::default().provenance_v1(subject());
    let vulnerabilities = signed(&vulnerabilities());
    let outcome = decide_pieces(&policy, vec![vulnerabilities.clone()]);
    assert_eq!(outcome, other_kinds(1));
    let both = vec![vulnerabilities.clone(), signed(&provenance)];
    assert_eq!(decide(&policy, both), "ok");
    // A good piece of another type does not make up for a bad one of the right type.
    let forged = SIGSTORE
        .keyless(&Identity::github_actions(&Build::default()))
        .fault(Fault::SignatureInvalid)
        .attest(&provenance);
    let both = vec![vulnerabilities, brought(forged.unwrap())];
    assert_eq!(
        decide_pieces(&policy, both),
        (
            "signature.invalid".to_owned(),
            vec![
                "evidence.predicate-type-mismatch".to_owned(),
                "signature.invalid".to_owned()
            ]
        )
    );
}

/// The annotation beside an envelope is nobody's word.
#[test]
fn lesson_02_an_annotation_does_not_make_the_type() {
    let legacy = SIGSTORE
        .keyless(&Identity::github_actions(&Build::default()))
        .attest_legacy(&vulnerabilities());
    let mut legacy = brought(legacy.unwrap());
    let provenance = sealstone_forge::SLSA_PROVENANCE_V1.to_owned();
    let named = legacy
        .annotations
        .insert("predicateType".to_owned(), provenance);
    assert_eq!(named.as_deref(), Some(VULNERABILITIES));
    let policy = Matchers::default().provenance();
    assert_eq!(decide_pieces(&policy, vec![legacy]), other_kinds(1));
}

#[test]
fn lesson_03_a_signature_is_no_attestation() {
    let policy = Matchers::default().provenance();
    let by_signature = Matchers::default().signature();
    assert_eq!(decide(&by_signature, vec![signature()]), "ok");
    assert_eq!(decide_pieces(&policy, vec![signature()]), other_kinds(1));
    assert_eq!(decide_pieces(&policy, Vec::new()), other_kinds(0));
    let provenance = signed(&Build::default().provenance_v1(subject()));
    assert_eq!(decide(&policy, vec![signature(), provenance.clone()]), "ok");
    // Nor is an attestation a signature.
    assert_eq!(
        decide_pieces(&by_signature, vec![provenance]),
        other_kinds(1)
    );
}

#[test]
fn lesson_08_the_right_signer_of_another_subject_or_predicate() {
    let policy = Matchers::default().provenance();
    let build = Build::default();
    let other = Subject::new(IMAGE, OTHER_DIGEST);
    for statement in [
        build.provenance_v02(other.clone()),
        build.provenance_v1(other),
    ] {
        assert_eq!(
            decide(&policy, vec![signed(&statement)]),
            "statement.subject-mismatch"
        );
    }
    let claim = |predicate_type: &str| {
        signed(&Statement {
            predicate_type: predicate_type.to_owned(),
            ..build.provenance_v1(subject())
        })
    };
    for predicate_type in [
        "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/provenance/v1.evil",
        "https://slsa.dev/provenance",
    ] {
        let outcome = decide_pieces(&policy, vec![claim(predicate_type)]);
        assert_eq!(outcome, other_kinds(1), "{predicate_type}");
    }
    let right = claim(sealstone_forge::SLSA_PROVENANCE_V1);
    assert_eq!(decide(&policy, vec![right]), "ok");
}

/// One matcher is set, all others fit: what it does not match is denied with its code.
#[test]
fn lesson_10_every_matcher_can_fail() {
    let build = Build::default();
    let provenance = || vec![signed(&build.provenance_v1(subject()))];
    let is = |set: &dyn Fn(&mut Matchers)| {
        let mut matchers = Matchers::default();
        set(&mut matchers);
        decide(&matchers.provenance(), provenance())
    };
    assert_eq!(is(&|_| {}), "ok");

    type Set = fn(&mut Matchers, String);
    let fields: [(&str, String, &str, Set); 4] = [
        (
            "issuer",
            ISSUER.to_owned(),
            "identity.issuer-mismatch",
            |matchers, to| matchers.issuer = to,
        ),
        (
            "subject",
            build.builder_id.clone(),
            "identity.subject-mismatch",
            |matchers, to| matchers.subject = to,
        ),
        (
            "ref",
            build.source_ref.clone(),
            "provenance.ref-mismatch",
            |matchers, to| matchers.git_ref = to,
        ),
        (
            "builder id",
            build.builder_id.clone(),
            "provenance.builder-mismatch",
            |matchers, to| matchers.builder = to,
        ),
    ];
    for (field, value, code, set) in &fields {
        let (without_last, last) = value.split_at(value.len() - 1);
        let (start, end) = value.split_at(value.len() / 2);
        let matching = [
            matcher("exact", value),
            matcher("glob", value),
            matcher("glob", "**"),
            matcher("glob", &format!("{without_last}*")),
            regexp(value, |all| all),
            regexp(without_last, |all| format!("{all}.")),
        ];
        for pattern in &matching {
            let outcome = is(&|matchers| set(matchers, pattern.clone()));
            assert_eq!(outcome, "ok", "{field} {pattern}");
        }
        let failing = [
            matcher("exact", without_last),
            matcher("exact", &format!("{value} ")),
            matcher("exact", &value.to_uppercase()),
            matcher("exact", &format!("{start}*")),
            matcher("glob", without_last),
            matcher("glob", start),
            matcher("glob", end),
            matcher("glob", &format!("{value}/**")),
            matcher("glob", &format!("*{last}")),
            regexp(without_last, |all| all),
            regexp(end, |all| all),
            regexp(value, |all| format!("{all}.")),
            matcher("regexp", "[^a-z]+"),
        ];
        for pattern in &failing {
            let outcome = is(&|matchers| set(matchers, pattern.clone()));
            assert_eq!(outcome, *code, "{field} {pattern}");
        }
    }
    for source in [
        "https://github.com/octo-org/other",
        "https://github.com/octo-org/app2",
        "https://github.com/octo-org2/app",
        "https://gitlab.com/octo-org/app",
    ] {
        let outcome = is(&|matchers| source.clone_into(&mut matchers.source));
        assert_eq!(outcome, "provenance.source-mismatch", "{source}");
    }
}

/// Issuer and subject belong together: one of each from two identities is nobody.
#[test]
fn lesson_10_an_identity_matches_as_a_whole() {
    let matchers = Matchers {
        subject: matcher("exact", "somebody@example.com"),
        more_identities: vec![identity(
            &matcher("exact", "https://accounts.example"),
            &matcher("glob", "**"),
        )],
        ..Matchers::default()
    };
    let evidence = vec![signed(&Build::default().provenance_v1(subject()))];
    assert_eq!(
        decide(&matchers.provenance(), evidence),
        "identity.subject-mismatch"
    );
}

/// A pattern covers all of a name, and a line break is no way around it.
#[test]
fn lesson_23_patterns_match_whole_names() {
    let wanted = "https://github.com/org/app/.github/workflows/release.yml@refs/heads/main";
    let patterns = [
        matcher("glob", "https://github.com/org/**"),
        matcher("regexp", "https://github.com/org/.*"),
        matcher("regexp", "^https://github.com/org/.*$"),
        matcher("regexp", "(?m)^https://github.com/org/.*$"),
    ];
    let outcome = |pattern: &str, subject: &str| {
        let matchers = Matchers {
            subject: pattern.to_owned(),
            ..Matchers::default()
        };
        let identity = Identity::uri(ISSUER, subject);
        let evidence = SIGSTORE.keyless(&identity).sign_legacy(IMAGE, DIGEST);
        decide(&matchers.signature(), vec![brought(evidence.unwrap())])
    };
    let tail = "app/.github/workflows/release.yml@refs/heads/main";
    for pattern in &patterns {
        assert_eq!(outcome(pattern, wanted), "ok", "{pattern}");
        for subject in [
            format!("https://github.com/org.evil/{tail}"),
            format!("https://github.com/organisation/{tail}"),
            format!("https://github.com.evil.example/org/{tail}"),
            format!("https://evil.example/https://github.com/org/{tail}"),
            format!("https://evil.example/?{wanted}"),
            format!("xhttps://github.com/org/{tail}"),
            "https://github.com/org".to_owned(),
        ] {
            let outcome = outcome(pattern, &subject);
            assert_eq!(outcome, "identity.subject-mismatch", "{pattern} {subject}");
        }
        for subject in [
            format!("{wanted}\n"),
            format!("\n{wanted}"),
            format!("https://evil.example/\n{wanted}"),
            format!("{wanted}\nhttps://evil.example/"),
        ] {
            let outcome = outcome(pattern, &subject);
            assert_eq!(
                outcome, "identity.subject-mismatch",
                "{pattern} {subject:?}"
            );
        }
    }
}
