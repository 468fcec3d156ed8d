//! Who signs.

use std::collections::BTreeMap;

use sealstone_forge::{
    Build, FulcioExtension, GITHUB_ACTIONS_ISSUER, Identity, KeyPair, SubjectAlternativeName,
};

use super::document::{ExplicitSigner, SignerName};
use super::error::{Named, TestError};
use super::world::{Authority, World};

/// A signer, worked out.
#[derive(Clone, Debug)]
pub(super) struct Who {
    /// What it signs with.
    pub(super) credential: Credential,
    /// The trust root whose services vouch for it; none where no trust root is about it.
    pub(super) trust_root: Option<String>,
}

/// What somebody signs with.
#[derive(Clone, Debug)]
pub(super) enum Credential {
    /// A key.
    Key(Box<KeyPair>),
    /// A certificate for an identity.
    Certificate(Box<Identity>),
}

impl Who {
    /// An authority as it stands in the policy; none where no example of its identity can be made.
    pub(super) fn of_authority(authority: &Authority) -> Option<Self> {
        match authority {
            Authority::Key {
                pair, trust_root, ..
            } => Some(Self {
                credential: Credential::Key(pair.clone()),
                trust_root: trust_root.clone(),
            }),
            Authority::Certificate {
                trust_root,
                issuer,
                subject,
                extensions,
            } => Some(Self {
                credential: Credential::Certificate(Box::new(Identity {
                    issuer: issuer.clone()?,
                    subject_alternative_name: alternative_name(subject.as_deref()?)?,
                    extensions: extensions.clone(),
                })),
                trust_root: Some(trust_root.clone()),
            }),
        }
    }

    /// The signer that a test names.
    pub(super) fn named(name: &SignerName, world: &World) -> Result<Self, TestError> {
        match name {
            SignerName::Authority(name) => {
                let signer = ExplicitSigner {
                    authority: Some(name.clone()),
                    ..ExplicitSigner::default()
                };
                Self::explicit(&signer, world)
            }
            SignerName::Explicit(signer) => Self::explicit(signer, world),
        }
    }

    fn explicit(signer: &ExplicitSigner, world: &World) -> Result<Self, TestError> {
        let trust_root = match &signer.trust_root {
            Some(name) if !world.root_names().contains(name) => {
                return Err(TestError::Unknown {
                    what: Named::TrustRoot,
                    name: name.clone(),
                    known: world.root_names(),
                });
            }
            other => other.clone(),
        };
        if let Some(key) = &signer.key {
            let is_alone = signer.authority.is_none()
                && signer.issuer.is_none()
                && signer.subject.is_none()
                && signer.extensions.is_empty();
            if !is_alone {
                return Err(TestError::Misplaced { member: "key" });
            }
            return Ok(Self {
                credential: Credential::Key(Box::new(world.stray_key(key))),
                trust_root: trust_root.or_else(|| world.first_root().map(str::to_owned)),
            });
        }
        let Some(name) = &signer.authority else {
            return Self::stranger(signer, trust_root, world);
        };
        let authority = world.authority(name).ok_or_else(|| TestError::Unknown {
            what: Named::Authority,
            name: name.clone(),
            known: world.authority_names(),
        })?;
        match authority {
            Authority::Key { .. } if signer.has_identity() => {
                Err(TestError::Misplaced { member: "subject" })
            }
            Authority::Key {
                pair,
                trust_root: own,
                ..
            } => Ok(Self {
                credential: Credential::Key(pair.clone()),
                trust_root: trust_root.or_else(|| own.clone()),
            }),
            Authority::Certificate {
                trust_root: own,
                issuer,
                subject,
                extensions,
            } => {
                let missing = |member| TestError::NoExample {
                    authority: name.clone(),
                    member,
                };
                let issuer = signer.issuer.as_ref().or(issuer.as_ref());
                let subject = signer.subject.as_ref().or(subject.as_ref());
                let mut extensions = extensions.clone();
                extensions.extend(read_extensions(&signer.extensions)?);
                Ok(Self {
                    credential: certificate(
                        issuer.ok_or_else(|| missing("issuer"))?,
                        subject.ok_or_else(|| missing("subject"))?,
                        extensions,
                    )?,
                    trust_root: trust_root.or_else(|| Some(own.clone())),
                })
            }
        }
    }

    /// Somebody whom no authority names.
    fn stranger(
        signer: &ExplicitSigner,
        trust_root: Option<String>,
        world: &World,
    ) -> Result<Self, TestError> {
        let (Some(issuer), Some(subject)) = (&signer.issuer, &signer.subject) else {
            return Err(TestError::SignerMissing);
        };
        let extensions = read_extensions(&signer.extensions)?;
        Ok(Self {
            credential: certificate(issuer, subject, extensions)?,
            trust_root: trust_root.or_else(|| world.first_root().map(str::to_owned)),
        })
    }

    /// The builder that the signer is: the subject of its certificate.
    pub(super) fn builder(&self) -> Option<&str> {
        match &self.credential {
            Credential::Certificate(identity) => match &identity.subject_alternative_name {
                SubjectAlternativeName::Uri(uri) => Some(uri),
                _ => None,
            },
            Credential::Key(_) => None,
        }
    }

    /// Lets the certificate say what GitHub's says of a build, but for what it says already.
    pub(super) fn running(mut self, build: &Build) -> Self {
        if let Credential::Certificate(identity) = &mut self.credential
            && identity.issuer == GITHUB_ACTIONS_ISSUER
        {
            // The certificate is for the workflow that signs, whatever the provenance claims.
            let mut actual = build.clone();
            if let SubjectAlternativeName::Uri(uri) = &identity.subject_alternative_name {
                actual.builder_id.clone_from(uri);
            }
            for (extension, value) in Identity::github_actions(&actual).extensions {
                identity.extensions.entry(extension).or_insert(value);
            }
        }
        self
    }
}

impl ExplicitSigner {
    fn has_identity(&self) -> bool {
        self.issuer.is_some() || self.subject.is_some() || !self.extensions.is_empty()
    }
}

fn certificate(
    issuer: &str,
    subject: &str,
    extensions: BTreeMap<FulcioExtension, String>,
) -> Result<Credential, TestError> {
    Ok(Credential::Certificate(Box::new(Identity {
        issuer: issuer.to_owned(),
        subject_alternative_name: alternative_name(subject)
            .ok_or_else(|| TestError::Subject(subject.to_owned()))?,
        extensions,
    })))
}

fn read_extensions(
    named: &BTreeMap<String, String>,
) -> Result<BTreeMap<FulcioExtension, String>, TestError> {
    let read = |(name, value): (&String, &String)| {
        let extension = extension(name).ok_or_else(|| TestError::Unknown {
            what: Named::Extension,
            name: name.clone(),
            known: EXTENSIONS
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        })?;
        Ok((extension, value.clone()))
    };
    named.iter().map(read).collect()
}

/// The kind of subject alternative name that a text is: an email address, a URI, or NAME!DOMAIN.
pub(crate) fn alternative_name(text: &str) -> Option<SubjectAlternativeName> {
    if text.contains("://") {
        Some(SubjectAlternativeName::Uri(text.to_owned()))
    } else if text.contains('@') {
        Some(SubjectAlternativeName::Email(text.to_owned()))
    } else if text.contains('!') {
        Some(SubjectAlternativeName::OtherName(text.to_owned()))
    } else {
        None
    }
}

/// A Fulcio extension by the name that policies use.
pub(super) fn extension(name: &str) -> Option<FulcioExtension> {
    let mut known = EXTENSIONS.iter();
    known
        .find(|(known, _)| *known == name)
        .map(|(_, extension)| *extension)
}

const EXTENSIONS: [(&str, FulcioExtension); 21] = [
    ("buildConfigDigest", FulcioExtension::BuildConfigDigest),
    ("buildConfigUri", FulcioExtension::BuildConfigUri),
    ("buildSignerDigest", FulcioExtension::BuildSignerDigest),
    ("buildSignerUri", FulcioExtension::BuildSignerUri),
    ("buildTrigger", FulcioExtension::BuildTrigger),
    (
        "deploymentEnvironment",
        FulcioExtension::DeploymentEnvironment,
    ),
    ("githubWorkflowName", FulcioExtension::GithubWorkflowName),
    ("githubWorkflowRef", FulcioExtension::GithubWorkflowRef),
    (
        "githubWorkflowRepository",
        FulcioExtension::GithubWorkflowRepository,
    ),
    ("githubWorkflowSha", FulcioExtension::GithubWorkflowSha),
    (
        "githubWorkflowTrigger",
        FulcioExtension::GithubWorkflowTrigger,
    ),
    ("runInvocationUri", FulcioExtension::RunInvocationUri),
    ("runnerEnvironment", FulcioExtension::RunnerEnvironment),
    (
        "sourceRepositoryDigest",
        FulcioExtension::SourceRepositoryDigest,
    ),
    (
        "sourceRepositoryIdentifier",
        FulcioExtension::SourceRepositoryIdentifier,
    ),
    (
        "sourceRepositoryOwnerIdentifier",
        FulcioExtension::SourceRepositoryOwnerIdentifier,
    ),
    (
        "sourceRepositoryOwnerUri",
        FulcioExtension::SourceRepositoryOwnerUri,
    ),
    ("sourceRepositoryRef", FulcioExtension::SourceRepositoryRef),
    ("sourceRepositoryUri", FulcioExtension::SourceRepositoryUri),
    (
        "sourceRepositoryVisibilityAtSigning",
        FulcioExtension::SourceRepositoryVisibilityAtSigning,
    ),
    ("tokenSubject", FulcioExtension::TokenSubject),
];
