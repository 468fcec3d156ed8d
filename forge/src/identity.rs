//! Whom a certificate names.

use alloc::collections::BTreeMap;

use crate::Build;

/// The identity that a Fulcio certificate names: issuer, subject alternative name, extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who authenticated the signer: written as extension .1 (raw) and .8 (DER UTF8String). Empty for
    /// certificates of a private authority, which have neither.
    pub issuer: String,
    /// The one subject alternative name.
    pub subject_alternative_name: SubjectAlternativeName,
    /// The other Fulcio extensions.
    pub extensions: BTreeMap<FulcioExtension, String>,
}

/// The three kinds of subject alternative name that Fulcio issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectAlternativeName {
    /// uniformResourceIdentifier: workloads.
    Uri(String),
    /// rfc822Name: people.
    Email(String),
    /// otherName 1.3.6.1.4.1.57264.1.7: usernames.
    OtherName(String),
}

/// Extensions under 1.3.6.1.4.1.57264.1, apart from the issuer (.1, .8) and the otherName (.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FulcioExtension {
    /// .2, raw, deprecated.
    GithubWorkflowTrigger = 2,
    /// .3, raw, deprecated.
    GithubWorkflowSha = 3,
    /// .4, raw, deprecated.
    GithubWorkflowName = 4,
    /// .5, raw, deprecated.
    GithubWorkflowRepository = 5,
    /// .6, raw, deprecated.
    GithubWorkflowRef = 6,
    /// .9.
    BuildSignerUri = 9,
    /// .10.
    BuildSignerDigest = 10,
    /// .11.
    RunnerEnvironment = 11,
    /// .12.
    SourceRepositoryUri = 12,
    /// .13.
    SourceRepositoryDigest = 13,
    /// .14.
    SourceRepositoryRef = 14,
    /// .15.
    SourceRepositoryIdentifier = 15,
    /// .16.
    SourceRepositoryOwnerUri = 16,
    /// .17.
    SourceRepositoryOwnerIdentifier = 17,
    /// .18.
    BuildConfigUri = 18,
    /// .19.
    BuildConfigDigest = 19,
    /// .20.
    BuildTrigger = 20,
    /// .21.
    RunInvocationUri = 21,
    /// .22.
    SourceRepositoryVisibilityAtSigning = 22,
    /// .23.
    DeploymentEnvironment = 23,
    /// .24.
    TokenSubject = 24,
}

impl FulcioExtension {
    /// The last arc of the object identifier.
    pub const fn arc(self) -> u8 {
        self as u8
    }

    /// Whether the value is the bare text and not a DER UTF8String.
    pub(crate) const fn is_raw(self) -> bool {
        self.arc() <= 6
    }
}

impl Identity {
    /// A person: an email address vouched for by `issuer`.
    pub fn email(issuer: &str, address: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject_alternative_name: SubjectAlternativeName::Email(address.to_owned()),
            extensions: BTreeMap::new(),
        }
    }

    /// A workload: a URI vouched for by `issuer`.
    pub fn uri(issuer: &str, uri: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject_alternative_name: SubjectAlternativeName::Uri(uri.to_owned()),
            extensions: BTreeMap::new(),
        }
    }

    /// The identity that Fulcio certifies for the GitHub Actions run of `build`, with every
    /// extension that Fulcio sets for GitHub.
    pub fn github_actions(build: &Build) -> Self {
        use FulcioExtension as E;
        let source = format!("https://github.com/{}", build.repository);
        let owner = build.repository.split('/').next().unwrap_or_default();
        let extensions = [
            (E::GithubWorkflowTrigger, build.event_name.clone()),
            (E::GithubWorkflowSha, build.commit.clone()),
            (E::GithubWorkflowName, build.workflow_name.clone()),
            (E::GithubWorkflowRepository, build.repository.clone()),
            (E::GithubWorkflowRef, build.source_ref.clone()),
            (E::BuildSignerUri, build.builder_id.clone()),
            (E::BuildSignerDigest, build.builder_commit.clone()),
            (E::RunnerEnvironment, "github-hosted".to_owned()),
            (E::SourceRepositoryUri, source.clone()),
            (E::SourceRepositoryDigest, build.commit.clone()),
            (E::SourceRepositoryRef, build.source_ref.clone()),
            (E::SourceRepositoryIdentifier, build.repository_id.clone()),
            (
                E::SourceRepositoryOwnerUri,
                format!("https://github.com/{owner}"),
            ),
            (
                E::SourceRepositoryOwnerIdentifier,
                build.repository_owner_id.clone(),
            ),
            (
                E::BuildConfigUri,
                format!("{source}/{}@{}", build.workflow_path, build.source_ref),
            ),
            (E::BuildConfigDigest, build.commit.clone()),
            (E::BuildTrigger, build.event_name.clone()),
            (E::RunInvocationUri, build.invocation_id()),
            (E::SourceRepositoryVisibilityAtSigning, "public".to_owned()),
            (
                E::TokenSubject,
                format!("repo:{}:ref:{}", build.repository, build.source_ref),
            ),
        ];
        Self {
            issuer: GITHUB_ACTIONS_ISSUER.to_owned(),
            subject_alternative_name: SubjectAlternativeName::Uri(build.builder_id.clone()),
            extensions: extensions.into(),
        }
    }

    /// The same identity with one extension set.
    #[must_use]
    pub fn with_extension(mut self, extension: FulcioExtension, value: &str) -> Self {
        self.extensions.insert(extension, value.to_owned());
        self
    }

    /// The same identity without one extension.
    #[must_use]
    pub fn without_extension(mut self, extension: FulcioExtension) -> Self {
        self.extensions.remove(&extension);
        self
    }
}

/// The OIDC issuer of GitHub Actions.
pub const GITHUB_ACTIONS_ISSUER: &str = "https://token.actions.githubusercontent.com";
