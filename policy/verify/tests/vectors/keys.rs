//! Signatures by keys: cosign's legacy layers, and a key with a validity of its own.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::json::{Map, Value};
use sealstone_verify::{
    ArtifactDigest, Limits, PublicKey, Requirements, SignedEntity, TrustedRoot, UnixTime, Verifier,
};

use crate::folder::{self, member};

/// 2026-11-01T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_793_491_200);
/// `genTime` of the timestamp in `public-key-validity`, 2026-06-04T17:43:29Z.
const SIGNED: u64 = 1_780_595_009;

const BARE: Requirements = Requirements {
    transparency_log_threshold: 0,
    signed_certificate_timestamp_threshold: 0,
    signed_timestamp_threshold: 0,
    integrated_timestamp_threshold: 0,
    observer_timestamp_threshold: 0,
    insecure_current_time: false,
};

/// Image, keys, and for each of them how many layers of the image's signature manifest verify.
const LEGACY: &[(&str, [(&str, usize); 4])] = &[
    (
        "071bf7a986f1ca9cb2a1f0bc8392822a7777f90d58f2d2c6f271913e08de7c81",
        [("default", 0), ("alice", 1), ("bob", 0), ("charlie", 0)],
    ),
    (
        "bfec161fecb0a887df7cb85e4da327c65986ccda7060cf3cd92171c6c90d7533",
        [("default", 0), ("alice", 1), ("bob", 1), ("charlie", 1)],
    ),
];

/// An image signed with a certificate.
const KEYLESS: &str = "31dc72a13a0c34b40eb95419d2b2fd67320c856baf3b72da518023ee8d370aee";

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let mut trials: Vec<Trial> = LEGACY
        .iter()
        .map(|(image, keys)| {
            let folder = vectors.join("containers/keyed-legacy");
            let name = format!("containers/keyed-legacy/{image}");
            Trial::test(name, move || legacy(&folder, image, keys))
        })
        .collect();
    let (folder, root) = (
        vectors.join("containers/keyed-legacy"),
        folder::trusted_root(&vectors.join("trusted-roots/production.json")),
    );
    trials.push(Trial::test(
        format!("containers/keyed-legacy/{KEYLESS}"),
        move || keyless(&folder, root),
    ));
    let windows: [(&str, Option<(u64, u64)>, Option<&str>); 4] = [
        ("without", None, None),
        ("around", Some((SIGNED, SIGNED)), None),
        (
            "before",
            Some((0, SIGNED - 1)),
            Some("public-key.outside-validity"),
        ),
        (
            "after",
            Some((SIGNED + 1, SIGNED + 9)),
            Some("public-key.outside-validity"),
        ),
    ];
    trials.extend(windows.map(|(name, window, expected)| {
        let folder = vectors.join("sigstore-go");
        let name = format!("sigstore-go/public-key-validity/{name}");
        Trial::test(name, move || key_validity(&folder, window, expected))
    }));
    trials
}

fn legacy(folder: &Path, image: &str, keys: &[(&str, usize); 4]) -> Result<(), Failed> {
    let base = folder.join("securesystemsengineering/testimage");
    let artifact: ArtifactDigest = format!("sha256:{image}").parse()?;
    let other: ArtifactDigest = format!("sha256:{}", "0".repeat(64)).parse()?;
    let manifest = folder::json(&base.join(format!("manifests/sha256-{image}.sig.json")));
    let layers = manifest
        .get("layers")
        .and_then(Value::as_array)
        .unwrap_or_default();
    for (name, expected) in keys {
        let pem = folder::text(&folder.join(format!("{name}.key")));
        let key = PublicKey::from_pem(&pem)?;
        let verifier = Verifier::keyed(key, None, BARE, Limits::default())?;
        let mut verified = 0;
        for layer in layers {
            let entity = entity(&base, layer)?;
            match verifier.verify(&entity, &artifact, NOW) {
                Ok(_) => {
                    verified += 1;
                    let outcome = verifier.verify(&entity, &other, NOW).map_err(|e| e.code());
                    if outcome.err() != Some("simple-signing.digest-mismatch") {
                        return Err("verified for another image".into());
                    }
                }
                Err(error) if error.code() == "signature.invalid" => {}
                Err(error) => return Err(format!("{name}: {error}").into()),
            }
        }
        if verified != *expected {
            return Err(format!("{name} verifies {verified} of {} layers", layers.len()).into());
        }
    }
    Ok(())
}

fn keyless(folder: &Path, root: Arc<TrustedRoot>) -> Result<(), Failed> {
    let base = folder.join("securesystemsengineering/testimage");
    let artifact: ArtifactDigest = format!("sha256:{KEYLESS}").parse()?;
    let manifest = folder::json(&base.join(format!("manifests/sha256-{KEYLESS}.sig.json")));
    let layers = manifest
        .get("layers")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let [layer] = layers else {
        return Err(format!("{} layers", layers.len()).into());
    };
    let entity = entity(&base, layer)?;
    let verifier = Verifier::keyless(root, Requirements::default(), Limits::default())?;
    verifier.verify(&entity, &artifact, NOW)?;
    let other: ArtifactDigest = format!("sha256:{}", "0".repeat(64)).parse()?;
    match verifier.verify(&entity, &other, NOW) {
        Err(error) if error.code() == "simple-signing.digest-mismatch" => Ok(()),
        outcome => Err(format!("for another image: {outcome:?}").into()),
    }
}

fn entity(base: &Path, layer: &Value) -> Result<SignedEntity, Failed> {
    let digest = member(layer, &["digest"]).replace(':', "-");
    let payload = std::fs::read(base.join(format!("blobs/{digest}.json")))?;
    let annotations: Map<String, String> = layer
        .get("annotations")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_string())))
        .collect();
    Ok(SignedEntity::from_legacy_signature(
        &payload,
        &annotations,
        &Limits::default(),
    )?)
}

fn key_validity(
    folder: &Path,
    window: Option<(u64, u64)>,
    expected: Option<&str>,
) -> Result<(), Failed> {
    let limits = Limits::default();
    let root = folder::trusted_root(&folder.join("trusted-roots/public-key-validity.json"));
    let key = PublicKey::from_pem(&folder::text(
        &folder.join("public-keys/public-key-validity.pem"),
    ))?;
    let json = std::fs::read(folder.join("bundles/public-key-validity.sigstore.json"))?;
    let entity = SignedEntity::from_bundle(&json, &limits)?;
    let requirements = Requirements {
        signed_timestamp_threshold: 1,
        observer_timestamp_threshold: 1,
        ..BARE
    };
    let mut verifier = Verifier::keyed(key, Some(Arc::clone(&root)), requirements, limits)?;
    if let Some((start, end)) = window {
        let end = Some(UnixTime::from_seconds(end));
        verifier = verifier.with_key_validity(UnixTime::from_seconds(start), end)?;
    }
    let bundle = folder::json(&folder.join("bundles/public-key-validity.sigstore.json"));
    let digest = member(&bundle, &["messageSignature", "messageDigest", "digest"]);
    let artifact = ArtifactDigest::from_bytes(
        sealstone_verify::DigestAlgorithm::Sha256,
        &folder::from_base64(digest),
    )?;
    let outcome = verifier
        .verify(&entity, &artifact, NOW)
        .map_err(|error| error.code());
    match (outcome, expected) {
        (Ok(_), None) => Ok(()),
        (Err(code), Some(expected)) if code == expected => Ok(()),
        (outcome, expected) => Err(format!("{outcome:?} instead of {expected:?}").into()),
    }
}
