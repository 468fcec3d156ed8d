//! The peer that is a crate.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::time::{ClockId, clock_gettime};
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::{
    Artifact, ArtifactDigest, Bundle, DerPublicKey, DigestBytes, HashAlgorithm,
};
use sigstore_verify::{Policy, PublicKeyVerificationPolicy, VerificationPolicy, Verifier};

use super::answer::{Answer, Outcome};
use super::job::{Job, Signer};

/// `sigstore-verify`, with trust roots by path.
#[derive(Default)]
pub(super) struct SigstoreRust {
    verifiers: HashMap<PathBuf, Arc<Verifier>>,
}

impl std::fmt::Debug for SigstoreRust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigstoreRust")
            .field("trusted_roots", &self.verifiers.keys())
            .finish_non_exhaustive()
    }
}

/// A job whose trust root is read.
struct Prepared<'a> {
    verifier: Arc<Verifier>,
    policy: Box<dyn Policy>,
    digest: ArtifactDigest,
    bundle: &'a [u8],
}

impl SigstoreRust {
    pub(super) fn verify(&mut self, job: &Job) -> Answer {
        answer(self.prepare(job).and_then(|prepared| {
            prepared.check()?;
            Ok(None)
        }))
    }

    pub(super) fn bench(&mut self, job: &Job, iterations: u32) -> Answer {
        answer(self.prepare(job).and_then(|prepared| {
            prepared.check()?;
            let before = thread_time();
            for _ in 0..iterations {
                prepared.check()?;
            }
            Ok(thread_time().saturating_sub(before).checked_div(iterations))
        }))
    }

    fn prepare<'a>(&mut self, job: &'a Job) -> Result<Prepared<'a>> {
        let policy: Box<dyn Policy> = match &job.signer {
            Signer::Certificate { identity, issuer } => {
                Box::new(VerificationPolicy::new(identity.as_str(), issuer.as_str()))
            }
            Signer::Key(pem) => Box::new(PublicKeyVerificationPolicy::new(DerPublicKey::from_pem(
                pem,
            )?)),
        };
        Ok(Prepared {
            verifier: self.verifier(&job.trusted_root)?,
            policy,
            digest: digest(&job.artifact_digest)?,
            bundle: &job.bundle,
        })
    }

    fn verifier(&mut self, path: &Path) -> Result<Arc<Verifier>> {
        if let Some(verifier) = self.verifiers.get(path) {
            return Ok(Arc::clone(verifier));
        }
        let verifier = Arc::new(Verifier::new(&TrustedRoot::from_file(path)?)?);
        self.verifiers
            .insert(path.to_owned(), Arc::clone(&verifier));
        Ok(verifier)
    }
}

impl Prepared<'_> {
    /// A panic is a rejection, as with the other peers.
    fn check(&self) -> Result<()> {
        catch_unwind(AssertUnwindSafe(|| {
            let bundle = Bundle::from_json(str::from_utf8(self.bundle)?)?;
            let artifact = Artifact::from_digest(self.digest.clone());
            self.verifier
                .verify(artifact, &bundle, self.policy.as_ref())?;
            Ok(())
        }))
        .unwrap_or_else(|_| bail!("panicked"))
    }
}

fn digest(text: &str) -> Result<ArtifactDigest> {
    let (algorithm, value) = text
        .split_once(':')
        .context("a digest names its algorithm")?;
    let algorithm = match algorithm {
        "sha256" => HashAlgorithm::Sha2256,
        "sha384" => HashAlgorithm::Sha2384,
        "sha512" => HashAlgorithm::Sha2512,
        _ => bail!("the digest is of an unknown algorithm: {text}"),
    };
    Ok(ArtifactDigest::new(
        algorithm,
        DigestBytes::from_hex(value)?,
    )?)
}

fn answer(result: Result<Option<Duration>>) -> Answer {
    match result {
        Ok(cpu) => Answer {
            outcome: Outcome::Accepted,
            error: None,
            cpu,
        },
        Err(error) => Answer {
            outcome: Outcome::Rejected,
            error: Some(format!("{error:#}")),
            cpu: None,
        },
    }
}

/// The processor time of this thread; the crate starts no others.
fn thread_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
