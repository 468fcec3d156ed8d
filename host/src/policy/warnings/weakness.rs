//! The weaknesses, with their codes and what to do about each.

/// Something that is weaker than it may look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Weakness {
    /// What was found once counts for ever.
    #[error("what was found once counts for ever")]
    AgeUnlimited,
    /// A builder id that anybody can have.
    #[error("the builder id `{pattern}` may be that of anybody")]
    BuilderIdWide {
        /// The pattern.
        pattern: String,
    },
    /// The signer of a builder of level 3 is whatever workflow its users write.
    #[error(
        "`{authority}` signs for a builder of level 3, but its subjects are not one workflow at one kind of ref"
    )]
    BuilderSignerWide {
        /// The authority.
        authority: String,
    },
    /// An exception is for whatever image comes.
    #[error("the exception excuses every image, also those that nobody thought of")]
    ExceptionForEveryImage,
    /// No rule speaks of an image.
    #[error("no rule matches the image `{reference}` in a request without namespace and labels")]
    ImageNotCovered {
        /// The image.
        reference: String,
    },
    /// A field opens what is closed by default.
    #[error("`{field}` opens what is closed by default")]
    InsecureField {
        /// The field.
        field: String,
    },
    /// More than one issuer is believed.
    #[error(
        "the issuer `{pattern}` is a pattern: whoever can have such an issuer can have any subject"
    )]
    IssuerNotExact {
        /// The pattern.
        pattern: String,
    },
    /// Signatures of a key count that no log holds.
    #[error("a signature of the key `{authority}` is enough, and no log must hold it")]
    KeySignatureWithoutLog {
        /// The authority.
        authority: String,
    },
    /// A key counts for ever.
    #[error("the key counts for ever, also for whoever steals it later")]
    KeyWithoutValidity,
    /// Whoever makes an object chooses whether a rule is for it.
    #[error("whoever creates an object chooses its labels, and so whether this rule is for it")]
    LabelsSelectRule,
    /// A licence that nobody defines.
    #[error("`{license}` is not on the SPDX licence list, so no SBOM is likely to name it")]
    LicenseUnknown {
        /// The licence.
        license: String,
    },
    /// What a list of denied licences spells otherwise passes.
    #[error("every licence passes that the list does not name, whatever it is called")]
    LicensesDenied,
    /// What is not allowed passes.
    #[error("with the mode `{mode}` requests pass that the rules do not allow")]
    ModeNotEnforced {
        /// The mode.
        mode: String,
    },
    /// The name of an organisation is not closed.
    #[error(
        "`{pattern}` also fits organisations whose names only begin like that, which anybody can register"
    )]
    OrganisationOpen {
        /// The pattern.
        pattern: String,
    },
    /// Any branch of the source will do.
    #[error("a build from any branch, tag or commit of the source will do, reviewed or not")]
    RefUnpinned,
    /// Nearly any branch of the source will do.
    #[error("`{pattern}` fits branches that nobody reviewed")]
    RefWide {
        /// The pattern.
        pattern: String,
    },
    /// A dot that stands for any character.
    #[error("a `.` in the regular expression `{pattern}` stands for any character")]
    RegexpDot {
        /// The pattern.
        pattern: String,
    },
    /// A subject that anybody can have.
    #[error("the subject `{pattern}` may be that of anybody for whom the issuer vouches")]
    SubjectWide {
        /// The pattern.
        pattern: String,
    },
    /// Strangers may start the build.
    #[error(
        "`{trigger}` starts builds for people who may not change the repository, or of changes that nobody reviewed"
    )]
    TriggerUntrusted {
        /// The trigger.
        trigger: String,
    },
    /// A high level, whoever started the build.
    #[error("Build level 3 is asked for, but whatever started the build will do")]
    TriggersUnlimited,
    /// Whatever a scan finds passes.
    #[error("a scan is enough, whatever it finds")]
    VulnerabilitiesUnlimited,
    /// A private instance without a log.
    #[error("no transparency log must hold what this private instance certifies")]
    TrustRootWithoutLog,
}

impl Weakness {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AgeUnlimited => "policy-warning.age-unlimited",
            Self::BuilderIdWide { .. } => "policy-warning.builder-id-wide",
            Self::BuilderSignerWide { .. } => "policy-warning.builder-signer-wide",
            Self::ExceptionForEveryImage => "policy-warning.exception-for-every-image",
            Self::ImageNotCovered { .. } => "policy-warning.image-not-covered",
            Self::InsecureField { .. } => "policy-warning.insecure-field",
            Self::IssuerNotExact { .. } => "policy-warning.issuer-not-exact",
            Self::KeySignatureWithoutLog { .. } => "policy-warning.key-signature-without-log",
            Self::KeyWithoutValidity => "policy-warning.key-without-validity",
            Self::LabelsSelectRule => "policy-warning.labels-select-rule",
            Self::LicenseUnknown { .. } => "policy-warning.license-unknown",
            Self::LicensesDenied => "policy-warning.licenses-denied",
            Self::ModeNotEnforced { .. } => "policy-warning.mode-not-enforced",
            Self::OrganisationOpen { .. } => "policy-warning.organisation-open",
            Self::RefUnpinned => "policy-warning.ref-unpinned",
            Self::RefWide { .. } => "policy-warning.ref-wide",
            Self::RegexpDot { .. } => "policy-warning.regexp-dot",
            Self::SubjectWide { .. } => "policy-warning.subject-wide",
            Self::TriggerUntrusted { .. } => "policy-warning.trigger-untrusted",
            Self::TriggersUnlimited => "policy-warning.triggers-unlimited",
            Self::TrustRootWithoutLog => "policy-warning.trust-root-without-log",
            Self::VulnerabilitiesUnlimited => "policy-warning.vulnerabilities-unlimited",
        }
    }

    /// What to do.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::AgeUnlimited => "set `maximumAge`, for example `7d`",
            Self::BuilderIdWide { .. } => {
                "write the builder id out up to the owner and the workflow, with wildcards for its version alone"
            }
            Self::BuilderSignerWide { .. } => {
                "let the subject name the workflow and the kind of ref, as `…/build.yml@refs/tags/v*`, or lower `maximumLevel` to 2"
            }
            Self::ExceptionForEveryImage => "name the images in `images`",
            Self::ImageNotCovered { .. } => {
                "add a rule for the image, or leave it: an image without a rule is denied"
            }
            Self::InsecureField { .. } => "remove the field, or write down why it is needed",
            Self::IssuerNotExact { .. } => {
                "write each issuer as `exact`, in an identity of its own"
            }
            Self::KeySignatureWithoutLog { .. } => {
                "name a `trustRoot` whose log must hold the signatures of the key"
            }
            Self::KeyWithoutValidity => "set `validFor`, and replace the key before it ends",
            Self::LabelsSelectRule => {
                "select by namespace, or see to it that labels only add rules"
            }
            Self::LicenseUnknown { .. } => {
                "write the identifier as on https://spdx.org/licenses, or as `LicenseRef-…`"
            }
            Self::LicensesDenied => "list what is allowed instead",
            Self::ModeNotEnforced { .. } => "remove `mode` when what it reports is in order",
            Self::OrganisationOpen { .. } => {
                "end the name of the organisation with a `/` before the wildcard"
            }
            Self::RefUnpinned => "set `ref`, `branch`, `tag`, `versionTag` or `commit`",
            Self::RefWide { .. } => "name the branches that are reviewed, or release tags",
            Self::RegexpDot { .. } => r"write `\.` for a dot, or use `glob`",
            Self::SubjectWide { .. } => {
                "write the subject out up to the owner, as `https://github.com/acme/…`"
            }
            Self::TriggerUntrusted { .. } => {
                "allow what people with write access start, as `push`, `release` and `workflow_dispatch`"
            }
            Self::TriggersUnlimited => "set `triggers`, for example `[push, release]`",
            Self::TrustRootWithoutLog => "set `transparencyLogThreshold` if the instance has a log",
            Self::VulnerabilitiesUnlimited => "set `maximum` or `maximumScore`",
        }
    }
}
