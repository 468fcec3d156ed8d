//! `sealstone bundle`.

use std::fs::{self, File};
use std::io::Read as _;
use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::{Answer, Example, place_program, sealstone};

/// Runs `bundle` with the policy of the example.
fn bundle(example: &Example, arguments: &[&str]) -> Answer {
    let policy = example.path("policy.yaml");
    let output = example.path("bundle.tar.gz");
    let usual = [
        "bundle",
        "--policy",
        policy.to_str().unwrap(),
        "--output",
        output.to_str().unwrap(),
    ];
    sealstone(usual.iter().chain(arguments))
}

fn root(example: &Example) -> String {
    format!("example={}", example.path("trusted-root.json").display())
}

/// The files of a bundle by name.
fn files(example: &Example) -> Vec<(String, Vec<u8>)> {
    let file = File::open(example.path("bundle.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().to_vec()).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (name, content)
    };
    archive.entries().unwrap().map(read).collect()
}

#[test]
fn bundles_hold_policy_trust_roots_evidence_and_module() {
    let example = Example::new();
    let evidence = json!({
        "apiVersion": "sealstone.dev/v1alpha1", "kind": "Evidence",
        "images": [{"reference": "a", "digest": "sha256:b", "evidence":
            [{"mediaType": "text/plain", "content": "AAE=", "annotations": {"k": "v"}}]}],
    });
    example.write("evidence.json", evidence.to_string());
    let path = example.path("evidence.json");
    let arguments = [
        "--trusted-root",
        &root(&example),
        "--evidence",
        path.to_str().unwrap(),
    ];
    let answer = bundle(&example, &arguments);
    assert_eq!(
        (answer.status, answer.stdout.as_str()),
        (0, ""),
        "{answer:?}"
    );
    let found = files(&example);
    let data: Value = serde_json::from_slice(&found[1].1).unwrap();
    let data = &data["sealstone"];
    assert_eq!(data["policy"]["kind"], "Policy");
    assert_eq!(data["trustedRoots"][0]["name"], "example");
    assert!(data["trustedRoots"][0]["trustedRoot"]["tlogs"].is_array());
    assert_eq!(data["evidence"], evidence["images"]);
    assert_eq!(found[2].0, "/policy.wasm");
    assert!(found[2].1.starts_with(b"\0asm\x01\0\0\0"));
    // The same content, the same bytes.
    let first = fs::read(example.path("bundle.tar.gz")).unwrap();
    assert_eq!(bundle(&example, &arguments).status, 0);
    assert_eq!(first, fs::read(example.path("bundle.tar.gz")).unwrap());
}

#[test]
fn nothing_is_written_that_the_module_refuses() {
    let example = Example::new();
    bundle(&example, &[]).is_usage_error("policy.trust-root-missing");
    example.write("other.json", "{}");
    let other = format!("example={}", example.path("other.json").display());
    assert_eq!(bundle(&example, &["--trusted-root", &other]).status, 2);
    example.replace("policy.yaml", "kind: Policy", "kind: Other");
    bundle(&example, &["--trusted-root", &root(&example)]).is_usage_error("policy.unknown-version");
    assert!(!example.path("bundle.tar.gz").exists());
}

#[test]
fn malformed_evidence() {
    let example = Example::new();
    let good = json!({"apiVersion": "sealstone.dev/v1alpha1", "kind": "Evidence", "images": []});
    let with = |member: &str, value: Value| {
        let mut changed = good.clone();
        changed[member] = value;
        changed.to_string()
    };
    let piece = json!([{"reference": "a", "evidence": [{"mediaType": "a/b", "content": "!"}]}]);
    for (text, code) in [
        ("{".to_owned(), "evidence-document.malformed"),
        ("[]".to_owned(), "evidence-document.malformed"),
        (with("more", json!(1)), "evidence-document.malformed"),
        (with("images", json!([{}])), "evidence-document.malformed"),
        (with("images", piece), "evidence-document.wrong-type"),
        (
            with("apiVersion", json!("v2")),
            "evidence-document.version-unknown",
        ),
        (
            with("kind", json!("Policy")),
            "evidence-document.version-unknown",
        ),
    ] {
        example.write("evidence.json", &text);
        let path = example.path("evidence.json");
        let arguments = [
            "--trusted-root",
            &root(&example),
            "--evidence",
            path.to_str().unwrap(),
        ];
        bundle(&example, &arguments).is_usage_error(code);
    }
    bundle(
        &example,
        &[
            "--trusted-root",
            &root(&example),
            "--evidence",
            "no-such-file",
        ],
    )
    .is_usage_error("file.unreadable");
}

#[test]
fn the_module_for_opa_is_found_or_named() {
    let example = Example::new();
    let root = root(&example);
    let policy = example.path("policy.yaml");
    bundle(
        &example,
        &[
            "--trusted-root",
            &root,
            "--opa-module",
            policy.to_str().unwrap(),
        ],
    )
    .is_usage_error("module.not-opa");
    bundle(
        &example,
        &["--trusted-root", &root, "--opa-module", "no-such-file"],
    )
    .is_usage_error("file.unreadable");
    // A program without anything beside it.
    let alone = example.path("sealstone");
    place_program(&alone);
    let run = || {
        let output = example.path("bundle.tar.gz");
        let arguments = ["bundle", "--trusted-root", &root, "--policy"];
        let mut command = Command::new(&alone);
        command
            .args(arguments)
            .arg(&policy)
            .arg("--output")
            .arg(output);
        command.env("SEALSTONE_CACHE_DIR", "").output().unwrap()
    };
    let said = run();
    assert_eq!(said.status.code(), Some(2));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("[module.opa-missing]") && said.contains("--opa-module"),
        "{said}"
    );
    let built = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/artifacts/sealstone-opa.wasm"
    );
    fs::copy(built, example.path("sealstone-opa.wasm")).unwrap();
    assert_eq!(run().status.code(), Some(0));
}

#[test]
fn unwritable_outputs() {
    let example = Example::new();
    let policy = example.path("policy.yaml");
    let output = example.path("no/such/folder");
    sealstone([
        "bundle",
        "--trusted-root",
        &root(&example),
        "--policy",
        policy.to_str().unwrap(),
        "--output",
        output.to_str().unwrap(),
    ])
    .is_usage_error("file.unwritable");
}
