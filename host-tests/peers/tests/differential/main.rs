//! The same bundles through our verifier and through those of others.
//!
//! Each disagreement is listed with its reason in `disagreements.toml`; one that is not listed fails the
//! run, and so does a rule that covers more or fewer than it says. `SEALSTONE_PEERS=off` leaves the peers
//! out, and all tests are then reported as ignored. Nothing else does: a peer that cannot be installed is a
//! failure.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod compare;
mod corpus;
mod cost;
mod forged;
mod ours;
mod rules;
mod rules_tests;
mod vectors;
mod versions;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers::{self as peers, Peer};

use crate::compare::Peers;
use crate::corpus::Corpus;
use crate::rules::Rules;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    let vectors = vectors::find();
    if off {
        eprintln!(
            "the peers are off by {}; tests with them are ignored",
            peers::OFF
        );
    }
    if vectors.is_none() {
        eprintln!(
            "the public vectors are missing: set SEALSTONE_VECTORS to their folder; their tests are ignored"
        );
    }
    let rules = Arc::new(Rules::read());
    let running = Arc::new(Peers::default());
    let mut trials = versions::trials();
    trials.push(Trial::test("rules/well-formed", {
        let rules = Arc::clone(&rules);
        move || rules.check_form()
    }));
    trials.extend(rules_tests::trials());
    trials.extend(cost::trials(off));
    // Two tests that follow each other ask different peers, so that they can run side by side.
    for corpus in Corpus::all(vectors) {
        let ignored = off || corpus.is_missing();
        let corpus = Arc::new(corpus);
        for peer in Peer::ALL.iter().copied() {
            let (corpus, rules, running) = (
                Arc::clone(&corpus),
                Arc::clone(&rules),
                Arc::clone(&running),
            );
            let name = format!("{}/{}", peer.name(), corpus.name);
            let run = move || {
                if ignored {
                    return Err("not run".into());
                }
                compare::run(peer, &corpus, &rules, &running)
            };
            trials.push(Trial::test(name, run).with_ignored_flag(ignored));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
