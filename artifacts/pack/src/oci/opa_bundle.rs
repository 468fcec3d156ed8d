//! The module as an OPA bundle: a gzipped tar archive that says which documents the module answers for.
//!
//! The policy is not in it: it is data, which a bundle of the user or the API of OPA brings. So that it
//! may come from there, this bundle owns the two documents alone, and not all of `data.sealstone`.

use std::io::Write as _;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use serde_json::json;
use tar::{Builder, EntryType, Header};

use crate::artifact::sha256;
use crate::json::canonical;

/// Where the module lies in the bundle. The name of the file is fixed by OPA.
const MODULE: &str = "/policy.wasm";

/// The documents that the module answers for.
const ENTRYPOINTS: [&str; 2] = ["sealstone/review", "sealstone/decide"];

/// A bundle.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The bytes of `bundle.tar.gz`.
    pub(super) compressed: Vec<u8>,
    /// The digest of the archive before compression.
    pub(super) diff_id: String,
}

/// The bundle of a module.
pub(super) fn bundle(module: &[u8], version: &str) -> Result<Bundle> {
    let resolvers =
        ENTRYPOINTS.map(|entrypoint| json!({"entrypoint": entrypoint, "module": MODULE}));
    let manifest = json!({"revision": version, "roots": ENTRYPOINTS, "wasm": resolvers});
    let mut archive = Builder::new(Vec::new());
    for (name, bytes) in [
        ("/.manifest", canonical(&manifest)?.as_slice()),
        (MODULE, module),
    ] {
        archive.append(&header(name, bytes.len())?, bytes)?;
    }
    // The header of gzip has no time, no name and no system.
    let mut compressed = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    let archive = archive.into_inner()?;
    compressed.write_all(&archive)?;
    Ok(Bundle {
        compressed: compressed.finish()?,
        diff_id: format!("sha256:{}", sha256(&archive)),
    })
}

/// The header of a file without times and owners. OPA names files from the root, which
/// [`Header::set_path`] refuses.
fn header(name: &str, size: usize) -> Result<Header> {
    let mut header = Header::new_ustar();
    let field = header.as_old_mut().name.get_mut(..name.len());
    field
        .context("the name is too long for a tar header")?
        .copy_from_slice(name.as_bytes());
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(u64::try_from(size)?);
    header.set_cksum();
    Ok(header)
}
