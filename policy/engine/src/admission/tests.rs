//! Tables of the path language.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::parse;

use super::FieldPath;
use crate::limits::Limit;
use crate::pattern::PatternError;
use crate::problem::Path;
use crate::reader::{Document, Reader};

#[test]
fn malformed_paths() {
    for path in [
        "", ".", "a.", ".a", "a..b", "$.a", "/a", "a/b", "a b", "[*]", "a.[*]", "a[0]", "a[]",
        "a[*", "a[*]b", "a*", "a.*", "é", "a['b']", "[*]a",
    ] {
        assert_eq!(
            FieldPath::new(path),
            Err(PatternError::FieldPathMalformed),
            "{path}"
        );
    }
    let long = "a".repeat(1025);
    assert_eq!(
        FieldPath::new(&long),
        Err(PatternError::LimitExceeded(Limit::PatternBytes))
    );
    let steps = |count: usize| "a[*].".repeat(count / 2) + "a";
    assert_eq!(
        FieldPath::new(&steps(64)),
        Err(PatternError::LimitExceeded(Limit::JsonNesting))
    );
    FieldPath::new(&steps(62)).unwrap();
}

#[test]
fn where_paths_lead() {
    let document = r#"{"a":{"b":[{"c":1},{"c":2},{"d":3},{"c":null},null]},"m":[[4],[5,6]],"x-y_Z":7,"n":null,"t":"x"}"#;
    let cases: [(&str, &[&str]); 9] = [
        ("x-y_Z", &["/x-y_Z=7"]),
        ("a.b[*].c", &["/a/b/0/c=1", "/a/b/1/c=2"]),
        ("a.b[*].d", &["/a/b/2/d=3"]),
        ("m[*][*]", &["/m/0/0=4", "/m/1/0=5", "/m/1/1=6"]),
        ("m[*]", &["/m/0=[4]", "/m/1=[5,6]"]),
        ("n", &[]),
        ("n[*].x", &[]),
        ("other.x[*]", &[]),
        ("a.b[*].e", &[]),
    ];
    let value = parse(document.as_bytes(), 64).unwrap();
    let walk = |path: &str| {
        let mut reader = Reader::new(Document::Request);
        let mut found: Vec<String> = Vec::new();
        FieldPath::new(path).unwrap().walk(
            &mut reader,
            &value,
            &Path::ROOT,
            &mut |_, value, path| {
                found.push(format!(
                    "{}={}",
                    path.pointer(),
                    value.to_canonical_string()
                ));
            },
        );
        let problem = reader.problems.into_first();
        (found, problem.map(|problem| (problem.code, problem.path)))
    };
    for (path, leads_to) in cases {
        let expected: Vec<String> = leads_to.iter().map(ToString::to_string).collect();
        assert_eq!(walk(path), (expected, None), "{path}");
    }
    for (path, place) in [
        ("t.x", "/t"),
        ("t[*]", "/t"),
        ("a[*]", "/a"),
        ("m.x", "/m"),
        ("a.b[*].c.d", "/a/b/0/c"),
    ] {
        let (_, problem) = walk(path);
        assert_eq!(
            problem,
            Some(("request.wrong-type", place.to_string())),
            "{path}"
        );
    }
}
