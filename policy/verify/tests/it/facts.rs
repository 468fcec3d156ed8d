//! What is reported is proved.

use std::sync::Arc;

use sealstone_forge::{Evidence, KeyDetails, NOW};
use sealstone_verify::{
    Error, Facts, Limits, PublicKey, Requirements, TrustedRoot, UnixTime, Verifier,
};

use crate::world::{By, FORMS, SIGSTORE, artifact, make, read};

/// Verifies by key; only the log entry is demanded.
fn verify(evidence: &Evidence) -> Result<Facts, Error> {
    let limits = Limits::default();
    let root = Arc::new(TrustedRoot::from_json(&SIGSTORE.trusted_root(), &limits)?);
    let pair = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let key = PublicKey::from_pem(&pair.public_key_pem())?;
    let requirements = Requirements {
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    };
    Verifier::keyed(key, Some(root), requirements, limits)?.verify(
        &read(evidence)?,
        &artifact(),
        UnixTime::from_seconds(NOW.seconds()),
    )
}

/// Rekor v1 signs the index over all shards in its promise, and proves only the index within one shard.
#[test]
fn an_index_without_a_promise_is_no_fact() {
    let mut evidence = make(FORMS[0].1, By::Key, None).expect("the forge makes it");
    let facts = verify(&evidence).expect("it verifies");
    assert_eq!(facts.log_entries[0].log_index, Some(1_000_005));

    let mut bundle: serde_json::Value =
        serde_json::from_slice(&evidence.content).expect("a bundle is JSON");
    let entry = &mut bundle["verificationMaterial"]["tlogEntries"][0];
    let promise = entry
        .as_object_mut()
        .and_then(|entry| entry.remove("inclusionPromise"));
    assert!(promise.is_some());
    entry["logIndex"] = "7".into();
    evidence.content = bundle.to_string().into_bytes();
    let facts = verify(&evidence).expect("it verifies");
    assert!(facts.log_entries[0].inclusion_proof);
    assert_eq!(facts.log_entries[0].log_index, None);
}
