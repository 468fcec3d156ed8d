//! What others say about a signing: log entries and timestamps.

use crate::Error;
use crate::body::{Body, Content, Submission};
use crate::bundle::BundleVersion;
use crate::dsse::Envelope;
use crate::fault::{Fault, Faults};
use crate::making::Making;
use crate::rekor::{LogEntry, Recording, Rekor, TransparencyLog};
use crate::timestamp_authority::Request;

/// Where the evidence goes, which decides what can be said about its log entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Any number of entries, with proofs from version 0.2 on.
    Bundle,
    /// One entry without a proof.
    Legacy,
}

/// Everything that others say.
#[derive(Clone, Debug)]
pub(crate) struct Witnessed {
    pub(crate) entries: Vec<LogEntry>,
    /// DER TimeStampResp each.
    pub(crate) timestamps: Vec<Vec<u8>>,
}

impl Making<'_> {
    /// Logs a submission and has `timestamped` timestamped.
    pub(crate) fn witness(
        &self,
        submission: Submission,
        timestamped: &[u8],
        wire: Wire,
    ) -> Result<Witnessed, Error> {
        Ok(Witnessed {
            entries: self.log(submission, wire)?,
            timestamps: self.timestamps(timestamped, wire),
        })
    }

    fn log(&self, mut submission: Submission, wire: Wire) -> Result<Vec<LogEntry>, Error> {
        if self.entries.is_empty() || self.faults.hits(Fault::LogEntryNone) {
            return Ok(Vec::new());
        }
        self.alter(&mut submission);
        let recording = Recording {
            time: self.time,
            prove: wire == Wire::Bundle && self.signer.version != BundleVersion::V01,
            with_witnesses: self.signer.with_witnesses,
        };
        let mut recorded = Vec::new();
        for (log, bodies) in self.bodies(&submission, wire)? {
            recorded.extend(self.rekor(log).record(&bodies, recording, &self.faults));
        }
        if wire == Wire::Bundle && self.faults.hits(Fault::LogEntryDuplicate) {
            recorded.extend(recorded.first().cloned());
        }
        Ok(recorded)
    }

    fn rekor(&self, log: TransparencyLog) -> &Rekor {
        let sigstore = self.signer.sigstore;
        if self.faults.hits(Fault::LogUnknown) {
            if log.is_v2() {
                &sigstore.unknown_rekor_v2
            } else {
                &sigstore.unknown_rekor
            }
        } else if !log.is_v2() && self.faults.hits(Fault::LogWindowClosed) {
            &sigstore.closed_rekor
        } else {
            sigstore.rekor(log)
        }
    }

    /// Makes the log see something else than the bundle says.
    fn alter(&self, submission: &mut Submission) {
        if self.faults.hits(Fault::EntryOther) {
            let other = b"{\"another\":\"message\"}";
            match &mut submission.content {
                Content::Message { hash, digest } => {
                    *digest = hash.digest(other);
                    submission.signature = self.key.sign(other);
                }
                Content::Envelope { payload, json, .. } => {
                    let envelope = Envelope::sign(other.to_vec(), &self.key, &Faults::default());
                    *payload = other.to_vec();
                    *json = envelope.to_json();
                    submission.signature = envelope.signatures.concat();
                }
            }
        }
        if self.faults.hits(Fault::BodyOtherVerifier) {
            submission.verifier = self.other_verifier();
        }
    }

    /// The bodies for each log, in the order in which the logs were first asked for.
    fn bodies(
        &self,
        submission: &Submission,
        wire: Wire,
    ) -> Result<Vec<(TransparencyLog, Vec<Body>)>, Error> {
        let mut logs: Vec<(TransparencyLog, Vec<Body>)> = Vec::new();
        for (log, kind) in &self.entries {
            if log.is_v2() != kind.is_v2() || (wire == Wire::Legacy && kind.is_v2()) {
                return Err(Error::EntryKindNotApplicable(*kind));
            }
            let body = submission.body(*kind, &self.faults)?;
            match logs.iter_mut().find(|(known, _)| known == log) {
                Some((_, bodies)) => bodies.push(body),
                None => logs.push((*log, vec![body])),
            }
        }
        if wire == Wire::Bundle
            && let Some((_, bodies)) = logs.first_mut()
            && let Some(body) = bodies.first().cloned()
            && self.faults.hits(Fault::LogEntryTooMany)
        {
            bodies.resize(33, body);
        }
        Ok(logs)
    }

    fn timestamps(&self, message: &[u8], wire: Wire) -> Vec<Vec<u8>> {
        let sigstore = self.signer.sigstore;
        if self.signer.timestamps.is_empty() || self.faults.hits(Fault::TimestampMissing) {
            return Vec::new();
        }
        let request = Request {
            message,
            time: self.time,
            embed_certificates: self.signer.embed_certificates,
        };
        let mut timestamps: Vec<Vec<u8>> = self
            .signer
            .timestamps
            .iter()
            .map(|authority| {
                let authority = if self.faults.hits(Fault::TimestampAuthorityUntrusted) {
                    &sigstore.unknown_tsa
                } else if self.faults.hits(Fault::TimestampAuthorityWindowClosed) {
                    &sigstore.closed_tsa
                } else if self.faults.hits(Fault::TimestampCertificateExpired) {
                    &sigstore.expired_tsa
                } else {
                    sigstore.tsa(*authority)
                };
                authority.respond(&request, &self.faults)
            })
            .collect();
        if wire == Wire::Bundle && self.faults.hits(Fault::TimestampTooMany) {
            let first = timestamps[0].clone();
            timestamps.resize(33, first);
        }
        timestamps
    }
}
