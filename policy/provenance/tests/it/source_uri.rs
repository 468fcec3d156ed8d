//! Spellings of the same repository, and of others that must not be taken for it.

use proptest::prelude::*;
use sealstone_provenance::{SourceUri, SourceUriError};

use crate::support::{V02, read, source};

const COMMIT: &str = "904e2c3e02725e314cf6cf141c4700081298dcbd";

/// Reads `uri` as a `configSource`, where a ref or commit may follow.
fn located(uri: &str) -> Option<(String, Option<String>, Option<String>)> {
    let predicate = format!(
        r#"{{"builder":{{"id":"b"}},"buildType":"https://mobyproject.org/buildkit@v1","invocation":{{"configSource":{{"uri":"{uri}"}}}}}}"#
    );
    let provenance = read(V02, &predicate).ok()?;
    let (uri, git_ref, commit) = source(&provenance)?;
    Some((
        uri.to_owned(),
        git_ref.map(str::to_owned),
        commit.map(str::to_owned),
    ))
}

#[test]
fn spellings_have_one_normal_form() {
    let github = "https://github.com/o/r";
    let cases = [
        ("https://github.com/o/r", github, None, None),
        ("git+https://github.com/o/r", github, None, None),
        ("https://github.com/o/r.git", github, None, None),
        ("https://github.com/o/r/", github, None, None),
        ("https://github.com/o/r.git/", github, None, None),
        ("HTTPS://GitHub.com/o/r", github, None, None),
        (
            "git+https://github.com/o/r@refs/tags/v1",
            github,
            Some("refs/tags/v1"),
            None,
        ),
        (
            "git+https://github.com/o/r@refs/heads/a@b",
            github,
            Some("refs/heads/a@b"),
            None,
        ),
        (
            "git+https://github.com/o/r.git@v1",
            github,
            Some("v1"),
            None,
        ),
        (
            "https://github.com/o/r.git#refs/heads/main",
            github,
            Some("refs/heads/main"),
            None,
        ),
        (
            "https://github.com/o/r.git#refs/heads/main:sub/dir",
            github,
            Some("refs/heads/main"),
            None,
        ),
        (
            "https://github.com/o/r.git#904e2c3e02725e314cf6cf141c4700081298dcbd",
            github,
            None,
            Some(COMMIT),
        ),
        (
            "git+https://github.com/o/r@904e2c3e02725e314cf6cf141c4700081298dcbd",
            github,
            None,
            Some(COMMIT),
        ),
        (
            "https://github.com/o/r/commit/904e2c3e02725e314cf6cf141c4700081298dcbd",
            github,
            None,
            Some(COMMIT),
        ),
        (
            "https://gitlab.example/o/r/commit/904e2c3e02725e314cf6cf141c4700081298dcbd",
            "https://gitlab.example/o/r/commit/904e2c3e02725e314cf6cf141c4700081298dcbd",
            None,
            None,
        ),
        (
            "git+ssh://git.example:2222/Group/sub/r.git@refs/heads/main",
            "ssh://git.example:2222/Group/sub/r",
            Some("refs/heads/main"),
            None,
        ),
        (
            "gs://bucket/source.tgz#1690000000",
            "gs://bucket/source.tgz",
            Some("1690000000"),
            None,
        ),
    ];
    for (uri, expected, git_ref, commit) in cases {
        assert_eq!(
            located(uri),
            Some((
                expected.to_owned(),
                git_ref.map(str::to_owned),
                commit.map(str::to_owned)
            )),
            "{uri}"
        );
    }
}

#[test]
fn equal_and_different_repositories() {
    let wanted: SourceUri = "https://github.com/slsa-framework/example-package"
        .parse()
        .unwrap();
    for same in [
        "git+https://github.com/slsa-framework/example-package",
        "https://GITHUB.com/SLSA-Framework/example-package.git",
    ] {
        assert_eq!(same.parse::<SourceUri>().unwrap(), wanted, "{same}");
    }
    for other in [
        "https://github.com/slsa-framework/example-packageA",
        "https://github.com/Aslsa-framework/example-package",
        "https://Agithub.com/slsa-framework/example-package",
        "https://github.com.evil.example/slsa-framework/example-package",
        "https://github.com:443/slsa-framework/example-package",
        "http://github.com/slsa-framework/example-package",
        "https://github.com/slsa-framework/example-package/sub",
        "https://github.com/slsa-framework",
        "https://github.com/slsa-framework/example-package.git.git",
    ] {
        assert_ne!(other.parse::<SourceUri>().unwrap(), wanted, "{other}");
    }
    let other_case: SourceUri = "https://github.com/SLSA-framework/example-package"
        .parse()
        .unwrap();
    assert_eq!(other_case, wanted);
    assert!(!other_case.is_identical(&wanted));
    assert!(wanted.is_identical(&wanted.clone()));
    let elsewhere: SourceUri = "https://git.example/Group/Project".parse().unwrap();
    assert_ne!(
        elsewhere,
        "https://git.example/group/project".parse().unwrap()
    );
    assert_eq!(
        elsewhere,
        "https://GIT.example/Group/Project".parse().unwrap()
    );
}

#[test]
fn refused() {
    for text in [
        "",
        "github.com/o/r",
        "://github.com/o/r",
        "https://github.com",
        "https://github.com/",
        "https:///o/r",
        "https://user@github.com/o/r",
        "https://github.com@evil.example/o/r",
        "https://github.com/o//r",
        "https://github.com/o/../r",
        "https://github.com/./r",
        "https://github.com/o/.git",
        "https://github.com/o/r?x=1",
        "https://github.com/o/r%2e",
        "https://github.com/o/r\n",
        "https://github.com/o/r x",
        "https://github.com\\o/r",
        "https://github.com/o/r@",
        "https://github.com/o/r#",
        "https://github.com/o/r@refs/heads/a b",
        "git@github.com:o/r.git",
        "pkg:github/o/r@v1",
    ] {
        assert_eq!(
            text.parse::<SourceUri>(),
            Err(SourceUriError::Malformed),
            "{text:?}"
        );
    }
    for text in [
        "https://github.com/o/r@refs/heads/main",
        "https://github.com/o/r#main",
        "https://github.com/o/r/commit/904e2c3e02725e314cf6cf141c4700081298dcbd",
    ] {
        assert_eq!(
            text.parse::<SourceUri>(),
            Err(SourceUriError::RefInside),
            "{text:?}"
        );
    }
}

proptest! {
    /// However a producer decorates a repository, it is the same one.
    #[test]
    fn decorations_do_not_matter(
        path in "[a-zA-Z0-9_-]{1,8}(/[a-zA-Z0-9_-]{1,8}){1,3}",
        git in any::<bool>(),
        suffix in any::<bool>(),
        slash in any::<bool>(),
        revision in prop_oneof![
            Just(String::new()),
            "@refs/(heads|tags)/[a-z0-9@/]{1,8}".prop_map(|text| text),
            "#refs/(heads|tags)/[a-z0-9/]{1,8}(:[a-z]{1,4})?".prop_map(|text| text),
        ],
    ) {
        let plain = format!("https://git.example/{path}");
        let decorated = format!(
            "{}{plain}{}{}{revision}",
            if git { "git+" } else { "" },
            if suffix { ".git" } else { "" },
            if slash && revision.is_empty() { "/" } else { "" },
        );
        let (uri, git_ref, commit) = located(&decorated).expect(&decorated);
        prop_assert_eq!(uri, plain);
        prop_assert_eq!(git_ref.is_some(), !revision.is_empty());
        prop_assert_eq!(commit, None);
    }

    /// A repository is never taken for one whose name merely begins or ends with it.
    #[test]
    fn longer_names_are_other_repositories(more in "[a-zA-Z0-9_-]{1,6}") {
        let wanted: SourceUri = "https://github.com/owner/name".parse().unwrap();
        for other in [
            format!("https://github.com/owner/name{more}"),
            format!("https://github.com/owner/{more}name"),
            format!("https://github.com/{more}owner/name"),
            format!("https://{more}github.com/owner/name"),
            format!("https://github.com/owner/name/{more}"),
        ] {
            prop_assert_ne!(other.parse::<SourceUri>().unwrap(), wanted.clone());
        }
    }

    /// The normal form is its own normal form.
    #[test]
    fn idempotent(text in "(git\\+)?[a-zA-Z+:/@#.0-9-]{0,40}|https://[a-zA-Z./@#-]{1,30}") {
        if let Ok(uri) = text.parse::<SourceUri>() {
            let again: SourceUri = uri.as_str().parse().unwrap();
            prop_assert_eq!(&again, &uri);
            prop_assert_eq!(again.as_str(), uri.as_str());
        }
    }
}
