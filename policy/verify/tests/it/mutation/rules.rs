//! What is known to be unauthenticated, and why a change of it may be accepted.

use sealstone_verify::{Facts, VerifiedLogEntry};

/// Changes that may be accepted.
pub(super) struct Rule {
    /// What is unauthenticated.
    pub(super) name: &'static str,
    /// Why that is right.
    pub(super) reason: &'static str,
    /// Whether it covers a change, by path and name.
    pub(super) covers: fn(&str, &str) -> bool,
    /// What must hold of the facts.
    pub(super) facts: Outcome,
}

/// How the facts after the change relate to those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The same facts.
    Same,
    /// The same facts but for log entries, proofs and times that are gone.
    Fewer,
}

impl Outcome {
    pub(super) fn holds(self, before: &Facts, after: &Facts) -> bool {
        let same_content = before.kind == after.kind
            && before.signer == after.signer
            && before.artifact == after.artifact
            && before.statement == after.statement
            && before.annotations == after.annotations
            && before.certificate_transparency_logs == after.certificate_transparency_logs;
        let same_log = match self {
            Self::Same => {
                before.log_entries == after.log_entries
                    && before.verified_times == after.verified_times
            }
            Self::Fewer => {
                let known = |entry: &VerifiedLogEntry| {
                    before
                        .log_entries
                        .iter()
                        .any(|known| is_no_more(entry, known))
                };
                after.log_entries.iter().all(known)
                    && after
                        .verified_times
                        .iter()
                        .all(|time| before.verified_times.contains(time))
            }
        };
        same_content && same_log
    }
}

fn is_no_more(entry: &VerifiedLogEntry, known: &VerifiedLogEntry) -> bool {
    entry.log_id == known.log_id
        && entry.log_base_url == known.log_base_url
        && entry.log_index == known.log_index
        && (entry.integrated_time.is_none() || entry.integrated_time == known.integrated_time)
        && (known.inclusion_proof || !entry.inclusion_proof)
}

/// The rules. Each covers something, and a change that none covers is refused.
pub(super) const RULES: &[Rule] = &[];
