//! Why a bundle was not verified.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sealstone::denial;
use sealstone::digest::DigestError;
use sealstone::runtime::{Failure, LoadError, Outcome};

/// Why a bundle was not verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line is not the one of the protocol, or asks for help.
    #[error("{0}")]
    Arguments(#[from] clap::Error),
    /// The clock of this machine stands before 1970.
    #[error("the clock of this machine stands before 1970")]
    Clock,
    /// The argument begins like a digest and is none.
    #[error("{0}")]
    Digest(DigestError),
    /// The key file is not PEM.
    #[error("the key `{}` is not PEM", .0.display())]
    KeyNotText(PathBuf),
    /// The module cannot be used.
    #[error("the module cannot be used: {0}")]
    Module(#[from] LoadError),
    /// The module gave no decision.
    #[error("{0}")]
    NoDecision(#[from] Failure),
    /// The module rejected the bundle.
    #[error("{message}")]
    Rejected {
        /// The code of the module.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// `sign-bundle`.
    #[error("the module verifies; it has no keys and signs nothing")]
    SigningUnsupported,
    /// `--staging` without a trust root.
    #[error(
        "no trust root of the staging instance is built in; name one with `--trusted-root` or STAGING_TRUSTED_ROOT"
    )]
    StagingRootMissing,
    /// A file cannot be read.
    #[error("the {what} `{}` cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why.
        reason: io::Error,
    },
}

impl Error {
    pub(super) fn unreadable(path: &Path, what: &'static str, reason: io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            what,
            reason,
        }
    }

    /// The stable code. For a policy with problems, that of the first one.
    pub fn code(&self) -> &str {
        match self {
            Self::Arguments(_) => "arguments.malformed",
            Self::Clock => "time.clock-before-1970",
            Self::Digest(error) => error.code(),
            Self::KeyNotText(_) => "public-key.malformed",
            Self::Module(error) => error.code(),
            Self::NoDecision(failure) => failure.code(),
            Self::Rejected { code, .. } => code,
            Self::SigningUnsupported => "signing.unsupported",
            Self::StagingRootMissing => "trust-root.staging-missing",
            Self::Unreadable { .. } => "file.unreadable",
        }
    }

    /// The exit status: 1 rejected, 2 usage, 3 unavailable; 0 for help that was asked for.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Arguments(error) if !error.use_stderr() => 0,
            Self::Rejected { .. } => 1,
            Self::NoDecision(failure) => match denial::outcome(failure) {
                Outcome::Invalid => 2,
                Outcome::Unavailable => 3,
                _ => 1,
            },
            Self::Clock | Self::Module(LoadError::Engine(_)) | Self::Unreadable { .. } => 3,
            _ => 2,
        }
    }

    /// Writes the error for people, each problem with its code on a line of its own. Help that was
    /// asked for goes to standard output.
    ///
    /// # Errors
    ///
    /// That of the output.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Arguments(error) => error.print(),
            Self::NoDecision(Failure::Policy(problems)) => {
                problems.iter().try_for_each(|problem| {
                    let (code, path, message) = (&problem.code, &problem.path, &problem.message);
                    writeln!(output, "error[{code}]: {path}: {message}")
                })
            }
            _ => writeln!(output, "error[{}]: {self}", self.code()),
        }
    }
}
