//! What cosign signs in a registry is verified there, and wherever it is moved.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_forge::{Build, Image, ImageLayout, Subject};
use serde_json::{Value, json};

use crate::cosign::Cosign;
use crate::keys::Key;
use crate::registry::{Kind, Registries};
use crate::run::{fresh, run, succeed, verify};
use crate::sealstone;

/// One way in which cosign signs.
#[derive(Clone, Copy, Debug)]
struct Case {
    cosign: Cosign,
    /// As a bundle, or under a tag.
    bundle: bool,
    /// SLSA provenance, or a plain signature.
    attests: bool,
    registry: Kind,
}

pub(crate) fn trials(registries: &Arc<Registries>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for registry in Kind::ALL {
        for cosign in Cosign::ALL {
            for (bundle, attests) in [(true, true), (true, false), (false, true), (false, false)] {
                let case = Case {
                    cosign,
                    bundle,
                    attests,
                    registry,
                };
                let registries = Arc::clone(registries);
                trials.push(Trial::test(case.name(), move || {
                    check(case, &registries).map_err(|error| Failed::from(format!("{error:#}")))
                }));
            }
        }
    }
    trials
}

impl Case {
    fn name(self) -> String {
        format!(
            "{}/{}/{}/{}",
            self.cosign.name(),
            if self.bundle { "bundle" } else { "legacy" },
            if self.attests {
                "attestation"
            } else {
                "signature"
            },
            self.registry.name()
        )
    }

    fn rule(self) -> (&'static str, Value) {
        let build = Build::default();
        if !self.attests {
            return ("signature", json!({}));
        }
        let source = json!({"uri": build.source_uri(), "ref": {"exact": build.source_ref}});
        let builder = json!({"id": {"exact": build.builder_id}});
        ("provenance", json!({"source": source, "builder": builder}))
    }

    /// Signs by cosign.
    fn sign(self, image: &str, digest: &str, predicate: &Path) -> Result<()> {
        let key = Key::EcdsaP256.private()?;
        let key = key.to_str().context("the path is text")?;
        let format = format!("--new-bundle-format={}", self.bundle);
        let mut arguments = vec![
            if self.attests { "attest" } else { "sign" },
            "--yes",
            "--tlog-upload=false",
            "--allow-http-registry",
            "--key",
            key,
            &format,
        ];
        if self.cosign == Cosign::V3 {
            arguments.push("--use-signing-config=false");
        }
        if self.attests {
            let statement = Build::default().provenance_v1(Subject::new("app", digest));
            std::fs::write(predicate, statement.predicate.to_string())?;
            let predicate = predicate.to_str().context("the path is text")?;
            arguments.extend(["--type", "slsaprovenance1", "--predicate", predicate]);
        }
        arguments.push(image);
        self.cosign.succeed(&arguments, &[])
    }

    /// Verifies by cosign.
    fn cosign_accepts(self, image: &str) -> Result<bool> {
        let key = Key::EcdsaP256.private()?.with_extension("pub");
        let key = key.to_str().context("the path is text")?;
        let format = format!("--new-bundle-format={}", self.bundle);
        let mut arguments = vec![
            if self.attests {
                "verify-attestation"
            } else {
                "verify"
            },
            "--insecure-ignore-tlog",
            "--allow-http-registry",
            "--key",
            key,
            &format,
        ];
        if self.attests {
            arguments.extend(["--type", "slsaprovenance1"]);
        }
        arguments.push(image);
        // cosign 2 wants a trust root from the network where there is a bundle, even for a key.
        let cosign = if self.bundle { Cosign::V3 } else { self.cosign };
        Ok(cosign.run(arguments, &[])?.accepted)
    }
}

fn check(case: Case, registries: &Registries) -> Result<()> {
    let name = case.name().replace(['/', '.'], "-");
    let path = |suffix: &str| fresh(&format!("{name}-{suffix}"));
    let plain = path("plain")?;
    ImageLayout::new(Image::new("app")).write(&plain)?;
    let home = &registries.of(case.registry)?.address;
    let repository = format!("{home}/{name}");
    let tagged = format!("{repository}:v1");
    let digest = succeed(&[&"push", &plain, &tagged])?;
    let image = format!("{repository}@{digest}");

    let policy = |key: Key, suffix| -> Result<_> {
        let path = path(suffix)?;
        let policy = sealstone::policy(&key.public()?, case.rule());
        std::fs::write(&path, policy.to_string())?;
        Ok(path)
    };
    let right = policy(Key::EcdsaP256, "right.json")?;
    let wrong = policy(Key::OtherEcdsaP256, "wrong.json")?;
    expect("evidence.missing", verify(&tagged, &right)?)?;
    let nothing = run(&[&"carrier", &"push", &tagged])?;
    ensure!(nothing.stderr.contains("carrier.empty"), "{nothing:?}");

    case.sign(&image, &digest, &path("predicate.json")?)?;
    for image in [&tagged, &image] {
        expect("ok", verify(image, &right)?)?;
        expect("signature.invalid", verify(image, &wrong)?)?;
    }

    // The neighbour of the image is another image.
    let other = path("other")?;
    ImageLayout::new(Image::new("another app")).write(&other)?;
    let neighbour = format!("{repository}:other");
    succeed(&[&"push", &other, &neighbour])?;
    expect("evidence.missing", verify(&neighbour, &right)?)?;

    // Collected in either form.
    let document = path("evidence.json")?;
    let collected = path("collected")?;
    for output in [&document, &collected] {
        let said = succeed(&[&"evidence", &tagged, &"--output", output])?;
        ensure!(said == digest, "{said}");
        expect("ok", verify(output, &right)?)?;
        expect("signature.invalid", verify(output, &wrong)?)?;
    }

    // Carried, always in the same form, and enough where there is nothing else.
    let carrier = succeed(&[&"carrier", &"push", &tagged])?;
    let again = succeed(&[&"carrier", &"push", &image, &"--output=json"])?;
    let again: Value = serde_json::from_str(&again)?;
    let expected = json!({"digest": carrier, "image": digest, "pieces": 1, "stored": false});
    ensure!(again == expected, "{again}");
    let pulled = path("pulled")?;
    let said = succeed(&[&"pull", &tagged, &pulled])?;
    ensure!(said == digest, "{said}");
    expect("ok", verify(&pulled, &right)?)?;
    let carried = path("carried")?;
    keep_carrier(&pulled, &carried, &digest)?;
    expect("ok", verify(&carried, &right)?)?;
    let alone = format!("{home}/{name}-carried:v1");
    succeed(&[&"push", &carried, &alone])?;
    expect("ok", verify(&alone, &right)?)?;
    expect("signature.invalid", verify(&alone, &wrong)?)?;

    // Moved to the other registry, and as good there, for cosign too.
    for kind in Kind::ALL {
        let moved = format!("{}/{name}-moved:v2", registries.of(kind)?.address);
        let said = succeed(&[&"push", &pulled, &moved])?;
        ensure!(said == digest, "{said}");
        expect("ok", verify(&moved, &right)?)?;
        expect("signature.invalid", verify(&moved, &wrong)?)?;
        ensure!(case.cosign_accepts(&moved)?, "cosign does not find it");
    }
    Ok(())
}

/// A layout with nothing but an image and its carrier.
fn keep_carrier(from: &Path, to: &Path, digest: &str) -> Result<()> {
    let index: Value = serde_json::from_slice(&std::fs::read(from.join("index.json"))?)?;
    let entries = index.get("manifests").and_then(Value::as_array);
    let entries = entries.context("there are entries")?;
    let tag = format!("{}.sealstone", digest.replace(':', "-"));
    let is_kept = |entry: &&Value| {
        let name = entry.pointer("/annotations/org.opencontainers.image.ref.name");
        entry.get("digest").and_then(Value::as_str) == Some(digest)
            || name.and_then(Value::as_str) == Some(&tag)
    };
    let kept: Vec<&Value> = entries.iter().filter(is_kept).collect();
    ensure!(kept.len() == 2, "{kept:?}");
    std::fs::create_dir_all(to.join("blobs/sha256"))?;
    std::fs::copy(from.join("oci-layout"), to.join("oci-layout"))?;
    for blob in std::fs::read_dir(from.join("blobs/sha256"))? {
        let blob = blob?;
        std::fs::copy(blob.path(), to.join("blobs/sha256").join(blob.file_name()))?;
    }
    let index = json!({"schemaVersion": 2, "manifests": kept});
    Ok(std::fs::write(to.join("index.json"), index.to_string())?)
}

fn expect(expected: &str, found: String) -> Result<()> {
    ensure!(found == expected, "{found} instead of {expected}");
    Ok(())
}
