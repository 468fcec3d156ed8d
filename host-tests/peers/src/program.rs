//! Programs of other projects that suites run as they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::install::{fingerprint, go_build, npm_ci, npm_tool, once, python_environment, run};
use super::version::{folder, pinned};

/// A program by others, or one around a library by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// actionlint, which checks workflows of GitHub Actions.
    Actionlint,
    /// A package that carries the schema of Terraform's provider for Azure; it is a file, not a program.
    AzurermSchema,
    /// cargo-cyclonedx, which makes bills of materials of Rust packages.
    CargoCyclonedx,
    /// check-jsonschema, which carries the schema of GitLab's pipelines.
    CheckJsonschema,
    /// cosign 2, which stores signatures and attestations as tagged images.
    Cosign2,
    /// cosign 3, which stores them as bundles.
    Cosign3,
    /// cyclonedx-npm, which makes bills of materials of Node.js packages.
    CyclonedxNpm,
    /// cyclonedx-py, which makes bills of materials of Python environments.
    CyclonedxPython,
    /// Debian's registry, which has no referrers API.
    DockerRegistry,
    /// `host-tests/peers/junitparser`: a reader of JUnit XML.
    Junitparser,
    /// OPA with its runtime for wasm.
    Opa,
    /// `host-tests/peers/openreports`: the Go types and the schema of OpenReports, and those of in-toto.
    Openreports,
    /// `host-tests/peers/opa-js`: the SDK of OPA for Node.
    OpaJs,
    /// `host-tests/peers/opa-python`: an SDK of OPA for Python.
    OpaPython,
    /// `host-tests/peers/registry`: a registry with the referrers API, and copies of images.
    Registry,
    /// `host-tests/peers/sarif-multitool`: Microsoft's validator of SARIF.
    SarifMultitool,
    /// Syft, which makes bills of materials of folders and images.
    Syft,
    /// `host-tests/peers/terraform`: a check of Terraform files.
    TerraformCheck,
}

impl Program {
    /// Every program.
    pub const ALL: &'static [Self] = &[
        Self::Actionlint,
        Self::AzurermSchema,
        Self::CargoCyclonedx,
        Self::CheckJsonschema,
        Self::Cosign2,
        Self::Cosign3,
        Self::CyclonedxNpm,
        Self::CyclonedxPython,
        Self::DockerRegistry,
        Self::Junitparser,
        Self::Opa,
        Self::Openreports,
        Self::OpaJs,
        Self::OpaPython,
        Self::Registry,
        Self::SarifMultitool,
        Self::Syft,
        Self::TerraformCheck,
    ];

    /// Its name in `host-tests/peers/versions.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Actionlint => "actionlint",
            Self::AzurermSchema => "azurerm-schema",
            Self::CargoCyclonedx => "cargo-cyclonedx",
            Self::CheckJsonschema => "check-jsonschema",
            Self::Cosign2 => "cosign-2",
            Self::Cosign3 => "cosign-3",
            Self::CyclonedxNpm => "cyclonedx-npm",
            Self::CyclonedxPython => "cyclonedx-python",
            Self::DockerRegistry => "docker-registry",
            Self::Junitparser => "junitparser",
            Self::Opa => "opa",
            Self::Openreports => "openreports",
            Self::OpaJs => "opa-js",
            Self::OpaPython => "opa-python",
            Self::Registry => "registry",
            Self::SarifMultitool => "sarif-multitool",
            Self::Syft => "syft",
            Self::TerraformCheck => "terraform",
        }
    }

    /// The package and the version that are pinned.
    ///
    /// # Errors
    /// When `host-tests/peers/versions.toml` cannot be read, or lacks the program.
    pub fn pinned(self) -> Result<(String, String)> {
        pinned(self.name())
    }

    /// Installs the program under `target/peers` where that is not done yet, and returns its path.
    ///
    /// # Errors
    /// What stops the installation; a program that is not there is never passed over.
    pub fn install(self) -> Result<PathBuf> {
        let (package, version) = self.pinned()?;
        let module = format!("{package}@v{version}");
        let inside = match self {
            Self::Actionlint => "actionlint",
            Self::AzurermSchema => "node_modules/@cdktf/provider-azurerm/.jsii",
            Self::CargoCyclonedx => "bin/cargo-cyclonedx",
            Self::CheckJsonschema => "environment/bin/check-jsonschema",
            Self::Cosign2 | Self::Cosign3 => "cosign",
            Self::CyclonedxNpm => "node_modules/.bin/cyclonedx-npm",
            Self::CyclonedxPython => "environment/bin/cyclonedx-py",
            Self::DockerRegistry => "usr/bin/docker-registry",
            Self::Opa => "opa",
            Self::OpaJs | Self::SarifMultitool => "main.js",
            Self::Junitparser | Self::OpaPython => "environment/bin/python",
            Self::Openreports | Self::Registry | Self::TerraformCheck => "program",
            Self::Syft => "syft",
        };
        let source = folder().join(self.name());
        let target = match self {
            Self::Actionlint | Self::Cosign2 | Self::Cosign3 => {
                once(self.name(), &module, |target| {
                    go_install(&module, &[], target)
                })?
            }
            Self::Syft => {
                // A release of Syft says its version in what it writes.
                let says = format!("-X main.version={version}");
                once(self.name(), &format!("{module} {says}"), |target| {
                    go_install(&module, &["-ldflags", &says], target)
                })?
            }
            Self::CargoCyclonedx => once(self.name(), &module, |target| {
                cargo_install(&package, &version, target)
            })?,
            Self::AzurermSchema | Self::CyclonedxNpm => {
                once(self.name(), &fingerprint(&source)?, |target| {
                    npm_tool(&source, target)
                })?
            }
            Self::Opa => once(self.name(), &module, |target| {
                go_install(&module, &["-tags", "opa_wasm"], target)
            })?,
            Self::OpaJs | Self::SarifMultitool => {
                once(self.name(), &fingerprint(&source)?, |target| {
                    npm_ci(&source, target)
                })?
            }
            Self::CheckJsonschema | Self::CyclonedxPython | Self::Junitparser | Self::OpaPython => {
                once(self.name(), &fingerprint(&source)?, |target| {
                    python_environment(&source, target)
                })?
            }
            Self::DockerRegistry => once(self.name(), &version, |target| {
                debian_package(&package, target)?;
                check_line(&target.join(inside), &version)
            })?,
            Self::Openreports => once(self.name(), &fingerprint(&source)?, |target| {
                go_build(&source, &target.join(inside))?;
                copy_of_module(&source, &package, CRD, &target.join("crd.yaml"))
            })?,
            Self::Registry | Self::TerraformCheck => {
                once(self.name(), &fingerprint(&source)?, |target| {
                    go_build(&source, &target.join(inside))
                })?
            }
        };
        Ok(target.join(inside))
    }
}

impl Program {
    /// Installs the program, and returns the command that runs it.
    ///
    /// # Errors
    /// See [`Program::install`].
    pub fn command(self) -> Result<Command> {
        let program = self.install()?;
        Ok(match self {
            Self::OpaJs | Self::SarifMultitool => {
                let mut command = Command::new("node");
                command.arg(program);
                command
            }
            Self::Junitparser | Self::OpaPython => {
                let mut command = Command::new(program);
                command.arg(folder().join(self.name()).join("main.py"));
                command
            }
            _ => Command::new(program),
        })
    }
}

/// Builds the program of a Go module, whose go.mod decides about its dependencies.
fn go_install(module: &str, flags: &[&str], target: &Path) -> Result<()> {
    run(Command::new("go")
        .arg("install")
        .args(flags)
        .arg(module)
        .env("GOBIN", target)
        .current_dir(target))
}

/// Builds a published crate with the versions of its own lock file.
fn cargo_install(package: &str, version: &str, target: &Path) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo)
        // It runs for a second or two: a build for speed takes longer than it saves.
        .args(["install", "--debug", "--locked", "--version", version])
        .arg("--root")
        .arg(target)
        .arg(package)
        .current_dir(target)
        .env_remove("CARGO_TARGET_DIR"))
}

/// The CustomResourceDefinition of reports, in the Go module of OpenReports.
const CRD: &str = "config/crd/openreports.io_reports.yaml";

/// Copies a file of a Go module of which the program in `source` makes use.
fn copy_of_module(source: &Path, module: &str, file: &str, target: &Path) -> Result<()> {
    let output = Command::new("go")
        .args(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module])
        .current_dir(source)
        .output()?;
    ensure!(output.status.success(), "{module} is not there: {output:?}");
    let folder = String::from_utf8(output.stdout)?;
    let file = Path::new(folder.trim_end()).join(file);
    std::fs::copy(&file, target).with_context(|| file.display().to_string())?;
    Ok(())
}

/// Unpacks a Debian package for the program alone: nothing is set up on this machine.
fn debian_package(package: &str, target: &Path) -> Result<()> {
    let download = || {
        run(Command::new("apt-get")
            .args(["--quiet", "download", package])
            .current_dir(target))
    };
    if download().is_err() {
        run(Command::new("apt-get").args(["--quiet", "update"]))?;
        download()?;
    }
    let archive = std::fs::read_dir(target)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get downloaded no package")?;
    run(Command::new("dpkg-deb")
        .arg("--extract")
        .arg(archive)
        .arg(target))
}

/// Debian mends its packages and gives them other versions; the line of releases is what counts.
fn check_line(program: &Path, version: &str) -> Result<()> {
    let output = Command::new(program).arg("--version").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_of_line = |word: &str| {
        let rest = word.strip_prefix(version);
        rest.is_some_and(|rest| rest.starts_with(['.', '+', '-']) || rest.is_empty())
    };
    ensure!(
        said.split_whitespace().any(is_of_line),
        "`{said}` is not of the line {version}"
    );
    Ok(())
}
