//! Bills of materials that real tools make of real projects are attested by cosign, by key, and decided
//! about by the program `sealstone`.
//!
//! The projects: a small one for Node.js and a small one for Python in `host-tests/peers/documents`, this
//! workspace, and one of its packed modules. `cargo xtask hosts` builds the program and names it in
//! `SEALSTONE_PROGRAM`, and the folder of the packed modules in `SEALSTONE_ARTIFACTS`. `SEALSTONE_PEERS=off`
//! leaves the suite out, and its tests are then reported as ignored. Nothing else does: a program that cannot
//! be installed is a failure.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod attested;
mod cases;
#[path = "../cosign/cosign.rs"]
mod cosign;
mod documents;
#[path = "../cosign/keys.rs"]
#[expect(dead_code, reason = "one kind of key does here")]
mod keys;
mod projects;
#[path = "../cosign/registry.rs"]
#[expect(dead_code, reason = "our program moves the images here")]
mod registry;
#[path = "../registry/run.rs"]
#[expect(
    dead_code,
    reason = "what our program says to people is tested elsewhere"
)]
mod run;
#[path = "../cosign/sealstone.rs"]
#[expect(dead_code, reason = "images are in a registry here")]
mod sealstone;
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
    let mut trials: Vec<Trial> = attested::trials(&registries)
        .into_iter()
        .map(|trial| trial.with_ignored_flag(off))
        .collect();
    trials.extend(versions::trials());
    // The registries end with the last owner of what holds them, which is this function.
    libtest_mimic::run(&arguments, trials).exit_code()
}
