//! Building and installing the peers under `target/peers/`, from pinned versions.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::Peer;
use super::version::folder;

/// The environment variable that, set to `off`, leaves the peers out.
pub const OFF: &str = "SEALSTONE_PEERS";

/// Whether the peers are left out by the wish of the user.
///
/// # Errors
/// When [`OFF`] is set to something else than `off`: a slip must not change what is tested.
pub fn are_off() -> Result<bool> {
    match std::env::var_os(OFF) {
        None => Ok(false),
        Some(value) if value == "off" => Ok(true),
        Some(value) => bail!("{OFF} is {}, and may only be `off`", value.display()),
    }
}

/// Installs a peer unless that is done, and returns the command that runs it and a file for what it says
/// beside its answers, `target/peers/<name>/log`.
pub(super) fn install(peer: Peer) -> Result<(Command, File)> {
    let source = folder().join(peer.name());
    let place = |target: &Path| Place {
        peer,
        source: source.clone(),
        target: target.to_owned(),
    };
    let target = once(peer.name(), &fingerprint(&source)?, |target| {
        place(target).install()
    })?;
    let log = File::create(target.join("log"))?;
    Ok((place(&target).command(), log))
}

/// Installs into `target/peers/<name>` unless what is there was installed with the same fingerprint.
/// Returns that folder.
pub(super) fn once(
    name: &str,
    fingerprint: &str,
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let target = target_folder()?.join("peers").join(name);
    let stamp = target.join("installed");
    // Tests and benchmarks may come at the same time.
    fs::create_dir_all(&target)?;
    let lock = File::create(target.join("lock"))?;
    lock.lock()?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == fingerprint) {
        return Ok(target);
    }
    install(&target)
        .with_context(|| format!("{name} cannot be installed; {OFF}=off leaves the peers out"))?;
    fs::write(&stamp, fingerprint)?;
    Ok(target)
}

/// The hash of the files in a folder, from which an installation follows.
pub(super) fn fingerprint(source: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(source)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    ensure!(!files.is_empty(), "{} is empty", source.display());
    let mut hash = Sha256::new();
    for file in files {
        hash.update(Sha256::digest(
            fs::read(&file).with_context(|| file.display().to_string())?,
        ));
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Builds the Go program in `source`.
pub(super) fn go_build(source: &Path, program: &Path) -> Result<()> {
    run(Command::new("go")
        .args(["build", "-mod=readonly", "-trimpath", "-o"])
        .arg(program)
        .arg(".")
        .current_dir(source))
}

/// Installs what the lock file in `source` pins, and `main.js` with it, into `target`.
pub(super) fn npm_ci(source: &Path, target: &Path) -> Result<()> {
    fs::copy(source.join("main.js"), target.join("main.js"))?;
    npm_tool(source, target)
}

/// Installs what the lock file in `source` pins into `target`.
pub(super) fn npm_tool(source: &Path, target: &Path) -> Result<()> {
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), target.join(file))?;
    }
    run(Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(target))
}

/// Installs what `requirements.txt` in `source` pins into `target/environment`.
pub(super) fn python_environment(source: &Path, target: &Path) -> Result<()> {
    let environment = target.join("environment");
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&environment))?;
    run(Command::new(environment.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet"])
        // The list is complete: nothing is looked up that it does not pin.
        .args(["--no-deps", "--require-hashes", "-r"])
        .arg(source.join("requirements.txt")))
}

/// Where a peer comes from and goes to.
struct Place {
    peer: Peer,
    source: PathBuf,
    target: PathBuf,
}

impl Place {
    fn install(&self) -> Result<()> {
        match self.peer {
            Peer::SigstoreGo => go_build(&self.source, &self.target.join("program")),
            Peer::SigstoreJs => npm_ci(&self.source, &self.target),
            Peer::SigstorePython => python_environment(&self.source, &self.target),
            // Cargo builds it.
            Peer::SigstoreRust => Ok(()),
        }
    }

    fn command(&self) -> Command {
        let with = |program: &OsStr, script: PathBuf| {
            let mut command = Command::new(program);
            command.arg(script);
            command
        };
        match self.peer {
            Peer::SigstoreJs => with("node".as_ref(), self.target.join("main.js")),
            Peer::SigstorePython => with(
                self.target.join("environment/bin/python").as_ref(),
                self.source.join("main.py"),
            ),
            Peer::SigstoreGo | Peer::SigstoreRust => Command::new(self.target.join("program")),
        }
    }
}

/// Cargo's target folder, found from this program, which lies in it.
fn target_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let found = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .with_context(|| format!("{} lies in no target folder", program.display()))?;
    Ok(Path::to_path_buf(found))
}

/// Runs a step of an installation; what it says is shown where it fails.
pub(super) fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .with_context(|| format!("{shown} does not start"))?;
    ensure!(
        output.status.success(),
        "{shown}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Ok(())
}
