//! One piece of evidence each: the forms that images are signed in.
//!
//! Those of the public instances are cases of sigstore-conformance. What nobody publishes with a key
//! or a trust root to go with it is forged.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sealstone::runtime::{Evidence, ImageEvidence, TrustedRoot};
use sealstone_forge::{
    self as forge, Build, Identity, SIMPLE_SIGNING_MEDIA_TYPE, TimestampAuthority, VirtualSigstore,
};
use sealstone_peers::{Job, Signer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::case::{Case, read, read_text};

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const IMAGE: &str = "localhost/image";
const ROOT: &str = "root";

/// Who signed the cases of sigstore-conformance.
const SUBJECT: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The image that a key of `containers/keyed-legacy` signed.
const SIGNED_BY_KEY: &str = "071bf7a986f1ca9cb2a1f0bc8392822a7777f90d58f2d2c6f271913e08de7c81";

/// What a case of sigstore-conformance is called here, and its folder.
const CONFORMANCE: [(&str, &str); 5] = [
    ("Rekor v1, message", "happy-path-v0.3"),
    ("Rekor v1, DSSE", "happy-path-intoto-in-dsse-v3"),
    ("Rekor v2 and TSA, message", "rekor2-happy-path"),
    ("Rekor v2 and TSA, DSSE", "rekor2-dsse-happy-path"),
    ("Rekor v1, message by key", "managed-key-happy-path"),
];

/// The cases that public vectors hold.
pub(crate) fn public(vectors: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, folder) in CONFORMANCE {
        cases.push(conformance(vectors, name, folder)?);
    }
    cases.push(legacy_by_key(vectors)?);
    Ok(cases)
}

/// Bundles as of GitHub's own instance, which has no logs: a certificate without promises and one
/// timestamp. The trust root is written into `folder`, for the other verifiers.
pub(crate) fn github(folder: &Path) -> Result<Vec<Case>> {
    let sigstore = VirtualSigstore::new("github");
    let path = folder.join("github.json");
    fs::write(&path, sigstore.trusted_root())?;
    let build = Build::default();
    let artifact = b"manifest";
    let digest = sha256(artifact);
    let statement = build.provenance_v1(forge::Subject::new(IMAGE, &digest));
    let identity = Identity::github_actions(&build);
    let forge::SubjectAlternativeName::Uri(subject) = &identity.subject_alternative_name else {
        anyhow::bail!("a workflow is named by a URI");
    };
    let signer = Signer::Certificate {
        identity: subject.clone(),
        issuer: identity.issuer.clone(),
    };
    let kinds = [
        ("GitHub's form, TSA on P-256", TimestampAuthority::First),
        (
            "GitHub's form, TSA on P-384, certificate in it",
            TimestampAuthority::Second,
        ),
    ];
    kinds
        .into_iter()
        .map(|(name, authority)| {
            let evidence = sigstore
                .keyless(&identity)
                .certificate_transparency(&[])
                .without_entries()
                .timestamp(authority)
                .attest(&statement)?;
            let job = Job {
                bundle: evidence.content,
                trusted_root: path.clone(),
                artifact_digest: digest.clone(),
                artifact: Some(artifact.to_vec()),
                signer: signer.clone(),
            };
            of_bundle(name, job, "gitHub")
        })
        .collect()
}

fn conformance(vectors: &Path, name: &str, folder: &str) -> Result<Case> {
    let folder = vectors.join("conformance").join(folder);
    let artifact = read(&vectors.join("conformance/a.txt"))?;
    let own_root = folder.join("trusted_root.json");
    let key = folder.join("key.pub");
    let signer = if key.is_file() {
        Signer::Key(read_text(&key)?)
    } else {
        Signer::Certificate {
            identity: SUBJECT.to_owned(),
            issuer: ISSUER.to_owned(),
        }
    };
    let job = Job {
        bundle: read(&folder.join("bundle.sigstore.json"))?,
        trusted_root: if own_root.is_file() {
            own_root
        } else {
            vectors.join("trusted-roots/production.json")
        },
        artifact_digest: sha256(&artifact),
        artifact: Some(artifact),
        signer,
    };
    of_bundle(name, job, "publicGood")
}

/// The case that decides what the job asks.
fn of_bundle(name: &str, job: Job, profile: &str) -> Result<Case> {
    let authority = match &job.signer {
        Signer::Certificate { identity, issuer } => json!({
            "name": "signer",
            "keyless": {
                "trustRoot": ROOT,
                "identities": [{"issuer": {"exact": issuer}, "subject": {"exact": identity}}],
            },
        }),
        Signer::Key(pem) => {
            json!({"name": "signer", "key": {"publicKey": pem, "trustRoot": ROOT}})
        }
    };
    let bundle: Value = serde_json::from_slice(&job.bundle).context("the bundle is JSON")?;
    let rule = match bundle.get("dsseEnvelope") {
        Some(_) => {
            json!({"name": "bundle", "images": [IMAGE], "attestation": {"signedBy": ["signer"], "predicateType": {"glob": "**"}, "quantifier": "any"}})
        }
        None => json!({"name": "bundle", "images": [IMAGE], "signature": {"signedBy": ["signer"]}}),
    };
    let root = TrustedRoot {
        name: ROOT.to_owned(),
        content: read(&job.trusted_root)?,
    };
    let evidence = Evidence {
        media_type: BUNDLE.to_owned(),
        content: job.bundle.clone(),
        annotations: Vec::new(),
    };
    let requirements = json!({"profile": profile});
    Ok(Case {
        name: name.to_owned(),
        policy: policy(
            json!([{"name": ROOT, "requirements": requirements}]),
            authority,
            rule,
        ),
        roots: vec![root],
        request: request(&job.artifact_digest),
        images: vec![image(&job.artifact_digest, vec![evidence])],
        job: Ok(job),
    })
}

/// A layer as cosign 2 wrote it, signed by a key, in no log.
fn legacy_by_key(vectors: &Path) -> Result<Case> {
    let folder = vectors.join("containers/keyed-legacy");
    let image_folder = folder.join("securesystemsengineering/testimage");
    let manifest = read(&image_folder.join(format!("manifests/sha256-{SIGNED_BY_KEY}.sig.json")))?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    let layer = manifest.pointer("/layers/0").context("it has a layer")?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let blob = text(layer.get("digest")).context("a layer has a digest")?;
    let annotations = layer.get("annotations").and_then(Value::as_object);
    let evidence = Evidence {
        media_type: SIMPLE_SIGNING_MEDIA_TYPE.to_owned(),
        content: read(&image_folder.join(format!("blobs/{}.json", blob.replace(':', "-"))))?,
        annotations: annotations
            .context("a layer has annotations")?
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), text(Some(value))?)))
            .collect(),
    };
    let digest = format!("sha256:{SIGNED_BY_KEY}");
    let key = read_text(&folder.join("alice.key"))?;
    Ok(Case {
        name: "legacy signature by key".to_owned(),
        policy: policy(
            json!([]),
            json!({"name": "signer", "key": {"publicKey": key, "insecureIgnoreTransparencyLog": true}}),
            json!({"name": "signature", "images": [IMAGE], "signature": {"signedBy": ["signer"]}}),
        ),
        roots: Vec::new(),
        request: request(&digest),
        images: vec![image(&digest, vec![evidence])],
        job: Err("it is a layer of cosign, and they verify bundles"),
    })
}

fn policy(roots: Value, authority: Value, rule: Value) -> Vec<u8> {
    let mut document = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "bench"},
        "authorities": [authority],
        "rules": [rule],
    });
    if roots.as_array().is_some_and(|roots| !roots.is_empty())
        && let Some(members) = document.as_object_mut()
    {
        members.insert("trustRoots".to_owned(), roots);
    }
    document.to_string().into_bytes()
}

fn request(digest: &str) -> Vec<u8> {
    let request = json!({"images": [{"reference": IMAGE, "digest": digest}]});
    request.to_string().into_bytes()
}

fn image(digest: &str, evidence: Vec<Evidence>) -> ImageEvidence {
    ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: digest.to_owned(),
        evidence,
        unavailable: None,
    }
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
