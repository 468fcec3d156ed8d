//! `cargo xtask differential`

use anyhow::Result;

use crate::task::test;
use crate::workspace::Workspace;

/// Compare our verifier with others on the same input
///
/// Installs sigstore-go (needs Go), `@sigstore/verify` (needs Node.js) and the PyPI package `sigstore`
/// (needs Python) under `target/peers`, at the versions of `host-tests/peers/versions.toml`. With
/// `SEALSTONE_PEERS=off` they are left out, and their tests reported as ignored.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(workspace: &Workspace, _: &Arguments) -> Result<()> {
    test::run_differential(workspace)
}
