//! The policies beside the pipelines.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use libtest_mimic::Failed;

use crate::example;

/// The policies, and the warnings about them.
const POLICIES: [(&str, &[&str]); 3] = [
    ("ci/github/policy.yaml", &[]),
    ("ci/gitlab/policy.yaml", &[]),
    // The README says why.
    (
        "isolated-builder/policy.yaml",
        &["policy-warning.triggers-unlimited"],
    ),
];

/// They are well-formed, and no weaker than they say.
pub(crate) fn check() -> Result<(), Failed> {
    let program = std::env::var_os("SEALSTONE_PROGRAM")
        .context("SEALSTONE_PROGRAM names no program; run this suite by `cargo xtask hosts`")?;
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    for (policy, expected) in POLICIES {
        let mut command = Command::new(&program);
        command
            .args(["policy", "check"])
            .arg(example::path(policy))
            .env("SEALSTONE_CACHE_DIR", &cache);
        let (accepted, said) = example::lint(&mut command)?;
        let found: Vec<&str> = said
            .lines()
            .filter_map(|line| line.strip_prefix("warning[")?.split_once(']'))
            .map(|(code, _)| code)
            .collect();
        if !accepted || found != expected {
            return Err(format!("{policy}: {said}").into());
        }
    }
    Ok(())
}
