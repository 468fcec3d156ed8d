//! The command line, as the protocol of sigstore-conformance has it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use clap::{ArgGroup, Args, CommandFactory as _, Parser, Subcommand};

use super::Error;

const EXIT_STATUS: &str = "\
Exit status:
  0  verified
  1  rejected; the code stands on standard error
  2  usage: a bad flag, digest, key, trust root or module
  3  unavailable: a file cannot be read

Environment:
  PROD_TRUSTED_ROOT     trust root in place of the built-in one of the public-good instance
  STAGING_TRUSTED_ROOT  trust root of `--staging`
  SEALSTONE_CACHE_DIR   folder for compiled modules; empty for none";

/// Verifies a Sigstore bundle with the Sealstone module, as sigstore-conformance asks for it.
#[derive(Debug, Parser)]
#[command(name = "sealstone-conformance", version, after_help = EXIT_STATUS, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    VerifyBundle(VerifyBundle),
    /// Refused: the module verifies and signs nothing.
    #[command(disable_help_flag = true)]
    SignBundle {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        ignored: Vec<OsString>,
    },
}

/// Verify a bundle for an artifact.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("signer").args(["certificate_identity", "key"]).required(true)))]
struct VerifyBundle {
    /// Take the trust root of the staging instance.
    #[arg(long)]
    staging: bool,

    /// The bundle.
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,

    /// The subject alternative name that the certificate must have, letter for letter.
    #[arg(
        long,
        value_name = "ID",
        value_parser = NonEmptyStringValueParser::new(),
        requires = "certificate_oidc_issuer"
    )]
    certificate_identity: Option<String>,

    /// The OIDC issuer that the certificate must name, letter for letter.
    #[arg(
        long,
        value_name = "URL",
        value_parser = NonEmptyStringValueParser::new(),
        requires = "certificate_identity",
        conflicts_with = "key"
    )]
    certificate_oidc_issuer: Option<String>,

    /// The public key, PEM, in place of a certificate.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// The trust root, `trusted_root.json`.
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,

    /// The artifact: a file, or `sha256:` and its digest.
    #[arg(value_name = "FILE_OR_DIGEST")]
    artifact: PathBuf,
}

/// A bundle to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Whether the trust root is that of the staging instance.
    pub(super) staging: bool,
    /// The file with the bundle.
    pub(super) bundle: PathBuf,
    /// Who must have signed.
    pub(super) signer: Signer,
    /// The file with the trust root, where one is named.
    pub(super) trusted_root: Option<PathBuf>,
    /// The artifact: a file or a digest.
    pub(super) artifact: PathBuf,
}

/// Who must have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Whoever has a certificate with exactly this issuer and subject.
    Certificate {
        /// The OIDC issuer.
        issuer: String,
        /// The subject alternative name.
        subject: String,
    },
    /// The holder of the key in this file.
    Key(PathBuf),
}

impl Command {
    /// Reads a command line, the name of the program first.
    ///
    /// # Errors
    ///
    /// [`Error::Arguments`] for anything but the protocol, also for a call for help;
    /// [`Error::SigningUnsupported`] for `sign-bundle`.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        match Arguments::try_parse_from(arguments)?.verb {
            Verb::SignBundle { .. } => Err(Error::SigningUnsupported),
            Verb::VerifyBundle(arguments) => Ok(Self {
                signer: arguments.signer()?,
                staging: arguments.staging,
                bundle: arguments.bundle,
                trusted_root: arguments.trusted_root,
                artifact: arguments.artifact,
            }),
        }
    }
}

impl VerifyBundle {
    fn signer(&self) -> Result<Signer, clap::Error> {
        match (
            &self.key,
            &self.certificate_oidc_issuer,
            &self.certificate_identity,
        ) {
            (Some(key), None, None) => Ok(Signer::Key(key.clone())),
            (None, Some(issuer), Some(subject)) => Ok(Signer::Certificate {
                issuer: issuer.clone(),
                subject: subject.clone(),
            }),
            // The rules for the flags above rule it out.
            _ => Err(Arguments::command().error(
                ErrorKind::ArgumentConflict,
                "either an identity with its issuer or a key is needed",
            )),
        }
    }
}
