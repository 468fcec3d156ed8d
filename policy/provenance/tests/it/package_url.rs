//! Package URLs in their normal form.

use proptest::prelude::*;
use sealstone_provenance::{PackageUrl, PackageUrlError};

#[test]
fn canonical_forms() {
    for (text, canonical) in [
        ("pkg:cargo/serde@1.0.1", "pkg:cargo/serde@1.0.1"),
        ("PKG:Cargo/serde", "pkg:cargo/serde"),
        ("pkg://npm/left-pad@1.3.0", "pkg:npm/left-pad@1.3.0"),
        ("pkg:npm/%40scope/name@1.0.0", "pkg:npm/%40scope/name@1.0.0"),
        ("pkg:npm/@scope/name@1.0.0", "pkg:npm/%40scope/name@1.0.0"),
        ("pkg:npm/@scope/name", "pkg:npm/%40scope/name"),
        ("pkg:npm/CaseMatters", "pkg:npm/CaseMatters"),
        ("pkg:pypi/Some_Name@1.0RC1", "pkg:pypi/some-name@1.0rc1"),
        ("pkg:pub/Some-Name", "pkg:pub/some_name"),
        ("pkg:GitHub/Owner/Repo@Main", "pkg:github/owner/repo@Main"),
        (
            "pkg:golang/github.com/Azure/sdk@v1.2.3",
            "pkg:golang/github.com/Azure/sdk@v1.2.3",
        ),
        (
            "pkg:golang/example.com//a/b/@v1.0.0#/x/./y/../z/",
            "pkg:golang/example.com/a/b@v1.0.0#x/y/z",
        ),
        (
            "pkg:deb/Debian/OpenSSL@3.0.1-1%2Bdeb12u1?distro=debian-12&arch=amd64",
            "pkg:deb/debian/openssl@3.0.1-1%2Bdeb12u1?arch=amd64&distro=debian-12",
        ),
        (
            "pkg:rpm/Fedora/Name@1-2?Arch=x86_64",
            "pkg:rpm/fedora/Name@1-2?arch=x86_64",
        ),
        (
            "pkg:apk/Alpine/Musl@1.2.4-r0?arch=",
            "pkg:apk/alpine/musl@1.2.4-r0",
        ),
        (
            "pkg:oci/Image@SHA256:AB?repository_url=registry.example/team/image",
            "pkg:oci/image@sha256:ab?repository_url=registry.example%2Fteam%2Fimage",
        ),
        (
            "pkg:maven/org.Example/Some.Name@1",
            "pkg:maven/org.Example/Some.Name@1",
        ),
        ("pkg:generic/name@", "pkg:generic/name"),
        ("pkg:generic/a%20b", "pkg:generic/a%20b"),
        ("pkg:generic/na%C3%AFve", "pkg:generic/na%C3%AFve"),
        (
            "pkg:swift/github.com/o/r@1.0.0?",
            "pkg:swift/github.com/o/r@1.0.0",
        ),
    ] {
        let url = PackageUrl::parse(text).expect(text);
        assert_eq!(url.to_string(), canonical);
        let again = PackageUrl::parse(canonical).expect(canonical);
        assert_eq!(again, url, "{text}");
    }
}

#[test]
fn parts() {
    let url = PackageUrl::parse("pkg:npm/%40a/b@1%2F2?k=v%26w&j=x#c%20d/e").unwrap();
    assert_eq!(url.package_type, "npm");
    assert_eq!(url.namespace.as_deref(), Some("@a"));
    assert_eq!(url.name, "b");
    assert_eq!(url.version.as_deref(), Some("1/2"));
    assert_eq!(url.qualifier("k"), Some("v&w"));
    assert_eq!(url.qualifier("j"), Some("x"));
    assert_eq!(url.qualifier("l"), None);
    assert_eq!(url.subpath.as_deref(), Some("c d/e"));
    assert_eq!(url.coordinates(), "pkg:npm/%40a/b");
}

#[test]
fn malformed() {
    for (text, error, code) in [
        (
            "",
            PackageUrlError::SchemeMissing,
            "package-url.scheme-missing",
        ),
        (
            "cargo/serde",
            PackageUrlError::SchemeMissing,
            "package-url.scheme-missing",
        ),
        (
            "http://a/b",
            PackageUrlError::SchemeMissing,
            "package-url.scheme-missing",
        ),
        (
            "pkg:",
            PackageUrlError::TypeMalformed,
            "package-url.type-malformed",
        ),
        (
            "pkg:cargo",
            PackageUrlError::TypeMalformed,
            "package-url.type-malformed",
        ),
        (
            "pkg:3d/a",
            PackageUrlError::TypeMalformed,
            "package-url.type-malformed",
        ),
        (
            "pkg:ca*go/a",
            PackageUrlError::TypeMalformed,
            "package-url.type-malformed",
        ),
        (
            "pkg:cargo/",
            PackageUrlError::NameMissing,
            "package-url.name-missing",
        ),
        (
            "pkg:cargo///",
            PackageUrlError::NameMissing,
            "package-url.name-missing",
        ),
        (
            "pkg:cargo/a%2",
            PackageUrlError::EncodingMalformed,
            "package-url.encoding-malformed",
        ),
        (
            "pkg:cargo/a%+1",
            PackageUrlError::EncodingMalformed,
            "package-url.encoding-malformed",
        ),
        (
            "pkg:cargo/a%ff",
            PackageUrlError::EncodingMalformed,
            "package-url.encoding-malformed",
        ),
        (
            "pkg:cargo/a@%zz",
            PackageUrlError::EncodingMalformed,
            "package-url.encoding-malformed",
        ),
        (
            "pkg:cargo/a%2Fb",
            PackageUrlError::SegmentMalformed,
            "package-url.segment-malformed",
        ),
        (
            "pkg:cargo/n%2Fs/b",
            PackageUrlError::SegmentMalformed,
            "package-url.segment-malformed",
        ),
        (
            "pkg:cargo/b#n%2Fs",
            PackageUrlError::SegmentMalformed,
            "package-url.segment-malformed",
        ),
        (
            "pkg:cargo/a?k",
            PackageUrlError::QualifierMalformed,
            "package-url.qualifier-malformed",
        ),
        (
            "pkg:cargo/a?=v",
            PackageUrlError::QualifierMalformed,
            "package-url.qualifier-malformed",
        ),
        (
            "pkg:cargo/a?k=v&K=w",
            PackageUrlError::QualifierMalformed,
            "package-url.qualifier-malformed",
        ),
        (
            "pkg:cargo/a?k%20=v",
            PackageUrlError::QualifierMalformed,
            "package-url.qualifier-malformed",
        ),
    ] {
        let found = PackageUrl::parse(text).expect_err(text);
        assert_eq!(found, error, "{text}");
        assert_eq!(found.code(), code);
        assert!(!found.to_string().is_empty());
    }
}

#[test]
fn covers() {
    for (group, member, covered) in [
        ("pkg:npm/a", "pkg:npm/a@1", true),
        ("pkg:npm/a@1", "pkg:npm/a@1?x=y", true),
        ("pkg:npm/a?x=y", "pkg:npm/a@1?x=y&z=w", true),
        ("pkg:npm/a@1", "pkg:npm/a", false),
        ("pkg:npm/a@1", "pkg:npm/a@2", false),
        ("pkg:npm/a?x=y", "pkg:npm/a@1", false),
        ("pkg:npm/a?x=y", "pkg:npm/a@1?x=z", false),
        ("pkg:npm/a", "pkg:npm/ab", false),
        ("pkg:npm/a", "pkg:npm/%40s/a", false),
        ("pkg:npm/a", "pkg:cargo/a", false),
        ("pkg:npm/a#s", "pkg:npm/a", false),
        ("pkg:npm/a", "pkg:npm/a#s", true),
        ("pkg:pypi/A_B", "pkg:pypi/a-b@1", true),
    ] {
        let [group_url, member_url] = [group, member].map(|it| PackageUrl::parse(it).unwrap());
        assert_eq!(group_url.covers(&member_url), covered, "{group} {member}");
    }
}

proptest! {
    /// The canonical form is read as what it was written from, whatever was read first.
    #[test]
    fn canonical_form_is_stable(text in "(pkg:)?[a-zA-Z]{1,4}/[a-zA-Z0-9@/%.\u{e4}_-]{0,12}(@[0-9a-z/%@]{0,6})?(\\?[a-z=&%A]{0,8})?(#[a-z/.%]{0,6})?") {
        if let Ok(url) = PackageUrl::parse(&text) {
            let canonical = url.to_string();
            let again = PackageUrl::parse(&canonical).expect(&canonical);
            prop_assert_eq!(again.to_string(), canonical);
            prop_assert!(url.covers(&url));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = PackageUrl::parse(&text).map(|url| url.to_string());
    }
}
