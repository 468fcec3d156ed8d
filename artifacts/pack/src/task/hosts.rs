//! `cargo xtask hosts`

use anyhow::Result;

use crate::guest;
use crate::task::{build, pack, test};
use crate::workspace::Workspace;

/// Run the program and the modules together with programs of others
///
/// Runs the decision vectors in hosts of the component, holds what is packed against the formats of
/// others, and verifies what others sign. Installs jco (needs Node.js), the PyPI package `wasmtime` (needs
/// Python), cosign 2 and 3 (needs Go) and two registries (one needs Go, the other Debian's `apt-get`)
/// under `target/peers`, at the versions of `host-tests/peers/versions.toml`. With `SEALSTONE_PEERS=off`
/// they are left out, and their tests reported as ignored.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(workspace: &Workspace, _: &Arguments) -> Result<()> {
    guest::build_all(workspace)?;
    pack::pack_built(workspace)?;
    let program = build::program(workspace, false)?;
    test::run_hosts(workspace, &program)
}
