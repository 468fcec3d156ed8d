//! `docs/guides/kubewarden.md` shows settings that are valid, and a manifest that fits the module.

use sealstone_wapc_host::{Ended, shipped};
use serde_json::{Value, json};

use super::module::read;
use super::table::Table;
use super::world::MUTATING;

const GUIDE: &str = include_str!("../../../../docs/guides/kubewarden.md");

/// The YAML documents of the guide.
fn documents() -> Vec<Value> {
    let blocks = GUIDE.split("\n```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.strip_prefix("yaml\n"))
        .map(|block| yaml_serde::from_str(block).expect("YAML"))
        .collect()
}

#[test]
fn the_settings_are_valid() {
    let documents = documents();
    let [settings, manifest] = &documents[..] else {
        panic!("{} documents", documents.len());
    };
    let answer = MUTATING.call(
        "validate_settings",
        settings.to_string().as_bytes(),
        Box::new(Table::default()),
    );
    let valid = json!({"valid": true}).to_string().into_bytes();
    assert_eq!(answer.expect("the module starts"), Ended::Answer(valid));
    assert_eq!(&manifest["spec"]["settings"], settings);
}

#[test]
fn the_manifest_fits_the_module() {
    let manifest = &documents()[1]["spec"];
    let file = "sealstone-kubewarden-mutating";
    assert_eq!(
        manifest["module"],
        format!(
            "registry://registry.example/policies/{file}:v{}",
            env!("CARGO_PKG_VERSION")
        )
    );
    let module = shipped(&format!("{file}.wasm")).expect("it was built");
    let metadata = &read(&module).metadata[0];
    assert_eq!(manifest["mutating"], metadata["mutating"]);
    assert_eq!(manifest["rules"], metadata["rules"]);
}

#[test]
fn the_limits_are_those_of_the_module() {
    for text in [
        format!(
            "most {} calls of the host",
            sealstone_kubewarden::HOST_CALLS
        ),
        format!(
            "at most {} MiB of answers",
            sealstone_kubewarden::ANSWER_BYTES >> 20
        ),
        format!("{} signature checks", sealstone_kubewarden::SIGNATURE_WORK),
    ] {
        assert!(GUIDE.contains(&text), "{text}");
    }
}
