//! A virtual Sigstore, the parties of its stories, and decisions about what they sign.

use std::sync::LazyLock;

use sealstone_engine::{CompiledPolicy, Decision, Evidence, ImageEvidence, NamedTrustedRoot};
use sealstone_forge::{Build, Fault, Identity, Signer, Statement, Subject, VirtualSigstore};
use sealstone_verify::json::Value;

use crate::support::{DIGEST, document, image_code, request, step, text};

pub(crate) const IMAGE: &str = "registry.example/octo-org/app";
pub(crate) const NOW: sealstone_engine::UnixTime =
    sealstone_engine::UnixTime::from_seconds(sealstone_forge::NOW.seconds());
pub(crate) const APP: &str = "https://github.com/octo-org/app";

pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("stories"));

/// The subject of statements about the image.
pub(crate) fn subject() -> Subject {
    Subject::new(IMAGE, DIGEST)
}

pub(crate) fn evidence_of(evidence: sealstone_forge::Evidence) -> Evidence {
    Evidence {
        media_type: evidence.media_type,
        content: evidence.content,
        annotations: evidence.annotations.into_iter().collect(),
    }
}

/// The workflow of a run, which signs.
pub(crate) fn workflow(run: &Build) -> Signer<'static> {
    SIGSTORE.keyless(&Identity::github_actions(run))
}

/// A statement, signed by the workflow of a run.
pub(crate) fn signed(run: &Build, statement: &Statement) -> Evidence {
    evidence_of(workflow(run).attest(statement).unwrap())
}

/// Honest provenance v1 of a run, with something wrong around it.
pub(crate) fn faulty(run: &Build, fault: Fault) -> Evidence {
    let signer = workflow(run).fault(fault);
    evidence_of(signer.attest(&run.provenance_v1(subject())).unwrap())
}

/// Honest provenance v1 of a run.
pub(crate) fn honest(run: &Build) -> Evidence {
    signed(run, &run.provenance_v1(subject()))
}

/// The default run with changes.
pub(crate) fn run(change: impl FnOnce(&mut Build)) -> Build {
    let mut run = Build::default();
    change(&mut run);
    run
}

/// A policy with these members beside its head. Authorities: `builder` is the vetted reusable
/// workflow at a release, `tenant` every workflow of the organisation. Builders: `container` is the
/// former with level 3, `own` the workflows of the application with level 2.
pub(crate) fn policy(rules: &str) -> CompiledPolicy {
    policy_with("", rules)
}

pub(crate) fn policy_with(members: &str, rules: &str) -> CompiledPolicy {
    compile(&policy_text(members, rules))
}

pub(crate) fn compile(policy: &str) -> CompiledPolicy {
    let root = NamedTrustedRoot {
        name: "forged".to_owned(),
        content: SIGSTORE.trusted_root(),
    };
    CompiledPolicy::compile(policy.as_bytes(), &[root])
        .unwrap_or_else(|problems| panic!("{problems:#?}\n{policy}"))
}

pub(crate) fn policy_text(members: &str, rules: &str) -> String {
    let container = r#"{"glob":"https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v*"}"#;
    let authority = |name: &str, subject: &str| {
        format!(
            r#"{{"name":"{name}","keyless":{{"trustRoot":"forged","identities":[{{"issuer":{{"exact":"https://token.actions.githubusercontent.com"}},"subject":{subject}}}]}}}}"#
        )
    };
    format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"stories"}},
        "trustRoots":[{{"name":"forged"}}],
        "authorities":[{},{}],
        "builders":[{{"name":"container","signedBy":["builder"],"id":{container},"maximumLevel":3}},
            {{"name":"own","signedBy":["tenant"],"id":{{"glob":"{APP}/.github/workflows/*@**"}},"maximumLevel":2}}],
        {members}"rules":[{rules}]}}"#,
        authority("builder", container),
        authority("tenant", r#"{"glob":"https://github.com/octo-org/**"}"#),
    )
}

/// A provenance rule: who must have built or signed, further members, and what is asked of the source.
pub(crate) fn rule(by: &str, source: &str, more: &str) -> String {
    format!(
        r#"{{"name":"built","images":["registry.example/**"],"provenance":{{{by},"source":{{"uri":"{APP}"{source}}}{more}}}}}"#
    )
}

/// What a careful operator asks for: the vetted builder at level 3, and a release.
pub(crate) fn strict() -> CompiledPolicy {
    policy(&rule(
        r#""builders":["container"]"#,
        r#","ref":{"glob":"refs/tags/v*"}"#,
        r#","minimumLevels":{"build":3},"triggers":["push","release"],"runnerEnvironment":{"exact":"github-hosted"}"#,
    ))
}

pub(crate) fn decide(policy: &CompiledPolicy, evidence: Vec<Evidence>) -> Decision {
    decide_about(policy, DIGEST, evidence)
}

pub(crate) fn decide_about(
    policy: &CompiledPolicy,
    digest: &str,
    evidence: Vec<Evidence>,
) -> Decision {
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: digest.to_owned(),
        evidence,
        unavailable: None,
    };
    policy.decide(request(IMAGE, Some(digest)).as_bytes(), &[brought], NOW)
}

/// Asserts the code of the decision about the image, `ok` where it is allowed.
#[track_caller]
pub(crate) fn assert_code(policy: &CompiledPolicy, evidence: Vec<Evidence>, code: &str) {
    let decision = decide(policy, evidence);
    assert_eq!(image_code(&decision), code, "{}", decision.to_json());
    assert_eq!(decision.allowed(), code == "ok");
}

/// The codes of the pieces under the first rule, sorted.
pub(crate) fn piece_codes(decision: &Decision) -> Vec<String> {
    let document = document(decision);
    let listed = step(&document, &["images", "0", "rules", "0", "evidence"]);
    let listed = listed.and_then(Value::as_array).unwrap_or_default();
    let mut codes: Vec<String> = listed.iter().map(|piece| text(piece, &["code"])).collect();
    codes.sort();
    codes
}

/// The Build level that met the first rule.
pub(crate) fn build_level(decision: &Decision) -> Option<u64> {
    let path = [
        "images",
        "0",
        "rules",
        "0",
        "metBy",
        "0",
        "provenance",
        "buildLevel",
    ];
    step(&document(decision), &path).and_then(Value::as_u64)
}
