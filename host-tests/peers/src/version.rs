//! Which version of each peer is compared with.

use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Peer;

/// The pinned package of a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Version {
    /// Whose it is.
    pub peer: Peer,
    /// The package by its name in its ecosystem.
    pub package: String,
    /// Its version.
    pub version: String,
}

/// The versions that `host-tests/peers/versions.toml` pins.
///
/// # Errors
/// When the file cannot be read, or lacks a peer.
pub fn versions() -> Result<Vec<Version>> {
    let of = |peer: Peer| {
        let (package, version) = pinned(peer.name())?;
        Ok(Version {
            peer,
            package,
            version,
        })
    };
    Peer::ALL.iter().copied().map(of).collect()
}

/// Package and version under a name in `host-tests/peers/versions.toml`.
pub(super) fn pinned(name: &str) -> Result<(String, String)> {
    let path = folder().join("versions.toml");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let table: Table = text.parse()?;
    let member = |member: &str| {
        table
            .get(name)
            .and_then(|entry| entry.get(member))
            .and_then(Value::as_str)
            .map(str::to_owned)
            .with_context(|| format!("{}: {name}.{member}", path.display()))
    };
    Ok((member("package")?, member("version")?))
}

/// Where the sources of the peers lie.
pub(super) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
