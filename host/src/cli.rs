//! The command line.

mod advice;
mod bundle;
mod carrier;
mod decision_text;
mod error;
mod evidence;
mod explain;
mod forge;
mod init;
mod inspect;
mod now;
mod policy;
mod policy_source;
mod printable;
mod registry_flags;
mod released;
mod report;
mod report_format;
mod review;
mod schema;
mod source;
mod style;
mod test;
mod trace;
mod transfer;
mod verify;

use core::fmt::Display;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::digest::Digest;
use crate::file::{self, Kind};
use crate::limits::{Limit, Limits};
use crate::runtime::{COMPONENT, CacheLocation, Runtime};
use error::{Error, Exit};

const EXIT_STATUS: &str = "\
Exit status:
  0  allowed; done, where nothing is decided
  1  denied: the evidence does not satisfy the policy
  2  usage: a bad flag, policy, trust root, request or module
  3  unavailable: the evidence could not be brought

Environment:
  DOCKER_CONFIG        folder with the `config.json` that has the credentials for registries
  SEALSTONE_CACHE_DIR  folder for compiled modules; empty for none
  NO_COLOR             no colours";

/// Refuse container images that nobody can vouch for.
#[derive(Debug, Parser)]
#[command(name = "sealstone", version, after_help = EXIT_STATUS, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,

    /// Policy module to use instead of the one inside of this program, or, for a policy with rules in
    /// Rego, instead of `sealstone-rego.wasm` beside this program or in the folder `artifacts` beside
    /// its folder.
    #[arg(long, global = true, value_name = "FILE")]
    module: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Verify(verify::Arguments),
    Review(review::Arguments),
    Policy(policy::Arguments),
    Evidence(evidence::Arguments),
    Carrier(carrier::Arguments),
    Push(transfer::PushArguments),
    Pull(transfer::PullArguments),
    Explain(explain::Arguments),
    Report(report::Arguments),
    Init(init::Arguments),
    Inspect(inspect::Arguments),
    Schema(schema::Arguments),
    Bundle(bundle::Arguments),
    Forge(forge::Arguments),
    Test(test::Arguments),
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Runs the program and returns its exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Success
            };
            // A closed pipe changes nothing about what was asked.
            let _ = error.print();
            return exit.into();
        }
    };
    let module = arguments.module.as_deref();
    let result = match &arguments.verb {
        Verb::Verify(arguments) => verify::run(arguments, module),
        Verb::Review(arguments) => review::run(arguments, module),
        Verb::Policy(arguments) => policy::run(arguments, module),
        Verb::Evidence(arguments) => evidence::run(arguments),
        Verb::Carrier(arguments) => carrier::run(arguments),
        Verb::Push(arguments) => transfer::push(arguments),
        Verb::Pull(arguments) => transfer::pull(arguments),
        Verb::Explain(arguments) => explain::run(arguments),
        Verb::Report(arguments) => report::run(arguments),
        Verb::Init(arguments) => init::run(arguments, module),
        Verb::Inspect(arguments) => inspect::run(arguments, module),
        Verb::Schema(arguments) => schema::run(arguments),
        Verb::Bundle(arguments) => bundle::run(arguments, module),
        Verb::Forge(arguments) => forge::run(arguments),
        Verb::Test(arguments) => test::run(arguments, module),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = error.exit();
            // Nobody is left to tell when standard error is gone; the status still speaks.
            let _ = error.write(&mut anstream::stderr().lock());
            exit.into()
        }
    }
}

/// The bytes of the module in `file`, or of the one in this program.
fn module_bytes(file: Option<&Path>, limits: &Limits) -> Result<Vec<u8>, Error> {
    match file {
        Some(file) => read(file, "module", Limit::ModuleBytes, limits.module_bytes),
        None => Ok(COMPONENT.to_owned()),
    }
}

fn new_runtime(limits: &Limits) -> Result<Runtime, Error> {
    Runtime::new(limits.clone(), &CacheLocation::from_environment()).map_err(Error::from)
}

/// Reads a file that a flag names.
fn read(path: &Path, what: &str, limit: Limit, maximum: usize) -> Result<Vec<u8>, Error> {
    file::read(path, Kind::Named, limit, maximum)
        .map_err(|error| Error::unreadable(path, what, &error))
}

/// Reads a file that a flag names, or standard input for `-`.
fn read_input(path: &Path, what: &str, limit: Limit, maximum: usize) -> Result<Vec<u8>, Error> {
    if path != Path::new("-") {
        return read(path, what, limit, maximum);
    }
    file::read_from(io::stdin().lock(), limit, maximum)
        .map_err(|error| Error::unreadable(path, what, &error))
}

/// Writes the result of a command. A reader that went away is not an error.
fn write_result(content: &[u8]) -> Result<(), Error> {
    written(io::stdout().lock().write_all(content))
}

/// Judges whether a result reached its reader.
fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::output(&error)),
        _ => Ok(()),
    }
}

/// Reads a digest that a flag names.
fn digest(text: &str) -> Result<Digest, String> {
    let parsed = text.parse::<Digest>();
    parsed.map_err(|error| flag_error(error.code(), error))
}

/// What is wrong with the value of a flag, with its code.
fn flag_error(code: &str, message: impl Display) -> String {
    format!("{message} [{code}]")
}
