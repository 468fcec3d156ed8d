//! The documents, and the tools that make them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sealstone_peers::Program;

use crate::projects::{Project, succeed};
use crate::run::fresh;

/// A tool that makes bills of materials, and the format in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// cargo-cyclonedx: CycloneDX 1.5.
    CargoCyclonedx,
    /// cargo-cyclonedx, when it is not told a version: CycloneDX 1.3.
    CargoCyclonedxByDefault,
    /// cyclonedx-npm: CycloneDX 1.6.
    CyclonedxNpm,
    /// cyclonedx-py: CycloneDX 1.6.
    CyclonedxPython,
    /// Syft: CycloneDX 1.7.
    SyftCyclonedx,
    /// Syft: SPDX 2.3.
    SyftSpdx,
}

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) tool: Tool,
    pub(crate) project: Project,
}

impl Tool {
    /// By which name it goes in its documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CargoCyclonedx | Self::CargoCyclonedxByDefault => "cargo-cyclonedx",
            Self::CyclonedxNpm => "cyclonedx-npm",
            Self::CyclonedxPython => "cyclonedx-py",
            Self::SyftCyclonedx | Self::SyftSpdx => "syft",
        }
    }

    /// The format by its name in a policy, and the other one.
    pub(crate) const fn formats(self) -> [&'static str; 2] {
        match self {
            Self::SyftSpdx => ["spdx", "cycloneDx"],
            _ => ["cycloneDx", "spdx"],
        }
    }

    pub(crate) const fn program(self) -> Program {
        match self {
            Self::CargoCyclonedx | Self::CargoCyclonedxByDefault => Program::CargoCyclonedx,
            Self::CyclonedxNpm => Program::CyclonedxNpm,
            Self::CyclonedxPython => Program::CyclonedxPython,
            Self::SyftCyclonedx | Self::SyftSpdx => Program::Syft,
        }
    }
}

impl Document {
    /// Every document.
    pub(crate) const ALL: &'static [Self] = &[
        Self::of(Tool::SyftSpdx, Project::Node),
        Self::of(Tool::SyftCyclonedx, Project::Node),
        Self::of(Tool::SyftSpdx, Project::Python),
        Self::of(Tool::SyftCyclonedx, Project::Python),
        Self::of(Tool::SyftSpdx, Project::Debian),
        Self::of(Tool::SyftCyclonedx, Project::Debian),
        Self::of(Tool::SyftSpdx, Project::Workspace),
        Self::of(Tool::SyftCyclonedx, Project::Workspace),
        Self::of(Tool::SyftSpdx, Project::Module),
        Self::of(Tool::SyftCyclonedx, Project::Module),
        Self::of(Tool::CyclonedxNpm, Project::Node),
        Self::of(Tool::CyclonedxPython, Project::Python),
        Self::of(Tool::CargoCyclonedx, Project::Workspace),
        Self::of(Tool::CargoCyclonedxByDefault, Project::Workspace),
    ];

    const fn of(tool: Tool, project: Project) -> Self {
        Self { tool, project }
    }

    pub(crate) fn name(self) -> String {
        let tool = match self.tool {
            Tool::CargoCyclonedxByDefault => "cargo-cyclonedx-by-default",
            Tool::SyftCyclonedx => "syft-cyclonedx",
            Tool::SyftSpdx => "syft-spdx",
            tool => tool.name(),
        };
        format!("{tool}/{}", self.project.name())
    }

    /// Has the tool make the document; its file.
    pub(crate) fn make(self) -> Result<PathBuf> {
        let project = self.project.path()?;
        let document = fresh(&format!("document-{}.json", self.name().replace('/', "-")))?;
        let program = self.tool.program().install()?;
        let mut command = Command::new(program);
        match self.tool {
            Tool::CargoCyclonedx | Tool::CargoCyclonedxByDefault => {
                return self.make_beside_the_manifest(&mut command, project);
            }
            Tool::CyclonedxNpm => command
                .arg("--output-file")
                .arg(&document)
                .arg(project.join("package.json")),
            Tool::CyclonedxPython => command
                .args(["environment", "--pyproject"])
                .arg(project.join("pyproject.toml"))
                .arg("--output-file")
                .arg(&document)
                .arg(project.join("environment")),
            Tool::SyftCyclonedx => self.syft(&mut command, project, "cyclonedx-json", &document),
            Tool::SyftSpdx => self.syft(&mut command, project, "spdx-json", &document),
        };
        succeed(&mut command)?;
        Ok(document)
    }

    fn syft<'c>(
        self,
        command: &'c mut Command,
        project: &Path,
        format: &str,
        document: &Path,
    ) -> &'c mut Command {
        let source = match self.project {
            Project::Node | Project::Debian => format!("dir:{}", project.display()),
            // The list beside it says nothing about licences.
            Project::Python => format!("dir:{}", project.join("environment").display()),
            Project::Workspace => format!("file:{}", project.join("Cargo.lock").display()),
            Project::Module => format!("file:{}", project.display()),
        };
        command
            .args(["scan", "--quiet", &source, "--output"])
            .arg(format!("{format}={}", document.display()))
            .env("SYFT_CHECK_FOR_APP_UPDATE", "false")
    }

    /// cargo-cyclonedx writes one document beside each manifest; that of the component is the one.
    fn make_beside_the_manifest(self, command: &mut Command, workspace: &Path) -> Result<PathBuf> {
        let folder = workspace.join("policy/abi/component");
        let name = self.name().replace('/', "-");
        command
            .args(["cyclonedx", "--quiet", "--format=json"])
            .args(["--target=wasm32-unknown-unknown", "--override-filename"])
            .arg(&name)
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"));
        if self.tool == Tool::CargoCyclonedx {
            command.arg("--spec-version=1.5");
        }
        succeed(command)?;
        let document = folder.join(format!("{name}.json"));
        document
            .is_file()
            .then_some(document)
            .context("no document")
    }
}
