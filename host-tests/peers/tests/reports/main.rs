//! What `sealstone` writes for programs of others, read by these programs: JUnit XML, SARIF, reports of
//! OpenReports, and statements of in-toto.
//!
//! `cargo xtask hosts` builds the program and names it in `SEALSTONE_PROGRAM`. `SEALSTONE_PEERS=off` leaves
//! the suite out, and its tests are then reported as ignored. Nothing else does: a program that cannot be
//! installed is a failure.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod decisions;
mod formats;
mod statements;
mod versions;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers as peers;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    let trials = [
        Trial::test("junit/accepted", formats::junit_is_accepted),
        Trial::test("junit/broken", formats::broken_junit_is_refused),
        Trial::test("sarif/accepted", formats::sarif_is_accepted),
        Trial::test("sarif/broken", formats::broken_sarif_is_refused),
        Trial::test("openreports/accepted", formats::reports_are_accepted),
        Trial::test("openreports/broken", formats::broken_reports_are_refused),
        Trial::test("statements/accepted", statements::are_accepted),
        Trial::test("statements/broken", statements::broken_are_refused),
    ];
    let with_peers = trials.into_iter().map(|it| it.with_ignored_flag(off));
    let trials = with_peers.chain([Trial::test("versions/stated", versions::stated)]);
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
