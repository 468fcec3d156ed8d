//! Which producer a build type belongs to.
//!
//! The parameters of a build mean what its build type defines. For a type that is not listed here
//! nobody can tell which of them is the source, so there is none.

use crate::ProvenanceVersion::{self, V01, V1, V02};

/// A kind of producer whose build types are known here. Who really signed is for the caller to say:
/// everybody can write these build types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Producer {
    /// BuildKit, also as `docker/github-builder` runs it.
    BuildKit,
    /// Google Cloud Build.
    CloudBuild,
    /// A workflow of the repository itself on GitHub Actions: `actions/attest`, npm since 2023.
    GithubWorkflow,
    /// GitLab CI: the runner, the control plane, npm.
    Gitlab,
    /// npm on GitHub Actions before it used the build type of [`Producer::GithubWorkflow`].
    Npm,
    /// The container-based builder of slsa-github-generator.
    SlsaContainerBased,
    /// A builder to which slsa-github-generator delegates ("bring your own builder"): the builder id is
    /// that of the delegate, the certificate is that of the delegator.
    SlsaDelegator,
    /// The container, generic and Go workflows of slsa-github-generator.
    SlsaGenerator,
    /// Tekton Chains.
    TektonChains,
}

/// Every build type that is known, by version. A star at the end stands for a version number.
const KNOWN: &[(ProvenanceVersion, &str, Producer)] = &[
    (
        V01,
        "https://cloudbuild.googleapis.com/GoogleHostedWorker@*",
        Producer::CloudBuild,
    ),
    (
        V01,
        "https://cloudbuild.googleapis.com/CloudBuildYaml@*",
        Producer::CloudBuild,
    ),
    (
        V01,
        "https://cloudbuild.googleapis.com/CloudBuildSteps@*",
        Producer::CloudBuild,
    ),
    (
        V02,
        "https://github.com/slsa-framework/slsa-github-generator/container@v1",
        Producer::SlsaGenerator,
    ),
    (
        V02,
        "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
        Producer::SlsaGenerator,
    ),
    (
        V02,
        "https://github.com/slsa-framework/slsa-github-generator/go@v1",
        Producer::SlsaGenerator,
    ),
    (
        V02,
        "https://github.com/slsa-framework/slsa-github-generator@v1",
        Producer::SlsaGenerator,
    ),
    (
        V02,
        "https://github.com/slsa-framework/slsa-github-generator-go@v1",
        Producer::SlsaGenerator,
    ),
    (V02, DELEGATOR, Producer::SlsaDelegator),
    (V02, NPM_V1, Producer::Npm),
    (V02, "https://github.com/npm/cli/gha/v2", Producer::Npm),
    (
        V02,
        "https://github.com/npm/cli/gitlab/v0alpha1",
        Producer::Gitlab,
    ),
    (
        V02,
        "https://mobyproject.org/buildkit@v1",
        Producer::BuildKit,
    ),
    (V02, "tekton.dev/v1/PipelineRun", Producer::TektonChains),
    (V02, "tekton.dev/v1/TaskRun", Producer::TektonChains),
    (
        V02,
        "tekton.dev/v1beta1/PipelineRun",
        Producer::TektonChains,
    ),
    (V02, "tekton.dev/v1beta1/TaskRun", Producer::TektonChains),
    (
        V02,
        "https://tekton.dev/attestations/chains@v2",
        Producer::TektonChains,
    ),
    (
        V02,
        "https://tekton.dev/attestations/chains/pipelinerun@v2",
        Producer::TektonChains,
    ),
    (
        V1,
        "https://actions.github.io/buildtypes/workflow/v1",
        Producer::GithubWorkflow,
    ),
    (
        V1,
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        Producer::GithubWorkflow,
    ),
    (
        V1,
        "https://slsa.dev/container-based-build/v0.1?draft",
        Producer::SlsaContainerBased,
    ),
    (V1, DELEGATOR, Producer::SlsaDelegator),
    (
        V1,
        "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
        Producer::BuildKit,
    ),
    (
        V1,
        "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
        Producer::CloudBuild,
    ),
    (
        V1,
        "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
        Producer::Gitlab,
    ),
    (
        V1,
        "https://tekton.dev/chains/v2/slsa",
        Producer::TektonChains,
    ),
    (
        V1,
        "https://tekton.dev/chains/v2/slsa-tekton",
        Producer::TektonChains,
    ),
];

const DELEGATOR: &str =
    "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0";

/// The one build type of npm whose material lacks the ref.
pub(crate) const NPM_V1: &str = "https://github.com/npm/cli/gha@v1";

impl Producer {
    pub(crate) fn of(version: ProvenanceVersion, build_type: &str) -> Option<Self> {
        let known = KNOWN.iter().find(|(of, pattern, _)| {
            *of == version
                && match pattern.strip_suffix('*') {
                    Some(prefix) => build_type
                        .strip_prefix(prefix)
                        .is_some_and(|number| !number.is_empty()),
                    None => build_type == *pattern,
                }
        });
        match known {
            Some((_, _, producer)) => Some(*producer),
            None if version != V01 && is_gitlab_runner(build_type) => Some(Self::Gitlab),
            None => None,
        }
    }
}

/// The runner writes its version into the type: `…/gitlab-runner/-/blob/<version>/PROVENANCE.md`.
fn is_gitlab_runner(build_type: &str) -> bool {
    build_type
        .strip_prefix("https://gitlab.com/gitlab-org/gitlab-runner/-/blob/")
        .and_then(|rest| rest.strip_suffix("/PROVENANCE.md"))
        .is_some_and(|version| !version.is_empty() && !version.contains('/'))
}
