use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::{TermError, member, members, to_json};

fn json(text: &str) -> Result<String, TermError> {
    to_json(text.as_bytes()).map(|json| String::from_utf8(json.to_vec()).unwrap())
}

#[test]
fn json_is_left_as_it_is() {
    for text in [
        "null",
        "true",
        "-1.5e+3",
        r#""a\u0041\/\ud83d\ude00\\\"""#,
        "[]",
        "{}",
        r#"{"a": [1, {"b": {}}], "c":""}"#,
        // What the engine refuses is its to refuse.
        r#"{"a":1,"a":2}"#,
        r#""\q""#,
        "1-1",
    ] {
        let padded = format!(" {text}\n\0\0");
        let read = to_json(padded.as_bytes()).unwrap();
        assert!(matches!(read, Cow::Borrowed(_)), "{text}");
        assert_eq!(&*read, text.as_bytes());
    }
}

#[test]
fn rego_becomes_json() {
    for (rego, expected) in [
        ("set()", "[]"),
        ("{1, 2}", "[1,2]"),
        (r#"{"a"}"#, r#"["a"]"#),
        (r#"{"a", "b"}"#, r#"["a","b"]"#),
        (r#"{{"a": 1}, {2}}"#, r#"[{"a":1},[2]]"#),
        (r#"{"a": {1}, "b": set()}"#, r#"{"a":[1],"b":[]}"#),
        (r#""\a\v\x7f\x00""#, r#""\u0007\u000b\u007f\u0000""#),
        (r#""x\U0001f600y\n""#, "\"x\u{1f600}y\\n\""),
        (r#""\x22\x5c""#, r#""\"\\""#),
        (r#"{"\x61": 1}"#, r#"{"a":1}"#),
    ] {
        let read: serde_json::Value = serde_json::from_str(&json(rego).unwrap()).unwrap();
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        assert_eq!(read, expected, "{rego}");
    }
}

#[test]
fn the_rest_is_refused() {
    let deep = "[".repeat(100);
    for text in [
        "",
        " ",
        "\0",
        "x",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "{,}",
        "{1:2}",
        "{1,}",
        r#"{"a"}x"#,
        r#"{"a":1,2}"#,
        r#"{"a":}"#,
        r#"{"a",1:2}"#,
        "set(",
        "set",
        "tru",
        "nul",
        r#"""#,
        r#""\"#,
        r#""\x""#,
        r#""\x8g""#,
        r#""\xff""#,
        r#""\U00110000""#,
        r#""\U0000d800""#,
        "1 2",
        &deep,
    ] {
        assert_eq!(json(text), Err(TermError::Malformed), "{text}");
    }
}

#[test]
fn members_are_found_without_reading_the_rest() {
    let text = br#" {"a" : {"b": [1, "}"]}, "\u0063":2, "d":null} "#;
    let found = members(text).unwrap().unwrap();
    let names: Vec<&str> = found.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["a", "c", "d"]);
    assert_eq!(
        member(text, "a").unwrap(),
        Some(br#"{"b": [1, "}"]}"#.as_slice())
    );
    assert_eq!(member(text, "c").unwrap(), Some(b"2".as_slice()));
    assert_eq!(member(text, "x").unwrap(), None);
    assert_eq!(members(b"[1]").unwrap(), None);
    assert_eq!(members(b"{}").unwrap(), Some(Vec::new()));
    // By whatever escape it is written.
    let twice = br#"{"a":1,"\u0061":2}"#;
    assert_eq!(member(twice, "a"), Err(TermError::DuplicateMember));
    assert_eq!(members(b"{\"a\":1"), Err(TermError::Malformed));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A value as `ast.Value.String()` of OPA writes it, arrays as sets.
fn rego(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => {
            let mut quoted = String::from("\"");
            for character in text.chars() {
                match character {
                    '"' | '\\' => quoted.extend(['\\', character]),
                    '\u{7}' => quoted.push_str("\\a"),
                    '\u{b}' => quoted.push_str("\\v"),
                    '\0'..='\x1f' | '\x7f' => {
                        quoted.push_str(&format!("\\x{:02x}", u32::from(character)));
                    }
                    '\u{10000}'.. => quoted.push_str(&format!("\\U{:08x}", u32::from(character))),
                    _ => quoted.push(character),
                }
            }
            quoted.push('"');
            quoted
        }
        serde_json::Value::Array(items) if items.is_empty() => "set()".to_string(),
        serde_json::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(rego).collect();
            format!("{{{}}}", items.join(", "))
        }
        serde_json::Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", rego(&name.as_str().into()), rego(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn values_survive(value in any_json()) {
        for text in [value.to_string(), rego(&value)] {
            let read: serde_json::Value = serde_json::from_str(&json(&text).unwrap()).unwrap();
            prop_assert_eq!(&read, &value, "{}", text);
        }
    }

    #[test]
    fn garbage_is_no_trap(text in "[\\[\\]{}\",:\\\\axU0-9setnulr() \0]{0,40}") {
        if let Ok(json) = to_json(text.as_bytes()) {
            let _ = members(&json);
        }
    }
}
