use alloc::format;
use alloc::string::String;

use super::{StoreError, add, remove};

const DOCUMENT: &str = r#"{"a": {"b": 1, "c": [2]}, "d": "x"}"#;

fn text(changed: Result<alloc::vec::Vec<u8>, StoreError>) -> Result<String, StoreError> {
    changed.map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn values_are_put_and_removed() {
    let add =
        |path: &str, value: &str| text(add(DOCUMENT.as_bytes(), path.as_bytes(), value.as_bytes()));
    let remove = |path: &str| text(remove(DOCUMENT.as_bytes(), path.as_bytes()));
    assert_eq!(
        add(r#"["d"]"#, "2").unwrap(),
        r#"{"a":{"b": 1, "c": [2]},"d":2}"#
    );
    assert_eq!(
        add(r#"["a","b"]"#, "{}").unwrap(),
        r#"{"d":"x","a":{"c":[2],"b":{}}}"#
    );
    assert_eq!(
        add(r#"["e","f"]"#, "3").unwrap(),
        r#"{"a":{"b": 1, "c": [2]},"d":"x","e":{"f":3}}"#
    );
    assert_eq!(remove(r#"["a"]"#).unwrap(), r#"{"d":"x"}"#);
    assert_eq!(
        remove(r#"["a","b"]"#).unwrap(),
        r#"{"d":"x","a":{"c":[2]}}"#
    );
    assert_eq!(
        remove(r#"["x"]"#).unwrap(),
        r#"{"a":{"b": 1, "c": [2]},"d":"x"}"#
    );
    // Names are written as JSON has them.
    assert_eq!(
        add(r#"["\"\u0007"]"#, "1").unwrap(),
        format!(r#"{},"\"\u0007":1}}"#, r#"{"a":{"b": 1, "c": [2]},"d":"x""#)
    );
}

#[test]
fn what_is_no_path_changes_nothing() {
    let long = format!("[{}]", ["\"a\""; 65].join(","));
    for path in ["", "1", "{}", "[]", "[1]", "[[\"a\"]]", &long] {
        for result in [
            add(DOCUMENT.as_bytes(), path.as_bytes(), b"1"),
            remove(DOCUMENT.as_bytes(), path.as_bytes()),
        ] {
            assert_eq!(result, Err(StoreError::Path), "{path}");
        }
    }
    assert_eq!(
        remove(DOCUMENT.as_bytes(), br#"["x","y"]"#),
        Err(StoreError::Path)
    );
    for path in [r#"["d","x"]"#, r#"["a","c","x"]"#] {
        assert_eq!(
            add(DOCUMENT.as_bytes(), path.as_bytes(), b"1"),
            Err(StoreError::WrongType)
        );
    }
    assert_eq!(add(b"[]", br#"["a"]"#, b"1"), Err(StoreError::WrongType));
    assert_eq!(
        (StoreError::WrongType.code(), StoreError::Path.code()),
        (2, 3)
    );
}
