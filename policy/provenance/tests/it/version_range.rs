//! Ranges of versions.

use sealstone_provenance::VersionRange;

#[test]
fn ranges() {
    for (package_type, range, inside, outside) in [
        (
            "npm",
            "<1.2.3",
            &["1.2.2", "1.2.3-rc.1", "0.0.0"][..],
            &["1.2.3", "1.2.4", "1.10.0"][..],
        ),
        ("npm", "<=1.2.3", &["1.2.3", "1.2.3+build"], &["1.2.4"]),
        (
            "cargo",
            ">1.2.3",
            &["1.2.4", "1.10.0", "2.0.0-alpha"],
            &["1.2.3", "1.2.3-rc.1", "1.2.3+build"],
        ),
        ("cargo", ">=1.2.3", &["1.2.3"], &["1.2.3-rc.1"]),
        (
            "hex",
            "=1.2.3",
            &["1.2.3", "1.2.3+b"],
            &["1.2.4", "1.2.3-a"],
        ),
        (
            "swift",
            ">= 1.0.0 , < 2.0.0",
            &["1.0.0", "1.99.0", "2.0.0-beta"],
            &["0.9.9", "2.0.0"],
        ),
        (
            "golang",
            ">=v1.0.0,<v1.4.2||=v2.0.0",
            &[
                "v1.4.1",
                "v2.0.0",
                "v2.0.0+incompatible",
                "v1.0.1-0.20200101000000-abcdefabcdef",
                "1.1.0",
            ],
            &["v1.4.2", "v2.0.1", "v0.9.0"],
        ),
        ("golang", "<1.22.1", &["1.22.0", "v1.21.9"], &["1.22.1"]),
    ] {
        let parsed = VersionRange::parse(package_type, range).expect(range);
        for version in inside {
            assert_eq!(parsed.contains(version), Ok(true), "{range} {version}");
        }
        for version in outside {
            assert_eq!(parsed.contains(version), Ok(false), "{range} {version}");
        }
    }
}

#[test]
fn refused() {
    for package_type in [
        "maven", "pypi", "deb", "rpm", "apk", "gem", "nuget", "oci", "generic", "",
    ] {
        let error = VersionRange::parse(package_type, "<1.0.0").unwrap_err();
        assert_eq!(
            error.code(),
            "package-version.order-unknown",
            "{package_type}"
        );
        assert!(!error.to_string().is_empty());
    }
    for range in [
        "",
        "1.0.0",
        "<",
        "<1",
        "<1.0",
        "<1.0.0,",
        "||<1.0.0",
        "^1.0.0",
        "~1.0.0",
        "*",
        "<1.0.0 >0.1.0",
        "==1.0.0",
        "!=1.0.0",
        "<v1.0.0",
        "<1.0.0.0",
        "<01.0.0",
    ] {
        let error = VersionRange::parse("npm", range).expect_err(range);
        assert_eq!(error.code(), "package-version.range-malformed", "{range}");
    }
    let range = VersionRange::parse("golang", "<1.0.0").unwrap();
    for version in [
        "", "1", "1.0", "(devel)", "vv1.0.0", "go1.2.3", "1.0.0 ", "latest",
    ] {
        let error = range.contains(version).expect_err(version);
        assert_eq!(error.code(), "package-version.malformed", "{version}");
    }
}
