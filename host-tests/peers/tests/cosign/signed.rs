//! What cosign signs and stores, we verify; and nothing that was changed since.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_forge::{Build, Image, ImageLayout, Statement, Subject};
use serde_json::{Value, json};

use crate::cosign::Cosign;
use crate::evidence;
use crate::keys::Key;
use crate::registry::{Kind, Pushed, Registries};
use crate::sealstone;

/// How evidence is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    /// As a bundle: a referrer.
    Bundle,
    /// Under the tags `sha256-<hex>.sig` and `sha256-<hex>.att`.
    Legacy,
    /// Legacy signatures in a referrer, as cosign 2 tried it.
    LegacyReferrer,
}

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// The image.
    Signature,
    /// A statement with SLSA provenance v0.2.
    ProvenanceV02,
    /// A statement with SLSA provenance v1.
    ProvenanceV1,
}

/// One way in which cosign signs.
#[derive(Clone, Copy, Debug)]
struct Case {
    cosign: Cosign,
    storage: Storage,
    content: Content,
    key: Key,
    registry: Kind,
}

pub(crate) fn trials(registries: &Arc<Registries>) -> Vec<Trial> {
    cases()
        .into_iter()
        .map(|case| {
            let registries = Arc::clone(registries);
            Trial::test(case.name(), move || {
                check(case, &registries).map_err(|error| Failed::from(format!("{error:#}")))
            })
        })
        .collect()
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for registry in Kind::ALL {
        for key in Key::SIGNING {
            for cosign in Cosign::ALL {
                for storage in [Storage::Bundle, Storage::Legacy, Storage::LegacyReferrer] {
                    for content in [
                        Content::Signature,
                        Content::ProvenanceV02,
                        Content::ProvenanceV1,
                    ] {
                        let case = Case {
                            cosign,
                            storage,
                            content,
                            key,
                            registry,
                        };
                        if case.exists() {
                            cases.push(case);
                        }
                    }
                }
            }
        }
    }
    cases
}

impl Case {
    fn exists(self) -> bool {
        self.storage != Storage::LegacyReferrer
            || (self.cosign == Cosign::V2 && self.content == Content::Signature)
    }

    fn name(self) -> String {
        let storage = match self.storage {
            Storage::Bundle => "bundle",
            Storage::Legacy => "legacy",
            Storage::LegacyReferrer => "legacy-referrer",
        };
        let content = match self.content {
            Content::Signature => "signature",
            Content::ProvenanceV02 => "provenance-v0.2",
            Content::ProvenanceV1 => "provenance-v1",
        };
        let (cosign, key) = (self.cosign.name(), self.key.name());
        format!(
            "{cosign}/{storage}/{content}/{key}/{}",
            self.registry.name()
        )
    }

    /// A folder of the case.
    fn folder(self, name: &str) -> PathBuf {
        let case = self.name().replace('/', "-");
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{case}-{name}"))
    }

    /// The code where the evidence is about another image.
    fn other_image_code(self) -> &'static str {
        match (self.storage, self.content) {
            (Storage::Bundle, _) => "statement.subject-mismatch",
            (_, Content::Signature) => "simple-signing.digest-mismatch",
            _ => "statement.subject-mismatch",
        }
    }

    /// The kind of rule, and what it asks for beside the signer.
    fn rule(self) -> (&'static str, Value) {
        let build = Build::default();
        match self.content {
            Content::Signature => ("signature", json!({})),
            Content::ProvenanceV02 | Content::ProvenanceV1 => (
                "provenance",
                json!({
                    "source": {"uri": build.source_uri(), "ref": {"exact": build.source_ref}},
                    "builder": {"id": {"exact": build.builder_id}},
                }),
            ),
        }
    }

    /// Signs by cosign.
    fn sign(self, pushed: &Pushed) -> Result<()> {
        let key = self.key.private()?;
        let key = key.to_str().context("the path is text")?;
        let reference = pushed.reference();
        let mut arguments = vec![
            if self.content == Content::Signature {
                "sign"
            } else {
                "attest"
            },
            "--yes",
            "--tlog-upload=false",
            "--allow-http-registry",
            "--key",
            key,
        ];
        if self.cosign == Cosign::V3 {
            arguments.push("--use-signing-config=false");
        }
        arguments.push(match self.storage {
            Storage::Bundle => "--new-bundle-format=true",
            Storage::Legacy | Storage::LegacyReferrer => "--new-bundle-format=false",
        });
        let mut environment = Vec::new();
        if self.storage == Storage::LegacyReferrer {
            arguments.push("--registry-referrers-mode=oci-1-1");
            environment.push(("COSIGN_EXPERIMENTAL", "1"));
        }
        let predicate = self.predicate(pushed)?;
        if let Some((kind, path)) = &predicate {
            let path = path.to_str().context("the path is text")?;
            arguments.extend(["--type", kind, "--predicate", path]);
        }
        arguments.push(&reference);
        self.cosign.succeed(&arguments, &environment)
    }

    /// The name of the predicate's type and the file with the predicate.
    fn predicate(self, pushed: &Pushed) -> Result<Option<(&'static str, PathBuf)>> {
        let subject = Subject::new("app", &pushed.digest);
        let build = Build::default();
        let (kind, Statement { predicate, .. }) = match self.content {
            Content::Signature => return Ok(None),
            Content::ProvenanceV02 => ("slsaprovenance02", build.provenance_v02(subject)),
            Content::ProvenanceV1 => ("slsaprovenance1", build.provenance_v1(subject)),
        };
        let path = self.folder("predicate.json");
        std::fs::write(&path, predicate.to_string())?;
        Ok(Some((kind, path)))
    }
}

fn check(case: Case, registries: &Registries) -> Result<()> {
    let image = Image::new("app");
    let plain = case.folder("plain");
    ImageLayout::new(image.clone()).write(&plain)?;
    // Every case has a repository, since evidence would gather in a common one.
    let repository = case.name().replace('.', "-");
    let pushed = registries.of(case.registry)?.push(&plain, &repository)?;
    case.sign(&pushed)?;
    let pulled = pushed.pull(&case.folder("pulled"))?;

    // The two registries differ in how they list what belongs to an image.
    let tagged = case.registry == Kind::TagFallback && case.storage != Storage::Legacy;
    ensure!(
        evidence::has_tagged_referrers(&pulled)? == tagged,
        "stored in another way"
    );

    let policy = |key: Key| anyhow::Ok(sealstone::policy(&key.public()?, case.rule()));
    let (right, wrong) = (policy(case.key)?, policy(case.key.other())?);
    let digest = &pushed.digest;
    expect("ok", sealstone::verify(&pulled, digest, &right)?)?;
    expect(
        "signature.invalid",
        sealstone::verify(&pulled, digest, &wrong)?,
    )?;

    // The same evidence in a layout of ours, whose other forms are changed in one place each.
    let evidence = evidence::only(&pulled)?;
    let folder = case.folder("changed");
    evidence::beside(&image, evidence.clone(), &folder)?;
    expect("ok", sealstone::verify(&folder, digest, &right)?)?;

    let other = Image::new("another app");
    evidence::beside(&other, evidence.clone(), &folder)?;
    let code = sealstone::verify(&folder, &other.digest(), &right)?;
    expect(case.other_image_code(), code)?;

    let longer = evidence::with_longer_payload(evidence)?;
    evidence::beside(&image, longer, &folder)?;
    expect(
        "signature.invalid",
        sealstone::verify(&folder, digest, &right)?,
    )
}

fn expect(expected: &str, found: String) -> Result<()> {
    ensure!(found == expected, "{found} instead of {expected}");
    Ok(())
}
