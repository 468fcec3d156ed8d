//! The verification of one signed entity.
//!
//! Order: key, signature, log entries, times, certificate path at every time, certificate timestamps, payload.
//! sigstore-go (`pkg/verify/signed_entity.go`) checks the same facts; the signature comes early here so that
//! a wrong one is told from a log entry about another. Nothing is used before it is authenticated.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::artifact::{ArtifactDigest, Subject};
use crate::bundle::{Content, SignedEntity, VerificationMaterial};
use crate::certificate::{self, Certificate, IssuedBy, Purpose};
use crate::crypto::{Budget, Hash, Message, PublicKey};
use crate::dsse::IN_TOTO;
use crate::encoding::hex;
use crate::error::Error;
use crate::facts::{Facts, Signer, TimeSource, VerifiedLogEntry, VerifiedTime};
use crate::json::Value;
use crate::limits::Limits;
use crate::requirements::Requirements;
use crate::statement::Statement;
use crate::time::{UnixTime, Validity};
use crate::tlog::{self, Binding, SignedContent, WitnessQuorum};
use crate::trusted_root::TrustedRoot;
use crate::{sct, simple_signing, timestamp};

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
        let mut budget = Budget::new(&self.limits);
        let budget = &mut budget;
        let candidates = hinted(entity, subject)?;
        let identified = self.identify(entity, budget)?;
        let message = check_signature(entity, candidates, &identified.key, budget)?;
        let log_entries = self.log_entries(entity, message, &identified, now, budget)?;
        let verified_times = self.times(entity, &log_entries, now, budget)?;
        self.check_logs_at(&log_entries, &verified_times, now)?;
        self.check_key_at(&verified_times)?;
        let mut certificate_transparency_logs = Vec::new();
        if let Some((leaf, issuers)) = &identified.certificate {
            let issuer = valid_at_every_time(leaf, issuers, &verified_times)?;
            certificate_transparency_logs = self.certificate_timestamps(leaf, issuer, budget)?;
        }
        let payload = self.payload(entity, subject, message)?;
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
                content: signed_content(entity, message)?,
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

    /// The verified times, ascending.
    fn times(
        &self,
        entity: &SignedEntity,
        log_entries: &[VerifiedLogEntry],
        now: UnixTime,
        budget: &mut Budget,
    ) -> Result<Vec<VerifiedTime>, Error> {
        let integrated = log_entries.iter().filter_map(|entry| {
            Some(VerifiedTime {
                time: entry.integrated_time?,
                source: TimeSource::TransparencyLog(entry.log_id.clone()),
            })
        });
        let integrated: Vec<VerifiedTime> = integrated.collect();
        check_threshold(
            &integrated,
            self.requirements.integrated_timestamp_threshold,
        )?;
        let signed = self.signed_timestamps(entity, now, budget)?;
        check_threshold(&signed, self.requirements.signed_timestamp_threshold)?;
        let times = ascending(integrated.into_iter().chain(signed));
        if times.is_empty() && self.requirements.insecure_current_time {
            return Ok(alloc::vec![VerifiedTime {
                time: now,
                source: TimeSource::CurrentTime,
            }]);
        }
        let required = match self.trust {
            Trust::Authorities => self.requirements.observer_timestamp_threshold.max(1),
            Trust::Key(_) => self.requirements.observer_timestamp_threshold,
        };
        check_threshold(&times, required)?;
        Ok(times)
    }

    /// The RFC 3161 timestamps, each of which must verify (client specification, section 4.2.1). Without a
    /// trust root there is nothing to hold them against, and none counts.
    fn signed_timestamps(
        &self,
        entity: &SignedEntity,
        now: UnixTime,
        budget: &mut Budget,
    ) -> Result<Vec<VerifiedTime>, Error> {
        let Some(root) = &self.root else {
            return Ok(Vec::new());
        };
        let mut times = Vec::new();
        for response in &entity.timestamps {
            let verified = timestamp::verify(
                response,
                timestamped(entity),
                &root.timestamp_authorities,
                &self.limits,
                budget,
            )?;
            let verified = verified.ok_or(Error::TimestampAuthorityUnknown)?;
            if verified.time > now {
                return Err(Error::TimeInFuture {
                    time: verified.time,
                });
            }
            times.push(verified);
        }
        Ok(times)
    }

    /// An entry without a time of its own counts only if its log was in force at some verified time, or, where
    /// no time is demanded and none is proved, still is.
    fn check_logs_at(
        &self,
        log_entries: &[VerifiedLogEntry],
        times: &[VerifiedTime],
        now: UnixTime,
    ) -> Result<(), Error> {
        let untimed = log_entries
            .iter()
            .filter(|entry| entry.integrated_time.is_none());
        for entry in untimed {
            let log = self
                .root
                .iter()
                .flat_map(|root| &root.transparency_logs)
                .find(|log| log.id == entry.log_id)
                .ok_or(Error::LogEntryLogUnknown)?;
            let in_force = match times {
                [] => log.validity.contains(now),
                times => times.iter().any(|time| log.validity.contains(time.time)),
            };
            if !in_force {
                let time = times.first().map_or(now, |time| time.time);
                return Err(Error::LogEntryOutsideLogValidity { time });
            }
        }
        Ok(())
    }

    fn check_key_at(&self, times: &[VerifiedTime]) -> Result<(), Error> {
        let Some(validity) = self.key_validity else {
            return Ok(());
        };
        if times.is_empty() {
            return Err(Error::TimeMissing);
        }
        match times.iter().find(|time| !validity.contains(time.time)) {
            Some(outside) => Err(Error::PublicKeyOutsideValidity { time: outside.time }),
            None => Ok(()),
        }
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

    /// Reads what was signed and binds it to the subject.
    fn payload<'s>(
        &self,
        entity: &SignedEntity,
        subject: &Subject<'s>,
        message: Option<&'s ArtifactDigest>,
    ) -> Result<Payload<'s>, Error> {
        match &entity.content {
            // The signature is over the artifact itself.
            Content::MessageSignature { .. } => Ok(Payload {
                artifact: message,
                statement: None,
                annotations: Value::Null,
            }),
            Content::SimpleSigning { payload, .. } => {
                let mut refused = Error::ArtifactMismatch;
                for artifact in subject.artifacts() {
                    match simple_signing::check(payload, artifact, &self.limits) {
                        Ok(annotations) => {
                            return Ok(Payload {
                                artifact: Some(artifact),
                                statement: None,
                                annotations,
                            });
                        }
                        Err(error) => refused = error,
                    }
                }
                Err(refused)
            }
            Content::Envelope { envelope, .. } => {
                if envelope.payload_type != IN_TOTO {
                    return Err(Error::DssePayloadType);
                }
                let statement = Statement::from_json(&envelope.payload, &self.limits)?;
                let artifact = match subject {
                    Subject::Artifacts(artifacts) => artifacts
                        .iter()
                        .find(|artifact| statement.speaks_of(artifact))
                        .map(Some),
                    Subject::GitCommit(commit) => {
                        statement.speaks_of_commit(commit).then_some(None)
                    }
                };
                Ok(Payload {
                    artifact: artifact.ok_or(Error::StatementSubjectMismatch)?,
                    statement: Some(statement),
                    annotations: Value::Null,
                })
            }
        }
    }
}

/// What was signed, and what it is bound to.
struct Payload<'s> {
    artifact: Option<&'s ArtifactDigest>,
    statement: Option<Statement>,
    annotations: Value,
}

/// What a timestamp is over: the signature, but for attestations that cosign stored in layers the stored
/// envelope.
fn timestamped(entity: &SignedEntity) -> &[u8] {
    match &entity.content {
        Content::MessageSignature { signature, .. } | Content::SimpleSigning { signature, .. } => {
            signature
        }
        Content::Envelope {
            stored: Some(stored),
            ..
        } => stored,
        Content::Envelope { envelope, .. } => &envelope.signature,
    }
}

/// Counts distinct sources.
fn check_threshold(times: &[VerifiedTime], required: usize) -> Result<(), Error> {
    let found = distinct(times.iter().map(|time| match &time.source {
        TimeSource::TransparencyLog(id) => (0, id.as_slice()),
        TimeSource::TimestampAuthority(uri) => (1, uri.as_bytes()),
        TimeSource::CurrentTime => (2, &[][..]),
    }));
    if found >= required {
        Ok(())
    } else if found == 0 {
        Err(Error::TimeMissing)
    } else {
        Err(Error::TimeThreshold { found, required })
    }
}

/// The artifacts that the entity can be about. The digest in a message signature is only a hint, but one that
/// contradicts every artifact is a reason to stop.
fn hinted<'s>(entity: &SignedEntity, subject: &Subject<'s>) -> Result<&'s [ArtifactDigest], Error> {
    let artifacts = subject.artifacts();
    let Content::MessageSignature {
        digest_hint: Some((algorithm, digest)),
        ..
    } = &entity.content
    else {
        return Ok(artifacts);
    };
    let hinted = match algorithm.as_str() {
        "SHA2_256" => "sha256",
        "SHA2_384" => "sha384",
        "SHA2_512" => "sha512",
        _ => return Err(Error::ArtifactMismatch),
    };
    let hex = hex::encode(digest);
    artifacts
        .iter()
        .find(|artifact| hinted == artifact.algorithm().name() && hex == artifact.hex())
        .map(core::slice::from_ref)
        .ok_or(Error::ArtifactMismatch)
}

/// What the log entries must be about. `message` is the artifact that a message signature is over.
fn signed_content<'a>(
    entity: &'a SignedEntity,
    message: Option<&'a ArtifactDigest>,
) -> Result<SignedContent<'a>, Error> {
    Ok(match &entity.content {
        Content::MessageSignature { signature, .. } => SignedContent::Message {
            artifact: message.ok_or(Error::ArtifactMismatch)?,
            signature,
        },
        Content::SimpleSigning {
            digest, signature, ..
        } => SignedContent::Message {
            artifact: digest,
            signature,
        },
        Content::Envelope { envelope, stored } => SignedContent::Envelope {
            envelope,
            stored: stored.as_deref(),
        },
    })
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

/// Verifies the signature. Returns the artifact that a message signature is over.
fn check_signature<'s>(
    entity: &SignedEntity,
    artifacts: &'s [ArtifactDigest],
    key: &PublicKey,
    budget: &mut Budget,
) -> Result<Option<&'s ArtifactDigest>, Error> {
    let valid = match &entity.content {
        Content::MessageSignature { signature, .. } => {
            for artifact in artifacts {
                let digest = hex::decode(artifact.hex()).unwrap_or_default();
                let message = Message::Digest(Hash::from(artifact.algorithm()), &digest);
                if key.verify_artifact(message, signature, budget)? {
                    return Ok(Some(artifact));
                }
            }
            false
        }
        Content::SimpleSigning {
            payload, signature, ..
        } => key.verify_artifact(Message::Parts(&[payload]), signature, budget)?,
        Content::Envelope { envelope, .. } => envelope
            .with_message(|message| key.verify_artifact(message, &envelope.signature, budget))?,
    };
    if valid {
        Ok(None)
    } else {
        Err(Error::SignatureInvalid)
    }
}

/// By time; times that are equal keep their order. Limits keep the list short.
fn ascending(times: impl Iterator<Item = VerifiedTime>) -> Vec<VerifiedTime> {
    let mut sorted: Vec<VerifiedTime> = Vec::new();
    for time in times {
        let place = sorted.partition_point(|other| other.time <= time.time);
        sorted.insert(place, time);
    }
    sorted
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
