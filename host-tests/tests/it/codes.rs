//! `docs/reference/codes.md` explains every code that the sources name, and no other.

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
    "certificate",
    "certificate-timestamp",
    "checkpoint",
    "decision",
    "digest",
    "dsse",
    "evidence",
    "file",
    "forge",
    "host",
    "identity",
    "image",
    "inclusion-promise",
    "inclusion-proof",
    "layout",
    "legacy-bundle",
    "legacy-signature",
    "legacy-timestamp",
    "limit",
    "log-entry",
    "log-entry-body",
    "module",
    "output",
    "policy",
    "policy-warning",
    "provenance",
    "public-key",
    "request",
    "requirements",
    "signature",
    "signers",
    "simple-signing",
    "statement",
    "time",
    "timestamp",
    "trust-root",
    "trusted-root",
    "verification-summary",
];
const NOT_CODES: &[&str] = &[];

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

#[test]
fn every_code_is_explained() {
    let mut files = Vec::new();
    for part in [
        "policy/verify/src",
        "policy/provenance/src",
        "policy/engine/src",
        "host/src",
    ] {
        sources(&workspace().join(part), &mut files);
    }
    let mut in_sources = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the source can be read");
        in_sources.extend(codes_in(&text).map(ToOwned::to_owned));
    }
    let page = std::fs::read_to_string(workspace().join("docs/reference/codes.md"));
    let page = page.expect("the page can be read");
    let rows: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    let explained: BTreeSet<String> = rows.iter().map(|code| (*code).to_owned()).collect();
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
