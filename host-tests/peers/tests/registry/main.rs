//! The program `sealstone` and real registries: one that lists referrers, and one that does not. What
//! cosign signs there is verified, collected, carried and moved.
//!
//! `cargo xtask hosts` builds the program and names it in `SEALSTONE_PROGRAM`. `SEALSTONE_PEERS=off` leaves
//! the suite out, and its tests are then reported as ignored. Nothing else does: a program that cannot be
//! installed is a failure.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

#[path = "../cosign/cosign.rs"]
mod cosign;
mod gone;
mod guide;
#[path = "../cosign/keys.rs"]
#[expect(dead_code, reason = "one kind of key does here")]
mod keys;
#[path = "../cosign/registry.rs"]
#[expect(dead_code, reason = "our program moves the images here")]
mod registry;
mod run;
#[path = "../cosign/sealstone.rs"]
#[expect(dead_code, reason = "images are in registries here")]
mod sealstone;
mod signed;

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
    let trials = signed::trials(&registries)
        .into_iter()
        .chain([gone::trial(), guide::trial(&registries)]);
    let trials: Vec<Trial> = trials.map(|trial| trial.with_ignored_flag(off)).collect();
    // The registries end with the last owner of what holds them, which is this function.
    libtest_mimic::run(&arguments, trials).exit_code()
}
