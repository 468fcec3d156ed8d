//! The module for OPA in hosts by others, as they are: the SDKs for Node, Python and Rust, and `opa`
//! itself, which gets it in a bundle.
//!
//! Each host answers every decision vector with the bytes that the engine gives, and entrypoint 0 in each
//! shape. `cargo xtask hosts` builds what is needed and names the program `sealstone` in
//! `SEALSTONE_PROGRAM`. `SEALSTONE_PEERS=off` leaves the suite out, and its tests are then reported as
//! ignored.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod cases;
mod guide;
mod opa;
mod sdks;
mod versions;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers as peers;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    if off {
        eprintln!(
            "the hosts are off by {}; tests with them are ignored",
            peers::OFF
        );
    }
    let with_hosts = sdks::trials()
        .into_iter()
        .chain(opa::trials())
        .chain(guide::trials());
    let mut trials: Vec<Trial> = with_hosts
        .map(|trial| trial.with_ignored_flag(off))
        .collect();
    trials.extend(versions::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}
