//! Modules that are not policy modules, and `sealstone inspect`.

use std::fs;
use std::path::PathBuf;

use sealstone::digest::Digest;
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, Runtime};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    Answer, assert_decision, component, component_with_import, misbehaving, sealstone,
};

const EMPTY_CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

fn wrong_modules() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut truncated = COMPONENT.to_owned();
    truncated.truncate(COMPONENT.len() / 2);
    let mut memory64 = b"\0asm\x0d\0\x01\0".to_vec();
    // A component with one core module in it, whose memory has 64-bit addresses.
    memory64.extend_from_slice(b"\x01\x0d\0asm\x01\0\0\0\x05\x03\x01\x04\x01");
    vec![
        ("empty", Vec::new(), "module.not-webassembly"),
        ("text", b"(component)".to_vec(), "module.not-webassembly"),
        ("header", b"\0asm".to_vec(), "module.not-webassembly"),
        ("core", EMPTY_CORE_MODULE.to_owned(), "module.core-module"),
        (
            "hollow",
            EMPTY_COMPONENT.to_owned(),
            "module.export-missing",
        ),
        ("other", component(), "module.export-missing"),
        ("imports", component_with_import(), "module.imports"),
        ("truncated", truncated, "module.malformed"),
        ("memory64", memory64, "module.malformed"),
    ]
}

fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn wrong_modules_are_not_loaded() {
    let runtime = Runtime::new(Limits::default(), &CacheLocation::None).unwrap();
    for (name, bytes, code) in wrong_modules() {
        assert_eq!(runtime.load(&bytes).unwrap_err().code(), code, "{name}");
    }
}

#[test]
fn large_modules_are_not_loaded() {
    let mut limits = Limits::default();
    limits.module_bytes = COMPONENT.len() - 1;
    let runtime = Runtime::new(limits, &CacheLocation::None).unwrap();
    assert_eq!(
        runtime.load(COMPONENT).unwrap_err().code(),
        "limit.module-bytes"
    );
}

#[test]
fn verify_refuses_wrong_modules() {
    let folder = tempfile::tempdir().unwrap();
    let policy = written(&folder, "policy.json", b"{}");
    let bundle = written(&folder, "bundle.json", b"{}");
    for (name, bytes, code) in wrong_modules() {
        let module = written(&folder, name, &bytes);
        let digest = Digest::of(b"image").to_string();
        let mut arguments = vec!["verify".into(), "--bundle".into(), bundle.clone()];
        arguments.extend([
            "--digest".into(),
            digest.into(),
            "--policy".into(),
            policy.clone(),
        ]);
        arguments.extend(["--module".into(), module]);
        sealstone(arguments).is_usage_error(code);
    }
}

fn verify_with(folder: &TempDir, policy: &str, output: &str) -> Answer {
    let module = written(folder, "misbehaving.wasm", &misbehaving());
    let bundle = written(folder, "bundle.json", b"{}");
    let policy = written(folder, "policy.json", policy.as_bytes());
    let digest = Digest::of(b"image").to_string();
    sealstone([
        "verify".as_ref(),
        "--bundle".as_ref(),
        bundle.as_os_str(),
        "--digest".as_ref(),
        digest.as_ref(),
        "--policy".as_ref(),
        policy.as_os_str(),
        "--module".as_ref(),
        module.as_os_str(),
        "--now=1700000000".as_ref(),
        "--output".as_ref(),
        output.as_ref(),
    ])
}

#[test]
fn a_module_that_fails_is_a_denial_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("t", "host.trap"),
        ("r", "host.trap"),
        ("m", "host.memory-limit"),
        ("T", "host.trap"),
        ("R", "host.trap"),
        ("M", "host.memory-limit"),
        ("W", "host.error"),
        ("P", "host.error"),
    ];
    for (policy, code) in cases {
        let answer = verify_with(&folder, policy, "json");
        assert_eq!(
            (answer.status, answer.stderr.as_str()),
            (1, ""),
            "{answer:?}"
        );
        let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_decision(&decision);
        assert_eq!(decision["allowed"], false);
        assert_eq!(decision["outcome"], "rejected");
        assert_eq!(decision["images"][0]["code"], code);
        assert_eq!(decision["images"][0]["allowed"], false);
        assert_eq!(decision["time"], "2023-11-14T22:13:20Z");
        assert_eq!(decision["images"][0]["reference"], "localhost/artifact");

        let answer = verify_with(&folder, policy, "text");
        assert_eq!(answer.status, 1, "{answer:?}");
        for part in ["denied", code, "help:"] {
            assert!(answer.stdout.contains(part), "{answer:?}");
        }
    }
}

#[test]
fn a_module_that_contradicts_itself_does_not_allow() {
    let folder = tempfile::tempdir().unwrap();
    let answer = verify_with(&folder, "X", "json");
    assert_eq!(
        (answer.status, answer.stdout.as_str()),
        (1, "1\n"),
        "{answer:?}"
    );
    let answer = verify_with(&folder, "allows", "json");
    assert_eq!(
        (answer.status, answer.stdout.as_str()),
        (0, "1\n"),
        "{answer:?}"
    );
}

#[test]
fn inspect_describes_the_module_of_the_program() {
    let answer = sealstone(["inspect", "--output", "json"]);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(report["kind"], "component");
    assert_eq!(report["imports"], serde_json::json!([]));
    assert_eq!(
        report["exports"],
        serde_json::json!(["sealstone:policy/policy@0.1.0"])
    );
    assert_eq!(report["size"], COMPONENT.len());
    assert_eq!(report["sha256"], Digest::of(COMPONENT).hex().to_string());
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["policyApiVersion"], "sealstone.dev/v1alpha1");
    let gzip_size = usize::try_from(report["gzipSize"].as_u64().unwrap()).unwrap();
    assert!((1..COMPONENT.len()).contains(&gzip_size), "{gzip_size}");

    let text = sealstone(["inspect"]).stdout;
    for value in [
        "component",
        "none",
        "sealstone:policy/policy@0.1.0",
        "sealstone.dev/v1alpha1",
    ] {
        assert!(text.contains(value), "{text}");
    }
}

#[test]
fn inspect_describes_other_webassembly() {
    let folder = tempfile::tempdir().unwrap();
    let core =
        wat::parse_str(r#"(module (import "env" "f\1b[2J" (func)) (memory (export "memory") 1))"#)
            .unwrap();
    let cases = [
        ("core.wasm", core, "module", "env.f\u{1b}[2J", "memory"),
        (
            "imports.wasm",
            component_with_import(),
            "component",
            "clock",
            "run",
        ),
    ];
    for (name, bytes, kind, import, export) in cases {
        let path = written(&folder, name, &bytes);
        let answer = sealstone([
            "inspect".as_ref(),
            path.as_os_str(),
            "--output=json".as_ref(),
        ]);
        assert_eq!(answer.status, 0, "{answer:?}");
        let report: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(report["kind"], kind);
        assert_eq!(report["imports"], serde_json::json!([import]));
        assert_eq!(report["exports"], serde_json::json!([export]));
        assert_eq!(report.get("version"), None);
        let text = sealstone(["inspect".as_ref(), path.as_os_str()]).stdout;
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}

#[test]
fn inspect_refuses_what_is_not_webassembly() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    sealstone(["inspect".as_ref(), missing.as_os_str()]).is_usage_error("file.unreadable");
    let text = written(&folder, "text", b"text");
    sealstone(["inspect".as_ref(), text.as_os_str()]).is_usage_error("module.not-webassembly");
    let broken = written(&folder, "broken", b"\0asm\x01\0\0\0\xff\xff\xff");
    sealstone(["inspect".as_ref(), broken.as_os_str()]).is_usage_error("module.malformed");
}
