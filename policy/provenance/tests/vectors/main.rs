//! Provenance that real builders published.
//!
//! The folder is named by `SEALSTONE_VECTORS`, by default `../shared/vectors` beside the workspace.
//! Without it the tests are reported as ignored.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "../it/support.rs"]
#[expect(dead_code, reason = "the other test binary uses the rest")]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::{Arguments, Trial};
use sealstone_provenance::{ClaimedField, Provenance};
use sealstone_verify::json::{Value, parse};

use support::{claimed, source};

const EXAMPLE: &str = "https://github.com/slsa-framework/example-package";
const GENERATOR: &str =
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let there = folder.join("sources.json").is_file();
    if !there {
        eprintln!(
            "the public vectors are missing: set SEALSTONE_VECTORS to their folder; their tests are ignored"
        );
    }
    let tests: [(&str, fn(&Path)); 2] = [
        ("bundles", bundles),
        ("container_layouts", container_layouts),
    ];
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            let folder = folder.clone();
            let run = move || {
                test(&folder);
                Ok(())
            };
            Trial::test(name, run).with_ignored_flag(!there)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The statement in a bundle or bare DSSE envelope; `None` for any other file.
fn statement(path: &Path) -> Option<Value> {
    let file = parse(&std::fs::read(path).ok()?, 64).ok()?;
    let envelope = file.get("dsseEnvelope").unwrap_or(&file);
    let payload = STANDARD.decode(envelope.get("payload")?.as_str()?).ok()?;
    Some(parse(&payload, 64).unwrap())
}

fn provenance(statement: &Value) -> Result<Provenance, sealstone_provenance::Error> {
    Provenance::from_predicate(
        statement.get("predicateType").unwrap().as_str().unwrap(),
        statement.get("predicate").unwrap(),
    )
}

fn bundles(vectors: &Path) {
    let mut paths = Vec::new();
    files(&vectors.join("provenance/slsa-verifier"), &mut paths);
    let mut read = 0;
    for path in paths {
        let Some(statement) = statement(&path) else {
            continue;
        };
        let name = path.strip_prefix(vectors).unwrap().display().to_string();
        let provenance = provenance(&statement).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (uri, git_ref, commit) = source(&provenance).unwrap_or_else(|| panic!("{name}"));
        let (expected_uri, expected_builder) = if name.contains("/bcr/") {
            (
                "https://github.com/aspect-build/rules_lint",
                "https://github.com/bazel-contrib/.github/.github/workflows/release_ruleset.yaml@",
            )
        } else if name.contains("gha_delegator") {
            (
                EXAMPLE,
                "https://github.com/slsa-framework/example-trw/.github/workflows/",
            )
        } else {
            (EXAMPLE, GENERATOR)
        };
        assert_eq!(uri, expected_uri, "{name}");
        assert!(
            provenance.builder_id.starts_with(expected_builder),
            "{name}"
        );
        let expected_ref = [
            ("v13.0.30", "refs/tags/v13.0.30"),
            ("v14.2", "refs/tags/v14.2"),
            ("v14", "refs/tags/v14"),
            ("workflow_dispatch", "refs/heads/main"),
            ("rules_lint", "refs/heads/publish-to-bcr"),
        ]
        .into_iter()
        .find(|(part, _)| name.rsplit('/').next().unwrap().contains(part))
        .unwrap()
        .1;
        assert_eq!(git_ref, Some(expected_ref), "{name}");
        assert_eq!(commit.map(str::len), Some(40), "{name}");
        // Whatever is said several times is said alike.
        for field in [
            ClaimedField::SourceRepositoryRef,
            ClaimedField::SourceRepositoryUri,
            ClaimedField::SourceRepositoryDigest,
            ClaimedField::RunInvocationUri,
        ] {
            let mut values = claimed(&provenance, field);
            assert!(!values.is_empty(), "{name}: {field:?}");
            values.dedup();
            assert_eq!(values.len(), 1, "{name}: {field:?} {values:?}");
        }
        read += 1;
    }
    assert!(read > 0, "no bundle was read");
}

fn container_layouts(vectors: &Path) {
    let mut paths = Vec::new();
    files(
        &vectors.join("containers/slsa-github-generator"),
        &mut paths,
    );
    let mut read = 0;
    for path in paths {
        let Some(statement) = statement(&path) else {
            continue;
        };
        let name = path.display();
        let provenance = provenance(&statement).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (uri, git_ref, commit) = source(&provenance).unwrap();
        assert_eq!(uri, EXAMPLE, "{name}");
        assert!(git_ref.unwrap().starts_with("refs/"), "{name}");
        assert_eq!(commit.map(str::len), Some(40), "{name}");
        assert!(
            provenance.builder_id.starts_with(&format!(
                "{GENERATOR}generator_container_slsa3.yml@refs/tags/v"
            )),
            "{name}"
        );
        assert_eq!(
            claimed(&provenance, ClaimedField::BuildTrigger).len(),
            1,
            "{name}"
        );
        assert_eq!(
            claimed(&provenance, ClaimedField::RunInvocationUri).len(),
            1,
            "{name}"
        );
        read += 1;
    }
    assert!(read > 0, "no layout was read");
}
