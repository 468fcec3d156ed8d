//! Who signs, when, in which form, and what is wrong with it.

mod alternative;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sealstone_forge::{
    Build, BundleVersion, EntryKind, Evidence, Fault, GITHUB_ACTIONS_ISSUER, Identity, KeyDetails,
    KeyPair, STARTED, Signer, Statement, SubjectAlternativeName, TransparencyLog, UnixTime,
    VirtualSigstore,
};

use super::Seed;
use super::image::Image;
use crate::cli::error::Error;
use crate::cli::flag_error;
use crate::cli::now::Now;
use crate::policy_test;

/// The first second after which certificates of the virtual Sigstore's authorities have ended.
const ENDED: UnixTime = UnixTime::from_date(2035, 1, 1);

/// The label of the key that signs.
const KEY: &str = "release";

/// The signer.
#[derive(Debug, Args)]
pub(super) struct SignerArguments {
    #[command(flatten)]
    seed: Seed,

    /// Subject of the certificate: an email address, a URI, or a username as NAME!DOMAIN.
    #[arg(long, value_name = "SUBJECT", value_parser = subject, requires = "issuer")]
    identity: Option<SubjectAlternativeName>,

    /// OIDC issuer in the certificate.
    #[arg(long, value_name = "URL", requires = "identity")]
    issuer: Option<String>,

    /// Sign with a key of this kind instead of a certificate; `forge root --public-key` writes its
    /// public half.
    #[arg(long, value_enum, conflicts_with_all = ["identity", "issuer"])]
    key: Option<KeyType>,

    /// Form of the evidence.
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Transparency log that holds the signature.
    #[arg(long, value_enum, default_value_t)]
    rekor: Rekor,

    /// Timestamp authority that signs the time: the trust root names the certificate of the first,
    /// and only the authority above that of the second. Can be given several times
    /// [default: first with --rekor v2, otherwise none].
    #[arg(long = "timestamp-authority", value_enum, value_name = "WHICH")]
    timestamps: Vec<TimestampAuthority>,

    /// Time of the signature, from 2025 to 2034, RFC 3339 or seconds since 1970.
    #[arg(long, default_value = "2026-03-01T12:00:00Z", value_parser = time)]
    time: UnixTime,

    /// What is to be wrong; `sealstone forge faults` lists the names.
    #[arg(long, value_name = "NAME", value_parser = fault)]
    fault: Option<Fault>,

    /// File for the evidence [default: standard output].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Report what was stored in a layout as JSON.
    #[arg(long, requires = "layout")]
    json: bool,
}

/// Kinds of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KeyType {
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Ed25519,
    #[value(name = "rsa-2048")]
    Rsa2048,
    #[value(name = "rsa-3072")]
    Rsa3072,
    #[value(name = "rsa-4096")]
    Rsa4096,
}

/// Forms of evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Sigstore bundle 0.1: promises of the log and no proofs.
    #[value(name = "bundle-0.1")]
    Bundle01,
    /// Sigstore bundle 0.2.
    #[value(name = "bundle-0.2")]
    Bundle02,
    /// Sigstore bundle 0.3.
    #[default]
    #[value(name = "bundle-0.3")]
    Bundle03,
    /// Layers and annotations, as cosign stored them before bundles. Needs --layout.
    Legacy,
}

/// Transparency logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Rekor {
    /// Rekor v1: promises, integrated times and proofs.
    #[default]
    V1,
    /// Rekor v2: proofs only.
    V2,
    /// No log.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TimestampAuthority {
    First,
    Second,
}

/// What is signed.
#[derive(Debug)]
pub(super) enum Content {
    /// Bytes.
    Message(Vec<u8>),
    /// An image: in bundles by a statement, in legacy layers by its name and digest.
    Image {
        statement: Statement,
        name: String,
        digest: String,
    },
    /// A statement.
    Statement(Statement),
}

/// What decides which faults apply.
#[derive(Clone, Debug)]
struct Plan {
    credential: Credential,
    format: Format,
    rekor: Rekor,
    timestamps: Vec<TimestampAuthority>,
}

#[derive(Clone, Debug)]
enum Credential {
    Certificate(Box<Identity>),
    Key(KeyType),
}

impl SignerArguments {
    /// Makes the evidence. The certificate of a `build` names its builder unless another identity is
    /// asked for.
    pub(super) fn make(
        &self,
        content: &Content,
        build: Option<&Build>,
        image: Option<&Image>,
    ) -> Result<Evidence, Error> {
        let plan = Plan {
            credential: self.credential(build)?,
            format: self.format,
            rekor: self.rekor,
            timestamps: self.timestamps.clone(),
        };
        self.check(image)?;
        let sigstore = VirtualSigstore::new(&self.seed.seed);
        self.sign(&sigstore, &plan, content)
            .map_err(|error| match error {
                sealstone_forge::Error::FaultNotApplicable(_) => {
                    let help = alternative::advice(self, &sigstore, &plan, content);
                    Error::with_help("forge.fault-not-applicable", error, help)
                }
                error => Error::usage("forge.combination", error),
            })
    }

    /// The file for evidence that is stored in no layout.
    pub(super) fn output(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Whether to report in JSON.
    pub(super) fn json(&self) -> bool {
        self.json
    }

    /// What is wrong.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    fn credential(&self, build: Option<&Build>) -> Result<Credential, Error> {
        if let Some(key) = self.key {
            return Ok(Credential::Key(key));
        }
        let identity = match (&self.identity, &self.issuer, build) {
            (Some(subject), Some(issuer), build) => Identity {
                issuer: issuer.clone(),
                subject_alternative_name: subject.clone(),
                // Only GitHub's tokens say something about a run.
                extensions: build
                    .filter(|_| issuer == GITHUB_ACTIONS_ISSUER)
                    .map(|build| Identity::github_actions(build).extensions)
                    .unwrap_or_default(),
            },
            (_, _, Some(build)) => Identity::github_actions(build),
            _ => {
                return Err(Error::usage(
                    "forge.signer-missing",
                    "nobody is named who signs; give --identity and --issuer, or --key",
                ));
            }
        };
        Ok(Credential::Certificate(Box::new(identity)))
    }

    /// Refuses forms that do not exist.
    fn check(&self, image: Option<&Image>) -> Result<(), Error> {
        let refuse = |message| Err(Error::usage("forge.combination", message));
        let stored = image.is_some_and(|image| image.place.is_some());
        if self.format == Format::Legacy && !stored {
            return refuse("legacy evidence is a layer and its annotations; give --layout");
        }
        if self.rekor == Rekor::V2 && self.format != Format::Bundle03 {
            return refuse("entries of Rekor v2 stand in bundles of version 0.3 only");
        }
        Ok(())
    }

    fn sign(
        &self,
        sigstore: &VirtualSigstore,
        plan: &Plan,
        content: &Content,
    ) -> Result<Evidence, sealstone_forge::Error> {
        let signer = self.signer(sigstore, plan);
        match (content, plan.format) {
            (Content::Message(bytes), _) => signer.sign(bytes),
            (Content::Image { name, digest, .. }, Format::Legacy) => {
                signer.sign_legacy(name, digest)
            }
            (Content::Statement(statement), Format::Legacy) => signer.attest_legacy(statement),
            (Content::Image { statement, .. } | Content::Statement(statement), _) => {
                signer.attest(statement)
            }
        }
    }

    fn signer<'a>(&self, sigstore: &'a VirtualSigstore, plan: &Plan) -> Signer<'a> {
        let mut signer = match &plan.credential {
            Credential::Certificate(identity) => sigstore.keyless(identity),
            Credential::Key(key) => sigstore.keyed(&key.pair(sigstore)),
        }
        .at(self.time);
        signer = match plan.rekor {
            Rekor::V1 => signer,
            Rekor::V2 => signer.entry(TransparencyLog::RekorV2, EntryKind::HashedRekordV002),
            Rekor::None => signer.without_entries(),
        };
        signer = match plan.format {
            Format::Bundle01 => signer.bundle_version(BundleVersion::V01),
            Format::Bundle02 => signer.bundle_version(BundleVersion::V02),
            Format::Bundle03 | Format::Legacy => signer.bundle_version(BundleVersion::V03),
        };
        // A log of Rekor v2 says no times.
        if plan.rekor == Rekor::V2 && plan.timestamps.is_empty() {
            signer = signer.timestamp(sealstone_forge::TimestampAuthority::First);
        }
        for authority in &plan.timestamps {
            signer = signer.timestamp(match authority {
                TimestampAuthority::First => sealstone_forge::TimestampAuthority::First,
                TimestampAuthority::Second => sealstone_forge::TimestampAuthority::Second,
            });
        }
        match self.fault {
            Some(fault) => signer.fault(fault),
            None => signer,
        }
    }
}

impl KeyType {
    /// The key of this kind in a virtual Sigstore.
    pub(super) fn pair(self, sigstore: &VirtualSigstore) -> KeyPair {
        let details = match self {
            Self::EcdsaP256 => KeyDetails::EcdsaP256Sha256,
            Self::EcdsaP384 => KeyDetails::EcdsaP384Sha384,
            Self::EcdsaP521 => KeyDetails::EcdsaP521Sha512,
            Self::Ed25519 => KeyDetails::Ed25519,
            Self::Rsa2048 => KeyDetails::RsaPkcs1v15_2048Sha256,
            Self::Rsa3072 => KeyDetails::RsaPkcs1v15_3072Sha256,
            Self::Rsa4096 => KeyDetails::RsaPkcs1v15_4096Sha256,
        };
        sigstore.key_pair(KEY, details)
    }
}

fn subject(text: &str) -> Result<SubjectAlternativeName, String> {
    policy_test::alternative_name(text).ok_or_else(|| {
        let message = "an email address, a URI or NAME!DOMAIN is wanted";
        flag_error("forge.identity-malformed", message)
    })
}

fn time(text: &str) -> Result<UnixTime, String> {
    let time = UnixTime::from_seconds(Now::parse(text)?.seconds());
    if (STARTED..ENDED).contains(&time) {
        Ok(time)
    } else {
        let message = format!("the virtual Sigstore runs from {STARTED} until {ENDED}");
        Err(flag_error("time.out-of-range", message))
    }
}

fn fault(name: &str) -> Result<Fault, String> {
    name.parse().map_err(|error: sealstone_forge::Error| {
        let message = format!("{error}; `sealstone forge faults` lists the names");
        flag_error("forge.fault-unknown", message)
    })
}
