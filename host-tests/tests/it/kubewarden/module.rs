//! The two files as they are shipped.

use sealstone_wapc_host::shipped;
use serde_json::Value;
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload};

/// The files, and whether Kubewarden lets each change objects.
const FILES: [(&str, bool); 2] = [
    ("sealstone-kubewarden.wasm", false),
    ("sealstone-kubewarden-mutating.wasm", true),
];

/// Bytes of the stack, which begins at the address 0.
pub(crate) const STACK: usize = 1 << 20;

/// What the module imports.
const IMPORTS: [&str; 9] = [
    "wapc.__guest_error",
    "wapc.__guest_request",
    "wapc.__guest_response",
    "wapc.__host_call",
    "wapc.__host_error",
    "wapc.__host_error_len",
    "wapc.__host_response",
    "wapc.__host_response_len",
    "wasi_snapshot_preview1.clock_time_get",
];

#[derive(Default)]
pub(crate) struct Found {
    imports: Vec<String>,
    exports: Vec<(String, bool)>,
    pages: Vec<u64>,
    data: Vec<(usize, Vec<u8>)>,
    pub(crate) metadata: Vec<Value>,
}

pub(crate) fn read(module: &[u8]) -> Found {
    let mut found = Found::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("a module") {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.expect("an import");
                    found
                        .imports
                        .push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.expect("an export");
                    let is_function = export.kind == ExternalKind::Func;
                    found.exports.push((export.name.to_owned(), is_function));
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    found.pages.push(memory.expect("a memory").initial);
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data.expect("data");
                    let DataKind::Active { offset_expr, .. } = data.kind else {
                        panic!("passive data");
                    };
                    match offset_expr
                        .get_operators_reader()
                        .read()
                        .expect("an offset")
                    {
                        Operator::I32Const { value } => {
                            let place = usize::try_from(value).expect("an address");
                            found.data.push((place, data.data.to_vec()));
                        }
                        other => panic!("{other:?}"),
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == "io.kubewarden.metadata" => {
                found
                    .metadata
                    .push(serde_json::from_slice(section.data()).expect("JSON"));
            }
            _ => {}
        }
    }
    found.imports.sort();
    found.exports.sort();
    found
}

#[test]
fn imports_exports_and_memory() {
    for (file, _) in FILES {
        let found = read(&shipped(file).expect("it was built"));
        assert_eq!(found.imports, IMPORTS, "{file}");
        let exports = [
            ("__guest_call".to_owned(), true),
            ("memory".to_owned(), false),
        ];
        assert_eq!(found.exports, exports, "{file}");
        assert!(
            matches!(found.pages[..], [pages] if pages <= 32),
            "{file}: {:?}",
            found.pages
        );
        assert!(
            found.data.iter().all(|(place, _)| *place >= STACK),
            "{file}"
        );
    }
}

/// kwctl looks for the names of capabilities in the data, and compares them with the metadata.
#[test]
fn metadata() {
    for (file, mutating) in FILES {
        let found = read(&shipped(file).expect("it was built"));
        let [metadata] = &found.metadata[..] else {
            panic!("{file}: {} sections", found.metadata.len());
        };
        assert_eq!(metadata["protocolVersion"], "v1");
        assert_eq!(metadata["executionMode"], "kubewarden-wapc");
        assert_eq!(metadata["mutating"], mutating, "{file}");
        let annotation =
            |name: &str| metadata["annotations"][format!("io.kubewarden.policy.{name}")].clone();
        assert_eq!(annotation("title"), file.trim_end_matches(".wasm"));
        assert_eq!(annotation("version"), env!("CARGO_PKG_VERSION"));
        assert!(
            metadata["rules"]
                .as_array()
                .is_some_and(|rules| !rules.is_empty())
        );
        for capability in metadata["hostCapabilities"].as_array().expect("a list") {
            let (_, operation) = capability
                .as_str()
                .and_then(|text| text.split_once('/'))
                .expect("a name");
            let mut data = found.data.iter();
            let is_there = data.any(|(_, data)| {
                data.windows(operation.len())
                    .any(|w| w == operation.as_bytes())
            });
            assert!(is_there, "{file}: {operation}");
        }
    }
}
