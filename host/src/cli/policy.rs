//! `sealstone policy`.

mod check;
mod report;

use std::path::Path;

use clap::{Args, Subcommand};

use super::error::{Error, Exit};

/// Work on policies.
#[derive(Debug, Args)]
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
