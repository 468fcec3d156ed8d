//! `cargo xtask hosts`

use anyhow::Result;

use crate::guest;
use crate::task::{build, test};
use crate::workspace::Workspace;

/// Run the program together with programs of others: what they sign, and what they verify
///
/// Installs cosign 2 and 3 (needs Go) and two registries (one needs Go, the other Debian's `apt-get`)
/// under `target/peers`, at the versions of `host-tests/peers/versions.toml`. With `SEALSTONE_PEERS=off`
/// they are left out, and their tests reported as ignored.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(workspace: &Workspace, _: &Arguments) -> Result<()> {
    guest::build_all(workspace)?;
    let program = build::program(workspace, false)?;
    test::run_hosts(workspace, &program)
}
