//! What provenance says and a Fulcio certificate says too.

use alloc::string::String;

/// One such statement of the provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The extension of the certificate that says the same.
    pub field: ClaimedField,
    /// What the provenance says.
    pub value: String,
    /// Where the provenance says it, written with dots from the predicate.
    pub path: &'static str,
}

/// The certificate's fields, by the names of
/// <https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ClaimedField {
    /// The commit of the top-level build configuration, `.19`.
    BuildConfigDigest,
    /// The path of the top-level build configuration inside its repository: the part of `.18`
    /// between the source repository and the ref.
    BuildConfigPath,
    /// The top-level build configuration with its ref, `.18`.
    BuildConfigUri,
    /// The event that started the build, `.20` or the deprecated `.2`.
    BuildTrigger,
    /// The environment that the build deploys to, `.23`.
    DeploymentEnvironment,
    /// The run, `.21`.
    RunInvocationUri,
    /// Whether the platform hosts the runner, `.11`.
    RunnerEnvironment,
    /// The commit that was built, `.13` or the deprecated `.3`.
    SourceRepositoryDigest,
    /// The number of the repository, `.15`.
    SourceRepositoryIdentifier,
    /// The number of the repository's owner, `.17`.
    SourceRepositoryOwnerIdentifier,
    /// The ref that was built, `.14` or the deprecated `.6`.
    SourceRepositoryRef,
    /// The repository that was built, `.12` or the deprecated `.5`. Compared as a
    /// [`crate::SourceUri`].
    SourceRepositoryUri,
}
