//! The `sealstone` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealstone::cli::run(std::env::args_os())
}
