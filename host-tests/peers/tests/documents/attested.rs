//! Attesting a document, and decisions about it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_forge::{Image, ImageLayout};
use serde_json::{Value, json};

use crate::cosign::Cosign;
use crate::documents::{Document, Tool};
use crate::keys::Key;
use crate::projects::{Project, artifacts};
use crate::registry::{Kind, Registries};
use crate::run::{fresh, succeed, verify};
use crate::sealstone;

/// How cosign attests a document: `--type`, and whether as bundle, or under the tag `.att`.
#[derive(Clone, Copy, Debug)]
struct Way {
    cosign: Cosign,
    kind: &'static str,
    bundle: bool,
}

impl Document {
    fn ways(self) -> Vec<Way> {
        let kinds: &[&'static str] = match self.tool {
            // As text, and as document.
            Tool::SyftSpdx => &["spdx", "spdxjson"],
            _ => &["cyclonedx"],
        };
        let mut ways = Vec::new();
        for kind in kinds {
            for cosign in Cosign::ALL {
                ways.push(Way {
                    cosign,
                    kind,
                    bundle: cosign == Cosign::V3,
                });
            }
        }
        ways
    }
}

/// One test for each document: tools take longer than the rest.
pub(crate) fn trials(registries: &Arc<Registries>) -> Vec<Trial> {
    Document::ALL
        .iter()
        .map(|&document| {
            let registries = Arc::clone(registries);
            Trial::test(document.name(), move || {
                check(document, &registries).map_err(|error| Failed::from(format!("{error:#}")))
            })
        })
        .collect()
}

fn check(document: Document, registries: &Registries) -> Result<()> {
    let made = document.make()?;
    let cases = document.cases()?;
    for way in document.ways() {
        check_way(document, way, &made, &cases, registries)
            .with_context(|| format!("{way:?} of {}", made.display()))?;
    }
    Ok(())
}

fn check_way(
    document: Document,
    way: Way,
    made: &Path,
    cases: &[(Value, &str)],
    registries: &Registries,
) -> Result<()> {
    let name = format!("{}-{}-{}", document.name(), way.cosign.name(), way.kind).replace('/', "-");
    // Every case has a repository, since evidence would gather in a common one.
    let home = &registries.of(Kind::Referrers)?.address;
    let tagged = format!("{home}/{name}:v1");
    let digest = succeed(&[&"push", &image(document.project)?, &tagged])?;
    let exists = |key: Key| anyhow::Ok(sealstone::policy(&key.public()?, ("sbom", json!({}))));
    let policy = fresh(&format!("{name}.policy.json"))?;
    let decide = |policy_document: &Value| -> Result<String> {
        std::fs::write(&policy, policy_document.to_string())?;
        verify(&tagged, &policy)
    };
    let code = decide(&exists(Key::EcdsaP256)?)?;
    ensure!(code == "evidence.missing", "{code} before it is attested");

    attest(way, made, &format!("{home}/{name}@{digest}"))?;
    let code = decide(&exists(Key::OtherEcdsaP256)?)?;
    ensure!(code == "signature.invalid", "{code} with another key");
    let key = Key::EcdsaP256.public()?;
    for (asked, expected) in cases {
        let code = decide(&sealstone::policy(&key, ("sbom", asked.clone())))?;
        ensure!(code == *expected, "{code} instead of {expected}: {asked}");
    }
    Ok(())
}

fn attest(way: Way, predicate: &Path, image: &str) -> Result<()> {
    let key = Key::EcdsaP256.private()?;
    let format = format!("--new-bundle-format={}", way.bundle);
    let mut arguments = vec![
        "attest",
        "--yes",
        "--tlog-upload=false",
        "--allow-http-registry",
        "--key",
        key.to_str().context("the path is text")?,
        &format,
        "--type",
        way.kind,
        "--predicate",
        predicate.to_str().context("the path is text")?,
    ];
    if way.cosign == Cosign::V3 {
        arguments.push("--use-signing-config=false");
    }
    arguments.push(image);
    way.cosign.succeed(&arguments, &[])
}

/// The layout of the image that the documents about a project are attested for.
fn image(project: Project) -> Result<PathBuf> {
    static PLAIN: OnceLock<PathBuf> = OnceLock::new();
    if matches!(project, Project::Module | Project::Workspace) {
        return Ok(artifacts()?.join("oci/sealstone"));
    }
    if let Some(layout) = PLAIN.get() {
        return Ok(layout.clone());
    }
    let layout = fresh(&format!("plain-{}", project.name()))?;
    ImageLayout::new(Image::new("app")).write(&layout)?;
    Ok(PLAIN.get_or_init(|| layout).clone())
}
