//! Licence expressions against lists.

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
    let long = vec!["MIT"; 2000].join(" OR ");
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
        "No-Such-License",
        "The MIT License",
        "MIT WITH",
        "MIT WITH No-exception",
        &long,
    ] {
        let error = LicenseExpression::parse(text).expect_err(text);
        assert_eq!(error.code(), "license-expression.malformed", "{text}");
        assert!(!error.to_string().is_empty());
    }
    for (entries, code) in [
        (&["MIT OR Apache-2.0"][..], "license-expression.not-one"),
        (&["MIT", "MIT AND MIT"], "license-expression.not-one"),
        (&["MIT", "No-Such-License"], "license-expression.malformed"),
        (&[""], "license-expression.malformed"),
    ] {
        let error = LicenseList::parse(entries.iter().copied()).unwrap_err();
        assert_eq!(error.code(), code, "{entries:?}");
    }
}
