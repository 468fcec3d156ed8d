//! Templates of resource URIs.

use proptest::prelude::*;
use sealstone_provenance::{ResourceImage, ResourceUriTemplate, ResourceUriTemplateError};

const DIGEST: &str = "sha256:9e2ba52487d945504d250de186cb4fe2e3ba023ed2921dd6ac8b97ed43e76af9";

const IMAGE: ResourceImage<'static> = ResourceImage {
    registry: "registry.example:5000",
    repository: "team/app",
    digest: DIGEST,
    tag: Some("v1"),
};

fn template(text: &str) -> ResourceUriTemplate {
    text.parse().expect(text)
}

#[test]
fn templates_are_filled_in() {
    for (text, expected) in [
        (
            "{registry}/{repository}@{digest}",
            format!("registry.example:5000/team/app@{DIGEST}"),
        ),
        (
            "https://{registry}/{repository}:{tag}",
            "https://registry.example:5000/team/app:v1".to_owned(),
        ),
        (
            "pkg:oci/{name}@{digest}?repository_url={registry}/{repository}",
            format!("pkg:oci/app@{DIGEST}?repository_url=registry.example:5000/team/app"),
        ),
        (
            "git+https://github.com/o/r",
            "git+https://github.com/o/r".to_owned(),
        ),
        ("{name}{name}", "appapp".to_owned()),
    ] {
        let filled = template(text).expand(&IMAGE).unwrap();
        assert_eq!(filled, expected, "{text}");
        assert!(template(text).matches(&filled, &IMAGE), "{text}");
    }
    let short = ResourceImage {
        repository: "app",
        tag: None,
        ..IMAGE
    };
    assert_eq!(template("{name}").expand(&short).unwrap(), "app");
    // Without a tag nothing can be the URI with the tag.
    assert_eq!(template("{name}:{tag}").expand(&short), None);
    assert!(!template("{name}:{tag}").matches("app:", &short));
}

#[test]
fn everything_else_is_another_resource() {
    let plain = template("{registry}/{repository}@{digest}");
    let own = plain.expand(&IMAGE).unwrap();
    for other in [
        own.replace("app", "apps"),
        own.replace("registry.example", "Registry.example"),
        own.replace(':', "%3A"),
        format!("{own} "),
        format!("https://{own}"),
        own.replace("9e2b", "9e2c"),
        String::new(),
    ] {
        assert!(!plain.matches(&other, &IMAGE), "{other}");
    }
}

#[test]
fn package_urls() {
    let package =
        template("pkg:oci/{name}@{digest}?repository_url={registry}/{repository}&tag={tag}");
    let hex = DIGEST.strip_prefix("sha256:").unwrap();
    for same in [
        format!("pkg:oci/app@sha256:{hex}?repository_url=registry.example:5000/team/app&tag=v1"),
        format!(
            "pkg:oci/app@sha256%3A{hex}?repository_url=registry.example%3a5000%2Fteam%2fapp&tag=v1"
        ),
        format!("pkg:oci/app@sha256%3a{hex}?tag=v1&repository_url=registry.example:5000/team/app"),
    ] {
        assert!(package.matches(&same, &IMAGE), "{same}");
    }
    for other in [
        format!("pkg:oci/app@sha256:{hex}"),
        format!("pkg:oci/app@sha256:{hex}?repository_url=registry.example:5000/team/app"),
        format!("pkg:oci/app@sha256:{hex}?repository_url=registry.example:5000/team/app&tag=v2"),
        format!(
            "pkg:oci/app@sha256:{hex}?repository_url=registry.example:5000/team/app&tag=v1&arch=amd64"
        ),
        format!(
            "pkg:oci/app@sha256:{hex}?repository_url=registry.example:5000/team/app&repository_url=registry.example:5000/team/app"
        ),
        format!(
            "pkg:oci/app@sha256:{hex}?repository_url=registry.example:5000/team%252Fapp&tag=v1"
        ),
        format!("pkg:docker/app@sha256:{hex}?repository_url=registry.example:5000/team/app&tag=v1"),
    ] {
        assert!(!package.matches(&other, &IMAGE), "{other}");
    }
    // A slash of the path is not the same as an encoded one.
    let path = template("pkg:docker/{repository}@{tag}");
    assert!(path.matches("pkg:docker/team/app@v1", &IMAGE));
    assert!(!path.matches("pkg:docker/team%2Fapp@v1", &IMAGE));
}

#[test]
fn refused() {
    let long = "x".repeat(4097);
    for text in [
        "", "{", "}", "{name", "name}", "{na{me}}", "{name}}", "a b", "ä", "a\n", &long,
    ] {
        let error = text.parse::<ResourceUriTemplate>().expect_err(text);
        assert_eq!(error, ResourceUriTemplateError::Malformed, "{text}");
        assert_eq!(error.code(), "policy.resource-uri-malformed");
    }
    for text in ["{}", "{names}", "{Registry}", "{registry_}", "{image}"] {
        let error = text.parse::<ResourceUriTemplate>().expect_err(text);
        assert_eq!(
            error,
            ResourceUriTemplateError::PlaceholderUnknown,
            "{text}"
        );
        assert_eq!(error.code(), "policy.resource-uri-placeholder-unknown");
    }
    template(&"x".repeat(4096));
}

proptest! {
    /// A summary of one image is never taken for one of another.
    #[test]
    fn different_images_have_different_uris(
        a in ("[a-z.]{1,6}", "[a-z]{1,4}(/[a-z]{1,4}){0,2}"),
        b in ("[a-z.]{1,6}", "[a-z]{1,4}(/[a-z]{1,4}){0,2}"),
    ) {
        let first = ResourceImage { registry: &a.0, repository: &a.1, digest: DIGEST, tag: None };
        let second = ResourceImage { registry: &b.0, repository: &b.1, digest: DIGEST, tag: None };
        for text in [
            "{registry}/{repository}@{digest}",
            "pkg:oci/{name}@{digest}?repository_url={registry}/{repository}",
        ] {
            let uri = template(text).expand(&first).unwrap();
            prop_assert!(template(text).matches(&uri, &first));
            prop_assert_eq!(template(text).matches(&uri, &second), a == b);
        }
    }

    /// Reading a template never fails in any other way than with an error.
    #[test]
    fn any_text_is_a_template_or_refused(text in "[{}a-z/@:]{0,20}") {
        if let Ok(template) = text.parse::<ResourceUriTemplate>() {
            let filled = template.expand(&IMAGE).unwrap();
            let braces = filled.contains(['{', '}']);
            prop_assert!(!braces);
        }
    }
}
