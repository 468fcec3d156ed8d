//! Branch, tag and version tag.

use proptest::prelude::*;
use sealstone_provenance::{RefAbsence, VersionTag};

use crate::support::{V1, V02, read};

/// Provenance of the container workflow with this context; the source has the ref `git_ref`.
fn generated(git_ref: &str, context: &str) -> sealstone_provenance::Provenance {
    let predicate = format!(
        r#"{{"builder":{{"id":"b"}},"buildType":"https://github.com/slsa-framework/slsa-github-generator/container@v1",
        "invocation":{{"configSource":{{"uri":"git+https://github.com/o/r@{git_ref}"}},"environment":{context}}},
        "materials":[{{"uri":"git+https://github.com/o/r@{git_ref}"}}]}}"#
    );
    read(V02, &predicate).expect(&predicate)
}

const TAG: &str =
    r#""github_ref":"refs/tags/v1","github_ref_type":"tag","github_event_name":"EVENT""#;

#[test]
fn branch_and_tag_of_a_run() {
    use RefAbsence::{OtherKind, Unknown};
    let tag = |event: &str, more: &str| format!("{{{},{more}}}", TAG.replace("EVENT", event));
    let cases = [
        (
            r#"{"github_ref":"refs/heads/main","github_ref_type":"branch"}"#.to_owned(),
            Ok("main"),
            Err(OtherKind),
        ),
        // A pull request is no branch.
        (
            r#"{"github_ref":"refs/pull/1/merge","github_ref_type":"branch"}"#.to_owned(),
            Err(OtherKind),
            Err(OtherKind),
        ),
        (
            r#"{"github_ref":"refs/heads/","github_ref_type":"branch"}"#.to_owned(),
            Err(OtherKind),
            Err(OtherKind),
        ),
        (
            r#"{"github_ref":1,"github_ref_type":"branch"}"#.replace("1", "null"),
            Err(Unknown),
            Err(Unknown),
        ),
        (
            tag("push", r#""github_base_ref":"refs/heads/release""#),
            Ok("release"),
            Ok("v1"),
        ),
        // As GitHub writes it: without `refs/heads/`.
        (
            tag("push", r#""github_base_ref":"release""#),
            Err(OtherKind),
            Ok("v1"),
        ),
        (
            tag(
                "push",
                r#""github_base_ref":"","github_event_payload":{"base_ref":"refs/heads/main"}"#,
            ),
            Ok("main"),
            Ok("v1"),
        ),
        (
            tag(
                "push",
                r#""github_base_ref":"","github_event_payload":{"base_ref":null}"#,
            ),
            Err(OtherKind),
            Ok("v1"),
        ),
        (
            tag("push", r#""github_base_ref":"","github_event_payload":{}"#),
            Err(Unknown),
            Ok("v1"),
        ),
        (
            tag("push", r#""github_base_ref":"","github_event_payload":"x""#),
            Err(Unknown),
            Ok("v1"),
        ),
        (tag("push", r#""x":1"#), Err(Unknown), Ok("v1")),
        (
            tag(
                "release",
                r#""github_base_ref":"","github_event_payload":{"base_ref":"refs/heads/no","release":{"target_commitish":"main"}}"#,
            ),
            Ok("main"),
            Ok("v1"),
        ),
        (
            tag(
                "release",
                r#""github_base_ref":"","github_event_payload":{"release":{"target_commitish":""}}"#,
            ),
            Err(OtherKind),
            Ok("v1"),
        ),
        (
            tag(
                "release",
                r#""github_base_ref":"","github_event_payload":{"base_ref":"refs/heads/no"}"#,
            ),
            Err(Unknown),
            Ok("v1"),
        ),
        (
            tag(
                "workflow_dispatch",
                r#""github_base_ref":"","github_event_payload":{"base_ref":"refs/heads/no"}"#,
            ),
            Err(OtherKind),
            Ok("v1"),
        ),
        (
            r#"{"github_ref":"refs/tags/v1","github_ref_type":"tag","github_base_ref":"","github_event_payload":{}}"#.to_owned(),
            Err(Unknown),
            Ok("v1"),
        ),
        // A tag whose ref is a branch is neither.
        (
            r#"{"github_ref":"refs/heads/v1","github_ref_type":"tag"}"#.to_owned(),
            Err(Unknown),
            Err(OtherKind),
        ),
        (
            r#"{"github_ref":"refs/heads/main","github_ref_type":"commit"}"#.to_owned(),
            Err(Unknown),
            Err(Unknown),
        ),
        // Nothing said: the ref of the source.
        ("{}".to_owned(), Ok("main"), Err(OtherKind)),
    ];
    for (context, branch, tag) in cases {
        let provenance = generated("refs/heads/main", &context);
        assert_eq!(provenance.branch(), branch, "{context}");
        assert_eq!(provenance.tag(), tag, "{context}");
    }
}

#[test]
fn branch_and_tag_of_a_delegated_build() {
    use RefAbsence::{OtherKind, Unknown};
    let delegated = |version: &str, git_ref: &str| {
        let context = format!(
            r#"{{"GITHUB_REF":"{git_ref}","GITHUB_REF_TYPE":"tag","GITHUB_BASE_REF":"","GITHUB_EVENT_NAME":"push",
            "GITHUB_EVENT_PAYLOAD":{{"base_ref":"refs/heads/main"}},"GITHUB_WORKFLOW_REF":"o/r/x.yml@{git_ref}"}}"#
        );
        let build_type =
            "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0";
        let uri = format!("git+https://github.com/o/r@{git_ref}");
        let predicate = if version == V02 {
            format!(
                r#"{{"builder":{{"id":"b"}},"buildType":"{build_type}","invocation":{{"configSource":{{"uri":"{uri}"}},"environment":{context}}},"materials":[{{"uri":"{uri}"}}]}}"#
            )
        } else {
            format!(
                r#"{{"buildDefinition":{{"buildType":"{build_type}","externalParameters":{{}},"internalParameters":{context},
                "resolvedDependencies":[{{"uri":"{uri}"}}]}},"runDetails":{{"builder":{{"id":"b"}}}}}}"#
            )
        };
        read(version, &predicate).expect(&predicate)
    };
    for version in [V02, V1] {
        for (git_ref, branch, tag) in [
            ("refs/heads/main", Ok("main"), Err(OtherKind)),
            ("refs/tags/v1", Ok("main"), Ok("v1")),
            ("refs/pull/1/merge", Err(Unknown), Err(Unknown)),
        ] {
            let provenance = delegated(version, git_ref);
            assert_eq!(provenance.branch(), branch, "{version} {git_ref}");
            assert_eq!(provenance.tag(), tag, "{version} {git_ref}");
        }
    }
}

#[test]
fn version_tags() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "v13.0.30",
            &["v13", "v13.0", "v13.0.30", "v13.0.30+build.1"],
            &[
                "v2", "v0", "v13.1", "v12.9", "v13.0.29", "v13.0.31", "v1", "v130",
            ],
        ),
        (
            "v14",
            &["v14", "v14.0", "v14.0.0"],
            &[
                "v14.1",
                "v13",
                "v15",
                "v13.2",
                "v0",
                "v14.0.1",
                "v14.0.0-rc.1",
            ],
        ),
        (
            "v14.2",
            &["v14", "v14.2", "v14.2.0"],
            &["v14.2.1", "v14.1", "v14.1.1", "v14.3.1", "v15.1"],
        ),
        (
            "v1.2.3-rc.1",
            &["v1", "v1.2", "v1.2.3-rc.1", "v1.2.3-rc.1+x"],
            &["v1.2.3", "v1.2.3-rc.2", "v1.2.3-rc"],
        ),
        ("v1.2.3+build", &["v1.2.3", "v1.2.3+other"], &["v1.2.4"]),
    ];
    for (tag, same, other) in cases {
        for expected in *same {
            let expected: VersionTag = expected.parse().expect(expected);
            assert!(expected.matches(tag), "{expected:?} {tag}");
        }
        for expected in *other {
            let expected: VersionTag = expected.parse().expect(expected);
            assert!(!expected.matches(tag), "{expected:?} {tag}");
        }
    }
    for text in [
        "",
        "v",
        "1",
        "1.2.3",
        "V1",
        "v1.",
        "v1..2",
        "v01",
        "v1.02",
        "v1.2.03",
        "v1.2.3.4",
        "v1-rc",
        "v1.2-rc",
        "v1+b",
        "v1.2.3-",
        "v1.2.3+",
        "v1.2.3-a..b",
        "v1.2.3-01",
        "v1.2.3-ä",
        "v1.x",
        "latest",
        "v-1",
        "v1.2.3 ",
    ] {
        let error = text.parse::<VersionTag>().expect_err(text);
        assert_eq!(error.code(), "policy.version-tag-malformed");
        let wanted: VersionTag = "v1".parse().unwrap();
        assert!(!wanted.matches(text), "{text}");
    }
    for text in [
        "v1.2.3-0",
        "v1.2.3-0a",
        "v1.2.3--",
        "v1.2.3+01",
        "v0.0.0",
        "v1.2.3-a.b+c.d",
    ] {
        assert_eq!(text.parse::<VersionTag>().expect(text).as_str(), text);
    }
}

proptest! {
    /// A version matches exactly the tags that agree in each part that it gives.
    #[test]
    fn version_tags_compare_parts(expected in prop::array::uniform3(0_u8..3), tag in prop::array::uniform3(0_u8..3), parts in 1_usize..=3) {
        let [major, minor, patch] = expected.map(|number| number.to_string());
        let text = format!("v{}", [major, minor, patch][..parts].join("."));
        let wanted: VersionTag = text.parse().unwrap();
        let tag_text = format!("v{}.{}.{}", tag[0], tag[1], tag[2]);
        prop_assert_eq!(wanted.matches(&tag_text), expected[..parts] == tag[..parts]);
    }
}
