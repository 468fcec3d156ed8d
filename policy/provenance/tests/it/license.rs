//! Licence expressions against lists.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sealstone_provenance::{LicenseExpression, LicenseList};

fn list(entries: &[&str]) -> LicenseList {
    LicenseList::parse(entries.iter().copied()).unwrap()
}

#[test]
fn within() {
    for (expression, listed, within) in [
        ("MIT", &["MIT"][..], true),
        ("MIT", &["Apache-2.0"], false),
        ("MIT", &[], false),
        ("MIT OR GPL-3.0-only", &["MIT"], true),
        ("MIT AND GPL-3.0-only", &["MIT"], false),
        (
            "MIT AND (Apache-2.0 OR GPL-3.0-only)",
            &["MIT", "Apache-2.0"],
            true,
        ),
        ("(MIT)", &["MIT"], true),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            &["GPL-2.0-only"],
            false,
        ),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            &["GPL-2.0-only WITH Classpath-exception-2.0"],
            true,
        ),
        (
            "GPL-2.0-only",
            &["GPL-2.0-only WITH Classpath-exception-2.0"],
            false,
        ),
        ("GPL-2.0", &["GPL-2.0-only"], true),
        ("GPL-2.0+", &["GPL-2.0-or-later"], true),
        ("GPL-2.0-or-later", &["GPL-2.0-only"], false),
        ("Apache-2.0+", &["Apache-2.0"], false),
        ("LicenseRef-own", &["LicenseRef-own"], true),
        ("LicenseRef-other", &["LicenseRef-own"], false),
        ("DocumentRef-a:LicenseRef-own", &["LicenseRef-own"], false),
        (
            "DocumentRef-a:LicenseRef-own",
            &["DocumentRef-a:LicenseRef-own"],
            true,
        ),
        // Identifiers do not mind the case.
        ("mIt", &["MIT"], true),
        (
            "gpl-2.0-ONLY WITH classpath-Exception-2.0",
            &["GPL-2.0 WITH Classpath-exception-2.0"],
            true,
        ),
        // `AND` binds more tightly than `OR`.
        ("Zlib AND Apache-2.0 OR MIT", &["MIT"], true),
        ("MIT OR Apache-2.0 AND Zlib", &["MIT"], true),
        ("(MIT OR Apache-2.0) AND Zlib", &["MIT"], false),
        // No list names what the SPDX licence list does not.
        ("No-Such-License", &["MIT"], false),
        ("MIT WITH No-exception", &["MIT"], false),
        (
            "MIT WITH AdditionRef-own",
            &["MIT WITH AdditionRef-own"],
            true,
        ),
    ] {
        let parsed = LicenseExpression::parse(expression).expect(expression);
        assert_eq!(
            parsed.is_within(&list(listed)),
            within,
            "{expression} {listed:?}"
        );
    }
}

#[test]
fn avoids() {
    for (expression, listed, avoids) in [
        ("MIT", &["GPL-3.0-only"][..], true),
        ("MIT", &[], true),
        ("GPL-3.0-only", &["GPL-3.0-only"], false),
        ("GPL-3.0", &["GPL-3.0-only"], false),
        ("GPL-3.0+", &["GPL-3.0-or-later"], false),
        ("MIT OR GPL-3.0-only", &["GPL-3.0-only"], true),
        ("MIT AND GPL-3.0-only", &["GPL-3.0-only"], false),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            &["GPL-2.0-only"],
            false,
        ),
        (
            "GPL-2.0-only",
            &["GPL-2.0-only WITH Classpath-exception-2.0"],
            true,
        ),
        ("LicenseRef-own", &["LicenseRef-own"], false),
        ("gpl-3.0-only", &["GPL-3.0-only"], false),
        // As old lists spell the exception.
        ("GPL-2.0-with-classpath-exception", &["GPL-2.0-only"], false),
        ("GPL-2.0-without", &["GPL-2.0-only"], true),
    ] {
        let parsed = LicenseExpression::parse(expression).expect(expression);
        assert_eq!(
            parsed.avoids(&list(listed)),
            avoids,
            "{expression} {listed:?}"
        );
    }
}

#[test]
fn malformed() {
    let long = std::vec!["MIT"; 2000].join(" OR ");
    for text in [
        "",
        "NOASSERTION",
        "NONE",
        "MIT OR NONE",
        "MIT OR",
        "AND MIT",
        "(MIT",
        "MIT)",
        "MIT Apache-2.0",
        "MIT/Apache-2.0",
        "The MIT License",
        "MIT or Apache-2.0",
        "or",
        "MIT +",
        "MIT++",
        "+",
        "()",
        "(MIT)(Zlib)",
        "MIT (Zlib)",
        "MIT_1",
        "LicenseRef-",
        "LicenseRef-own+",
        "DocumentRef-:LicenseRef-own",
        "DocumentRef-a:MIT",
        "DocumentRef-a:LicenseRef-b:c",
        "MIT WITH",
        "MIT WITH AND",
        "MIT WITH (Zlib)",
        "MIT WITH LLVM-exception WITH LLVM-exception",
        "(MIT) WITH LLVM-exception",
        "WITH LLVM-exception",
        "M\u{ed}T",
        &long,
    ] {
        let error = LicenseExpression::parse(text).expect_err(text);
        assert_eq!(error.code(), "license-expression.malformed", "{text}");
        assert!(!error.to_string().is_empty());
    }
    for (entries, code) in [
        (&["MIT OR Apache-2.0"][..], "license-expression.not-one"),
        (&["MIT", "MIT AND MIT"], "license-expression.not-one"),
        (&["MIT", "No such"], "license-expression.malformed"),
        (&[""], "license-expression.malformed"),
    ] {
        let error = LicenseList::parse(entries.iter().copied()).unwrap_err();
        assert_eq!(error.code(), code, "{entries:?}");
    }
}

/// Another reader of the same grammar, which knows the licence list.
fn peer(text: &str) -> Option<spdx::Expression> {
    let mode = spdx::ParseMode {
        allow_postfix_plus_on_gpl: true,
        allow_deprecated: true,
        ..spdx::ParseMode::STRICT
    };
    spdx::Expression::parse_mode(text, mode).ok()
}

fn expressions() -> impl Strategy<Value = String> {
    let licenses = vec![
        "MIT",
        "Apache-2.0",
        "Apache-2.0+",
        "GPL-2.0-only",
        "GPL-2.0-or-later",
        "LicenseRef-own",
        "DocumentRef-a:LicenseRef-own",
        "MIT WITH LLVM-exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ];
    select(licenses)
        .prop_map(str::to_owned)
        .prop_recursive(6, 24, 2, |inner| {
            (inner.clone(), select(vec!["AND", "OR"]), inner, 0..4_usize).prop_map(
                |(left, operator, right, form)| match form {
                    0 => format!("({left} {operator} {right})"),
                    1 => format!("( {left} )  {operator} ({right})"),
                    _ => format!("{left} {operator} {right}"),
                },
            )
        })
}

fn tokens() -> impl Strategy<Value = String> {
    let tokens = vec![
        "MIT",
        "Zlib",
        "LicenseRef-a",
        "AND",
        "OR",
        "WITH",
        "LLVM-exception",
        "(",
        ")",
        "+",
        " ",
        " ",
    ];
    vec(select(tokens), 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    /// What both read, both judge alike, whichever licences are allowed.
    #[test]
    fn as_the_peer_judges(text in expressions(), allowed in subsequence(LISTED.to_vec(), 0..=LISTED.len())) {
        let ours = LicenseExpression::parse(&text).unwrap();
        let theirs = peer(&text).unwrap();
        // The peer's own comparison leaves out `+`.
        let written = |license: &spdx::LicenseReq| format!("{license:?}");
        let listed = |found: &spdx::LicenseReq| {
            allowed.iter().any(|entry| {
                let entry = peer(entry).unwrap();
                written(&entry.requirements().next().unwrap().req) == written(found)
            })
        };
        prop_assert_eq!(ours.is_within(&list(&allowed)), theirs.evaluate(listed), "{}", text);
    }

    /// What the peer reads, this reads, too; but for licences that it does not know, the other way round.
    #[test]
    fn as_the_peer_reads(text in tokens()) {
        let ours = LicenseExpression::parse(&text).is_ok();
        if peer(&text).is_some() {
            prop_assert!(ours, "{}", text);
        }
        // Two words without a space are one that only the peer knows to be no licence.
        let known = |word: &str| word.is_empty() || ["MIT", "Zlib", "LicenseRef-a", "AND", "OR", "WITH", "LLVM-exception"].contains(&word);
        let words = text.split(|c: char| c.is_whitespace() || "()+".contains(c));
        if ours && words.into_iter().all(known) {
            let with_unknown = text.contains("WITH MIT") || text.contains("WITH Zlib") || text.contains("WITH LicenseRef-a");
            let as_license = text.replace("WITH LLVM-exception", "").contains("LLVM-exception");
            prop_assert!(peer(&text).is_some() || with_unknown || as_license, "{}", text);
        }
    }

    #[test]
    fn never_panics(text in ".{0,64}") {
        if let Ok(expression) = LicenseExpression::parse(&text) {
            let none = list(&[]);
            prop_assert!(!expression.is_within(&none) && expression.avoids(&none));
        }
    }
}

/// What a list may name; each without another spelling of the same.
const LISTED: [&str; 9] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0+",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "LicenseRef-own",
    "DocumentRef-a:LicenseRef-own",
    "MIT WITH LLVM-exception",
    "GPL-2.0-only WITH Classpath-exception-2.0",
];

/// Every licence and exception of the SPDX licence list, in any case.
#[test]
fn the_whole_list() {
    for license in spdx::identifiers::LICENSES {
        if matches!(license.name, "NONE" | "NOASSERTION") {
            continue;
        }
        let listed = list(&[license.name]);
        for text in [license.name.to_owned(), license.name.to_ascii_uppercase()] {
            let parsed = LicenseExpression::parse(&text).expect(&text);
            assert!(
                parsed.is_within(&listed) && !parsed.avoids(&listed),
                "{text}"
            );
        }
    }
    for exception in spdx::identifiers::EXCEPTIONS {
        let text = format!("MIT WITH {}", exception.name);
        assert!(
            LicenseExpression::parse(&text)
                .unwrap()
                .is_within(&list(&[&text]))
        );
    }
}
