//! The policies of the attacks.

use super::{attacks::IMAGE, workflow};
use crate::{Build, GITHUB_ACTIONS_ISSUER};

/// The workflow that signs what the source verifier says.
pub(super) const SOURCE_VERIFIER: &str =
    "https://github.com/octo-org/source-verifier/.github/workflows/verify.yml@refs/tags/v1.0.0";
/// How the source verifier calls itself.
pub(super) const SOURCE_VERIFIER_ID: &str = "https://octo-org.example/source-verifier";

/// Images may run if the container workflow built them from a release tag.
pub(super) fn by_container_workflow(name: &str) -> String {
    let comment = "Images may run if the container workflow built them from a release tag of the application.";
    let authorities = authority("container-workflow", &container());
    policy(
        (name, comment),
        &authorities,
        "container-workflow",
        "",
        "      builders: [container]
      minimumLevels: {build: 3}
",
    )
}

/// Images may run if, in addition, two people agreed to the source.
pub(super) fn of_reviewed_source(name: &str) -> String {
    let comment = "Images may run if the container workflow built them from a release tag of the application, \
                   and two people agreed to the commit.";
    let authorities = authority("container-workflow", &container())
        + &authority("source-workflow", SOURCE_VERIFIER);
    let verifiers = format!(
        "verifiers:
  - name: source-verifier
    signedBy: [source-workflow]
    id: {{exact: \"{SOURCE_VERIFIER_ID}\"}}
    maximumLevels: {{source: 3}}
"
    );
    policy(
        (name, comment),
        &authorities,
        "container-workflow",
        &verifiers,
        "      builders: [container]
      minimumLevels: {build: 3, source: 3}
      properties: [TWO_PARTY_REVIEWED]
      sourceVerifiedBy: [source-verifier]
",
    )
}

/// Images may run if any workflow of the organisation signed for a build of level 3.
pub(super) fn by_organisation(name: &str) -> String {
    let comment = "Images may run if a workflow of the organisation signed for them, and the builder reaches level 3.";
    let authorities = authority("organisation", "https://github.com/octo-org/**");
    policy(
        (name, comment),
        &authorities,
        "organisation",
        "",
        "      signedBy: [organisation]
      minimumLevels: {build: 3}
",
    )
}

/// The pattern of the container workflow at its releases.
fn container() -> String {
    format!("{}@refs/tags/v*", workflow(&Build::default()))
}

fn authority(name: &str, subject: &str) -> String {
    format!(
        "  - name: {name}
    keyless:
      trustRoot: example
      identities:
        - issuer: {{exact: \"{GITHUB_ACTIONS_ISSUER}\"}}
          subject: {{glob: \"{subject}\"}}
"
    )
}

fn policy(
    (name, comment): (&str, &str),
    authorities: &str,
    builder_authority: &str,
    verifiers: &str,
    asked: &str,
) -> String {
    let (container, source) = (container(), Build::default().source_uri());
    format!(
        "# {comment}
apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata:
  name: {name}
trustRoots:
  - name: example
authorities:
{authorities}builders:
  - name: container
    signedBy: [{builder_authority}]
    id: {{glob: \"{container}\"}}
    maximumLevel: 3
{verifiers}rules:
  - name: provenance
    images: [\"{IMAGE}\"]
    provenance:
{asked}      source:
        uri: {source}
        ref: {{glob: \"refs/tags/v*\"}}
"
    )
}
