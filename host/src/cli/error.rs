//! Errors of the command line: a code, what is wrong, what to do.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use super::advice;
use super::printable::Printable;
use super::style::{BAD, HELP};
use crate::digest::DigestError;
use crate::document::DocumentError;
use crate::evidence::EvidenceError;
use crate::file::ReadError;
use crate::layout::LayoutError;
use crate::policy_test::{self, TestError};
use crate::registry::RegistryError;
use crate::runtime::{Failure, LoadError, Outcome};
use crate::transfer::TransferError;
use crate::trust_root::TrustRootError;

/// The exit statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Success,
    Denied,
    Usage,
    Unavailable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Denied => 1,
            Exit::Usage => 2,
            Exit::Unavailable => 3,
        })
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allowed => Self::Success,
            Outcome::Rejected => Self::Denied,
            Outcome::Invalid => Self::Usage,
            Outcome::Unavailable => Self::Unavailable,
        }
    }
}

/// Why a command gave no result.
#[derive(Debug)]
pub(super) struct Error {
    exit: Exit,
    problems: Vec<Problem>,
    help: Option<String>,
}

#[derive(Debug)]
struct Problem {
    code: String,
    message: String,
}

impl Error {
    /// A usage error with the usual advice for its code.
    pub(super) fn usage(code: &str, message: impl ToString) -> Self {
        Self::new(Exit::Usage, code, message)
    }

    /// A usage error whose advice depends on more than its code.
    pub(super) fn with_help(code: &str, message: impl ToString, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..Self::usage(code, message)
        }
    }

    pub(super) fn unreadable(path: &Path, what: &str, error: &ReadError) -> Self {
        let code = match error {
            ReadError::TooLarge { limit, .. } => limit.code(),
            _ => "file.unreadable",
        };
        let message = format!("the {what} `{}` cannot be read: {error}", path.display());
        Self::usage(code, message)
    }

    pub(super) fn output(error: &io::Error) -> Self {
        let message = format!("the result cannot be written: {error}");
        Self::new(Exit::Unavailable, "output.unwritable", message)
    }

    /// A denial without a decision.
    pub(super) fn denied(code: &str, message: impl ToString) -> Self {
        Self::new(Exit::Denied, code, message)
    }

    /// Something could not be brought.
    pub(super) fn unavailable(code: &str, message: impl ToString) -> Self {
        Self::new(Exit::Unavailable, code, message)
    }

    /// A digest that cannot be used.
    pub(super) fn digest(error: DigestError) -> Self {
        Self::usage(error.code(), error)
    }

    /// An error of a registry.
    pub(super) fn registry(error: &RegistryError) -> Self {
        match error {
            RegistryError::Reference(_) | RegistryError::Local(_) => {
                Self::usage(error.code(), error)
            }
            error if error.altered().is_some() => Self::denied(error.code(), error),
            error => Self::unavailable(error.code(), error),
        }
    }

    /// An image was not moved.
    pub(super) fn transfer(error: &TransferError) -> Self {
        match error {
            TransferError::Registry(error) => Self::registry(error),
            TransferError::Limit { .. } => Self::unavailable(error.code(), error),
            error => Self::usage(error.code(), error),
        }
    }

    /// An error of a layout; `choose` says how to name one of the images that it holds.
    pub(super) fn layout(path: &Path, error: &LayoutError, choose: &str) -> Self {
        let message = format!("`{}`: {error}", path.display());
        let mut usage = Self::usage(error.code(), message);
        if !error.candidates().is_empty() {
            let mut help = format!("{choose}:");
            for candidate in error.candidates() {
                help.push_str(&format!("\n  {}", candidate.digest));
                if let Some(tag) = &candidate.tag {
                    help.push_str(&format!("  {}", Printable(tag)));
                }
            }
            usage.help = Some(help);
        }
        usage
    }

    /// Everything that is wrong with test files.
    pub(super) fn tests(problems: &[policy_test::Problem]) -> Self {
        let mut listed = Vec::new();
        for policy_test::Problem { file, path, error } in problems {
            let place = if path.is_empty() {
                file.display().to_string()
            } else {
                format!("{} at {path}", file.display())
            };
            listed.push(Problem {
                code: error.code().to_owned(),
                message: format!("{place}: {error}"),
            });
            if let TestError::Policy {
                failure: Failure::Policy(problems),
                ..
            } = &**error
            {
                listed.extend(problems.iter().map(|problem| Problem {
                    code: problem.code.clone(),
                    message: at(&problem.path, &problem.message),
                }));
            }
        }
        let first = problems.first().map(|problem| &*problem.error);
        let help = first.and_then(|error| {
            let usual = || advice::for_code(error.code()).map(str::to_owned);
            error.help().or_else(usual)
        });
        Self {
            exit: Exit::Usage,
            problems: listed,
            help,
        }
    }

    /// The first problem in one line.
    pub(super) fn summary(&self) -> String {
        let problem = self.problems.first();
        let line = problem.map(|problem| format!("{}: {}", problem.code, problem.message));
        line.unwrap_or_default()
    }

    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// Writes the error for people.
    pub(super) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        for Problem { code, message } in &self.problems {
            let (code, message) = (Printable(code), Printable(message));
            writeln!(output, "{BAD}error[{code}]{BAD:#}: {message}")?;
        }
        if let Some(help) = &self.help {
            writeln!(output, "{HELP}help{HELP:#}: {help}")?;
        }
        Ok(())
    }

    fn new(exit: Exit, code: &str, message: impl ToString) -> Self {
        Self {
            exit,
            problems: vec![Problem {
                code: code.to_owned(),
                message: message.to_string(),
            }],
            help: advice::for_code(code).map(str::to_owned),
        }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        let exit = match error {
            LoadError::Engine(_) => Exit::Unavailable,
            _ => Exit::Usage,
        };
        let message = format!("the module cannot be used: {error}");
        Self::new(exit, error.code(), message)
    }
}

impl From<DocumentError> for Error {
    fn from(error: DocumentError) -> Self {
        Self::usage(error.code(), format!("the policy cannot be used: {error}"))
    }
}

impl From<EvidenceError> for Error {
    fn from(error: EvidenceError) -> Self {
        Self::usage(error.code(), error)
    }
}

impl From<TrustRootError> for Error {
    fn from(error: TrustRootError) -> Self {
        Self::usage(error.code(), error)
    }
}

/// For failures that no decision can be made of: of the policy, of the request, of an inspection.
impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let exit = Exit::from(crate::denial::outcome(&failure));
        match &failure {
            Failure::Policy(problems) => Self {
                exit,
                problems: problems
                    .iter()
                    .map(|problem| Problem {
                        code: problem.code.clone(),
                        message: at(&problem.path, &problem.message),
                    })
                    .collect(),
                help: advice::for_code(failure.code()).map(str::to_owned),
            },
            Failure::Request(problem) => {
                Self::new(exit, &problem.code, at(&problem.path, &problem.message))
            }
            _ => Self::new(exit, failure.code(), &failure),
        }
    }
}

fn at(path: &str, message: &str) -> String {
    if path.is_empty() {
        message.to_owned()
    } else {
        format!("{path}: {message}")
    }
}
