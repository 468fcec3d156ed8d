//! `sealstone inspect`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use wasmparser::{Encoding, Parser, Payload};

use super::error::{Error, Exit};
use super::printable::Printable;
use super::style::LABEL;
use super::{Output, module_bytes, new_runtime, write_result, written};
use crate::digest::Digest;
use crate::limits::Limits;
use crate::runtime::{LoadError, ModuleInfo};

const EXAMPLES: &str = "\
Examples:
  sealstone inspect
  sealstone inspect policy.wasm --output json";

/// Show what a module is: its kind, imports, exports, size and versions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The module; without it, the one inside of this program (or that of --module).
    #[arg(value_name = "MODULE")]
    file: Option<PathBuf>,

    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// What a module is. Members in the order of their names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    exports: Vec<String>,
    gzip_size: usize,
    imports: Vec<String>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_api_version: Option<String>,
    sha256: String,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let bytes = module_bytes(arguments.file.as_deref().or(module), &limits)?;
    let mut report = report(&bytes)?;
    if let Some(info) = info(&bytes, &limits)? {
        report.policy_api_version = Some(info.policy_api_version);
        report.version = Some(info.version);
    }
    match arguments.output {
        Output::Text => written(text(&report))?,
        Output::Json => {
            let mut json = serde_json::to_vec(&report).unwrap_or_default();
            json.push(b'\n');
            write_result(&json)?;
        }
    }
    Ok(Exit::Success)
}

/// What the module says about itself. `None` for WebAssembly that is not a policy module.
fn info(bytes: &[u8], limits: &Limits) -> Result<Option<ModuleInfo>, Error> {
    match new_runtime(limits)?.load(bytes) {
        Ok(module) => Ok(Some(module.info()?)),
        Err(LoadError::CoreModule | LoadError::ExportMissing(_) | LoadError::Imports { .. }) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn report(bytes: &[u8]) -> Result<Report, Error> {
    let (kind, imports, exports) = surface(bytes).map_err(|error| {
        if Parser::is_component(bytes) || Parser::is_core_wasm(bytes) {
            Error::usage(
                "module.malformed",
                format!("the module is malformed: {error}"),
            )
        } else {
            Error::from(LoadError::NotWebAssembly)
        }
    })?;
    Ok(Report {
        exports,
        gzip_size: gzip_size(bytes),
        imports,
        kind,
        policy_api_version: None,
        sha256: Digest::of(bytes).hex().to_string(),
        size: bytes.len(),
        version: None,
    })
}

type Surface = (&'static str, Vec<String>, Vec<String>);

/// The kind, imports and exports of the outermost module or component.
fn surface(bytes: &[u8]) -> wasmparser::Result<Surface> {
    let mut kind = "module";
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } => {
                depth = depth.saturating_add(1);
                if depth == 1 && encoding == Encoding::Component {
                    kind = "component";
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ImportSection(section) if depth == 1 => {
                for import in section.into_imports() {
                    let import = import?;
                    imports.push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::ExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.to_owned());
                }
            }
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((kind, imports, exports))
}

fn gzip_size(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().len()
}

fn text(report: &Report) -> std::io::Result<()> {
    let none = "none".to_owned();
    let list = |names: &[String]| match names {
        [] => none.clone(),
        names => names.join(", "),
    };
    let rows = [
        ("kind", report.kind.to_owned()),
        (
            "version",
            report.version.clone().unwrap_or_else(|| none.clone()),
        ),
        (
            "policy documents",
            report
                .policy_api_version
                .clone()
                .unwrap_or_else(|| none.clone()),
        ),
        ("imports", list(&report.imports)),
        ("exports", list(&report.exports)),
        ("size", format!("{} bytes", report.size)),
        ("gzip size", format!("{} bytes", report.gzip_size)),
        ("sha256", report.sha256.clone()),
    ];
    let mut output = anstream::stdout().lock();
    for (label, value) in rows {
        writeln!(output, "{LABEL}{label:<17}{LABEL:#}{}", Printable(&value))?;
    }
    Ok(())
}
