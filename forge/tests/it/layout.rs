use sealstone_forge::{DSSE_MEDIA_TYPE, Image, ImageLayout, attach};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{KINDS, keyless};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every blob is where its digest says, and every descriptor leads to a blob of its size.
#[test]
fn descriptors_lead_to_blobs() {
    let mut layout = ImageLayout::new(Image::new("app")).tag("v1");
    for (_, make) in KINDS {
        layout = layout.evidence(keyless(*make, None).unwrap());
    }
    let files = layout.files();
    let mut blobs = 0;
    for (path, content) in &files {
        if let Some(digest) = path.strip_prefix("blobs/sha256/") {
            assert_eq!(digest, hex(&Sha256::digest(content)));
            blobs += 1;
        }
    }
    assert_eq!(files.len(), blobs + 2);
    let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
    let mut seen = 0;
    let mut queue = vec![index];
    while let Some(value) = queue.pop() {
        match value {
            Value::Array(values) => queue.extend(values),
            Value::Object(members) => {
                if let (Some(digest), Some(size)) = (members.get("digest"), members.get("size")) {
                    let digest = digest.as_str().unwrap().replace("sha256:", "blobs/sha256/");
                    let blob = &files[&digest];
                    assert_eq!(size.as_u64(), Some(blob.len() as u64));
                    seen += 1;
                    if members["mediaType"] == "application/vnd.oci.image.manifest.v1+json" {
                        queue.push(serde_json::from_slice(blob).unwrap());
                    }
                }
                queue.extend(members.into_iter().map(|(_, member)| member));
            }
            _ => {}
        }
    }
    assert!(seen > blobs, "{seen} descriptors of {blobs} blobs");
}

#[test]
fn index_lists_image_legacy_manifests_and_referrers() {
    let image = Image::new("app");
    let mut layout = ImageLayout::new(image.clone()).tag("v1");
    for kind in [0, 4, 5, 6, 7] {
        layout = layout.evidence(keyless(KINDS[kind].1, None).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    layout.write(folder.path()).unwrap();
    let read = |path: &str| -> Value {
        serde_json::from_slice(&std::fs::read(folder.path().join(path)).unwrap()).unwrap()
    };
    assert_eq!(read("oci-layout")["imageLayoutVersion"], "1.0.0");
    let index = read("index.json");
    let manifests = index["manifests"].as_array().unwrap();
    let kinds: Vec<_> = manifests
        .iter()
        .map(|manifest| manifest["annotations"]["kind"].as_str())
        .collect();
    let kind = |name| Some(name);
    assert_eq!(
        kinds,
        [
            kind("dev.cosignproject.cosign/image"),
            kind("dev.cosignproject.cosign/atts"),
            kind("dev.cosignproject.cosign/sigs"),
            None,
            None,
        ]
    );
    assert_eq!(manifests[0]["digest"], image.digest());
    assert_eq!(
        manifests[0]["annotations"]["org.opencontainers.image.ref.name"],
        "v1"
    );
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap();
        read(&digest.replace("sha256:", "blobs/sha256/"))
    };
    assert_eq!(blob(&manifests[1])["layers"].as_array().unwrap().len(), 2);
    let referrer = blob(&manifests[3]);
    assert_eq!(referrer["subject"]["digest"], image.digest());
    assert_eq!(
        referrer["artifactType"],
        "application/vnd.dev.sigstore.bundle.v0.3+json"
    );
    assert_eq!(
        referrer["annotations"]["dev.sigstore.bundle.predicateType"],
        "https://slsa.dev/provenance/v1"
    );
    assert_eq!(
        blob(&manifests[4])["annotations"]["dev.sigstore.bundle.content"],
        "message-signature"
    );
}

/// Evidence that comes one after the other: legacy layers gather under one tag, each bundle is a
/// referrer of the image.
#[test]
fn attached_evidence_stands_beside_the_image() {
    let image = Image::new("app");
    let folder = tempfile::tempdir().unwrap();
    ImageLayout::new(image.clone())
        .write(folder.path())
        .unwrap();
    let read = |path: &str| -> Value {
        let content = std::fs::read(folder.path().join(path)).unwrap();
        serde_json::from_slice(&content).unwrap()
    };
    let (mut legacy, mut bundles) = (0, 0);
    for (_, make) in KINDS {
        let evidence = keyless(*make, None).unwrap();
        attach(folder.path(), &image.digest(), &evidence).unwrap();
        match evidence.annotations.is_empty() {
            true => bundles += 1,
            false => legacy += 1,
        }
    }
    let index = read("index.json");
    let (mut layers, mut referrers, mut attestations) = (0, 0, 0);
    for entry in index["manifests"].as_array().unwrap() {
        let digest = entry["digest"].as_str().unwrap();
        let manifest = read(&digest.replace("sha256:", "blobs/sha256/"));
        if let Some(subject) = manifest.get("subject") {
            assert_eq!(subject["digest"], image.digest());
            assert_eq!(subject["size"], image.manifest().len());
            referrers += 1;
        } else if let Some(tag) = entry["annotations"]["org.opencontainers.image.ref.name"].as_str()
        {
            let hex = image.digest().replace(':', "-");
            assert!(
                tag == format!("{hex}.sig") || tag == format!("{hex}.att"),
                "{tag}"
            );
            for layer in manifest["layers"].as_array().unwrap() {
                attestations += usize::from(layer["mediaType"] == DSSE_MEDIA_TYPE);
                layers += 1;
            }
        }
    }
    assert_eq!(
        index["manifests"].as_array().unwrap().len(),
        1 + bundles + 2
    );
    assert_eq!((referrers, layers), (bundles, legacy));
    assert!(attestations > 0 && attestations < layers);
}

#[test]
fn nothing_is_attached_to_an_image_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    ImageLayout::new(Image::new("app"))
        .write(folder.path())
        .unwrap();
    let evidence = keyless(KINDS[0].1, None).unwrap();
    let error = attach(folder.path(), &Image::new("other").digest(), &evidence).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
