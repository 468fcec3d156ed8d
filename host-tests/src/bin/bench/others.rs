//! The same evidence in other verifiers, in the same passes.

use anyhow::Result;
use sealstone_peers::{Answer, Job, Outcome, Peer, RunningPeer};

use crate::measure::{PASS, median};

/// Verifications from which a pass is first estimated.
const ESTIMATE: u32 = 5;

/// Other verifiers that run.
pub(crate) struct Others {
    running: Vec<(&'static str, RunningPeer)>,
}

/// What a verifier takes for a case.
#[derive(Clone, Debug)]
pub(crate) enum Cost {
    /// Microseconds of processor time to read and verify the evidence.
    Microseconds(f64),
    /// Nothing was measured, for this reason.
    Nothing(String),
}

/// The verifiers that are asked about one case.
pub(crate) struct Asked<'o> {
    verifiers: Vec<Verifier<'o>>,
}

struct Verifier<'o> {
    name: &'static str,
    /// What is measured, how often in a pass, and what came of it; or why it is not.
    series: Result<(&'o mut RunningPeer, &'o Job, u32, Vec<f64>), String>,
}

impl Others {
    /// Starts `sigstore-verify`, which is linked into this program, and the programs beside it
    /// where `programs` are wanted.
    ///
    /// # Errors
    /// A program that cannot be installed or started.
    pub(crate) fn start(programs: bool) -> Result<Self> {
        let mut peers = vec![Peer::SigstoreRust];
        if programs {
            peers.extend([Peer::SigstoreGo, Peer::SigstorePython, Peer::SigstoreJs]);
        }
        let running = peers
            .into_iter()
            .map(|peer| Ok((peer.name(), peer.start()?)))
            .collect::<Result<_>>()?;
        Ok(Self { running })
    }

    /// Asks each of them about a case.
    pub(crate) fn ask<'o>(&'o mut self, job: &'o Result<Job, &'static str>) -> Asked<'o> {
        let verifiers = self.running.iter_mut().map(|(name, peer)| Verifier {
            name,
            series: match job {
                Ok(job) => {
                    accepted(peer, job).map(|iterations| (peer, job, iterations, Vec::new()))
                }
                Err(reason) => Err((*reason).to_owned()),
            },
        });
        Asked {
            verifiers: verifiers.collect(),
        }
    }
}

impl Asked<'_> {
    /// Measures each of them once.
    ///
    /// # Errors
    /// A verifier that gives another answer than before.
    pub(crate) fn pass(&mut self) -> Result<()> {
        for verifier in &mut self.verifiers {
            if let Ok((peer, job, iterations, samples)) = &mut verifier.series {
                let cost = peer.bench(job, *iterations)?;
                samples.push(cost.as_secs_f64() * 1e6);
            }
        }
        Ok(())
    }

    /// The medians.
    pub(crate) fn costs(self) -> Vec<(&'static str, Cost)> {
        let costs = self.verifiers.into_iter().map(|verifier| {
            let cost = match verifier.series {
                Ok((_, _, _, samples)) => Cost::Microseconds(median(samples)),
                Err(reason) => Cost::Nothing(reason),
            };
            (verifier.name, cost)
        });
        costs.collect()
    }
}

/// How many verifications last as long as a pass; or why the evidence is not accepted.
fn accepted(peer: &mut RunningPeer, job: &Job) -> Result<u32, String> {
    match peer.verify(job) {
        Ok(Answer {
            outcome: Outcome::Accepted,
            ..
        }) => {}
        Ok(answer) => return Err(answer.error.unwrap_or_else(|| "not accepted".to_owned())),
        Err(error) => return Err(format!("{error:#}")),
    }
    let cost = peer
        .bench(job, ESTIMATE)
        .map_err(|error| format!("{error:#}"))?;
    let iterations = PASS.as_nanos().checked_div(cost.as_nanos()).unwrap_or(0);
    Ok(u32::try_from(iterations)
        .unwrap_or(u32::MAX)
        .clamp(1, 10_000))
}
