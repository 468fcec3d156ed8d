//! What may be accepted: the facts that valid seeds prove, or fewer.

use std::sync::LazyLock;

use sealstone_verify::{Facts, SignedEntity, TimeSource, UnixTime, VerifiedLogEntry, Verifier};

use crate::seeds;
use crate::world::{By, artifact, verifier};

static KEYLESS: LazyLock<Verifier> = LazyLock::new(|| verifier(By::Certificate));
static KEYED: LazyLock<Verifier> = LazyLock::new(|| verifier(By::Key));

/// The facts of every valid seed.
static KNOWN: LazyLock<Vec<Facts>> = LazyLock::new(|| {
    seeds::valid()
        .map(|(by, evidence)| crate::world::verify(&evidence, by).expect("a valid seed verifies"))
        .collect()
});

/// Verifies by certificate and by key; whatever is accepted must be known.
pub(crate) fn check(entity: &SignedEntity) {
    let now = UnixTime::from_seconds(sealstone_forge::NOW.seconds());
    for verifier in [&*KEYLESS, &*KEYED] {
        if let Ok(facts) = verifier.verify(entity, &artifact(), now) {
            assert!(
                KNOWN.iter().any(|known| proves_no_more(&facts, known)),
                "accepted with facts that no seed proves: {facts:#?}"
            );
        }
    }
}

/// Whether `facts` are those of the seed, apart from log entries and times that were taken away.
fn proves_no_more(facts: &Facts, seed: &Facts) -> bool {
    let entry_is_known = |entry: &VerifiedLogEntry| {
        seed.log_entries.iter().any(|known| {
            entry.log_id == known.log_id
                && entry.log_base_url == known.log_base_url
                && (entry.log_index.is_none() || entry.log_index == known.log_index)
                && (entry.integrated_time.is_none()
                    || entry.integrated_time == known.integrated_time)
                && (!entry.inclusion_proof || known.inclusion_proof)
        })
    };
    facts.kind == seed.kind
        && facts.signer == seed.signer
        && facts.artifact == seed.artifact
        && facts.statement == seed.statement
        && facts.annotations == seed.annotations
        && facts.certificate_transparency_logs == seed.certificate_transparency_logs
        && facts.log_entries.iter().all(entry_is_known)
        && facts
            .verified_times
            .iter()
            .all(|time| seed.verified_times.contains(time))
}

/// The part of the facts that a trust root of other logs leaves as it is.
pub(crate) fn same_signer_and_content(facts: &Facts, seed: &Facts) -> bool {
    let times = |facts: &Facts| -> Vec<UnixTime> {
        facts
            .verified_times
            .iter()
            .filter(|time| matches!(time.source, TimeSource::TransparencyLog(_)))
            .map(|time| time.time)
            .collect()
    };
    facts.signer == seed.signer
        && facts.artifact == seed.artifact
        && facts.statement == seed.statement
        && times(facts) == times(seed)
}
