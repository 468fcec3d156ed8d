//! Attacks on the way from a developer to a cluster, each with the policy that denies it.

use alloc::collections::BTreeMap;

use serde_json::json;

use super::{policies, workflow};
use crate::{
    Build, Error, Evidence, Identity, Image, ImageLayout, NOW, Statement, Subject, VirtualSigstore,
};

/// The name under which the images run that the policies are about.
pub(super) const IMAGE: &str = "registry.example/octo-org/app";

/// One attack.
struct Attack {
    /// The folder, and the name of the policy.
    name: &'static str,
    title: &'static str,
    /// What the attacker did.
    story: &'static str,
    /// Why the image is denied.
    denied: &'static str,
    /// What a legitimate image has.
    legitimate: &'static str,
    /// The code, and the message beside it.
    code: (&'static str, &'static str),
    /// The rule that is not met; none where no rule is about the image.
    rule: Option<&'static str>,
    /// The name under which the attacker's image is to run.
    reference: &'static str,
    policy: String,
    /// What the policy allows and denies, for `sealstone test`.
    tests: &'static str,
    /// The attacker's image.
    attack: Vec<Evidence>,
    /// The evidence of the legitimate image.
    evidence: Vec<Evidence>,
}

/// The files by path relative to `examples/attacks`.
pub(super) fn files() -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let sigstore = VirtualSigstore::new("examples/attacks");
    let attacks = [
        stolen_developer_machine(&sigstore)?,
        taken_over_repository_account(&sigstore)?,
        compromised_pipeline(&sigstore)?,
        registry_credentials(&sigstore)?,
        cluster_access(&sigstore)?,
    ];
    let mut files = BTreeMap::from([
        ("README.md".to_owned(), overview(&attacks).into_bytes()),
        ("trusted-root.json".to_owned(), sigstore.trusted_root()),
    ]);
    for attack in attacks {
        let name = attack.name;
        files.insert(format!("{name}/README.md"), readme(&attack).into_bytes());
        files.insert(format!("{name}/policy.yaml"), attack.policy.into_bytes());
        files.insert(format!("{name}/tests.yaml"), attack.tests.into());
        let layouts = [
            ("attack", attackers_image(name), attack.attack),
            ("legitimate", release(), attack.evidence),
        ];
        for (folder, image, evidence) in layouts {
            let layout = evidence
                .into_iter()
                .fold(ImageLayout::new(image), ImageLayout::evidence);
            for (path, content) in layout.files() {
                files.insert(format!("{name}/{folder}/{path}"), content);
            }
        }
    }
    Ok(files)
}

/// The image of the release.
fn release() -> Image {
    Image::new("app 1.2.3")
}

/// An image that the attacker made.
fn attackers_image(attack: &str) -> Image {
    Image::new(&format!("app 1.2.3 with a back door, by {attack}"))
}

/// Signs with the certificate of an identity.
fn attested(
    sigstore: &VirtualSigstore,
    identity: &Identity,
    statement: &Statement,
) -> Result<Evidence, Error> {
    sigstore.keyless(identity).attest(statement)
}

/// Provenance of a run about an image, signed by somebody.
fn provenance(
    sigstore: &VirtualSigstore,
    signer: &Identity,
    run: &Build,
    image: &Image,
) -> Result<Evidence, Error> {
    let subject = Subject::new(IMAGE, &image.digest());
    attested(sigstore, signer, &run.provenance_v1(subject))
}

/// Provenance of the release, signed by the workflow that built it.
fn release_provenance(sigstore: &VirtualSigstore) -> Result<Evidence, Error> {
    let build = Build::default();
    provenance(
        sigstore,
        &Identity::github_actions(&build),
        &build,
        &release(),
    )
}

fn stolen_developer_machine(sigstore: &VirtualSigstore) -> Result<Attack, Error> {
    let name = "stolen-developer-machine";
    let developer = Identity::email("https://github.com/login/oauth", "alice@octo-org.example");
    let lie = provenance(
        sigstore,
        &developer,
        &Build::default(),
        &attackers_image(name),
    )?;
    Ok(Attack {
        name,
        title: "A stolen developer machine",
        story: "The attacker has the laptop of Alice, who works on the application, and every session that is \
            open on it. They build an image with a back door on that laptop, write provenance that says what the \
            provenance of the last release says, sign it as Alice, and push it.",
        denied: "Alice is a developer, and developers build no images that run. The signature is valid and in \
            the log; it is by somebody whom the policy does not name. What the provenance says is not even read.",
        legitimate: "It was built and signed by the container workflow at a release of that workflow.",
        code: (
            "identity.issuer-mismatch",
            "the signer's identity comes from `https://github.com/login/oauth`, which the authority does not allow; check who signed",
        ),
        rule: Some("provenance"),
        reference: IMAGE,
        policy: policies::by_container_workflow(name),
        tests: include_str!("tests/stolen-developer-machine.yaml"),
        attack: vec![lie],
        evidence: vec![release_provenance(sigstore)?],
    })
}

fn taken_over_repository_account(sigstore: &VirtualSigstore) -> Result<Attack, Error> {
    let name = "taken-over-repository-account";
    let pushed = Build {
        source_ref: "refs/tags/v1.2.4".to_owned(),
        commit: "badc0ffee0ddf00d5eedbadc0ffee0ddf00d5eed".to_owned(),
        run_id: 9_000_000_002,
        ..Build::default()
    };
    let genuine = provenance(
        sigstore,
        &Identity::github_actions(&pushed),
        &pushed,
        &attackers_image(name),
    )?;
    let reviewed = source_summary(sigstore, &Build::default())?;
    Ok(Attack {
        name,
        title: "A taken-over repository account",
        story: "The attacker can push to the repository of the application. They commit a back door, tag the \
            commit `v1.2.4`, and the release workflow builds it: the provenance is genuine, from the right builder, \
            of the right repository, at a release tag. They attach the verification summary of the last release, too.",
        denied: "The policy asks that two people agreed to the commit. A verifier of sources says so of the \
            commit of the last release, not of the one that was built. One stolen account is one person.",
        legitimate: "Beside its provenance it has a verification summary of the source verifier about the very \
            commit that was built, for the very tag.",
        code: (
            "provenance.source-unverified",
            "nothing that counts says that the source commit was verified; attach a verification summary about the commit",
        ),
        rule: Some("provenance"),
        reference: IMAGE,
        policy: policies::of_reviewed_source(name),
        tests: include_str!("tests/taken-over-repository-account.yaml"),
        attack: vec![genuine, reviewed.clone()],
        evidence: vec![release_provenance(sigstore)?, reviewed],
    })
}

fn compromised_pipeline(sigstore: &VirtualSigstore) -> Result<Attack, Error> {
    let name = "compromised-pipeline";
    // Everything about the run is true, except whose it was.
    let claimed = Build {
        workflow_path: ".github/workflows/test.yml".to_owned(),
        workflow_name: "Test".to_owned(),
        run_id: 9_000_000_003,
        ..Build::default()
    };
    let actual = Build {
        builder_id: format!(
            "{}/{}@{}",
            claimed.source_uri(),
            claimed.workflow_path,
            claimed.source_ref
        ),
        ..claimed.clone()
    };
    let lie = provenance(
        sigstore,
        &Identity::github_actions(&actual),
        &claimed,
        &attackers_image(name),
    )?;
    Ok(Attack {
        name,
        title: "A compromised pipeline",
        story: "A dependency that the tests of the application run was taken over. In the test workflow it builds \
            an image with a back door and writes provenance in which all is true but one thing: it names the vetted \
            container workflow as builder. It signs with the identity of the test workflow, which belongs to the \
            organisation.",
        denied: "A workflow can write into provenance what it likes, into its certificate nothing. The \
            certificate says which workflow ran, on which ref, in which run, and the provenance must agree.",
        legitimate: "The builder in its provenance is the workflow in the certificate, and it is the one that the \
            policy believes to reach Build level 3. An honest provenance of the test workflow would reach level 1.",
        code: (
            "provenance.certificate-mismatch",
            "the provenance says `https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v2.1.0` in `builder.id`, but the signer's certificate says `https://github.com/octo-org/app/.github/workflows/test.yml@refs/tags/v1.2.3`; do not trust this provenance",
        ),
        rule: Some("provenance"),
        reference: IMAGE,
        policy: policies::by_organisation(name),
        tests: include_str!("tests/compromised-pipeline.yaml"),
        attack: vec![lie],
        evidence: vec![release_provenance(sigstore)?],
    })
}

fn registry_credentials(sigstore: &VirtualSigstore) -> Result<Attack, Error> {
    let name = "registry-credentials";
    let release = release_provenance(sigstore)?;
    Ok(Attack {
        name,
        title: "Registry credentials",
        story: "The attacker can push to the registry. They push an image with a back door under the name of the \
            application, move the tag there, and attach the genuine provenance of the release to it.",
        denied: "The provenance names the digest of the image that was built. The image that is to run has \
            another one. To change the digest in the provenance would break its signature, as \
            [the first example](../../container-image/README.md) shows.",
        legitimate: "Its digest is the one in the provenance.",
        code: (
            "statement.subject-mismatch",
            "no subject of the statement has the digest of the artifact",
        ),
        rule: Some("provenance"),
        reference: IMAGE,
        policy: policies::by_container_workflow(name),
        tests: include_str!("tests/registry-credentials.yaml"),
        attack: vec![release.clone()],
        evidence: vec![release],
    })
}

fn cluster_access(sigstore: &VirtualSigstore) -> Result<Attack, Error> {
    let name = "cluster-access";
    Ok(Attack {
        name,
        title: "Access to the cluster",
        story: "The attacker may create Pods, with the token of a service account that was lying around. They have \
            no access to the registry of the organisation, and let the Pod run an image of their own from a \
            registry of their own.",
        denied: "An image that no rule of the policy is about does not run. With `--reference \
            registry.example/octo-org/app` in the command the same image gets a name that a rule is about, and is \
            denied with `evidence.missing`: nobody signed anything about it.",
        legitimate: "It has a name that a rule is about, and the provenance that the rule asks for.",
        code: (
            "image.no-rule",
            "no rule of the policy matches `registry.attacker.example/miner`; add a rule for it, or do not run it",
        ),
        rule: None,
        reference: "registry.attacker.example/miner",
        policy: policies::by_container_workflow(name),
        tests: include_str!("tests/cluster-access.yaml"),
        attack: Vec::new(),
        evidence: vec![release_provenance(sigstore)?],
    })
}

/// A verification summary that two people agreed to the commit of a run.
fn source_summary(sigstore: &VirtualSigstore, run: &Build) -> Result<Evidence, Error> {
    let verifier = Build {
        builder_id: policies::SOURCE_VERIFIER.to_owned(),
        ..run.clone()
    };
    let statement = crate::json::canonical(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{
            "digest": {"gitCommit": run.commit},
            "annotations": {"sourceRefs": [run.source_ref]},
        }],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": policies::SOURCE_VERIFIER_ID},
            "timeVerified": "2026-03-01T12:00:00Z",
            "resourceUri": format!("git+{}", run.source_uri()),
            "policy": {"uri": "https://octo-org.example/source-policy"},
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_TWO_PARTY_REVIEWED"],
        },
    }));
    sigstore
        .keyless(&Identity::github_actions(&verifier))
        .attest_payload(&statement)
}

/// The command for a layout of an attack.
fn command(attack: &str, layout: &str, reference: &str) -> String {
    let folder = format!("examples/attacks/{attack}");
    format!(
        "sealstone verify {folder}/{layout} \\\n  \
         --reference {reference} \\\n  \
         --policy {folder}/policy.yaml \\\n  \
         --trusted-root example=examples/attacks/trusted-root.json \\\n  \
         --now {NOW}"
    )
}

fn overview(attacks: &[Attack]) -> String {
    let rows: String = attacks
        .iter()
        .map(|attack| {
            let Attack {
                name, title, code, ..
            } = attack;
            format!("| [{title}]({name}/README.md) | `{}` |\n", code.0)
        })
        .collect();
    format!(
        "# Attacks

Each folder has the image of an attacker who got hold of one part of the way from a developer to a cluster, the policy
that denies it, and a legitimate image that the same policy allows.

| what the attacker has | denied with |
|---|---|
{rows}
All evidence is signed by the virtual Sigstore instance whose keys stand in `trusted-root.json`; `forge/` makes it from
fixed seeds. The builder of the legitimate image is

`{builder}`.

What the codes mean stands in [codes](../../docs/reference/codes.md).
",
        builder = workflow(&Build::default()),
    )
}

fn readme(attack: &Attack) -> String {
    let Attack {
        name,
        title,
        story,
        denied,
        legitimate,
        code: (code, message),
        reference,
        ..
    } = attack;
    let digest = attackers_image(name).digest();
    let rule = attack
        .rule
        .map_or_else(String::new, |rule| format!("  fail  {rule}\n"));
    let of_attack = command(name, "attack", reference);
    let of_legitimate = command(name, "legitimate", IMAGE);
    format!(
        "# {title}

{story}

```sh
{of_attack}
```

denies the image (exit code 1). It prints, before what it says of each piece of evidence:

```text
denied  {reference}  {digest}
{rule}    {code}: {message}
```

## Why

{denied}

## A legitimate image

{legitimate} The same policy allows it (exit code 0):

```sh
{of_legitimate}
```

`sealstone test examples/attacks/{name}` shows both with evidence that is made on the spot.
",
    )
}
