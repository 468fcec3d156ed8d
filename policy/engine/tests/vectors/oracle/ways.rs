//! The builders of the regression table, and the ways in which its rows name them.

use super::Row;
use crate::WORKFLOWS;

/// The reusable workflows that slsa-verifier trusts when no builder is named: for files, for images,
/// and none for GitHub's own attestations.
pub(super) const FOR_FILES: [&str; 5] = [
    "generator_generic_slsa3.yml",
    "builder_go_slsa3.yml",
    "builder_container-based_slsa3.yml",
    "delegator_generic_slsa3.yml",
    "delegator_lowperms-generic_slsa3.yml",
];
pub(super) const FOR_IMAGES: [&str; 1] = ["generator_container_slsa3.yml"];

/// The workflows that sign for builders that are not themselves.
pub(super) const DELEGATORS: [&str; 2] = [
    "delegator_generic_slsa3.yml",
    "delegator_lowperms-generic_slsa3.yml",
];

/// The build types of the builders above, and of the two of bazel-contrib.
pub(super) const BUILD_TYPES: &str = r"https://github\\.com/slsa-framework/slsa-github-generator/(go@v1|generic@v1|container@v1|delegator-generic@v0)|https://slsa\\.dev/container-based-build/v0\\.1\\?draft|https://actions\\.github\\.io/buildtypes/workflow/v1";

/// A release of a builder, and what the regression table lets pass beside it where the source is a
/// repository of slsa-framework.
pub(super) const RELEASE: &str = r"refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+";
pub(super) const UNDER_TEST: &str =
    r"refs/(heads/main|tags/v[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?)";

/// A folder of evidence by one builder.
pub(super) struct Builder {
    pub(super) folder: &'static str,
    pub(super) id: &'static str,
    /// Whether a delegator signs for it.
    pub(super) delegated: bool,
    /// Whether slsa-verifier trusts it unnamed.
    pub(super) default: bool,
}

const fn builder(folder: &'static str, id: &'static str, delegated: bool) -> Builder {
    Builder {
        folder,
        id,
        delegated,
        default: true,
    }
}

pub(super) const BUILDERS: [Builder; 7] = [
    builder(
        "gha_go",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml",
        false,
    ),
    builder(
        "gha_generic",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml",
        false,
    ),
    builder(
        "gha_container-based",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_container-based_slsa3.yml",
        false,
    ),
    builder(
        "gha_maven",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_maven_slsa3.yml",
        true,
    ),
    builder(
        "gha_gradle",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_gradle_slsa3.yml",
        true,
    ),
    Builder {
        default: false,
        ..builder(
            "gha_delegator",
            "https://github.com/slsa-framework/example-trw/.github/workflows/builder_high-perms_slsa3.yml",
            true,
        )
    },
    builder(
        "images",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml",
        false,
    ),
];

const UNTRUSTED: &str = "ErrorUntrustedReusableWorkflow";
const OTHER_BUILDER: &str = "ErrorMismatchBuilderID";

/// One way to name the builder, and what must then come of the row.
pub(super) struct Way {
    pub(super) name: &'static str,
    /// Regular expressions of subjects that sign for themselves.
    pub(super) own: Vec<String>,
    /// One of the ids for which delegators may sign.
    pub(super) delegated: String,
    pub(super) expected: String,
}

/// Every way to name a builder: name, name with version, unnamed.
pub(super) fn ways(row: &Row, builder: &Builder, version: &str, defaults: &[&str]) -> Vec<Way> {
    let mut ways = vec![named("by-name", row, builder.id, builder.delegated)];
    if version.starts_with('v') {
        let id = literal(&format!("{}@refs/tags/{version}", builder.id));
        let mut own = vec![id.clone()];
        if row.builder_ref() == UNDER_TEST && !builder.delegated {
            own.push(literal(&format!("{}@refs/heads/main", builder.id)));
        }
        ways.push(Way {
            name: "by-name-and-version",
            own,
            delegated: id,
            expected: expected(row, builder.delegated),
        });
    }
    let at = row.builder_ref();
    ways.push(Way {
        name: "unnamed",
        own: defaults
            .iter()
            .map(|name| format!("{}@{at}", literal(&format!("{WORKFLOWS}{name}"))))
            .collect(),
        delegated: format!("{}[^@]+@{at}", literal(WORKFLOWS)),
        expected: if builder.default {
            expected(row, builder.delegated)
        } else {
            OTHER_BUILDER.to_owned()
        },
    });
    ways
}

/// The builder named without a version, or with the version in the name.
pub(super) fn named(name: &'static str, row: &Row, id: &str, delegated: bool) -> Way {
    let id = format!("{}@{}", literal(id), row.builder_ref());
    Way {
        name,
        own: vec![id.clone()],
        delegated: id,
        expected: expected(row, delegated),
    }
}

/// A delegator is trusted with whom it signs for; what is not trusted is then the builder.
fn expected(row: &Row, delegated: bool) -> String {
    match row.expected() {
        UNTRUSTED if delegated => OTHER_BUILDER.to_owned(),
        other => other.to_owned(),
    }
}

/// A text as a regular expression inside of JSON.
pub(super) fn literal(text: &str) -> String {
    text.replace('.', r"\\.")
}
