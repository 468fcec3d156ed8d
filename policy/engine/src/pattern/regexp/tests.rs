//! The crate `regex-lite` as the oracle: the same patterns are refused, the same texts match.

use alloc::string::String;
use alloc::{format, vec};

use proptest::prelude::*;
use regex_lite::RegexBuilder;

use super::{PatternError, Regexp};
use crate::limits::Limit;

/// Patterns and texts over one alphabet, so that they meet.
const TEXT: &str = "[abAB_ #\\-\r\n1é]{0,8}";

/// Pieces of patterns; all that the syntax knows, and what it does not.
const PIECES: &[&str] = &[
    "a",
    "b",
    "A",
    "B",
    "_",
    " ",
    "#",
    "-",
    "1",
    "é",
    "\n",
    "ab",
    "^",
    "$",
    ".",
    "|",
    "(",
    ")",
    "(?:",
    "(?i)",
    "(?-i)",
    "(?i:",
    "(?m)",
    "(?s)",
    "(?R)",
    "(?mR)",
    "(?x)",
    "(?U)",
    "(?u)",
    "(?xi-s:",
    "(?i-i)",
    "(?-)",
    "(?)",
    "(?P<a>",
    "(?<b>",
    "(?<é.1[]>",
    "(?<1>",
    "(?=",
    "(?<!",
    "(?P",
    "*",
    "+",
    "?",
    "*?",
    "{2}",
    "{0}",
    "{1}",
    "{,2}",
    "{1,}",
    "{0,2}",
    "{ 1 , 3 }",
    "{2,1}",
    "{",
    "}",
    "[ab]",
    "[^a]",
    "[a-b",
    "[",
    "]",
    "[^",
    "[]a]",
    "[-a]",
    "[a-]",
    "[A-b]",
    "[Z-b]",
    "[b-a]",
    "[a&&b]",
    "[a--b]",
    "[\\d_]",
    "[^\\W]",
    "[[:alpha:]]",
    "[[:^alnum:]-]",
    "[[:nothing:]]",
    "[\\x61-b]",
    "[\\b]",
    "[a-\\d]",
    "[a - b]",
    "[a # \n]",
    "\\d",
    "\\D",
    "\\s",
    "\\S",
    "\\w",
    "\\W",
    "\\b",
    "\\B",
    "\\<",
    "\\>",
    "\\b{start}",
    "\\b{end}",
    "\\b{start-half}",
    "\\b{end-half}",
    "\\b{ start }",
    "\\b{no}",
    "\\A",
    "\\z",
    "\\x61",
    "\\x{61}",
    "\\x{}",
    "\\x{110000}",
    "\\x6",
    "\\u0062",
    "\\U00000041",
    "\\n",
    "\\r",
    "\\-",
    "\\ ",
    "\\#",
    "\\q",
    "\\1",
    "\\p{L}",
    "\\",
    "\\é",
];

/// What the oracle makes of a pattern.
fn oracle(pattern: &str) -> Option<regex_lite::Regex> {
    let build = |pattern: &str| RegexBuilder::new(pattern).build().ok();
    build(pattern)?;
    build(&format!(r"\A(?:{pattern})\z"))
}

fn agree(pattern: &str, texts: &[String]) {
    match (Regexp::new(pattern), oracle(pattern)) {
        (Ok(regexp), Some(oracle)) => {
            for text in texts {
                assert_eq!(
                    regexp.matches(text),
                    oracle.is_match(text),
                    "{pattern:?} {text:?}"
                );
            }
        }
        (Err(PatternError::RegexpMalformed), None) => {}
        (found, expected) => panic!("{pattern:?}: {found:?}, {expected:?}"),
    }
}

/// Patterns that are mostly well-formed.
fn well_formed() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "b",
        "A",
        "_",
        " ",
        "-",
        "1",
        "é",
        "\r",
        "\n",
        ".",
        "^",
        "$",
        "[ab]",
        "[^a]",
        "[A-b]",
        "[Z-b]",
        "[^Z-b]",
        "[_-a1]",
        "[^\\w]",
        "[[:^alpha:]]",
        "\\d",
        "\\S",
        "\\w",
        "\\W",
        "\\b",
        "\\B",
        "\\<",
        "\\>",
        "\\b{start-half}",
        "\\b{end-half}",
        "\\A",
        "\\z",
        "",
        "(?i)",
        "(?m)",
        "(?s)",
        "(?R)",
        "(?x)",
        "(?mR)",
        "(?-i)",
    ]);
    let leaf = leaf.prop_map(String::from);
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("(?:{})", parts.join("|"))),
            (
                inner.clone(),
                prop::sample::select(vec![
                    "*", "+", "?", "+?", "{2}", "{0}", "{1,2}", "{0,3}", "{2,}", "{1}"
                ])
            )
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
            (
                inner,
                prop::sample::select(vec!["(", "(?i:", "(?mR:", "(?s-m:"])
            )
                .prop_map(|(part, open)| format!("{open}{part})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn pieces_in_any_order(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..7),
        texts in prop::collection::vec(TEXT, 4),
    ) {
        agree(&pieces.concat(), &texts);
    }

    #[test]
    fn patterns_that_are_well_formed(
        pattern in well_formed(),
        texts in prop::collection::vec(TEXT, 8),
    ) {
        agree(&pattern, &texts);
    }

    #[test]
    fn any_text_is_read(pattern in "\\PC{0,12}", text in "\\PC{0,4}") {
        // The name of a group may have any character outside of ASCII.
        prop_assume!(!pattern.contains('<'));
        agree(&pattern, &[text]);
    }
}

#[test]
fn nesting() {
    for depth in 45..55 {
        for (open, close) in [
            ("(", ")"),
            ("(?:", ")"),
            ("(?:a|", ")"),
            ("(?:", ")*"),
            ("(?:b", ")"),
        ] {
            agree(
                &format!("{}a{}", open.repeat(depth), close.repeat(depth)),
                &["a".into(), "ba".into()],
            );
        }
        agree(&format!("a{}", "+".repeat(depth)), &["aa".into()]);
    }
}

#[test]
fn size() {
    let too_large = |pattern: &str| {
        let error = Regexp::new(pattern).err();
        error == Some(PatternError::LimitExceeded(Limit::RegexpSize))
    };
    for pattern in [
        "a{8000}",
        "(?:a{100}){80}",
        "(?:[a-cx-z]{0,9}){300}",
        "(?:){8000}",
        "(?:a?){2000,}",
    ] {
        assert!(!too_large(pattern), "{pattern}");
    }
    for pattern in [
        "a{8200}",
        "(?:a{100}){82}",
        "(?:[a-cx-z]{0,9}){400}",
        "(?:){4294967295}",
        "(?:(?:(?:a{1000}){1000}){1000}){1000,}",
        "a{4294967295}",
        "(?:a?){0,4294967295}",
        "a|b{20000}|(?:c{20000}|d)*",
    ] {
        assert!(too_large(pattern), "{pattern}");
    }
    // What is malformed is so at any size.
    assert_eq!(
        Regexp::new("a{99999}(").err(),
        Some(PatternError::RegexpMalformed)
    );
}
