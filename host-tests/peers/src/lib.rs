//! Other verifiers of Sigstore bundles, to compare ours with: what they accept, and what it costs
//! them. And programs that sign and store, run as they are ([`Program`]); and the decision vectors, which
//! suites in and outside of this package run ([`decision_vectors()`]).
//!
//! Three of the verifiers are programs of their own, built from `host-tests/peers/` into `target/peers/`; one
//! is a crate and runs in this process. Each reads a trust root once and keeps it.

mod answer;
mod component_host;
mod decision_vectors;
mod in_process;
mod install;
mod job;
mod process;
mod program;
mod sbom_schema;
mod version;

use std::time::Duration;

use anyhow::{Result, bail};

pub use answer::{Answer, Outcome};
pub use component_host::{ComponentHost, RunningComponentHost};
pub use decision_vectors::{DecisionVector, decision_vectors, decision_vectors_folder};
pub use install::{OFF, are_off};
pub use job::{Job, Signer};
pub use program::Program;
pub use sbom_schema::SbomSchema;
pub use version::{Version, versions};

use in_process::SigstoreRust;
use process::Process;

/// A verifier by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// The Go library under cosign and policy-controller.
    SigstoreGo,
    /// The npm package `@sigstore/verify`.
    SigstoreJs,
    /// The PyPI package `sigstore`.
    SigstorePython,
    /// The crate `sigstore-verify` with its own cryptography, aws-lc.
    SigstoreRust,
}

impl Peer {
    /// Every peer.
    pub const ALL: &'static [Self] = &[
        Self::SigstoreGo,
        Self::SigstoreJs,
        Self::SigstorePython,
        Self::SigstoreRust,
    ];

    /// The name of its project.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SigstoreGo => "sigstore-go",
            Self::SigstoreJs => "sigstore-js",
            Self::SigstorePython => "sigstore-python",
            Self::SigstoreRust => "sigstore-rust",
        }
    }

    /// Installs the peer where that is not done yet, and starts it.
    ///
    /// # Errors
    /// What stops the installation or the start; a peer that is not there is never passed over.
    pub fn start(self) -> Result<RunningPeer> {
        let inner = match self {
            Self::SigstoreRust => Inner::InProcess(SigstoreRust::default()),
            Self::SigstoreGo | Self::SigstoreJs | Self::SigstorePython => {
                let (mut command, log) = install::install(self)?;
                Inner::Process(Process::start(self.name(), &mut command, log)?)
            }
        };
        Ok(RunningPeer { inner })
    }
}

/// A peer that answers jobs, one after the other.
#[derive(Debug)]
pub struct RunningPeer {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    InProcess(SigstoreRust),
    Process(Process),
}

impl RunningPeer {
    /// Verifies a bundle with one log entry, one observed time and, where there is a certificate, one
    /// certificate timestamp demanded.
    ///
    /// # Errors
    /// Only when the peer does not answer.
    pub fn verify(&mut self, job: &Job) -> Result<Answer> {
        match &mut self.inner {
            Inner::InProcess(peer) => Ok(peer.verify(job)),
            Inner::Process(process) => process.ask(&job.to_json("verify", None)),
        }
    }

    /// The processor time of parsing and verifying the bundle once, with a trust root that is read
    /// already: the mean of `iterations`, measured inside the peer after one iteration that is not
    /// counted. Garbage collectors count, the way to the peer and back does not.
    ///
    /// # Errors
    /// When the peer does not accept the bundle, or does not answer.
    pub fn bench(&mut self, job: &Job, iterations: u32) -> Result<Duration> {
        let answer = match &mut self.inner {
            Inner::InProcess(peer) => peer.bench(job, iterations),
            Inner::Process(process) => process.ask(&job.to_json("bench", Some(iterations)))?,
        };
        match answer {
            Answer {
                outcome: Outcome::Accepted,
                cpu: Some(cpu),
                ..
            } => Ok(cpu),
            answer => bail!("nothing was measured: {answer:?}"),
        }
    }
}
