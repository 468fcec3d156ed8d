//! How old a signature may be.

use sealstone_verify::{Facts, UnixTime};

use crate::failure::Failure;

/// Holds the earliest time that is proved against the rule. A later one proves nothing: whoever
/// has an old signature can have it timestamped anew.
pub(super) fn check(maximum: Option<u64>, facts: &Facts, now: UnixTime) -> Result<(), Failure> {
    let Some(maximum) = maximum else {
        return Ok(());
    };
    let earliest = facts.verified_times.first().ok_or(Failure::AgeUnproven)?;
    let age = now.seconds().saturating_sub(earliest.time.seconds());
    if age > maximum {
        return Err(Failure::TooOld { age, maximum });
    }
    Ok(())
}
