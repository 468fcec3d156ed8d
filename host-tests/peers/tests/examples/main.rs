//! The examples that programs of others read: pipelines and Terraform files. Each passes its linter, and the
//! linter refuses it when one thing in it is wrong.
//!
//! `cargo xtask hosts` builds the program and names it in `SEALSTONE_PROGRAM`. `SEALSTONE_PEERS=off` leaves the
//! suite out, and its tests are then reported as ignored. Nothing else does: a program that cannot be installed
//! is a failure.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod example;
mod github;
mod gitlab;
mod policies;
mod terraform;
mod versions;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers as peers;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    if off {
        eprintln!(
            "the programs are off by {}; tests with them are ignored",
            peers::OFF
        );
    }
    let mut trials = vec![
        Trial::test("github/actionlint", github::passes),
        Trial::test("github/actionlint-refuses", github::refuses),
        Trial::test("gitlab/schema", gitlab::passes),
        Trial::test("gitlab/schema-refuses", gitlab::refuses),
        Trial::test("terraform/check", terraform::passes),
        Trial::test("terraform/check-refuses", terraform::refuses),
    ];
    trials = trials
        .into_iter()
        .map(|trial| trial.with_ignored_flag(off))
        .collect();
    trials.extend([
        Trial::test("github/pinned", github::pinned),
        Trial::test("github/permissions", github::permissions),
        Trial::test("policies/check", policies::check),
        Trial::test("versions/examples", versions::stated),
    ]);
    libtest_mimic::run(&arguments, trials).exit_code()
}
