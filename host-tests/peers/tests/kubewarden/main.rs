//! What real cosign stores in real registries is decided by the Kubewarden policy, in a host whose
//! capabilities answer from these registries as policy-server's do. kwctl and policy-server themselves take
//! part where `SEALSTONE_KWCTL` and `SEALSTONE_POLICY_SERVER` name them.
//!
//! `cargo xtask hosts` builds the policy. `SEALSTONE_PEERS=off` leaves cosign and the registries out, and
//! their tests are then reported as ignored.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod capabilities;
mod client;
#[path = "../cosign/cosign.rs"]
mod cosign;
#[path = "../cosign/keys.rs"]
mod keys;
mod kwctl;
mod policy;
mod policy_server;
#[path = "../cosign/registry.rs"]
mod registry;
mod signed;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers as peers;

use crate::registry::Registries;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    let registries = Arc::new(Registries::default());
    let mut trials: Vec<Trial> = signed::trials(&registries)
        .into_iter()
        .map(|trial| trial.with_ignored_flag(off))
        .collect();
    trials.extend(kwctl::trials());
    trials.extend(policy_server::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}
