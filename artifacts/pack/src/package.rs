//! A module with all that is published of it: OCI image layout, bill of materials, provenance.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::artifact::{Artifact, sha256};
use crate::crates::Crates;
use crate::json::canonical;
use crate::oci::{self, Labels, Layout};
use crate::provenance::{self, Build};
use crate::sbom;
use crate::source::Source;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// What every module is packed with.
#[derive(Debug)]
pub(crate) struct Circumstances<'a> {
    /// The id of the builder, for the provenance.
    pub(crate) builder_id: &'a str,
    /// Where the sources are published, if that is known.
    pub(crate) source_uri: Option<&'a str>,
    /// The sources.
    pub(crate) source: &'a Source,
    /// The compiler.
    pub(crate) toolchain: &'a Toolchain,
}

/// A packed module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// The digest of its image manifest, `sha256:…`.
    pub(crate) digest: String,
    /// The files by their paths below the folder of artifacts: the layout under `oci/<name>/`, and
    /// beside the module `<name>.cdx.json`, `<name>.provenance.json` (the statement) and
    /// `<name>.predicate.json` (its predicate alone, which `cosign attest` makes a statement of).
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Packs a module.
pub(crate) fn pack(
    workspace: &Workspace,
    artifact: &Artifact,
    module: &[u8],
    circumstances: &Circumstances<'_>,
) -> Result<Package> {
    let crates = Crates::of(workspace, artifact)?;
    pack_with(artifact, module, &crates, circumstances)
        .with_context(|| format!("cannot pack {}", artifact.file))
}

fn pack_with(
    artifact: &Artifact,
    module: &[u8],
    crates: &Crates,
    circumstances: &Circumstances<'_>,
) -> Result<Package> {
    let name = artifact.name();
    let mut layout = Layout::default();
    let labels = labels(artifact, circumstances)?;
    let image = oci::image(&mut layout, artifact.shape, module, &labels)?;

    let bill = sbom::bill(
        (artifact.file, artifact.package),
        module,
        &labels.version,
        crates,
        circumstances.toolchain,
    );
    let bill = canonical(&bill)?;
    let manifest = image.digest.trim_start_matches("sha256:").to_owned();
    let build = Build {
        artifact: artifact.file,
        products: vec![
            (name.to_owned(), manifest),
            (artifact.file.to_owned(), sha256(module)),
        ],
        builder_id: circumstances.builder_id,
        source_uri: circumstances.source_uri,
        source: circumstances.source,
        crates,
        toolchain: circumstances.toolchain,
    };
    let predicate = provenance::predicate(&build);
    let statement = canonical(&provenance::statement(&build, &predicate))?;

    let bill_name = format!("{name}.cdx.json");
    let statement_name = format!("{name}.provenance.json");
    oci::referrer(
        &mut layout,
        &image,
        (sbom::MEDIA_TYPE, &bill_name, bill.clone()),
        &BTreeMap::new(),
    )?;
    let predicate_type = BTreeMap::from([(
        "in-toto.io/predicate-type".to_owned(),
        provenance::PREDICATE_TYPE.to_owned(),
    )]);
    oci::referrer(
        &mut layout,
        &image,
        (provenance::MEDIA_TYPE, &statement_name, statement.clone()),
        &predicate_type,
    )?;
    let files = layout.files()?.into_iter();
    let mut files: BTreeMap<String, Vec<u8>> = files
        .map(|(path, bytes)| (format!("oci/{name}/{path}"), bytes))
        .collect();
    files.insert(bill_name, bill);
    files.insert(statement_name, statement);
    files.insert(format!("{name}.predicate.json"), canonical(&predicate)?);
    Ok(Package {
        digest: image.digest,
        files,
    })
}

/// The annotations that image-spec v1.1 names (`annotations.md`), but for the time.
fn labels(artifact: &Artifact, circumstances: &Circumstances<'_>) -> Result<Labels> {
    let version = env!("CARGO_PKG_VERSION");
    let annotations = [
        ("title", artifact.name()),
        ("description", artifact.description),
        ("version", version),
        ("licenses", env!("CARGO_PKG_LICENSE")),
    ]
    .into_iter()
    .chain(circumstances.source_uri.map(|uri| ("source", uri)))
    .chain(
        circumstances
            .source
            .commit
            .as_deref()
            .map(|commit| ("revision", commit)),
    )
    .map(|(name, value)| {
        let name = format!("org.opencontainers.image.{name}");
        (name, value.to_owned())
    })
    .collect();

    Ok(Labels {
        version: version.to_owned(),
        created: circumstances.source.time()?,
        annotations,
    })
}

#[cfg(test)]
mod tests;
