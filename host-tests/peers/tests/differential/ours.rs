//! Our own verdict.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealstone_peers::{Job, Signer};
use sealstone_verify::{
    Error, Facts, Limits, PublicKey, Requirements, SignedEntity, TrustedRoot, UnixTime, Verifier,
};

/// Accepted, or the code of the rejection.
pub(crate) type Verdict = Result<(), &'static str>;

/// Our verifier, with trust roots by path.
#[derive(Default)]
pub(crate) struct Ours {
    trusted_roots: HashMap<PathBuf, Arc<TrustedRoot>>,
}

impl Ours {
    /// Verifies a bundle and who signed it.
    pub(crate) fn verify(&mut self, job: &Job, now: UnixTime) -> Verdict {
        let facts = self.facts(job, now).map_err(|error| error.code())?;
        match (&job.signer, &facts.signer) {
            (Signer::Key(_), sealstone_verify::Signer::PublicKey { .. }) => Ok(()),
            (
                Signer::Certificate { identity, issuer },
                sealstone_verify::Signer::Certificate(certificate),
            ) => {
                if *issuer != certificate.issuer {
                    Err("identity.issuer-mismatch")
                } else if *identity != certificate.subject_alternative_name {
                    Err("identity.subject-mismatch")
                } else {
                    Ok(())
                }
            }
            (expected, found) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    /// Verifies a bundle, whoever signed it.
    pub(crate) fn facts(&mut self, job: &Job, now: UnixTime) -> Result<Facts, Error> {
        let limits = Limits::default();
        let root = self.trusted_root(&job.trusted_root);
        let verifier = match &job.signer {
            Signer::Certificate { .. } => {
                Verifier::keyless(root, Requirements::default(), limits.clone())?
            }
            Signer::Key(pem) => {
                let requirements = Requirements {
                    signed_certificate_timestamp_threshold: 0,
                    ..Requirements::default()
                };
                let key = PublicKey::from_pem(pem)?;
                Verifier::keyed(key, Some(root), requirements, limits.clone())?
            }
        };
        let entity = SignedEntity::from_bundle(&job.bundle, &limits)?;
        let artifact = job.artifact_digest.parse()?;
        verifier.verify(&entity, &artifact, now)
    }

    fn trusted_root(&mut self, path: &Path) -> Arc<TrustedRoot> {
        let read = || {
            let json = std::fs::read(path).expect("the trust root is there");
            let root = TrustedRoot::from_json(&json, &Limits::default());
            Arc::new(root.expect("the trust root is valid"))
        };
        Arc::clone(
            self.trusted_roots
                .entry(path.to_owned())
                .or_insert_with(read),
        )
    }
}
