//! What cosign signs offline, by key, is verified by the program `sealstone`, from a registry with the
//! referrers API and from one without; what `sealstone forge` makes is verified by cosign; and our own modules
//! take the whole way.
//!
//! `cargo xtask hosts` builds the program and names it in `SEALSTONE_PROGRAM`, and the folder of the packed
//! modules in `SEALSTONE_ARTIFACTS`. `SEALSTONE_PEERS=off` leaves
//! the suite out, and its tests are then reported as ignored. Nothing else does: a program that cannot be
//! installed is a failure.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod cosign;
mod evidence;
mod forged;
mod keys;
mod packed;
mod registry;
mod sealstone;
mod signed;
mod versions;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers as peers;

use crate::registry::Registries;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    if off {
        eprintln!(
            "the programs are off by {}; tests with them are ignored",
            peers::OFF
        );
    }
    let registries = Arc::new(Registries::default());
    let with_programs = signed::trials(&registries)
        .into_iter()
        .chain(forged::trials())
        .chain(packed::trials(&registries));
    let mut trials: Vec<Trial> = with_programs
        .map(|trial| trial.with_ignored_flag(off))
        .collect();
    trials.extend(versions::trials());
    // The registries end with the last owner of what holds them, which is this function.
    libtest_mimic::run(&arguments, trials).exit_code()
}
