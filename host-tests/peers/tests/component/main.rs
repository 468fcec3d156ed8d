//! The decision vectors in hosts of the component that are not ours: each must answer with the same bytes.
//!
//! `cargo xtask hosts` builds the component and names its folder in `SEALSTONE_ARTIFACTS`.
//! `SEALSTONE_PEERS=off` leaves the hosts out, and their tests are then reported as ignored. Nothing else
//! does: a host that cannot be installed is a failure.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod versions;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use sealstone_peers::{
    self as peers, ComponentHost, DecisionVector, RunningComponentHost, decision_vectors,
};

/// The file of the component in the folder of artifacts.
const COMPONENT: &str = "sealstone.wasm";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    if off {
        eprintln!(
            "the hosts are off by {}; tests with them are ignored",
            peers::OFF
        );
    }
    let vectors = decision_vectors().expect("the decision vectors can be read");
    let mut trials = versions::trials();
    for host in ComponentHost::ALL {
        let shared = Arc::new(Host {
            host: *host,
            running: OnceLock::new(),
        });
        for vector in &vectors {
            let (host, vector) = (Arc::clone(&shared), vector.clone());
            let name = format!("{}/{}", host.host.name(), vector.name);
            let trial = Trial::test(name, move || host.check(&vector));
            trials.push(trial.with_ignored_flag(off));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A host that starts with the first vector.
struct Host {
    host: ComponentHost,
    running: OnceLock<Result<Mutex<RunningComponentHost>, String>>,
}

impl Host {
    fn check(&self, vector: &DecisionVector) -> Result<(), Failed> {
        let running = self.running.get_or_init(|| {
            let started = component().and_then(|component| self.host.start(&component));
            started
                .map(Mutex::new)
                .map_err(|error| format!("{error:#}"))
        });
        let running = running.as_ref()?;
        let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
        let document = running.decide(&vector.call)?;
        if document == vector.decision {
            return Ok(());
        }
        Err(format!("{document}\n  is not\n{}", vector.decision).into())
    }
}

fn component() -> Result<PathBuf> {
    let folder = std::env::var_os("SEALSTONE_ARTIFACTS")
        .context("SEALSTONE_ARTIFACTS names no folder; run this suite by `cargo xtask hosts`")?;
    let component = PathBuf::from(folder).join(COMPONENT);
    ensure!(component.is_file(), "{} is missing", component.display());
    Ok(component)
}
