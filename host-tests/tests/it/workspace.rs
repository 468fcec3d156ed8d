//! The shape of the workspace: who may depend on whom, and what every member shares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use toml::{Table, Value};

/// Every member, and the members that it may depend on. Dependencies point one way: adapters,
/// engine, provenance, verifier, signature schemes, curves. The program on the host links no verifier, and the forge is an
/// encoder of its own, so neither may reach into `policy/`. Nothing depends on suites.
const MAY_DEPEND_ON: [(&str, &[&str]); 15] = [
    ("sealstone", &["sealstone-forge"]),
    (
        "sealstone-component",
        &["sealstone-engine", "sealstone-runtime"],
    ),
    ("sealstone-crypto", &["sealstone-ecdsa"]),
    ("sealstone-ecdsa", &[]),
    (
        "sealstone-engine",
        &["sealstone-provenance", "sealstone-verify"],
    ),
    ("sealstone-forge", &[]),
    (
        "sealstone-host-tests",
        &[
            "sealstone",
            "sealstone-engine",
            "sealstone-forge",
            "sealstone-kubewarden",
            "sealstone-peers",
            "sealstone-provenance",
            "sealstone-verify",
            "sealstone-wapc-host",
        ],
    ),
    (
        "sealstone-kubewarden",
        &["sealstone-engine", "sealstone-runtime"],
    ),
    (
        "sealstone-opa",
        &["sealstone-engine", "sealstone-runtime", "sealstone-verify"],
    ),
    (
        "sealstone-peers",
        &["sealstone-forge", "sealstone-verify", "sealstone-wapc-host"],
    ),
    ("sealstone-provenance", &["sealstone-verify"]),
    ("sealstone-runtime", &[]),
    ("sealstone-verify", &["sealstone-crypto"]),
    ("sealstone-wapc-host", &[]),
    ("xtask", &[]),
];

/// What the tests of any member may use beside what it depends on.
const TEST_WORLD: &str = "sealstone-forge";

/// Keys of `[package]` that are stated once, in the workspace.
const SHARED_KEYS: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

/// A dependency of one member on another.
#[derive(Debug)]
struct Edge {
    from: String,
    to: String,
    only_tests: bool,
}

#[test]
fn dependencies_point_one_way() -> Result<()> {
    let metadata = metadata()?;
    let members: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut known: Vec<&str> = MAY_DEPEND_ON.iter().map(|(member, _)| *member).collect();
    let mut found = members.clone();
    known.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, known, "each member stands in the table of this test");
    let edges: Vec<Edge> = metadata
        .packages
        .iter()
        .flat_map(|package| {
            package.dependencies.iter().map(|dependency| Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                only_tests: dependency.kind == DependencyKind::Development,
            })
        })
        .filter(|edge| members.contains(&edge.to.as_str()))
        .collect();
    assert!(!edges.is_empty(), "the members depend on each other");
    assert_eq!(against_the_direction(&edges), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_dependency_against_the_direction_is_found() {
    let refused = [
        ("sealstone-verify", "sealstone-engine", false),
        ("sealstone", "sealstone-verify", false),
        ("sealstone", "sealstone-verify", true),
        ("sealstone-forge", "sealstone-provenance", true),
        ("sealstone-engine", "sealstone-forge", false),
        ("sealstone-engine", "sealstone-engine", false),
        ("xtask", "sealstone-host-tests", true),
    ];
    for (from, to, only_tests) in refused {
        let edge = Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            only_tests,
        };
        assert_eq!(against_the_direction(&[edge]), [format!("{from} -> {to}")]);
    }
    for to in ["sealstone-forge", "sealstone-engine"] {
        let allowed = Edge {
            from: "sealstone-engine".to_owned(),
            to: to.to_owned(),
            only_tests: true,
        };
        assert!(against_the_direction(&[allowed]).is_empty(), "{to}");
    }
}

#[test]
fn there_is_one_wasmtime() -> Result<()> {
    let lock = read_toml(&root()?.join("Cargo.lock"))?;
    let packages = lock
        .get("package")
        .and_then(Value::as_array)
        .context("the lock file lists packages")?;
    let versions: Vec<&str> = packages
        .iter()
        .filter(|package| package.get("name").and_then(Value::as_str) == Some("wasmtime"))
        .filter_map(|package| package.get("version")?.as_str())
        .collect();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert!(
        versions.iter().all(|version| version.starts_with("48.0.")),
        "{versions:?}"
    );
    Ok(())
}

#[test]
fn members_inherit_from_the_workspace() -> Result<()> {
    let mut problems = Vec::new();
    for manifest in manifests(&metadata()?) {
        let table = read_toml(&manifest)?;
        problems.extend(
            not_inherited(&table)
                .into_iter()
                .map(|key| format!("{}: {key}", manifest.display())),
        );
    }
    assert_eq!(problems, Vec::<String>::new());
    Ok(())
}

#[test]
fn what_is_not_inherited_is_found() -> Result<()> {
    let table: Table = r#"
        [package]
        name = "member"
        version = "0.1.0"
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        publish.workspace = true
        [dependencies]
        one = "1"
        two.workspace = true
        member.path = "."
        [dev-dependencies]
        member.path = "."
        [target.'cfg(unix)'.dev-dependencies]
        three = { version = "3" }
    "#
    .parse()?;
    let expected = ["package.version", "lints", "member", "one", "three"];
    assert_eq!(not_inherited(&table), expected);
    Ok(())
}

#[test]
fn the_sandbox_is_free_of_std_and_of_unsafe_code() -> Result<()> {
    let root = root()?;
    let mut seen = 0;
    for manifest in manifests(&metadata()?) {
        let folder = manifest.parent().context("a manifest lies in a folder")?;
        if !folder.starts_with(root.join("policy")) || folder.starts_with(root.join("policy/abi")) {
            continue;
        }
        let source = fs::read_to_string(folder.join("src/lib.rs"))?;
        for attribute in ["#![no_std]", "#![forbid(unsafe_code)]"] {
            assert!(
                source.lines().any(|line| line == attribute),
                "{}: {attribute}",
                folder.display()
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 5, "ecdsa, crypto, verify, provenance and engine");
    Ok(())
}

fn against_the_direction(edges: &[Edge]) -> Vec<String> {
    let table: BTreeMap<&str, &[&str]> = MAY_DEPEND_ON.into_iter().collect();
    edges
        .iter()
        .filter(|edge| {
            let may = table
                .get(edge.from.as_str())
                .is_some_and(|to| to.contains(&edge.to.as_str()));
            // A member names itself to switch on a feature in its tests.
            let may_in_tests = edge.only_tests && (edge.to == TEST_WORLD || edge.to == edge.from);
            !may && !may_in_tests
        })
        .map(|edge| format!("{} -> {}", edge.from, edge.to))
        .collect()
}

/// The keys of a manifest that should be inherited and are not.
fn not_inherited(manifest: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    let package = manifest.get("package");
    for key in SHARED_KEYS {
        if !package
            .and_then(|package| package.get(key))
            .is_some_and(inherited)
        {
            keys.push(format!("package.{key}"));
        }
    }
    if !manifest.get("lints").is_some_and(inherited) {
        keys.push("lints".to_owned());
    }
    let own_name = package.and_then(|package| package.get("name")?.as_str());
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    for table in iter::once(manifest).chain(tables) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = table.get(kind).and_then(Value::as_table);
            for (name, dependency) in dependencies.into_iter().flatten() {
                // A member cannot inherit itself.
                let itself = kind == "dev-dependencies" && own_name == Some(name.as_str());
                if !inherited(dependency) && !itself {
                    keys.push(name.clone());
                }
            }
        }
    }
    keys
}

fn inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn metadata() -> Result<Metadata> {
    let metadata = MetadataCommand::new()
        .current_dir(root()?)
        .no_deps()
        .exec()?;
    ensure!(!metadata.packages.is_empty(), "the workspace has members");
    Ok(metadata)
}

fn manifests(metadata: &Metadata) -> Vec<PathBuf> {
    metadata
        .packages
        .iter()
        .map(|package| package.manifest_path.clone().into_std_path_buf())
        .collect()
}

fn root() -> Result<PathBuf> {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(member
        .parent()
        .context("a member lies in the workspace")?
        .to_path_buf())
}

fn read_toml(path: &Path) -> Result<Table> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse()
        .with_context(|| format!("cannot parse {}", path.display()))
}
