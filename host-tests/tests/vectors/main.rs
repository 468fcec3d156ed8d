//! The shipped module on public vectors, each case a named test.
//!
//! The folder is named by `SEALSTONE_VECTORS`, by default `../shared/vectors` beside the workspace.
//! Without it there is one test, which is reported as ignored.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod cases;
mod program;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Where the compiled module is kept between runs.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/modules");

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let vectors = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    if !vectors.join("sources.json").is_file() {
        eprintln!(
            "the public vectors are missing: set SEALSTONE_VECTORS to their folder; their tests are ignored"
        );
        let ignored = Trial::test("vectors", || Err("not run".into())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![ignored]).exit_code();
    }
    let mut trials = cases::trials(&vectors);
    trials.extend(program::trials(&vectors));
    libtest_mimic::run(&arguments, trials).exit_code()
}
