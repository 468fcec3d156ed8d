//! The crates that a module is built from, as cargo resolves them for that module alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, NodeDep};
use serde::Deserialize;

use crate::artifact::Artifact;
use crate::tools::GUEST_TARGET;
use crate::workspace::Workspace;

/// The crates of one module.
#[derive(Debug)]
pub(crate) struct Crates {
    /// Those whose code is in the module, sorted.
    pub(crate) linked: Vec<Crate>,
    /// Those that its build needs: the linked ones, build scripts, procedural macros, and what these
    /// need; sorted.
    pub(crate) built: Vec<Crate>,
}

/// A crate.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Which one it is.
    pub(crate) id: CrateId,
    /// Its licence, an SPDX expression.
    pub(crate) license: String,
    /// SHA-256 of the `.crate` file, hexadecimal; none for members of the workspace.
    pub(crate) checksum: Option<String>,
    /// What it depends on, among the crates whose code is in the module.
    pub(crate) depends_on: Vec<CrateId>,
}

/// Name and version, which name a crate of one module: `Cargo.lock` has each from one source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CrateId {
    /// The name of the package.
    pub(crate) name: String,
    /// The version of the package.
    pub(crate) version: String,
}

impl CrateId {
    /// The package URL of a crate from the crates registry
    /// (<https://github.com/package-url/purl-spec>).
    pub(crate) fn purl(&self) -> String {
        format!(
            "pkg:cargo/{}@{}",
            self.name,
            self.version.replace('+', "%2B")
        )
    }
}

impl Crates {
    /// Asks cargo about the crates of a module.
    pub(crate) fn of(workspace: &Workspace, artifact: &Artifact) -> Result<Self> {
        let linked = tree(workspace, artifact, "normal,no-proc-macro")?;
        let built = tree(workspace, artifact, "normal,build")?;
        let metadata = metadata(workspace)?;
        let checksums = checksums(workspace)?;
        let described = describe(&metadata, &checksums, &linked, &built)?;
        let of = |ids: &BTreeSet<CrateId>| {
            let found = ids.iter().map(|id| {
                let found = described.get(id).cloned();
                found.with_context(|| format!("cargo does not describe {} {}", id.name, id.version))
            });
            found.collect::<Result<Vec<_>>>()
        };
        Ok(Self {
            linked: of(&linked)?,
            built: of(&built)?,
        })
    }
}

/// `cargo tree` resolves features for this package and target alone, which `cargo metadata` does not.
fn tree(workspace: &Workspace, artifact: &Artifact, edges: &str) -> Result<BTreeSet<CrateId>> {
    let mut command = workspace.cargo("tree");
    command
        .args(["--locked", "--target", GUEST_TARGET])
        .args(["--package", artifact.package])
        .args(
            artifact
                .features
                .iter()
                .flat_map(|name| ["--features", name]),
        )
        .args(["--edges", edges, "--prefix", "none", "--format", "{p}"]);
    let output = command.output().context("cannot run `cargo tree`")?;
    ensure!(
        output.status.success(),
        "`cargo tree`: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).context("`cargo tree` did not print UTF-8")?;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let version = |word: &str| Some(word.strip_prefix('v')?.to_owned());
        let (Some(name), Some(version)) = (words.next(), words.next().and_then(version)) else {
            anyhow::bail!("`cargo tree` printed `{line}`");
        };
        found.insert(CrateId {
            name: name.to_owned(),
            version,
        });
    }
    Ok(found)
}

fn metadata(workspace: &Workspace) -> Result<Metadata> {
    let mut command = workspace.cargo("metadata");
    command.args(["--locked", "--format-version", "1"]);
    command.args(["--filter-platform", GUEST_TARGET]);
    let output = command.output().context("cannot run `cargo metadata`")?;
    ensure!(
        output.status.success(),
        "`cargo metadata`: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(MetadataCommand::parse(str::from_utf8(&output.stdout)?)?)
}

/// The hashes that `Cargo.lock` pins.
fn checksums(workspace: &Workspace) -> Result<BTreeMap<CrateId, String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let path = workspace.root.join("Cargo.lock");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let lock: Lock = toml::from_str(&text).context("`Cargo.lock` cannot be read")?;
    let pinned = lock.package.into_iter().filter_map(|package| {
        let Package {
            name,
            version,
            checksum,
        } = package;
        Some((CrateId { name, version }, checksum?))
    });
    Ok(pinned.collect())
}

fn describe(
    metadata: &Metadata,
    checksums: &BTreeMap<CrateId, String>,
    linked: &BTreeSet<CrateId>,
    built: &BTreeSet<CrateId>,
) -> Result<BTreeMap<CrateId, Crate>> {
    let mut ids = BTreeMap::new();
    for package in &metadata.packages {
        let id = CrateId {
            name: package.name.to_string(),
            version: package.version.to_string(),
        };
        ids.insert(&package.id, id);
    }
    let mut described = BTreeMap::new();
    for package in &metadata.packages {
        let Some(id) = ids.get(&package.id).filter(|id| built.contains(id)) else {
            continue;
        };
        let checksum = checksums.get(id).cloned();
        ensure!(
            package.source.is_none() == checksum.is_none(),
            "`Cargo.lock` pins no hash of {} {}",
            id.name,
            id.version
        );
        let license = package.license.as_deref();
        let license = license
            .with_context(|| format!("{} {} states no licence", id.name, id.version))?
            // How it was written before cargo took SPDX expressions.
            .replace('/', " OR ");
        let nodes = metadata.resolve.as_ref().map(|resolve| &resolve.nodes);
        let node = nodes
            .into_iter()
            .flatten()
            .find(|node| node.id == package.id);
        let node = node.with_context(|| format!("cargo does not resolve {}", id.name))?;
        let depends_on: BTreeSet<CrateId> = node
            .deps
            .iter()
            .filter(|dependency| is_normal(dependency))
            .filter_map(|dependency| ids.get(&dependency.pkg))
            .filter(|dependency| linked.contains(dependency))
            .cloned()
            .collect();
        let found = Crate {
            id: id.clone(),
            license,
            checksum,
            depends_on: depends_on.into_iter().collect(),
        };
        ensure!(
            described.insert(id.clone(), found).is_none(),
            "{} {} comes from two sources",
            id.name,
            id.version
        );
    }
    Ok(described)
}

/// Whether code of the dependency can be in what depends on it: tests and build scripts have others.
fn is_normal(dependency: &NodeDep) -> bool {
    let mut kinds = dependency.dep_kinds.iter();
    kinds.any(|kind| kind.kind == DependencyKind::Normal)
}
