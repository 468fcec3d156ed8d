//! The verification of one signed entity.
//!
//! Order: key, signature, log entries, times, certificate path at every time, certificate timestamps, payload.
//! sigstore-go (`pkg/verify/signed_entity.go`) checks the same facts; the signature comes early here so that
//! a wrong one is told from a log entry about another. Nothing is used before it is authenticated.

mod content;
mod times;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::artifact::{ArtifactDigest, Subject};
use crate::bundle::{SignedEntity, VerificationMaterial};
use crate::certificate::{self, Certificate, IssuedBy, Purpose};
use crate::crypto::{Budget, PublicKey};
use crate::error::Error;
use crate::facts::{Facts, Signer, VerifiedLogEntry, VerifiedTime};
use crate::limits::Limits;
use crate::requirements::Requirements;
use crate::sct;
use crate::time::{UnixTime, Validity};
use crate::tlog::{self, Binding, WitnessQuorum};
use crate::trusted_root::TrustedRoot;

/// Whom to trust and how much to demand; prepared once, used for every entity.
#[derive(Clone, Debug)]
pub struct Verifier {
    trust: Trust,
    root: Option<Arc<TrustedRoot>>,
    requirements: Requirements,
    /// When the key counts, where the policy says so.
    key_validity: Option<Validity>,
    /// Who must have cosigned checkpoints, where the policy says so.
    witnesses: Option<WitnessQuorum>,
    /// Whether certificates may name no OIDC issuer.
    any_issuer: bool,
    limits: Limits,
}

#[derive(Clone, Debug)]
enum Trust {
    /// Certificates that an authority of the trust root issued.
    Authorities,
    /// One public key.
    Key(PublicKey),
}

/// What a signature is verified with, once that is known to be trusted.
struct Identified<'a> {
    key: PublicKey,
    certificate: Option<(&'a Certificate, Vec<IssuedBy<'a>>)>,
}

impl Verifier {
    /// A verifier of certificates.
    ///
    /// # Errors
    /// [`Error::RequirementsUnmeetable`] when the trust root can never meet `requirements`: no certificate
    /// authority, fewer logs than demanded, no source of time.
    pub fn keyless(
        root: Arc<TrustedRoot>,
        requirements: Requirements,
        limits: Limits,
    ) -> Result<Self, Error> {
        let sources = root
            .transparency_logs
            .len()
            .saturating_add(root.timestamp_authorities.len());
        let meetable = !root.certificate_authorities.is_empty()
            && (sources >= requirements.observer_timestamp_threshold.max(1)
                || requirements.insecure_current_time)
            && root.transparency_logs.len() >= requirements.transparency_log_threshold
            && root.certificate_transparency_logs.len()
                >= requirements.signed_certificate_timestamp_threshold;
        if !meetable {
            return Err(Error::RequirementsUnmeetable);
        }
        Ok(Self {
            trust: Trust::Authorities,
            root: Some(root),
            requirements,
            key_validity: None,
            witnesses: None,
            any_issuer: false,
            limits,
        })
    }

    /// A verifier of signatures by one public key. `root` holds the logs and timestamp authorities, where
    /// `requirements` ask for any.
    ///
    /// # Errors
    /// [`Error::RequirementsUnmeetable`] as for [`Self::keyless`], also when certificate timestamps are
    /// demanded: a key has none.
    pub fn keyed(
        key: PublicKey,
        root: Option<Arc<TrustedRoot>>,
        requirements: Requirements,
        limits: Limits,
    ) -> Result<Self, Error> {
        let logs = root.as_ref().map_or(0, |root| root.transparency_logs.len());
        let authorities = root
            .as_ref()
            .map_or(0, |root| root.timestamp_authorities.len());
        let meetable = requirements.signed_certificate_timestamp_threshold == 0
            && logs >= requirements.transparency_log_threshold
            && logs.saturating_add(authorities) >= requirements.observer_timestamp_threshold;
        if !meetable {
            return Err(Error::RequirementsUnmeetable);
        }
        Ok(Self {
            trust: Trust::Key(key),
            root,
            requirements,
            key_validity: None,
            witnesses: None,
            any_issuer: false,
            limits,
        })
    }

    /// Limits a key to a closed interval of time, in which every verified time must lie. A signature whose
    /// time is not proven is then refused.
    ///
    /// # Errors
    /// [`Error::RequirementsUnmeetable`] when `end` lies before `start`.
    pub fn with_key_validity(
        mut self,
        start: UnixTime,
        end: Option<UnixTime>,
    ) -> Result<Self, Error> {
        if end.is_some_and(|end| end < start) {
            return Err(Error::RequirementsUnmeetable);
        }
        self.key_validity = Some(Validity { start, end });
        Ok(self)
    }

    /// Accepts certificates that name no OIDC issuer, as those of certificate authorities other than Fulcio.
    /// Their [`crate::CertificateIdentity::issuer`] is then empty.
    #[must_use]
    pub fn without_issuer(mut self) -> Self {
        self.any_issuer = true;
        self
    }

    /// Demands that witnesses cosigned the checkpoint of every log entry that counts.
    #[must_use]
    pub fn with_witnesses(mut self, quorum: WitnessQuorum) -> Self {
        self.witnesses = Some(quorum);
        self
    }

    /// Prepares the keys for many signatures: tables of multiples for those of the trust root, and for the key
    /// of a verifier that has one. It changes nothing but speed.
    pub fn prepare(&self) {
        if let Trust::Key(key) = &self.trust {
            key.prepare();
        }
        if let Some(root) = &self.root {
            root.prepare_keys();
        }
    }

    /// Verifies `entity` for `artifact` at the time `now`.
    ///
    /// # Errors
    /// The first fact that does not hold.
    pub fn verify(
        &self,
        entity: &SignedEntity,
        artifact: &ArtifactDigest,
        now: UnixTime,
    ) -> Result<Facts, Error> {
        let artifacts = core::slice::from_ref(artifact);
        self.verify_subject(entity, &Subject::Artifacts(artifacts), now)
    }

    /// Verifies `entity` for any of several artifacts, or for a commit, at the time `now`.
    ///
    /// # Errors
    /// The first fact that does not hold.
    pub fn verify_subject(
        &self,
        entity: &SignedEntity,
        subject: &Subject<'_>,
        now: UnixTime,
    ) -> Result<Facts, Error> {
        self.verify_within(entity, subject, now, &mut { usize::MAX })
    }

    /// The same, where public-key operations may cost so much `work` and no more. It is lowered by what was
    /// spent; one unit is an operation on P-256 (P-384 counts 4, P-521 counts 16, others 1).
    ///
    /// # Errors
    /// The first fact that does not hold; [`Error::LimitExceeded`] with
    /// [`crate::Limit::SignatureWork`] when the work is spent.
    pub fn verify_within(
        &self,
        entity: &SignedEntity,
        subject: &Subject<'_>,
        now: UnixTime,
        work: &mut usize,
    ) -> Result<Facts, Error> {
        let mut budget = Budget::within(&self.limits, *work);
        let verified = self.verify_with(entity, subject, now, &mut budget);
        *work = budget.work();
        verified
    }

    fn verify_with(
        &self,
        entity: &SignedEntity,
        subject: &Subject<'_>,
        now: UnixTime,
        budget: &mut Budget,
    ) -> Result<Facts, Error> {
        let candidates = content::hinted(entity, subject)?;
        let identified = self.identify(entity, budget)?;
        let message = content::check_signature(entity, candidates, &identified.key, budget)?;
        let log_entries = self.log_entries(entity, message, &identified, now, budget)?;
        let verified_times = self.times(entity, &log_entries, now, budget)?;
        self.check_logs_at(&log_entries, &verified_times, now)?;
        self.check_key_at(&verified_times)?;
        let mut certificate_transparency_logs = Vec::new();
        if let Some((leaf, issuers)) = &identified.certificate {
            let issuer = valid_at_every_time(leaf, issuers, &verified_times)?;
            certificate_transparency_logs = self.certificate_timestamps(leaf, issuer, budget)?;
        }
        let payload = content::read(entity, subject, message, &self.limits)?;
        let signer = match identified.certificate {
            Some((leaf, _)) => Signer::Certificate(certificate::identity(leaf, !self.any_issuer)?),
            None => Signer::PublicKey {
                spki_sha256: identified.key.spki_sha256(),
            },
        };
        Ok(Facts {
            kind: entity.kind,
            signer,
            verified_times,
            log_entries,
            certificate_transparency_logs,
            artifact: payload.artifact.cloned(),
            statement: payload.statement,
            annotations: payload.annotations,
        })
    }

    /// Finds the key: that of a certificate which an authority of the trust root signed, or the one given.
    fn identify<'a>(
        &'a self,
        entity: &'a SignedEntity,
        budget: &mut Budget,
    ) -> Result<Identified<'a>, Error> {
        match (&self.trust, &entity.material) {
            (Trust::Authorities, VerificationMaterial::Certificate(leaf)) => {
                certificate::check_leaf(leaf, Purpose::CodeSigning)?;
                let issuers = self.find_issuers(leaf, budget)?;
                Ok(Identified {
                    key: leaf.public_key()?,
                    certificate: Some((leaf, issuers)),
                })
            }
            (Trust::Key(key), VerificationMaterial::PublicKey { .. }) => Ok(Identified {
                key: key.clone(),
                certificate: None,
            }),
            (Trust::Authorities, VerificationMaterial::PublicKey { .. }) => {
                Err(Error::CertificateMissing)
            }
            (Trust::Key(_), VerificationMaterial::Certificate(_)) => {
                Err(Error::CertificateUnexpected)
            }
        }
    }

    /// Every authority that signed the leaf; several may share a name and even a key.
    ///
    /// The key that the leaf names is tried first. Only one key signed it: once that is found, the
    /// other authorities with this key count, and those with another are not tried.
    fn find_issuers<'a>(
        &'a self,
        leaf: &Certificate,
        budget: &mut Budget,
    ) -> Result<Vec<IssuedBy<'a>>, Error> {
        let named = || {
            self.root
                .iter()
                .flat_map(|root| &root.certificate_authorities)
                .flat_map(|authority| authority.named_issuers_of(leaf))
        };
        let identified = named().filter(|issuer| issuer.is_identified_by(leaf));
        let others = named().filter(|issuer| !issuer.is_identified_by(leaf));
        let mut issuers: Vec<IssuedBy<'a>> = Vec::new();
        for candidate in identified.chain(others) {
            let signed = match issuers.first() {
                Some(found) => found.issuer_key() == candidate.issuer_key(),
                None => leaf.is_signed_by(candidate.issuer_key(), budget)?,
            };
            if signed {
                issuers.push(candidate);
            }
        }
        match (issuers.is_empty(), named().next()) {
            (false, _) => Ok(issuers),
            (true, Some(_)) => Err(Error::CertificateSignatureInvalid),
            (true, None) => Err(Error::CertificateIssuerUnknown),
        }
    }

    /// The entries of known logs, each verified and bound. Entries of unknown logs do not count; an entry of
    /// a known log that does not verify refuses the entity.
    fn log_entries(
        &self,
        entity: &SignedEntity,
        message: Option<&ArtifactDigest>,
        identified: &Identified<'_>,
        now: UnixTime,
        budget: &mut Budget,
    ) -> Result<Vec<VerifiedLogEntry>, Error> {
        let verifier = match &identified.certificate {
            Some((leaf, _)) => leaf.der(),
            None => identified.key.spki(),
        };
        let context = tlog::Context {
            binding: Binding {
                content: content::signed_content(entity, message)?,
                verifier,
                is_certificate: identified.certificate.is_some(),
                key: &identified.key,
            },
            witnesses: self.witnesses.as_ref(),
            now,
            limits: &self.limits,
        };
        let mut verified: Vec<VerifiedLogEntry> = Vec::new();
        for entry in &entity.log_entries {
            let logs = self.root.iter().flat_map(|root| &root.transparency_logs);
            let Some(log) = logs.into_iter().find(|log| log.id == entry.log_id) else {
                continue;
            };
            verified.push(tlog::verify(entry, log, &context, budget)?);
        }
        let found = distinct(verified.iter().map(|entry| &entry.log_id));
        let required = self.requirements.transparency_log_threshold;
        if found >= required {
            return Ok(verified);
        }
        Err(if entity.log_entries.is_empty() {
            Error::LogEntryMissing
        } else if verified.is_empty() {
            Error::LogEntryLogUnknown
        } else {
            Error::LogEntryThreshold { found, required }
        })
    }

    fn certificate_timestamps(
        &self,
        leaf: &Certificate,
        issuer: &IssuedBy<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let required = self.requirements.signed_certificate_timestamp_threshold;
        if required == 0 {
            return Ok(Vec::new());
        }
        if leaf.extensions.sct_list.is_none() {
            return Err(Error::SctMissing);
        }
        let logs = self
            .root
            .as_ref()
            .map_or(&[][..], |root| &root.certificate_transparency_logs);
        let verified = sct::verify(leaf, issuer, logs, &self.limits, budget)?;
        if verified.len() >= required {
            Ok(verified)
        } else {
            Err(Error::SctThreshold {
                found: verified.len(),
                required,
            })
        }
    }
}

/// The issuer whose whole path was valid at every verified time.
fn valid_at_every_time<'a, 'b>(
    leaf: &Certificate,
    issuers: &'b [IssuedBy<'a>],
    times: &[VerifiedTime],
) -> Result<&'b IssuedBy<'a>, Error> {
    let mut failure = Error::CertificateIssuerUnknown;
    for issuer in issuers {
        let checked = times
            .iter()
            .try_for_each(|time| issuer.check_validity(leaf, time.time));
        match checked {
            Ok(()) => return Ok(issuer),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> usize {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen.len()
}
