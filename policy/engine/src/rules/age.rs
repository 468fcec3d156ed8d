//! How old a signature may be.

use sealstone_verify::{Facts, TimeSource, UnixTime};

use crate::failure::Failure;

/// Holds the earliest time that is proved against the rule. A later one proves nothing: whoever
/// has an old signature can have it timestamped anew. The time of the decision, where the policy takes
/// that for the time of signing, proves nothing about age.
pub(super) fn check(maximum: Option<u64>, facts: &Facts, now: UnixTime) -> Result<(), Failure> {
    let Some(maximum) = maximum else {
        return Ok(());
    };
    let age = now.seconds().saturating_sub(earliest(facts)?.seconds());
    if age > maximum {
        return Err(Failure::TooOld { age, maximum });
    }
    Ok(())
}

/// The earliest time that is proved.
pub(super) fn earliest(facts: &Facts) -> Result<UnixTime, Failure> {
    let mut proven = facts.verified_times.iter();
    let earliest = proven.find(|verified| verified.source != TimeSource::CurrentTime);
    earliest
        .map(|verified| verified.time)
        .ok_or(Failure::AgeUnproven)
}
