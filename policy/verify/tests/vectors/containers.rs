//! OCI layouts that cosign saved, with legacy attestations.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::json::{Map, Value, parse};
use sealstone_verify::{
    ArtifactDigest, EntityKind, Limits, Requirements, SignedEntity, Signer, TrustedRoot, UnixTime,
    Verifier,
};

use crate::folder;

/// 2026-01-01T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_767_225_600);

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let root = folder::trusted_root(&vectors.join("trusted-roots/production.json"));
    let base = vectors.join("containers/slsa-github-generator");
    let mut versions: Vec<_> = std::fs::read_dir(&base)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the entry can be read").path())
        .collect();
    versions.sort();
    versions
        .into_iter()
        .map(|version| {
            let name = version.file_name().expect("a name").to_string_lossy();
            let name = format!("containers/slsa-github-generator/{name}");
            let root = Arc::clone(&root);
            Trial::test(name, move || check(&version, &root))
        })
        .collect()
}

fn check(version: &Path, root: &Arc<TrustedRoot>) -> Result<(), Failed> {
    let limits = Limits::default();
    let digest: ArtifactDigest =
        folder::text(&version.join("container_workflow_dispatch.digest")).parse()?;
    let layout = version.join("container_workflow_dispatch");
    let verifier = Verifier::keyless(Arc::clone(root), Requirements::default(), limits.clone())?;
    let attestations = attestations(&layout)?;
    if attestations.is_empty() {
        return Err("the layout holds no attestation".into());
    }
    for (envelope, annotations) in attestations {
        let entity = SignedEntity::from_legacy_attestation(&envelope, &annotations, &limits)?;
        let facts = verifier.verify(&entity, &digest, NOW)?;
        let Signer::Certificate(identity) = &facts.signer else {
            return Err("not signed with a certificate".into());
        };
        if facts.kind != EntityKind::LegacyAttestation
            || identity.issuer != "https://token.actions.githubusercontent.com"
            || !identity
                .subject_alternative_name
                .contains("/generator_container_slsa3.yml@refs/tags/v")
        {
            return Err(format!("unexpected facts: {facts:?}").into());
        }
        let other: ArtifactDigest = format!("sha256:{}", "0".repeat(64)).parse()?;
        let error = verifier.verify(&entity, &other, NOW).map_err(|e| e.code());
        if error.is_ok() || error.err() != Some("statement.subject-mismatch") {
            return Err("verified for another digest".into());
        }
    }
    Ok(())
}

type Attestation = (Vec<u8>, Map<String, String>);

fn attestations(layout: &Path) -> Result<Vec<Attestation>, Failed> {
    let blob = |digest: &str| {
        let hex = digest.trim_start_matches("sha256:");
        std::fs::read(layout.join("blobs/sha256").join(hex))
    };
    let json = |bytes: &[u8]| parse(bytes, 64).map_err(|error| format!("{error:?}"));
    let list = |value: &Value, name: &str| {
        value
            .get(name)
            .and_then(Value::as_array)
            .map(<[Value]>::to_vec)
            .unwrap_or_default()
    };
    let member = |value: &Value, path: &[&str]| {
        value
            .at(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_string()
    };
    let index = json(&std::fs::read(layout.join("index.json"))?)?;
    let mut found = Vec::new();
    for descriptor in list(&index, "manifests") {
        if member(&descriptor, &["annotations", "kind"]) != "dev.cosignproject.cosign/atts" {
            continue;
        }
        let manifest = json(&blob(&member(&descriptor, &["digest"]))?)?;
        for layer in list(&manifest, "layers") {
            let annotations = layer
                .get("annotations")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_string())))
                .collect();
            found.push((blob(&member(&layer, &["digest"]))?, annotations));
        }
    }
    Ok(found)
}
