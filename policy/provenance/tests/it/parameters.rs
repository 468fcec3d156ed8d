//! External parameters that an expectation does not cover.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sealstone_provenance::{Expectation, Provenance, UnexpectedParameter};

use crate::support::{V1, V02, read, value};

fn with(parameters: &str) -> Provenance {
    read(
        V1,
        &format!(
            r#"{{"buildDefinition":{{"buildType":"t","externalParameters":{parameters}}},"runDetails":{{"builder":{{"id":"b"}}}}}}"#
        ),
    )
    .expect(parameters)
}

/// Compares with a map from pointers to values.
fn unexpected(provenance: &Provenance, expected: &[(&str, &str)]) -> Option<(String, bool)> {
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(pointer, text)| (*pointer, value(text)))
        .collect();
    provenance
        .unexpected_parameter(&mut |pointer, found| match expected.get(pointer) {
            None => Expectation::Unnamed,
            Some(value) if value == found => Expectation::Met,
            Some(_) => Expectation::Unmet,
        })
        .map(|UnexpectedParameter { pointer, named }| (pointer, named))
}

#[test]
fn unknown_parameters_are_found() {
    let provenance = with(
        r#"{"workflow":{"path":"x.yml","ref":"refs/heads/main"},"a/b~c":{"d":[1]},"empty":{},"none":null,"text":"","list":[]}"#,
    );
    let path = ("/workflow/path", r#""x.yml""#);
    let git_ref = ("/workflow/ref", r#""refs/heads/main""#);
    let escaped = ("/a~1b~0c/d", "[1]");
    let whole = ("/workflow", r#"{"path":"x.yml","ref":"refs/heads/main"}"#);
    let cases: [(&[_], Option<(&str, bool)>); 7] = [
        (&[path, git_ref, escaped], None),
        (&[whole, escaped], None),
        (&[path, git_ref], Some(("/a~1b~0c/d", false))),
        (&[path, escaped], Some(("/workflow/ref", false))),
        (
            &[("/workflow/path", r#""y.yml""#), git_ref, escaped],
            Some(("/workflow/path", true)),
        ),
        (
            &[("/workflow", r#""x""#), escaped],
            Some(("/workflow", true)),
        ),
        // An element of a list cannot be named by itself.
        (
            &[path, git_ref, ("/a~1b~0c/d/0", "1")],
            Some(("/a~1b~0c/d", false)),
        ),
    ];
    for (expected, found) in cases {
        assert_eq!(
            unexpected(&provenance, expected),
            found.map(|(pointer, named)| (pointer.to_owned(), named)),
            "{expected:?}"
        );
    }
    // An expectation of something empty is asked too.
    assert_eq!(
        unexpected(&provenance, &[whole, escaped, ("/text", r#""x""#)]),
        Some(("/text".to_owned(), true))
    );
}

#[test]
fn parameters_by_pointer() {
    let provenance = with(r#"{"a/b~c":{"d":[1]},"empty":{},"none":null,"text":"x","~1":2}"#);
    for (pointer, expected) in [
        ("/a~1b~0c/d", Some("[1]")),
        ("/text", Some("\"x\"")),
        ("/~01", Some("2")),
        ("/empty", None),
        ("/none", None),
        ("/missing", None),
        ("/text/x", None),
        ("/a~1b~0c/d/0", None),
        ("text", None),
        ("/", None),
    ] {
        assert_eq!(
            provenance.external_parameter(pointer),
            expected.map(value).as_ref(),
            "{pointer}"
        );
    }
}

#[test]
fn parameters_that_are_no_object() {
    let with = |parameters: &str| {
        read(
            V02,
            &format!(
                r#"{{"builder":{{"id":"b"}},"buildType":"t","invocation":{{"parameters":{parameters}}}}}"#
            ),
        )
        .unwrap()
    };
    for (parameters, expected) in [
        ("null", None),
        ("{}", None),
        ("[]", None),
        ("\"\"", None),
        ("[1]", Some((String::new(), false))),
        ("\"x\"", Some((String::new(), false))),
        ("false", Some((String::new(), false))),
    ] {
        assert_eq!(unexpected(&with(parameters), &[]), expected, "{parameters}");
    }
}

proptest! {
    /// Whatever is added to parameters that are as expected is found.
    #[test]
    fn additions_are_found(name in "[a-z~/ä]{1,6}", nested in any::<bool>()) {
        prop_assume!(name != "known" && name != "workflow");
        let addition = if nested {
            format!(r#"{{"known":1,"workflow":{{"known":1,"{name}":2}}}}"#)
        } else {
            format!(r#"{{"known":1,"workflow":{{"known":1}},"{name}":2}}"#)
        };
        let provenance = with(&addition);
        let (pointer, named) = unexpected(&provenance, &[("/known", "1"), ("/workflow/known", "1")]).unwrap();
        prop_assert!(!named);
        prop_assert_eq!(provenance.external_parameter(&pointer), Some(&value("2")));
    }
}
