//! When the signature is known to have existed, and what must have been in force then.

use alloc::vec::Vec;

use super::{Trust, Verifier, distinct};
use crate::bundle::{Content, SignedEntity};
use crate::crypto::Budget;
use crate::error::Error;
use crate::facts::{TimeSource, VerifiedLogEntry, VerifiedTime};
use crate::time::UnixTime;
use crate::timestamp;

impl Verifier {
    /// The verified times, ascending.
    pub(super) fn times(
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
    pub(super) fn check_logs_at(
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

    pub(super) fn check_key_at(&self, times: &[VerifiedTime]) -> Result<(), Error> {
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

/// By time; times that are equal keep their order. Limits keep the list short.
fn ascending(times: impl Iterator<Item = VerifiedTime>) -> Vec<VerifiedTime> {
    let mut sorted: Vec<VerifiedTime> = Vec::new();
    for time in times {
        let place = sorted.partition_point(|other| other.time <= time.time);
        sorted.insert(place, time);
    }
    sorted
}
