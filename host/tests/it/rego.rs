//! The program takes the module that evaluates Rego for a policy that needs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Example, place_program};

const MODULE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/artifacts/sealstone-rego.wasm"
);

/// The example with the policy of `examples/rego`.
fn example() -> Example {
    let example = Example::new();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rego/policy.yaml");
    example.write("policy.yaml", fs::read(policy).unwrap());
    example
}

/// Runs `verify` in a program that has nothing beside it but what the folder of the example has.
fn run(example: &Example, layout: &str, more: &[&str]) -> Output {
    let alone = example.path("sealstone");
    if !alone.exists() {
        place_program(&alone);
    }
    let root = format!("example={}", example.path("trusted-root.json").display());
    let mut command = Command::new(&alone);
    command.arg("verify").arg(example.path(layout)).args(more);
    command.args(["--now", "2026-06-01T00:00:00Z", "--trusted-root", &root]);
    command.arg("--policy").arg(example.path("policy.yaml"));
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(said).unwrap()
}

#[test]
fn the_module_is_found_or_named() {
    let example = example();
    let missing = run(&example, "signed", &[]);
    assert_eq!(missing.status.code(), Some(2));
    let words = said(&missing);
    assert!(
        words.contains("[module.rego-missing]") && words.contains("--module"),
        "{words}"
    );
    let named = run(&example, "signed", &["--module", MODULE]);
    assert_eq!(named.status.code(), Some(0), "{}", said(&named));
    fs::copy(MODULE, example.path("sealstone-rego.wasm")).unwrap();
    let beside = run(&example, "signed", &[]);
    assert_eq!(beside.status.code(), Some(0), "{}", said(&beside));
    let tampered = run(&example, "tampered", &[]);
    assert_eq!(tampered.status.code(), Some(1), "{}", said(&tampered));
}

#[test]
fn what_the_program_says_is_shown() {
    let example = example();
    example.replace(
        "policy.yaml",
        "git+https://github.com/octo-org/",
        "git+https://github.com/acme/",
    );
    let denied = run(&example, "signed", &["--module", MODULE]);
    assert_eq!(denied.status.code(), Some(1));
    let words = said(&denied);
    assert!(
        words.contains("rego.denied")
            && words.contains("the build also used git+https://github.com/octo-org/app"),
        "{words}"
    );
}

#[test]
fn a_module_without_rego_says_which_one_has_it() {
    let example = example();
    let usual = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/artifacts/sealstone.wasm"
    );
    let refused = run(&example, "signed", &["--module", usual]);
    assert_eq!(refused.status.code(), Some(2));
    let words = said(&refused);
    assert!(
        words.contains("policy.rego-unsupported") && words.contains("sealstone-rego.wasm"),
        "{words}"
    );
}

#[test]
fn a_malformed_module_of_rego_is_shown_with_its_place() {
    let example = example();
    example.replace(
        "policy.yaml",
        "definition := input",
        "definition := := input",
    );
    let refused = run(&example, "signed", &["--module", MODULE]);
    assert_eq!(refused.status.code(), Some(2));
    let words = said(&refused);
    assert!(
        words.contains("policy.rego-malformed") && words.contains("module 0, line 3, column"),
        "{words}"
    );
}
