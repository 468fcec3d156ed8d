//! One peer on one corpus.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::Failed;
use sealstone_peers::{Answer, Peer, RunningPeer};

use crate::corpus::{Case, Corpus};
use crate::rules::{Direction, Rules};

/// The peers that run, each started when it is first asked.
#[derive(Default)]
pub(crate) struct Peers {
    running: Mutex<HashMap<Peer, Arc<Mutex<Option<RunningPeer>>>>>,
}

impl Peers {
    fn ask(&self, peer: Peer, cases: &[Case]) -> anyhow::Result<Vec<Answer>> {
        let slot = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry(peer).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match slot.as_mut() {
            Some(running) => running,
            None => slot.insert(peer.start()?),
        };
        cases
            .iter()
            .map(|case| running.verify(&case.input.job))
            .collect()
    }
}

/// Verifies the corpus with the peer and compares with our verdicts.
pub(crate) fn run(peer: Peer, corpus: &Corpus, rules: &Rules, peers: &Peers) -> Result<(), Failed> {
    let cases = corpus.cases();
    if cases.len() < corpus.least {
        return Err(format!("{} inputs, fewer than {}", cases.len(), corpus.least).into());
    }
    let answers = peers
        .ask(peer, cases)
        .map_err(|error| format!("{error:#}"))?;
    let disagreements: Vec<(&Case, &Answer, Direction)> = cases
        .iter()
        .zip(&answers)
        .filter_map(|(case, answer)| {
            Direction::between(case.ours.is_ok(), answer.outcome)
                .map(|direction| (case, answer, direction))
        })
        .collect();
    let named = disagreements
        .iter()
        .map(|(case, _, direction)| (case.input.name.as_str(), *direction));
    let problems = rules.check(peer, corpus.name, named);
    if problems.is_empty() {
        return Ok(());
    }
    Err(report(&problems, &disagreements).into())
}

/// What is wrong, and under it every disagreement with both reasons.
fn report(problems: &[String], disagreements: &[(&Case, &Answer, Direction)]) -> String {
    let mut report = problems.join("\n");
    report.push_str("\n\nall disagreements:\n");
    for (case, answer, direction) in disagreements {
        let ours = case.ours.err().unwrap_or("verified");
        let theirs = answer.error.as_deref().unwrap_or("verified");
        let theirs: String = theirs
            .chars()
            .take(300)
            .filter(|c| !c.is_control())
            .collect();
        writeln!(
            report,
            "{} {} | ours: {ours} | theirs: {theirs}",
            direction.name(),
            case.input.name
        )
        .expect("memory");
    }
    report
}
