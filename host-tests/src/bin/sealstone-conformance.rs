//! The program that sigstore-conformance calls; `docs/reference/conformance.md` describes it.

use std::io;
use std::process::ExitCode;

use sealstone::runtime::{COMPONENT, Module};
use sealstone_host_tests::conformance::{Command, Error, RootFiles, Verification, now};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is gone; the status still speaks.
            let _ = error.write(&mut io::stderr().lock());
            ExitCode::from(error.exit_status())
        }
    }
}

/// Reads everything before the module is loaded: what is wrong with a file is said at once.
fn run() -> Result<(), Error> {
    let command = Command::parse(std::env::args_os())?;
    let verification = Verification::new(&command, &RootFiles::from_environment())?;
    let module = Module::new(COMPONENT)?;
    verification.run(&module, now()?)
}
