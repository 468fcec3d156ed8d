//! Every peer can be asked what a verification costs it.

use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use sealstone_peers::{Peer, Signer};

use crate::forged;

const ITERATIONS: u32 = 5;

pub(crate) fn trials(off: bool) -> Vec<Trial> {
    Peer::ALL
        .iter()
        .copied()
        .map(|peer| {
            let run = move || {
                if off {
                    Err("not run".into())
                } else {
                    check(peer)
                }
            };
            Trial::test(format!("{}/cost", peer.name()), run).with_ignored_flag(off)
        })
        .collect()
}

/// A bundle that verifies has a cost, and one that does not has none.
fn check(peer: Peer) -> Result<(), Failed> {
    let mut job = forged::valid();
    let mut running = peer.start().map_err(|error| format!("{error:#}"))?;
    let cost = running
        .bench(&job, ITERATIONS)
        .map_err(|error| format!("{error:#}"))?;
    if cost < Duration::from_micros(20) || cost > Duration::from_secs(1) {
        return Err(format!("{cost:?} is no cost of five signature checks").into());
    }
    job.signer = Signer::Certificate {
        identity: "somebody@sigstore.example".to_owned(),
        issuer: "https://accounts.example".to_owned(),
    };
    match running.bench(&job, ITERATIONS) {
        Ok(cost) => Err(format!("{cost:?} for what is rejected").into()),
        Err(_) => Ok(()),
    }
}
