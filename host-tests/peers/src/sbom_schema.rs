//! The JSON Schema of CycloneDX, from a package that carries it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::install::{fingerprint, once, python_environment};
use super::version::{folder, pinned};

/// The name in `host-tests/peers/versions.toml`.
const NAME: &str = "cyclonedx";

/// Where the schema lies by its own word, and what its references are relative to.
const FOLDER: &str = "http://cyclonedx.org/schema/";

/// The schema of CycloneDX 1.6 and those that it refers to.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct SbomSchema {
    /// The schema itself.
    pub schema: Value,
    /// The schemas that it refers to, by the URIs under which it does.
    pub resources: Vec<(String, Value)>,
}

impl SbomSchema {
    /// Installs the package where that is not done yet, and reads the schemas in it.
    ///
    /// # Errors
    /// What stops the installation, and a schema that is not there.
    pub fn install() -> Result<Self> {
        let source = folder().join(NAME);
        let target = once(NAME, &fingerprint(&source)?, |target| {
            python_environment(&source, target)
        })?;
        let schemas = schemas(&target)?;
        let read = |name: &str| {
            // The package names them so, and the references between them.
            let file = format!("{name}.SNAPSHOT.schema.json");
            let path = schemas.join(&file);
            let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let schema = serde_json::from_slice(&text)?;
            Ok::<_, anyhow::Error>((format!("{FOLDER}{file}"), schema))
        };
        let (_, schema) = read("bom-1.6")?;
        let resources = ["jsf-0.82", "spdx"].into_iter().map(read);
        Ok(Self {
            schema,
            resources: resources.collect::<Result<_>>()?,
        })
    }

    /// The package and the version that are pinned.
    ///
    /// # Errors
    /// When `host-tests/peers/versions.toml` cannot be read, or lacks the package.
    pub fn pinned() -> Result<(String, String)> {
        pinned(NAME)
    }
}

/// The folder of the schemas; its path has the version of Python in it.
fn schemas(target: &Path) -> Result<PathBuf> {
    let library = target.join("environment/lib");
    let found = std::fs::read_dir(&library)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .map(|python| python.join("site-packages/cyclonedx/schema/_res"))
        .find(|schemas| schemas.is_dir());
    found.with_context(|| format!("no schemas below {}", library.display()))
}
