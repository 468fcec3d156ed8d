//! `cargo xtask pack`

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::artifact::{self, ARTIFACTS, Artifact};
use crate::package::{self, Circumstances, Package};
use crate::provenance::LOCAL_BUILDER;
use crate::source::Source;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{checkout, guest, progress};

/// Build the modules and pack them as OCI image layouts, with SBOM and provenance
///
/// Writes `target/artifacts/oci/<name>` for each module, in the shape that its host pulls, and beside
/// the module `<name>.cdx.json` (CycloneDX) and `<name>.provenance.json` (in-toto, SLSA), which refer
/// to the image in the layout, too, and `<name>.predicate.json` for `cosign attest`. Nothing is signed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The builder id in the provenance, a URI
    #[arg(long, value_name = "URI", default_value = LOCAL_BUILDER)]
    builder_id: String,

    /// Where the sources are published, for provenance and annotations
    #[arg(long, value_name = "URI")]
    source: Option<String>,

    /// Pack again in a copy of the checkout and compare the bytes
    #[arg(long)]
    check_reproducible: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    guest::build_all(workspace)?;
    pack(workspace, arguments)
}

/// As [`run`] without arguments, of modules that are built.
pub(crate) fn pack_built(workspace: &Workspace) -> Result<()> {
    pack(
        workspace,
        &Arguments {
            builder_id: LOCAL_BUILDER.to_owned(),
            source: None,
            check_reproducible: false,
        },
    )
}

fn pack(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let source = Source::of(workspace)?;
    let toolchain = Toolchain::of(workspace)?;
    let circumstances = Circumstances {
        builder_id: &arguments.builder_id,
        source_uri: arguments.source.as_deref(),
        source: &source,
        toolchain: &toolchain,
    };
    let folder = workspace.artifacts();
    // What an earlier version had there does not stay.
    let layouts = folder.join("oci");
    if layouts.exists() {
        fs::remove_dir_all(&layouts)
            .with_context(|| format!("cannot remove `{}`", layouts.display()))?;
    }
    for artifact in ARTIFACTS {
        let module = folder.join(artifact.file);
        let module =
            fs::read(&module).with_context(|| format!("cannot read `{}`", module.display()))?;
        let package = progress::work(&format!("pack {}", artifact.file), || {
            package::pack(workspace, artifact, &module, &circumstances)
        })?;
        if arguments.check_reproducible {
            check(workspace, artifact, &module, &circumstances, &package)?;
        }
        for (path, bytes) in &package.files {
            artifact::write(&folder.join(path), bytes)?;
        }
        println!(
            "{:<28} {}",
            format!("oci/{}", artifact.name()),
            package.digest
        );
    }
    Ok(())
}

/// Packs in a folder of another name and compares.
fn check(
    workspace: &Workspace,
    artifact: &Artifact,
    module: &[u8],
    circumstances: &Circumstances<'_>,
    package: &Package,
) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let copy = Workspace {
        root: temporary.path().join("another-folder/checkout"),
        target: temporary.path().join("built"),
        cargo_home: temporary.path().join("home"),
    };
    checkout::copy(workspace, &copy)?;
    let again = package::pack(&copy, artifact, module, circumstances)?;
    let differing = package
        .files
        .iter()
        .find(|(path, bytes)| again.files.get(*path) != Some(bytes));
    ensure!(
        again == *package,
        "packing is not reproducible: {}",
        differing.map_or("there are other files", |(path, _)| path)
    );
    println!("{}: the same bytes in two folders", artifact.name());
    Ok(())
}
