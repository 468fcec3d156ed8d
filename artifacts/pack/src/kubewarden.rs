//! The Kubewarden policy, in two variants that are made of one core module.
//!
//! The module exports a function for each variant. Each file keeps one of them, under the name that waPC
//! calls, and gets the metadata that Kubewarden reads.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use wasm_encoder::{CustomSection, ExportKind, ExportSection, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};

use crate::artifact::{Artifact, KUBEWARDEN, KUBEWARDEN_MUTATING};
use crate::guest;
use crate::workspace::Workspace;

/// The section that Kubewarden reads.
const METADATA: &str = "io.kubewarden.metadata";

/// The file that it comes from, below the workspace.
const METADATA_FILE: &str = "artifacts/kubewarden/metadata.yml";

/// What the module may import: the host's side of waPC, and the time.
const IMPORTS: [(&str, &str); 9] = [
    ("wapc", "__guest_request"),
    ("wapc", "__guest_response"),
    ("wapc", "__guest_error"),
    ("wapc", "__host_call"),
    ("wapc", "__host_response_len"),
    ("wapc", "__host_response"),
    ("wapc", "__host_error_len"),
    ("wapc", "__host_error"),
    ("wasi_snapshot_preview1", "clock_time_get"),
];

/// What it exports.
const EXPORTS: [&str; 2] = ["__guest_call", "memory"];

/// One of the two files.
struct Variant {
    artifact: &'static Artifact,
    /// The function that becomes `__guest_call`.
    call: &'static str,
    mutating: bool,
}

const VARIANTS: [Variant; 2] = [
    Variant {
        artifact: &KUBEWARDEN,
        call: "guest_call_validating",
        mutating: false,
    },
    Variant {
        artifact: &KUBEWARDEN_MUTATING,
        call: "guest_call_mutating",
        mutating: true,
    },
];

/// The bytes of both files, built in the given checkout.
pub(crate) fn modules(workspace: &Workspace) -> Result<Vec<(&'static Artifact, Vec<u8>)>> {
    let core = guest::small_core_module(workspace, &KUBEWARDEN)?;
    guest::evaluates_rego(&core, &KUBEWARDEN)?;
    let path = workspace.root.join(METADATA_FILE);
    let metadata = fs::read_to_string(&path);
    let metadata = metadata.with_context(|| format!("cannot read `{}`", path.display()))?;
    let metadata: Value = yaml_serde::from_str(&metadata)
        .with_context(|| format!("`{METADATA_FILE}` is not YAML"))?;
    let mut modules = Vec::new();
    for variant in VARIANTS {
        let module = specialise(&core, variant.call, &variant.metadata(metadata.clone())?)?;
        guest::names_no_folder(workspace, &module)?;
        check(&module).with_context(|| format!("`{}`", variant.artifact.file))?;
        modules.push((variant.artifact, module));
    }
    Ok(modules)
}

impl Variant {
    /// The metadata of the variant, as JSON.
    fn metadata(&self, mut metadata: Value) -> Result<Vec<u8>> {
        let members = metadata
            .as_object_mut()
            .with_context(|| format!("`{METADATA_FILE}` is no map"))?;
        members.insert("mutating".to_owned(), self.mutating.into());
        let annotations = members
            .get_mut("annotations")
            .and_then(Value::as_object_mut);
        let annotations = annotations.context("the metadata have annotations")?;
        let title = self.artifact.file.trim_end_matches(".wasm");
        for (name, value) in [("title", title), ("version", env!("CARGO_PKG_VERSION"))] {
            annotations.insert(format!("io.kubewarden.policy.{name}"), value.into());
        }
        Ok(serde_json::to_vec(&metadata)?)
    }
}

/// The module with one of its functions as `__guest_call`, without what else linkers export and note,
/// and with the metadata.
fn specialise(core: &[u8], call: &str, metadata: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let mut found = false;
    for payload in Parser::new(0).parse_all(core) {
        let payload = payload?;
        match &payload {
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section.clone() {
                    let export = export?;
                    match (export.kind, export.name) {
                        (ExternalKind::Func, name) if name == call => {
                            exports.export("__guest_call", ExportKind::Func, export.index);
                            found = true;
                        }
                        (ExternalKind::Memory, "memory") => {
                            exports.export("memory", ExportKind::Memory, export.index);
                        }
                        _ => {}
                    }
                }
                module.section(&exports);
            }
            Payload::CustomSection(_) => {}
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    let data = core.get(range).context("a section lies in its module")?;
                    module.section(&RawSection { id, data });
                }
            }
        }
    }
    ensure!(found, "the core module exports no `{call}`");
    module.section(&CustomSection {
        name: METADATA.into(),
        data: metadata.into(),
    });
    Ok(module.finish())
}

/// Refuses a module that can reach out of its sandbox, or that a host cannot call.
fn check(module: &[u8]) -> Result<()> {
    wasmparser::validate(module).context("not a valid module")?;
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let name = (import.module, import.name);
                    ensure!(
                        IMPORTS.contains(&name),
                        "it imports `{}` of `{}`",
                        import.name,
                        import.module
                    );
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    exports.push(export?.name);
                }
            }
            _ => {}
        }
    }
    exports.sort_unstable();
    ensure!(exports == EXPORTS, "it exports {exports:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check, specialise};

    fn module(import: &str) -> Vec<u8> {
        wat::parse_str(format!(
            r#"(module
                (import "wapc" "__guest_request" (func (param i32 i32)))
                {import}
                (memory (export "memory") 1)
                (global (export "__heap_base") i32 (i32.const 8))
                (func (export "guest_call_validating") (param i32 i32) (result i32) (i32.const 1))
                (func (export "guest_call_mutating") (param i32 i32) (result i32) (i32.const 2)))"#
        ))
        .unwrap()
    }

    #[test]
    fn one_function_is_left_and_the_metadata_are_added() {
        let core = module("");
        let validating = specialise(&core, "guest_call_validating", b"{}").unwrap();
        let mutating = specialise(&core, "guest_call_mutating", b"{}").unwrap();
        assert_ne!(validating, mutating);
        for module in [&validating, &mutating] {
            check(module).unwrap();
            assert!(module.ends_with(b"io.kubewarden.metadata{}"));
        }
        assert!(check(&core).is_err(), "it exports more");
        let error = specialise(&core, "guest_call_other", b"{}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the core module exports no `guest_call_other`"
        );
    }

    #[test]
    fn other_imports_are_refused() {
        let core = module(r#"(import "wasi_snapshot_preview1" "fd_write" (func))"#);
        let module = specialise(&core, "guest_call_mutating", b"{}").unwrap();
        let error = check(&module).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it imports `fd_write` of `wasi_snapshot_preview1`"
        );
    }
}
