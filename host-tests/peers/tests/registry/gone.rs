//! A registry that is gone is unavailable, whatever was in it.

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_forge::{Image, ImageLayout};
use serde_json::json;

use crate::keys::Key;
use crate::registry::Registry;
use crate::run::{fresh, run, succeed};
use crate::sealstone;

pub(crate) fn trial() -> Trial {
    Trial::test("gone", || {
        check().map_err(|error| Failed::from(format!("{error:#}")))
    })
}

fn check() -> Result<()> {
    let layout = fresh("gone")?;
    ImageLayout::new(Image::new("app")).write(&layout)?;
    let policy = fresh("gone.policy.json")?;
    let key = Key::EcdsaP256.public()?;
    std::fs::write(
        &policy,
        sealstone::policy(&key, ("signature", json!({}))).to_string(),
    )?;
    let registry = Registry::with_referrers()?;
    let name = format!("{}/app:v1", registry.address);
    let digest = succeed(&[&"push", &layout, &name])?;
    drop(registry);
    let by_digest = format!("{}@{digest}", name.split_once(":v1").context("a tag")?.0);
    for name in [name, by_digest] {
        let ended = run(&[&"verify", &name, &"--policy", &policy])?;
        ensure!(ended.status == Some(3), "{ended:?}");
        ensure!(ended.stderr.contains("registry.unreachable"), "{ended:?}");
    }
    Ok(())
}
