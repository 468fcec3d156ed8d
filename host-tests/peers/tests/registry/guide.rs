//! `docs/guides/registry.md` says what happens.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_peers::Program;

use crate::registry::{Kind, Registries};
use crate::run::fresh;
use crate::sealstone::CACHE;

const GUIDE: &str = include_str!("../../../../docs/guides/registry.md");
/// The registry of the guide.
const REGISTRY: &str = "localhost:5000";

pub(crate) fn trial(registries: &Arc<Registries>) -> Trial {
    let registries = Arc::clone(registries);
    Trial::test("guide", move || {
        check(&registries).map_err(|error| Failed::from(format!("{error:#}")))
    })
}

/// Each block runs as it stands, in the order of the guide, with the registry of the tests. A comment
/// names what is said above it.
fn check(registries: &Registries) -> Result<()> {
    let address = &registries.of(Kind::Referrers)?.address;
    let folder = fresh("guide")?;
    std::fs::create_dir_all(&folder)?;
    let policy = blocks("yaml").next().context("there is a policy")?;
    std::fs::write(folder.join("policy.yaml"), policy)?;
    let program = std::env::var_os("SEALSTONE_PROGRAM").context("the program is named")?;
    let cosign = Program::Cosign3.install()?;
    let folders = [Path::new(&program), &*cosign].map(|path| path.parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.into_iter().flatten();
    let path = std::env::join_paths(folders.chain(std::env::split_paths(&path)))?;
    let mut commented = Vec::new();
    let mut run = 0_usize;
    for block in blocks("sh") {
        let script = block.replace(REGISTRY, address);
        let output = Command::new("sh")
            .args(["-e", "-c", &script])
            .current_dir(&folder)
            .env("PATH", &path)
            .env("HOME", &folder)
            .env("COSIGN_PASSWORD", "sealstone")
            .env("SEALSTONE_CACHE_DIR", CACHE)
            .env_remove("DOCKER_CONFIG")
            .output()?;
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let expected: Vec<&str> = block
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .collect();
        ensure!(
            output.status.success() == expected.is_empty(),
            "{block}\n{said}"
        );
        for code in expected {
            ensure!(said.contains(code), "{block}\n{said}");
            commented.push(code);
        }
        run = run.saturating_add(1);
    }
    ensure!(run == 7, "{run} blocks");
    ensure!(commented == ["registry.unreachable"], "{commented:?}");
    Ok(())
}

/// The fenced blocks of the guide in one language.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let inside = GUIDE.split("```").skip(1).step_by(2);
    inside.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}
