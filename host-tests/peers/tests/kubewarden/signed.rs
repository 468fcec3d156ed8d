//! Images that cosign signs by key: the policy allows them, and denies their neighbours.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_forge::{Build, Identity, Image, ImageLayout, Subject};
use serde_json::{Value, json};

use crate::client::Repository;
use crate::cosign::Cosign;
use crate::keys::Key;
use crate::policy::{SIGSTORE, built, expect, signed};
use crate::registry::{Kind, Pushed, Registries, Registry};

const UNAVAILABLE: &str = "evidence.unavailable";

/// Two images in a repository, of which the first is signed.
struct Signed<'r> {
    registry: &'r Registry,
    name: String,
    repository: String,
    image: Pushed,
    neighbour: Pushed,
}

pub(crate) fn trials(registries: &Arc<Registries>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for kind in Kind::ALL {
        for cosign in Cosign::ALL {
            for key in Key::SIGNING {
                trials.push(trial(
                    "manifests",
                    registries,
                    (kind, cosign, key),
                    manifests,
                ));
            }
            let case = (kind, cosign, Key::EcdsaP256);
            trials.push(trial("carrier", registries, case, carrier));
        }
    }
    trials.push(Trial::test("registry-down", || {
        let down = format!("127.0.0.1:1/app@sha256:{}", "0".repeat(64));
        let settings = signed(&Key::EcdsaP256.public()?, &Value::Null);
        let response =
            expect(UNAVAILABLE, &down, &settings).map_err(|error| format!("{error:#}"))?;
        match response
            .to_string()
            .contains("(kubewarden.registry-unavailable)")
        {
            true => Ok(()),
            false => Err(response.to_string().into()),
        }
    }));
    trials
}

fn trial(
    what: &str,
    registries: &Arc<Registries>,
    (kind, cosign, key): (Kind, Cosign, Key),
    check: fn(Cosign, Key, &Registry) -> Result<()>,
) -> Trial {
    let registries = Arc::clone(registries);
    let name = format!("{}/{what}/{}/{}", cosign.name(), key.name(), kind.name());
    Trial::test(name, move || {
        let checked = registries
            .of(kind)
            .and_then(|registry| check(cosign, key, registry));
        checked.map_err(|error| Failed::from(format!("{error:#}")))
    })
}

/// What the host gives of a registry is enough for signatures in cosign's older form.
fn manifests(cosign: Cosign, key: Key, registry: &Registry) -> Result<()> {
    let older = ["--new-bundle-format=false"];
    let signed_image = Signed::new("manifests", (cosign, key), registry, &older)?;
    let settings = signed(&key.public()?, &Value::Null);
    let other = signed(&key.other().public()?, &Value::Null);
    let (image, neighbour) = (
        signed_image.image.reference(),
        signed_image.neighbour.reference(),
    );
    expect("ok", &image, &settings)?;
    expect("signature.invalid", &image, &other)?;
    expect("evidence.missing", &neighbour, &settings)?;

    // The tag is pinned to the digest that was verified.
    let tag = format!("{}:v1", signed_image.repository);
    let response = expect("ok", &tag, &settings)?;
    let pinned = response.pointer("/mutated_object/spec/containers/0/image");
    let expected = format!("{tag}@{}", signed_image.image.digest);
    ensure!(pinned == Some(&expected.as_str().into()), "{response}");

    // The signature of the one under the name of the other.
    let repository = Repository::new(&signed_image.repository)?;
    let tag = |digest: &str| format!("{}.sig", digest.replace(':', "-"));
    let signature = repository.manifest(&tag(&signed_image.image.digest))?;
    let signature = signature.context("cosign stored it")?;
    repository.put_manifest(&tag(&signed_image.neighbour.digest), &signature)?;
    let response = expect(UNAVAILABLE, &neighbour, &settings)?;
    ensure!(
        response
            .to_string()
            .contains("(kubewarden.payload-unknown)"),
        "{response}"
    );

    // Annotations that were signed along are found where the policy names them.
    let annotated = ["--new-bundle-format=false", "-a", "env=prod & <test>"];
    let annotated = Signed::new("annotated", (cosign, key), registry, &annotated)?;
    let key = key.public()?;
    let asking = |value: &str| signed(&key, &json!({"env": {"exact": value}}));
    expect("ok", &annotated.image.reference(), &asking("prod & <test>"))?;
    expect(UNAVAILABLE, &annotated.image.reference(), &asking("prod"))?;
    expect(UNAVAILABLE, &annotated.image.reference(), &settings).map(drop)
}

/// What it does not give is in the carrier: bundles, and provenance.
fn carrier(cosign: Cosign, key: Key, registry: &Registry) -> Result<()> {
    let signed_image = Signed::new(
        "carrier",
        (cosign, key),
        registry,
        &["--new-bundle-format=true"],
    )?;
    let settings = built(&key.public()?);
    let (image, neighbour) = (
        signed_image.image.reference(),
        signed_image.neighbour.reference(),
    );
    expect("evidence.missing", &image, &settings)?;

    let bundle = signed_image.bundle()?;
    let repository = Repository::new(&signed_image.repository)?;
    let (digest, other) = (&signed_image.image.digest, &signed_image.neighbour.digest);
    repository.put_carrier(digest, &json!([bundle]))?;
    expect("certificate.missing", &image, &settings)?;

    repository.put_carrier(digest, &json!([bundle, provenance(digest)?]))?;
    expect("ok", &image, &settings)?;
    repository.put_carrier(digest, &json!([bundle, provenance(other)?]))?;
    expect("statement.subject-mismatch", &image, &settings)?;
    repository.put_carrier(other, &json!([bundle, provenance(other)?]))?;
    expect("statement.subject-mismatch", &neighbour, &settings).map(drop)
}

impl<'r> Signed<'r> {
    fn new(
        what: &str,
        (cosign, key): (Cosign, Key),
        registry: &'r Registry,
        options: &[&str],
    ) -> Result<Self> {
        let name = format!("kubewarden-{what}-{}-{}", cosign.name(), key.name());
        let push = |image: &Image, tag: &str| {
            let layout = folder(&format!("{name}-{tag}"));
            ImageLayout::new(image.clone()).write(&layout)?;
            registry.push(&layout, &name)
        };
        // The tag stays with what is pushed last.
        let neighbour = push(&Image::new("neighbour"), "neighbour")?;
        let image = push(&Image::new("app"), "image")?;
        let reference = image.reference();
        let key = key.private()?;
        let key = key.to_str().context("the path is text")?;
        let mut arguments = vec![
            "sign",
            "--yes",
            "--tlog-upload=false",
            "--allow-http-registry",
            "--key",
            key,
        ];
        if cosign == Cosign::V3 {
            arguments.push("--use-signing-config=false");
        }
        arguments.extend(options);
        arguments.push(&reference);
        cosign.succeed(&arguments, &[])?;
        let (repository, _) = reference.split_once('@').context("it has a digest")?;
        Ok(Self {
            registry,
            name,
            repository: repository.to_owned(),
            image,
            neighbour,
        })
    }

    /// The bundle that cosign stored beside the image.
    fn bundle(&self) -> Result<Value> {
        let layout = folder(&format!("{}-pulled", self.name));
        let pulled = self.image.pull(&layout)?;
        let mut found = None;
        for blob in std::fs::read_dir(pulled.join("blobs/sha256"))? {
            let blob = std::fs::read(blob?.path())?;
            let Ok(value) = serde_json::from_slice::<Value>(&blob) else {
                continue;
            };
            if value.get("dsseEnvelope").is_some() || value.get("messageSignature").is_some() {
                found = Some(value);
            }
        }
        found.with_context(|| format!("{:?} keeps no bundle", self.registry))
    }
}

fn provenance(digest: &str) -> Result<Value> {
    let build = Build::default();
    let signer = SIGSTORE.keyless(&Identity::github_actions(&build));
    let evidence = signer.attest(&build.provenance_v1(Subject::new("app", digest)))?;
    Ok(serde_json::from_slice(&evidence.content)?)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
