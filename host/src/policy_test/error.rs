//! What is wrong with a test file.

use core::fmt;
use std::io;
use std::path::PathBuf;

use crate::document::DocumentError;
use crate::evidence::EvidenceError;
use crate::runtime::Failure;

/// Something wrong with a test file, at a place in it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in the file, as a JSON pointer (RFC 6901); empty for the whole file.
    pub path: String,
    /// What is wrong.
    pub error: Box<TestError>,
}

/// What is wrong with a test file, or with what it names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// A file cannot be read.
    #[error("`{}` cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file cannot be written.
    #[error("`{}` cannot be written: {reason}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file is neither YAML nor JSON, or goes beyond a limit.
    #[error("`{}` cannot be used: {reason}", .path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: DocumentError,
    },
    /// The policy under test is neither YAML nor JSON, or goes beyond a limit.
    #[error("the policy `{}` cannot be used: {reason}", .path.display())]
    PolicyDocument {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: DocumentError,
    },
    /// A file with bundles cannot be used.
    #[error("{0}")]
    Bundle(EvidenceError),
    /// Not of the form of a PolicyTest.
    #[error("{0}")]
    Malformed(serde_json::Error),
    /// A file is not the JSON that it should be.
    #[error("`{}` is not JSON of the wanted form", .path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
    },
    /// Another kind or version.
    #[error("it is not of the kind `PolicyTest` and the version `sealstone.dev/v1alpha1`")]
    Version,
    /// No case.
    #[error("there is no case")]
    NoCase,
    /// None, or more than one, of several members.
    #[error("exactly one of {} is wanted", Listed(.members))]
    ExactlyOne {
        /// The members.
        members: &'static [&'static str],
    },
    /// A member that means nothing beside others.
    #[error("`{member}` means nothing here")]
    Misplaced {
        /// The member.
        member: &'static str,
    },
    /// Two cases of one name.
    #[error("two cases are called `{0}`")]
    NameDuplicate(String),
    /// A name that nothing has.
    #[error("{what} `{name}` is not known")]
    Unknown {
        /// What is named.
        what: Named,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A piece of evidence that does not say for which image it is.
    #[error("the request is about several images, and this does not say which it is for")]
    ImageAmbiguous,
    /// A signature without a signer.
    #[error("nobody is named who signs")]
    SignerMissing,
    /// An identity of an authority of which no example can be made.
    #[error("no example can be made of the {member} of the authority `{authority}`")]
    NoExample {
        /// The authority.
        authority: String,
        /// What is missing.
        member: &'static str,
    },
    /// The subject of a certificate is of no known form.
    #[error("`{0}` is no email address, URI or NAME!DOMAIN")]
    Subject(String),
    /// A repository that is not at GitHub.
    #[error("`{0}` is no repository as https://github.com/OWNER/NAME")]
    Source(String),
    /// A predicate type of no known form.
    #[error("`{0}` is neither a URI nor a name that `cosign attest --type` knows")]
    PredicateType(String),
    /// A time that cannot be read.
    #[error("`{0}` is no time as in RFC 3339")]
    Time(String),
    /// A length of time that cannot be read.
    #[error("`{0}` is no length of time as 30d, 12h, 90m or 45s")]
    Duration(String),
    /// The forged services do not run then.
    #[error("the forged services run from 2025 to 2034, and this is signed at {0}")]
    OutOfRange(String),
    /// A pointer into a predicate that leads nowhere.
    #[error("`{0}` leads to no place in the predicate")]
    Pointer(String),
    /// The forge cannot make the evidence.
    #[error("{0}")]
    Forge(sealstone_forge::Error),
    /// The policy under test cannot be used.
    #[error("the policy `{}` cannot be used: {failure}", .path.display())]
    Policy {
        /// The policy.
        path: PathBuf,
        /// Why.
        failure: Failure,
    },
}

/// What a test file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// An authority of the policy.
    Authority,
    /// A Fulcio extension.
    Extension,
    /// An image of the request.
    Image,
    /// A rule of the policy.
    Rule,
    /// A trust root of the policy.
    TrustRoot,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authority => "the authority",
            Self::Extension => "the extension",
            Self::Image => "the image",
            Self::Rule => "the rule",
            Self::TrustRoot => "the trust root",
        })
    }
}

struct Listed<'a>(&'a [&'a str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, member) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "`{member}`")?;
        }
        Ok(())
    }
}

impl TestError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreadable { .. } => "file.unreadable",
            Self::Unwritable { .. } => "file.unwritable",
            Self::Document { .. } | Self::Malformed(_) | Self::NotJson { .. } | Self::NoCase => {
                "policy-test.malformed"
            }
            Self::PolicyDocument { reason, .. } => reason.code(),
            Self::Bundle(error) => error.code(),
            Self::Version => "policy-test.version",
            Self::ExactlyOne { .. }
            | Self::Misplaced { .. }
            | Self::ImageAmbiguous
            | Self::SignerMissing
            | Self::Subject(_)
            | Self::Source(_)
            | Self::PredicateType(_)
            | Self::Pointer(_)
            | Self::NoExample { .. } => "policy-test.evidence",
            Self::NameDuplicate(_) => "policy-test.duplicate-name",
            Self::Unknown { .. } => "policy-test.unknown-reference",
            Self::Time(_) | Self::Duration(_) => "time.malformed",
            Self::OutOfRange(_) => "time.out-of-range",
            Self::Forge(sealstone_forge::Error::FaultNotApplicable(_)) => {
                "forge.fault-not-applicable"
            }
            Self::Forge(sealstone_forge::Error::FaultUnknown(_)) => "forge.fault-unknown",
            Self::Forge(_) => "forge.combination",
            Self::Policy { failure, .. } => failure.code(),
        }
    }

    /// What to do about it, where its code does not say.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Unknown { known, .. } if !known.is_empty() => {
                return Some(format!("there are: {}", known.join(", ")));
            }
            Self::Unknown { .. } => "there are none",
            Self::ImageAmbiguous => "add `image`, as the request names it",
            Self::SignerMissing => {
                "add `signer`: the name of an authority of the policy, or a signer"
            }
            Self::NoExample { .. } => "write it out: `signer: {authority: …, subject: …}`",
            Self::Source(_) => "give provenance of another repository as `attestation`",
            Self::PredicateType(_) => "give a URI, or a name such as slsaprovenance1 or cyclonedx",
            Self::Forge(sealstone_forge::Error::FaultUnknown(_)) => {
                "`sealstone forge faults` lists the names"
            }
            Self::Forge(sealstone_forge::Error::FaultNotApplicable(_)) => {
                "choose another `profile`, signer or kind of evidence, or another fault; \
                 `sealstone forge faults` says what each breaks"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}
