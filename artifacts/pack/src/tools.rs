//! The tools that a task needs beside cargo, pinned, and installed when they are missing.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::progress;
use crate::workspace::Workspace;

/// The target of every shipped module.
pub(crate) const GUEST_TARGET: &str = "wasm32-unknown-unknown";

/// Checks bans, licences and sources of dependencies.
const CARGO_DENY: Pin = Pin {
    package: "cargo-deny",
    version: "0.20.2",
};

/// Builds and runs fuzz targets.
const CARGO_FUZZ: Pin = Pin {
    package: "cargo-fuzz",
    version: "0.13.2",
};

/// The toolchain for fuzz targets, whose instrumentation no stable compiler has.
const NIGHTLY: &str = "nightly";

#[derive(Debug)]
struct Pin {
    package: &'static str,
    version: &'static str,
}

/// Makes sure that the standard library for [`GUEST_TARGET`] is there.
pub(crate) fn guest_target(workspace: &Workspace) -> Result<()> {
    let libraries = rustc(
        workspace,
        &["--print", "target-libdir", "--target", GUEST_TARGET],
    )?;
    if PathBuf::from(&libraries).is_dir() {
        return Ok(());
    }
    rustup(
        workspace,
        &["target", "add", GUEST_TARGET],
        &format!("the Rust target `{GUEST_TARGET}`"),
    )
}

/// Makes sure that a component of the toolchain is there, `clippy` for example.
pub(crate) fn component(workspace: &Workspace, name: &str, subcommand: &str) -> Result<()> {
    let present = workspace
        .cargo(subcommand)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot run `cargo {subcommand}`"))?
        .success();
    if present {
        return Ok(());
    }
    rustup(
        workspace,
        &["component", "add", name],
        &format!("the Rust component `{name}`"),
    )
}

/// The program of cargo-deny in its pinned version, below `target/tools`.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    installed(workspace, &CARGO_DENY)
}

/// `cargo fuzz SUBCOMMAND` in its pinned version, under the nightly toolchain.
pub(crate) fn cargo_fuzz(workspace: &Workspace, subcommand: &str) -> Result<Command> {
    let program = installed(workspace, &CARGO_FUZZ)?;
    let mut probe = Command::new("rustup");
    probe.args(["run", NIGHTLY, "rustc", "--version"]);
    probe.stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        let install = ["toolchain", "install", NIGHTLY, "--profile", "minimal"];
        rustup(
            workspace,
            &install,
            &format!("the Rust toolchain `{NIGHTLY}`"),
        )?;
    }
    let mut command = Command::new("rustup");
    command
        .args(["run", NIGHTLY])
        .arg(program)
        .args(["fuzz", subcommand])
        .current_dir(&workspace.root)
        .env_remove("CARGO") // that of the stable toolchain
        .env("CARGO_TARGET_DIR", workspace.target.join("fuzz"))
        .env("CARGO_HOME", &workspace.cargo_home);
    Ok(command)
}

/// The program of a tool in its pinned version, below `target/tools`.
fn installed(workspace: &Workspace, pin: &Pin) -> Result<PathBuf> {
    let Pin { package, version } = pin;
    let root = workspace
        .root
        .join("target/tools")
        .join(format!("{package}-{version}"));
    let program = root.join("bin").join(package);
    if !program.exists() {
        let mut install = workspace.cargo("install");
        install
            .args(["--locked", "--version", version, "--root"])
            .arg(&root)
            .arg(package);
        progress::run(&format!("install {package} {version}"), &mut install)?;
    }
    Ok(program)
}

/// What `rustc ARGUMENTS` prints, without the line end.
pub(crate) fn rustc(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let output = Command::new("rustc")
        .args(arguments)
        .current_dir(&workspace.root)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run `rustc`")?;
    ensure!(
        output.status.success(),
        "`rustc {}` ended with {}",
        arguments.join(" "),
        output.status
    );
    let text = String::from_utf8(output.stdout).context("`rustc` did not print UTF-8")?;
    Ok(text.trim_end().to_owned())
}

fn rustup(workspace: &Workspace, arguments: &[&str], what: &str) -> Result<()> {
    let mut command = Command::new("rustup");
    command.args(arguments).current_dir(&workspace.root);
    let asked = Command::new("rustup")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if let Err(error) = asked
        && error.kind() == ErrorKind::NotFound
    {
        bail!(
            "{what} is not installed, and there is no `rustup` in PATH to install it with: \
             install rustup (https://rustup.rs), or install it the way this Rust was installed, \
             and run this again"
        );
    }
    progress::run(&format!("install {what}"), &mut command)
        .with_context(|| format!("{what} is needed: try `rustup {}`", arguments.join(" ")))
}
