//! Builds what runs in the sandbox.
//!
//! The bytes depend on the sources, `Cargo.lock` and the toolchain, and on nothing else: the
//! folders of this machine are replaced by fixed names, and flags from the environment are not
//! passed on.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::artifact::{self, Artifact, COMPONENT, OPA, REGO};
use crate::tools::{self, GUEST_TARGET};
use crate::workspace::Workspace;
use crate::{kubewarden, opa, progress, shrink};

/// Builds the component and writes it to `target/artifacts`. Returns the path.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let component = component(workspace, &COMPONENT)?;
    let path = workspace.artifacts().join(COMPONENT.file);
    artifact::write(&path, &component)?;
    Ok(path)
}

/// Builds everything that is shipped and writes it to `target/artifacts`. Returns the paths.
///
/// What has an artifact of its own and is not in the program takes minutes more on a new machine, so
/// that tasks ask for it only where they need it.
pub(crate) fn build_all(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    build_each(workspace, |artifact, module| {
        let path = workspace.artifacts().join(artifact.file);
        artifact::write(&path, &module)?;
        paths.push(path);
        Ok(())
    })?;
    Ok(paths)
}

/// The bytes of everything that is shipped, built in the given checkout, in the order of
/// [`artifact::ARTIFACTS`].
pub(crate) fn modules(workspace: &Workspace) -> Result<Vec<(&'static Artifact, Vec<u8>)>> {
    let mut modules = Vec::new();
    build_each(workspace, |artifact, module| {
        modules.push((artifact, module));
        Ok(())
    })?;
    Ok(modules)
}

/// Builds everything that is shipped and hands each module on when it is done.
fn build_each(
    workspace: &Workspace,
    mut done: impl FnMut(&'static Artifact, Vec<u8>) -> Result<()>,
) -> Result<()> {
    for artifact in [&COMPONENT, &REGO] {
        done(artifact, component(workspace, artifact)?)?;
    }
    for (artifact, module) in kubewarden::modules(workspace)? {
        done(artifact, module)?;
    }
    done(&OPA, opa_module(workspace)?)
}

/// The bytes of a component, built in the given checkout.
pub(crate) fn component(workspace: &Workspace, artifact: &Artifact) -> Result<Vec<u8>> {
    tools::guest_target(workspace)?;
    let core = small_core_module(workspace, artifact)?;
    // `wit-bindgen` left the world in a custom section of the core module.
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&core)
        .and_then(|mut encoder| encoder.encode())
        .context("cannot make a component of the core module")?;
    names_no_folder(workspace, &component)?;
    let imports = component_imports(&component)?;
    ensure!(
        imports.is_empty(),
        "the component imports {}: a module that imports something can reach out of its sandbox",
        imports.join(", ")
    );
    evaluates_rego(&component, artifact)?;
    Ok(component)
}

/// The bytes of the module for hosts of the OPA Wasm ABI, built in the given checkout.
pub(crate) fn opa_module(workspace: &Workspace) -> Result<Vec<u8>> {
    tools::guest_target(workspace)?;
    let linked = small_core_module(workspace, &OPA)?;
    let module = opa::finish(&linked).context("cannot give the module its final form")?;
    names_no_folder(workspace, &module)?;
    opa::check(&module).context("not every host could load the module")?;
    evaluates_rego(&module, &OPA)?;
    Ok(module)
}

/// Builds the core module of an artifact and makes it smaller than the linker can.
pub(crate) fn small_core_module(workspace: &Workspace, artifact: &Artifact) -> Result<Vec<u8>> {
    let core = core_module(workspace, artifact)?;
    let core = fs::read(&core).with_context(|| format!("cannot read `{}`", core.display()))?;
    shrink::shrink(&core)
}

/// Builds the core module of an artifact. Returns the path.
fn core_module(workspace: &Workspace, artifact: &Artifact) -> Result<PathBuf> {
    let flags = serde_json::to_string(&remap_flags(workspace)?)?;
    // A library that tests link, too, would not be optimised across crates if it said itself that it is
    // a module as well.
    let mut build = workspace.cargo("rustc");
    build
        .args(["--locked", "--profile", "guest", "--target", GUEST_TARGET])
        .args(["--lib", "--crate-type", "cdylib"])
        .args(["--package", artifact.package])
        .args(
            artifact
                .features
                .iter()
                .flat_map(|name| ["--features", name]),
        )
        // Added to the flags in `.cargo/config.toml`. A JSON array of strings is TOML as well.
        .arg("--config")
        .arg(format!("target.{GUEST_TARGET}.rustflags={flags}"));
    for (name, _) in env::vars_os() {
        if changes_code(&name.to_string_lossy()) {
            build.env_remove(name);
        }
    }
    progress::run(&format!("build {}", artifact.file), &mut build)?;
    let file = format!("{}.wasm", artifact.package.replace('-', "_"));
    Ok(workspace.target.join(GUEST_TARGET).join("guest").join(file))
}

/// Refuses a module that has the interpreter of Rego in it and should not, or the other way round. A
/// text that only the interpreter has tells.
pub(crate) fn evaluates_rego(module: &[u8], artifact: &Artifact) -> Result<()> {
    const TEXT: &[u8] = b"recursion detected when evaluating rule";
    let found = module.windows(TEXT.len()).any(|window| window == TEXT);
    ensure!(
        found == artifact.features.contains(&"rego"),
        "`{}` {} the interpreter of Rego in it",
        artifact.file,
        if found { "has" } else { "does not have" }
    );
    Ok(())
}

/// Whether a variable of the environment changes the code that cargo generates. `RUSTFLAGS` even
/// replaces the flags of the configuration.
fn changes_code(variable: &str) -> bool {
    matches!(
        variable,
        "RUSTFLAGS" | "CARGO_ENCODED_RUSTFLAGS" | "CARGO_BUILD_RUSTFLAGS" | "CARGO_INCREMENTAL"
    ) || variable.starts_with("CARGO_PROFILE_")
        || variable.starts_with("CARGO_TARGET_WASM32_")
}

/// Compiler flags that replace the folders of this machine, which panic messages would name.
fn remap_flags(workspace: &Workspace) -> Result<Vec<String>> {
    let sysroot = tools::rustc(workspace, &["--print", "sysroot"])?;
    let version = tools::rustc(workspace, &["--version", "--verbose"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .context("`rustc --version --verbose` names no commit")?;
    // With the component `rust-src` the standard library is found below the sysroot; without it
    // the compiler names it by its commit.
    let library = Path::new(&sysroot).join("lib/rustlib/src/rust");
    let mut folders = vec![(library, format!("/rustc/{commit}"))];
    for folder in dependency_folders(workspace)? {
        folders.push((folder, "/dependencies".to_owned()));
    }
    // Of those that match, the last one counts: the target folder may lie in the workspace.
    folders.push((workspace.root.clone(), "/sealstone".to_owned()));
    folders.push((workspace.target.clone(), "/sealstone/target".to_owned()));
    folders
        .into_iter()
        .map(|(folder, name)| {
            let folder = folder
                .to_str()
                .with_context(|| format!("`{}` is not UTF-8", folder.display()))?;
            Ok(format!("--remap-path-prefix={folder}={name}"))
        })
        .collect()
}

/// The folders that hold the sources of dependencies. Their names depend on the cargo home and on
/// whether crates come from the registry or from a mirror of it. This program was built from such a
/// folder, so it is there before the first module is built.
fn dependency_folders(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let sources = sources(workspace);
    let mut folders = Vec::new();
    for entry in
        fs::read_dir(&sources).with_context(|| format!("cannot read `{}`", sources.display()))?
    {
        folders.push(entry?.path());
    }
    folders.sort();
    Ok(folders)
}

/// Refuses a module that names a folder of dependencies: it came up during the build.
pub(crate) fn names_no_folder(workspace: &Workspace, module: &[u8]) -> Result<()> {
    let sources = sources(workspace);
    let name = sources.as_os_str().as_encoded_bytes();
    ensure!(
        !module.windows(name.len()).any(|window| window == name),
        "the module names `{}`, a folder of this machine: build it again",
        sources.display()
    );
    Ok(())
}

fn sources(workspace: &Workspace) -> PathBuf {
    workspace.cargo_home.join("registry").join("src")
}

/// What a component imports. The imports of the modules inside it are its own affair.
fn component_imports(component: &[u8]) -> Result<Vec<String>> {
    let mut imports = Vec::new();
    let mut inside = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => inside.push(()),
            Payload::End(_) => {
                inside.pop();
            }
            Payload::ComponentImportSection(section) if inside.is_empty() => {
                for import in section {
                    imports.push(format!("`{}`", import?.name.name));
                }
            }
            _ => {}
        }
    }
    Ok(imports)
}

#[cfg(test)]
mod tests {
    use super::{changes_code, component_imports};

    #[test]
    fn imports_of_a_component_are_found_and_those_inside_are_not() {
        // (component (import "example:host/clock" (func)))
        let importing = [
            b"\0asm\x0d\0\x01\0".as_slice(),
            b"\x07\x05\x01\x40\x00\x01\x00", // one type: func without parameters or results
            b"\x0a\x17\x01\x00\x12example:host/clock\x01\x00",
        ]
        .concat();
        assert_eq!(
            component_imports(&importing).unwrap(),
            ["`example:host/clock`"]
        );
        // (component (core module (import "host" "clock" (func))))
        let core = [
            b"\0asm\x01\0\0\0".as_slice(),
            b"\x01\x04\x01\x60\x00\x00",
            b"\x02\x0e\x01\x04host\x05clock\x00\x00",
        ]
        .concat();
        let mut nested = b"\0asm\x0d\0\x01\0\x01".to_vec();
        nested.push(u8::try_from(core.len()).unwrap());
        nested.extend(core);
        assert!(component_imports(&nested).unwrap().is_empty());
    }

    #[test]
    fn flags_of_the_environment_are_recognised() {
        for name in [
            "RUSTFLAGS",
            "CARGO_PROFILE_GUEST_LTO",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        ] {
            assert!(changes_code(name), "{name}");
        }
        for name in ["PATH", "CARGO_HOME", "CARGO_TARGET_DIR"] {
            assert!(!changes_code(name), "{name}");
        }
    }
}
