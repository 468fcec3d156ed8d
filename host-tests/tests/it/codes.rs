//! `docs/reference/codes.md` explains every code that the sources name, and no other; and a test names each of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The families under which codes stand. A text of the same form that is no code is listed below.
const FAMILIES: &[&str] = &[
    "artifact",
    "attestation",
    "attestation-manifest",
    "bundle",
    "call",
    "carrier",
    "certificate",
    "certificate-timestamp",
    "checkpoint",
    "decision",
    "digest",
    "dsse",
    "evidence",
    "evidence-document",
    "exception",
    "file",
    "forge",
    "host",
    "identity",
    "image",
    "inclusion-promise",
    "inclusion-proof",
    "kubewarden",
    "layout",
    "legacy-bundle",
    "legacy-signature",
    "legacy-timestamp",
    "license-expression",
    "limit",
    "log-entry",
    "log-entry-body",
    "module",
    "output",
    "package-url",
    "package-version",
    "policy",
    "policy-test",
    "policy-warning",
    "provenance",
    "public-key",
    "registry",
    "rego",
    "relation",
    "report",
    "request",
    "requirements",
    "sbom",
    "signature",
    "signers",
    "simple-signing",
    "statement",
    "time",
    "timestamp",
    "trust-root",
    "trusted-root",
    "verification-summary",
    "vex",
    "vulnerability-scan",
];
/// Paths in the report of a scanner, and files.
const NOT_CODES: &[&str] = &[
    "artifact.name",
    "artifact.purl",
    "artifact.version",
    "evidence.json",
    "policy-test.yaml",
    "policy.yaml",
];

/// Codes that no test names, each with the reason.
const NOT_TESTED: &[(&str, &str)] = &[
    (
        "digest.missing",
        "the flags of the program are refused first, with a text of their own",
    ),
    (
        "module.engine",
        "a machine that cannot run WebAssembly cannot run the tests either",
    ),
    (
        "policy.invalid",
        "for a module that refuses a policy without saying why; ours always says why",
    ),
    (
        "time.clock-before-1970",
        "tests do not set the clock of the machine",
    ),
];

/// Where tests are, and what they compare with.
const TESTED_IN: [&str; 5] = ["examples", "forge", "host", "host-tests/tests", "policy"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Texts between quotes that have the form of a code.
fn codes_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|part| {
        let word = |word: &str| {
            !word.is_empty()
                && !word.starts_with('-')
                && !word.ends_with('-')
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        part.split_once('.').is_some_and(|(family, name)| {
            FAMILIES.contains(&family) && word(name) && !NOT_CODES.contains(part)
        })
    })
}

/// The codes of the page, in their order.
fn rows() -> Vec<String> {
    let page = std::fs::read_to_string(workspace().join("docs/reference/codes.md"));
    let page = page.expect("the page can be read");
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code.to_owned())
        .collect()
}

#[test]
fn every_code_is_explained() {
    let mut files = Vec::new();
    for part in [
        "policy/verify/src",
        "policy/provenance/src",
        "policy/engine/src",
        "policy/abi/kubewarden/src",
        "host/src",
    ] {
        sources(&workspace().join(part), &mut files);
    }
    let mut in_sources = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the source can be read");
        in_sources.extend(codes_in(&text).map(ToOwned::to_owned));
    }
    let rows = rows();
    let explained: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), explained.len(), "a code has two rows");
    assert!(rows.is_sorted(), "the rows are sorted by code");
    let missing: Vec<_> = in_sources.difference(&explained).collect();
    let gone: Vec<_> = explained.difference(&in_sources).collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
    assert!(
        gone.is_empty(),
        "rows of codes that no source names: {gone:?}"
    );
}

/// The texts that tests consist of: files in folders of tests and examples, and the test modules of sources.
fn tests(folder: &Path, in_tests: bool, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let more = ["benches", "node_modules", "target"];
            if !more.contains(&&*name) {
                tests(&path, in_tests || name == "tests", found);
            }
            continue;
        }
        // What lists codes for the sake of listing them is no test; nor is a file that is no text.
        if name == "codes.rs" {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if in_tests || name == "tests.rs" {
            found.push(text);
        } else if let Some((_, module)) = text.split_once("#[cfg(test)]\nmod tests {") {
            found.push(module.to_owned());
        }
    }
}

/// Every word of the text that could be a code.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let of_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    text.split(move |c| !of_code(c))
        .filter(|word| word.contains('.'))
}

/// A code that nothing reaches promises a check that may not be there.
#[test]
fn every_code_is_reached_by_a_test() {
    let mut texts = Vec::new();
    for part in TESTED_IN {
        let all = part == "examples" || part.ends_with("tests");
        tests(&workspace().join(part), all, &mut texts);
    }
    let named: BTreeSet<&str> = texts.iter().flat_map(|text| words(text)).collect();
    let rows = rows();
    assert!(rows.len() > 200, "{}", rows.len());
    let excused = |code: &str| NOT_TESTED.iter().any(|(other, _)| *other == code);
    let missing: Vec<&String> = rows
        .iter()
        .filter(|code| !named.contains(code.as_str()) && !excused(code))
        .collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
    for (code, reason) in NOT_TESTED {
        assert!(!reason.is_empty());
        assert!(rows.iter().any(|row| row == code), "{code} is gone");
        assert!(!named.contains(code), "{code} is tested now");
    }
}
