//! References in their normal form.

use alloc::format;
use alloc::string::{String, ToString};

use proptest::prelude::*;

use super::{ImageReference, ReferenceError};

const DIGEST: &str = "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925";

#[test]
fn prefixes() {
    for prefix in [
        "docker.io",
        "localhost",
        "registry.example:5000",
        "registry.example/a/b",
        "localhost:5000/a",
        "[::1]:5000/a",
    ] {
        assert!(ImageReference::is_prefix(prefix), "{prefix}");
    }
    for other in [
        "",
        "/",
        "docker.io/",
        "/docker.io",
        "index.docker.io",
        "index.docker.io/library",
        "Docker.io",
        "library",
        "library/nginx",
        "docker.io/Library",
        "docker.io/*",
        "docker.io/a:v1",
        "docker.io/a@sha256:00",
        "docker.io//a",
        "registry.example:/a",
        "https://registry.example",
    ] {
        assert!(!ImageReference::is_prefix(other), "{other}");
    }
    assert!(!ImageReference::is_prefix(&format!(
        "a.b/{}",
        "c".repeat(252)
    )));
}

#[test]
fn reasons() {
    let cases = [
        ("A", ReferenceError::RepositoryUpperCase),
        ("docker.io/A", ReferenceError::RepositoryUpperCase),
        ("docker.io/a:", ReferenceError::TagMalformed),
        ("docker.io/a@x", ReferenceError::DigestMalformed),
        ("docker.io:x/a", ReferenceError::RegistryMalformed),
        ("docker.io/", ReferenceError::RepositoryMalformed),
    ];
    for (text, reason) in cases {
        assert_eq!(ImageReference::parse(text), Err(reason), "{text}");
    }
}

/// What reads as a reference, with the parts that it was put together from.
fn references() -> impl Strategy<Value = (Option<&'static str>, String, Option<String>, bool)> {
    (
        prop::option::of(prop::sample::select(
            &[
                "docker.io",
                "index.docker.io",
                "localhost",
                "localhost:5000",
                "ghcr.io",
                "r.example:443",
                "[fe80::1]:5000",
            ][..],
        )),
        "[a-z0-9]{1,4}([._-][a-z0-9]{1,3}){0,2}(/[a-z0-9]{1,4}(__|--)?[a-z0-9]){0,3}",
        prop::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}"),
        any::<bool>(),
    )
}

proptest! {
    #[test]
    fn the_normal_form_reads_as_itself((registry, repository, tag, has_digest) in references()) {
        // Without a registry the first part must not look like one.
        prop_assume!(registry.is_some() || !repository.split_once('/').is_some_and(|(first, _)| {
            first.contains('.') || first == "localhost"
        }));
        let mut text = registry.map(|registry| format!("{registry}/")).unwrap_or_default();
        text.push_str(&repository);
        if let Some(tag) = &tag {
            text.push(':');
            text.push_str(tag);
        }
        if has_digest {
            text.push('@');
            text.push_str(DIGEST);
        }
        let reference = ImageReference::parse(&text).unwrap();
        prop_assert_eq!(reference.digest().is_some(), has_digest);
        let is_hub = matches!(registry, None | Some("docker.io" | "index.docker.io"));
        let official = if is_hub && !repository.contains('/') { "library/" } else { "" };
        let registry = if is_hub { "docker.io" } else { registry.unwrap_or_default() };
        prop_assert_eq!(reference.name(), format!("{registry}/{official}{repository}"));

        let again = ImageReference::parse(reference.name()).unwrap();
        prop_assert_eq!(again.name(), reference.name());
        prop_assert_eq!(reference.renamed(reference.name()), reference.clone());
        // A pin keeps the name and adds the digest.
        if !has_digest {
            let pinned = ImageReference::parse(&format!("{text}@{DIGEST}")).unwrap();
            prop_assert_eq!(pinned.name(), reference.name());
            prop_assert_eq!(pinned.digest().map(ToString::to_string), Some(DIGEST.to_string()));
        }
    }

    #[test]
    fn any_text_is_refused_or_has_a_normal_form(text in ".{0,40}") {
        if let Ok(reference) = ImageReference::parse(&text) {
            let again = ImageReference::parse(reference.name()).unwrap();
            prop_assert_eq!(again.name(), reference.name());
        }
    }
}
