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
use sealstone_provenance::{
    AttestationManifest, AttestationReference, ClaimedField, Producer, Provenance, RefAbsence,
    VersionTag,
};
use sealstone_verify::json::{Value, parse};
use sealstone_verify::{ArtifactDigest, Limits};

use support::{assert_source_is_claimed, claimed, source};

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
    let tests: [(&str, fn(&Path)); 5] = [
        ("attestation_manifests", attestation_manifests),
        ("bundles", bundles),
        ("container_layouts", container_layouts),
        ("npm_and_tekton", npm_and_tekton),
        ("source_options_of_the_oracle", source_options_of_the_oracle),
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
    let provenance = Provenance::from_predicate(
        statement.get("predicateType").unwrap().as_str().unwrap(),
        statement.get("predicate").unwrap(),
    )?;
    assert_source_is_claimed(&provenance);
    Ok(provenance)
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
        let runs = claimed(&provenance, ClaimedField::RunInvocationUri);
        assert_eq!(runs.len(), 2, "{name}");
        assert_eq!(runs.first(), runs.last(), "{name}");
        read += 1;
    }
    assert!(read > 0, "no layout was read");
}

/// BuildKit's statements, found through index and attestation manifest.
fn attestation_manifests(vectors: &Path) {
    let mut paths = Vec::new();
    files(
        &vectors.join("containers/slsa-github-generator"),
        &mut paths,
    );
    let mut read = 0;
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        let Ok(digest) = format!("sha256:{file}").parse::<ArtifactDigest>() else {
            continue;
        };
        let Ok(references) = AttestationReference::all_in(&bytes, &digest) else {
            continue;
        };
        for reference in references {
            let blob = |digest: &ArtifactDigest| path.with_file_name(digest.hex());
            let manifest = std::fs::read(blob(&reference.manifest)).unwrap();
            let manifest = AttestationManifest::read(&manifest, &reference.manifest).unwrap();
            assert_eq!(manifest.platform, None);
            for layer in &manifest.statements {
                let bytes = std::fs::read(blob(&layer.digest)).unwrap();
                let statement = layer
                    .statement(&bytes, &reference.platform, &Limits::default())
                    .unwrap();
                let provenance = Provenance::from_statement(&statement).unwrap();
                assert_eq!(provenance.producer, Some(Producer::BuildKit));
                assert_eq!(source(&provenance).unwrap().0, EXAMPLE);
                assert_eq!(provenance.entry_point.as_deref(), Some("Dockerfile"));
                // The same bytes are not the statement of the attestation manifest itself.
                let other = layer.statement(&bytes, &reference.manifest, &Limits::default());
                assert_eq!(
                    other.unwrap_err().code(),
                    "attestation-manifest.subject-mismatch"
                );
                read += 1;
            }
        }
    }
    assert!(read > 0, "no statement was read");
}

fn npm_and_tekton(vectors: &Path) {
    let read = |path: &str| {
        let statement = statement(&vectors.join(path)).expect(path);
        provenance(&statement).expect(path)
    };
    let npm = read("sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json");
    assert_eq!(npm.producer, Some(Producer::GithubWorkflow));
    assert_eq!(
        source(&npm),
        Some((
            "https://github.com/sigstore/sigstore-js",
            Some("refs/heads/main"),
            Some("f0b49a04e5a62250e0f60fb128004a73110fe311")
        ))
    );
    assert_eq!(npm.trigger.as_deref(), Some("push"));
    assert_eq!(npm.branch(), Ok("main"));
    assert_eq!(npm.unverifiable_claim(), None);
    let unknown = read("sigstore-go/bundles/dsse-2sigs.sigstore.json");
    assert_eq!((unknown.producer, unknown.source), (None, None));
    let tekton = read(
        "containers/keyed-layout/blobs/sha256/6ad77607da2460dc2d91ad1ed2d795eb9d4759f33cc6b39a0191daa9554f4f3d",
    );
    assert_eq!(tekton.producer, Some(Producer::TektonChains));
    assert_eq!(tekton.source, None);
    assert_eq!(tekton.hermetic.map(|claim| claim.holds), Some(false));
}

/// What slsa-verifier says to its options for source, branch and tag, in the same order.
fn outcome(row: &Value, provenance: &Provenance) -> Option<&'static str> {
    let option = |name: &str| row.get(name).and_then(Value::as_str);
    let absence = |absence: RefAbsence| match absence {
        RefAbsence::OtherKind => "ErrorInvalidRef",
        _ => "ErrorInvalidDssePayload",
    };
    let expected = option("source")?;
    let expected = format!("https://{expected}").parse().unwrap();
    if !provenance
        .source
        .as_ref()
        .is_some_and(|source| source.uri.is_identical(&expected))
    {
        return Some("ErrorMismatchSource");
    }
    if let Some(branch) = option("pbranch") {
        match provenance.branch() {
            Err(error) => return Some(absence(error)),
            Ok(found) if found != branch => return Some("ErrorMismatchBranch"),
            Ok(_) => {}
        }
    }
    if let Some(tag) = option("ptag") {
        match provenance.tag() {
            Err(error) => return Some(absence(error)),
            Ok(found) if found != tag => return Some("ErrorMismatchTag"),
            Ok(_) => {}
        }
    }
    if let Some(version) = option("pversiontag") {
        let version: VersionTag = version.parse().unwrap();
        match provenance.tag() {
            Err(error) => return Some(absence(error)),
            Ok(found) if !version.matches(found) => return Some("ErrorMismatchVersionedTag"),
            Ok(_) => {}
        }
    }
    None
}

/// Every row of slsa-verifier's regression table that asks for nothing but source, branch and tag, for
/// each file that is there.
fn source_options_of_the_oracle(vectors: &Path) {
    let folder = vectors.join("provenance/slsa-verifier");
    let oracle = parse(&std::fs::read(folder.join("oracle.json")).unwrap(), 64).unwrap();
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    files(
        &vectors.join("containers/slsa-github-generator"),
        &mut paths,
    );
    let statements: Vec<_> = paths
        .iter()
        .filter_map(|path| Some((path.to_str().unwrap(), statement(path)?)))
        .collect();
    let mut compared = 0;
    for row in oracle.get("tests").unwrap().as_array().unwrap() {
        let option = |name: &str| row.get(name).and_then(Value::as_str);
        let folders = match option("test").unwrap() {
            "Test_runVerifyGHAArtifactPath" => "/gha_",
            "Test_runVerifyGHAContainerBased" => "/gha_container-based/",
            "Test_runVerifyGHAArtifactImage" => "/containers/",
            "Test_runVerifyGithubAttestation" => "/bcr/",
            _ => continue,
        };
        // What is asked of the builder is not asked here.
        if option("pBuilderID").is_some() || option("err") == Some("ErrorUntrustedReusableWorkflow")
        {
            continue;
        }
        let artifacts = row.get("artifacts").and_then(Value::as_array);
        let artifact = artifacts
            .and_then(|artifacts| artifacts.first())
            .and_then(Value::as_str)
            .or_else(|| option("artifact"))
            .unwrap();
        for (path, statement) in &statements {
            let of_artifact = path.contains(&format!("/{artifact}/"))
                || path.contains(&format!("/{artifact}.intoto"))
                || path.contains(&format!("/{artifact}.build"));
            if !path.contains(folders) || !of_artifact || !is_version_of_row(row, path) {
                continue;
            }
            let provenance =
                provenance(statement).unwrap_or_else(|error| panic!("{path}: {error}"));
            if provenance.producer == Some(Producer::BuildKit) {
                continue;
            }
            let name = option("name").unwrap();
            assert_eq!(outcome(row, &provenance), option("err"), "{name}: {path}");
            compared += 1;
        }
    }
    assert!(compared > 100, "only {compared} rows were compared");
}

/// Whether a row that bounds the version of the generator, from above and exclusively from below, is
/// about this file.
fn is_version_of_row(row: &Value, path: &str) -> bool {
    let version = |text: &str| -> Vec<u32> {
        let numbers = text.trim_start_matches('v').split('.');
        numbers.filter_map(|number| number.parse().ok()).collect()
    };
    let Some(found) = path.split('/').find(|part| {
        part.starts_with('v') && part.split('.').count() == 3 && version(part).len() == 3
    }) else {
        return true;
    };
    let bound = |name: &str| row.get(name).and_then(Value::as_str).map(version);
    bound("minversion").is_none_or(|least| version(found) > least)
        && bound("maxversion").is_none_or(|most| version(found) <= most)
}
