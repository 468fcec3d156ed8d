//! Public vectors, each file a named test.
//!
//! The folder is named by `SEALSTONE_VECTORS`, by default `../shared/vectors` beside the workspace. Without
//! it every suite is one test that is reported as ignored.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::type_complexity,
    reason = "a test stops at the first surprise, and its tables are read in place"
)]

mod conformance;
mod containers;
mod cpython;
mod folder;
mod keys;
mod merkle;
mod others;
mod provenance;
mod rfc3161;
mod sigstore_python;
mod wycheproof;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = folder::find() else {
        eprintln!(
            "the public vectors are missing: set SEALSTONE_VECTORS to their folder; their tests are ignored"
        );
        let ignored = Trial::test("vectors", || Err("not run".into())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![ignored]).exit_code();
    };
    let mut trials = Vec::new();
    trials.extend(conformance::trials(&folder));
    trials.extend(containers::trials(&folder));
    trials.extend(cpython::trials(&folder));
    trials.extend(keys::trials(&folder));
    trials.extend(merkle::trials(&folder));
    trials.extend(others::trials(&folder));
    trials.extend(provenance::trials(&folder));
    trials.extend(rfc3161::trials(&folder));
    trials.extend(sigstore_python::trials(&folder));
    trials.extend(wycheproof::trials(&folder));
    libtest_mimic::run(&arguments, trials).exit_code()
}
