//! Tables and properties of the pattern languages.

use alloc::format;
use alloc::string::{String, ToString};

use proptest::prelude::*;

use super::{Glob, PatternError, Regexp};
use crate::limits::Limit;

#[test]
fn globs() {
    let cases: [(&str, &[&str], &[&str]); 11] = [
        ("a", &["a"], &["", "b", "aa", "A", "a\n"]),
        ("", &[""], &["a"]),
        (
            "*",
            &["", "a", "a@b:c"],
            &["/", "a/b", "a\nb", "\u{0}", "a\u{7f}"],
        ),
        ("**", &["", "a/b/c", "/"], &["a\nb", "a\r", "\u{85}"]),
        ("a*b", &["ab", "axb", "abab"], &["a/b", "ab/", "xab", "abx"]),
        ("a/**/b", &["a/x/b", "a/x/y/b", "a//b"], &["a/b", "a/x/bc"]),
        ("*/**", &["a/", "a/b/c", "/"], &["a", ""]),
        (
            "**a*b**c",
            &["abc", "a/abcc", "xayb/z/c"],
            &["a/b", "ac", "a/bc"],
        ),
        ("é*", &["é", "éa"], &["e", "\u{301}e"]),
        (
            "https://github.com/o/*/.github/workflows/*@refs/tags/v*",
            &["https://github.com/o/r/.github/workflows/x.yml@refs/tags/v1.2.3"],
            &[
                "https://github.com/o/r/.github/workflows/x.yml@refs/heads/v1",
                // A branch whose name ends like a tag.
                "https://github.com/o/r/.github/workflows/x.yml@refs/heads/a@refs/tags/v1",
                "https://github.com/o/r/x/.github/workflows/x.yml@refs/tags/v1",
                "https://github.com/o/r/.github/workflows/x.yml@refs/tags/v1/evil",
                "https://github.com/o/r/.github/workflows/x.yml@refs/tags/v1\n",
                "https://github.com.evil/o/r/.github/workflows/x.yml@refs/tags/v1",
            ],
        ),
        (
            "https://github.com/o/r/.github/workflows/x.yml@refs/tags/v*",
            &["https://github.com/o/r/.github/workflows/x.yml@refs/tags/v"],
            &["https://github.com/o/rX.github/workflows/x.yml@refs/tags/v1"],
        ),
    ];
    for (pattern, matching, others) in cases {
        let glob = Glob::new(pattern).unwrap();
        for text in matching {
            assert!(glob.matches(text), "{pattern} {text}");
        }
        for text in others {
            assert!(!glob.matches(text), "{pattern} {text}");
        }
    }
}

#[test]
fn malformed_globs() {
    for reserved in ['?', '[', ']', '{', '}', '\\'] {
        assert_eq!(
            Glob::new(&format!("a{reserved}")),
            Err(PatternError::GlobReserved(reserved))
        );
    }
    assert_eq!(Glob::new("a***"), Err(PatternError::GlobStars));
    let limit = Err(PatternError::LimitExceeded(Limit::PatternBytes));
    assert_eq!(Glob::new(&"a".repeat(1025)), limit);
    Glob::new(&"a".repeat(1024)).unwrap();
}

#[test]
fn regexps_match_whole_texts() {
    let cases: [(&str, &[&str], &[&str]); 7] = [
        ("a", &["a"], &["aa", "ba", "a\n", "\na", ""]),
        ("a|bc", &["a", "bc"], &["ac", "xbc", "ax"]),
        ("^a$", &["a"], &["a\n", "xa"]),
        ("(?m)^a$", &["a"], &["a\nb", "b\na"]),
        (".*", &["", "abc"], &["a\nb", "\n"]),
        ("(?i)abc", &["ABC"], &["ABCD"]),
        (
            r"refs/tags/v\d+(\.\d+)*",
            &["refs/tags/v1.2"],
            &["refs/tags/v1.2-rc", "refs/tags/v"],
        ),
    ];
    for (pattern, matching, others) in cases {
        let regexp = Regexp::new(pattern).unwrap();
        for text in matching {
            assert!(regexp.matches(text), "{pattern} {text:?}");
        }
        for text in others {
            assert!(!regexp.matches(text), "{pattern} {text:?}");
        }
    }
}

#[test]
fn malformed_regexps() {
    for pattern in [
        "(",
        ")",
        "a)|(?:b",
        r"(a)\1",
        "(?=a)",
        "(?x)a # b",
        "*",
        "[a",
        r"\p{L}",
    ] {
        assert!(
            matches!(Regexp::new(pattern), Err(PatternError::RegexpMalformed)),
            "{pattern}"
        );
    }
}

/// The glob as a regular expression, by an independent engine.
fn reference(glob: &str) -> Regexp {
    let mut pattern = String::new();
    let mut rest = glob;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            pattern.push_str(r"[^\x00-\x1f\x7f-\u{9f}]*");
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            pattern.push_str(r"[^/\x00-\x1f\x7f-\u{9f}]*");
            rest = after;
        } else {
            pattern.push_str(&format!(r"\x{{{:x}}}", u32::from(character)));
            rest = rest.split_at(character.len_utf8()).1;
        }
    }
    Regexp::new(&pattern).unwrap()
}

proptest! {
    #[test]
    fn globs_agree_with_regular_expressions(
        pattern in "([ab/]|\\*){0,8}",
        text in "[ab/\n]{0,10}",
    ) {
        match Glob::new(&pattern) {
            Ok(glob) => prop_assert_eq!(glob.matches(&text), reference(&pattern).matches(&text)),
            Err(error) => prop_assert_eq!(error, PatternError::GlobStars),
        }
    }

    #[test]
    fn a_glob_matches_what_its_stars_stand_for(
        parts in prop::collection::vec(("[a-z./@-]{0,4}", "[a-z.@-]{0,4}"), 0..6),
    ) {
        let pattern: String = parts.iter().map(|(literal, _)| format!("{literal}x*")).collect();
        let text: String = parts.iter().map(|(literal, run)| format!("{literal}x{run}")).collect();
        prop_assert!(Glob::new(&pattern).unwrap().matches(&text));
        prop_assert_eq!(Glob::new(&pattern).unwrap().to_string(), pattern);
    }

    #[test]
    fn exact_globs_match_themselves_alone(pattern in "[a-z/.@:-]{0,12}", text in "[a-z/.@:-]{0,12}") {
        prop_assert_eq!(Glob::new(&pattern).unwrap().matches(&text), pattern == text);
        prop_assert!(Glob::new(&pattern).unwrap().matches(&pattern));
    }
}
