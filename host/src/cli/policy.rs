//! `sealstone policy`.

mod check;
mod report;

use std::path::Path;

use clap::{Args, Subcommand};

use super::error::{Error, Exit};

const EXAMPLES: &str = "\
Examples:
  sealstone policy check policy.yaml --image registry.example/team/app

Exit status: 0 done, 1 there are warnings and --deny-warnings is given, 2 usage or a policy with
problems, 3 the policy could not be checked.";

/// Work on policies.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Arguments),
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    match &arguments.verb {
        Verb::Check(arguments) => check::run(arguments, module),
    }
}
