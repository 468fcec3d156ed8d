//! What rules say about each document.

use anyhow::Result;
use serde_json::{Value, json};

use crate::documents::{Document, Tool};
use crate::projects::Project;

/// What a rule asks for beside the signer, and the code of the decision.
pub(crate) type Case = (Value, &'static str);

/// What a document lists.
struct Content {
    /// All packages, as patterns.
    all: &'static [&'static str],
    /// One of them, a range that has its version in it, and one that has not; where its ecosystem has ranges.
    one: &'static str,
    ranges: Option<[&'static str; 2]>,
    /// All licences.
    licenses: &'static [&'static str],
    /// A licence that no `OR` goes around.
    license: &'static str,
    /// Whether all minimum elements are there: `ok`, or what is missing.
    complete: &'static str,
    /// Whether some packages have no package URL.
    unidentified: bool,
    /// Whether some licences are told in words.
    in_words: bool,
}

impl Document {
    /// The rules, with a passing and a denied case for each thing that they can ask for.
    pub(crate) fn cases(self) -> Result<Vec<Case>> {
        if self.tool == Tool::CargoCyclonedxByDefault {
            return Ok(vec![(json!({}), "sbom.version-unsupported")]);
        }
        let mut cases = self.of_the_whole()?;
        match self.project {
            Project::Module => cases.extend(nothing_listed()),
            _ => self.content().extend(&mut cases),
        }
        Ok(cases)
    }

    /// It exists, in which format, made by which tool.
    fn of_the_whole(self) -> Result<Vec<Case>> {
        let (_, version) = self.tool.program().pinned()?;
        let [format, other_format] = self.tool.formats();
        let name = json!({"exact": self.tool.name()});
        Ok(vec![
            (json!({}), "ok"),
            (json!({"formats": [format]}), "ok"),
            (json!({"formats": [other_format]}), "sbom.format-disallowed"),
            (json!({"tools": [{"name": name}]}), "ok"),
            (
                json!({"tools": [{"name": name, "version": {"exact": version}}]}),
                "ok",
            ),
            (
                json!({"tools": [{"name": name, "version": {"exact": "0.0.1"}}]}),
                "sbom.tool-disallowed",
            ),
            (
                json!({"tools": [{"name": {"exact": "another-tool"}}]}),
                "sbom.tool-disallowed",
            ),
        ])
    }

    fn content(self) -> Content {
        let complete = match (self.tool, self.project) {
            // Metadata of Python and Debian name somebody whom Syft takes for the supplier.
            (Tool::SyftSpdx, Project::Python | Project::Debian) => "ok",
            (Tool::SyftSpdx, _) => "sbom.supplier-missing",
            _ => "sbom.author-missing",
        };
        let of_syft = matches!(self.tool, Tool::SyftSpdx | Tool::SyftCyclonedx);
        // Members of a workspace come from no registry.
        let unidentified = of_syft && self.project == Project::Workspace;
        // cyclonedx-py takes over what classifiers say beside an expression.
        let in_words = self.tool == Tool::CyclonedxPython;
        match self.project {
            Project::Node => Content {
                all: &[
                    "pkg:npm/debug",
                    "pkg:npm/documents-sample",
                    "pkg:npm/ms",
                    "pkg:npm/semver",
                ],
                one: "pkg:npm/semver",
                ranges: Some([">=7.0.0,<7.8.0", ">=7.8.0"]),
                licenses: &["Apache-2.0", "ISC", "MIT"],
                license: "ISC",
                complete,
                unidentified,
                in_words,
            },
            Project::Python => Content {
                all: &["pkg:pypi/certifi", "pkg:pypi/idna", "pkg:pypi/packaging"],
                one: "pkg:pypi/idna",
                ranges: None,
                licenses: &["Apache-2.0", "BSD-3-Clause", "MPL-2.0"],
                license: "BSD-3-Clause",
                complete,
                unidentified,
                in_words,
            },
            Project::Debian => Content {
                all: &["pkg:deb/debian/*"],
                one: "pkg:deb/debian/openssl",
                ranges: None,
                licenses: &[],
                license: "",
                complete,
                unidentified,
                in_words,
            },
            Project::Workspace | Project::Module => Content {
                all: &["pkg:cargo/*"],
                one: "pkg:cargo/p256",
                ranges: Some(["<1.0.0", ">=1.0.0"]),
                licenses: &["Apache-2.0", "BSD-3-Clause", "MIT", "Unicode-3.0", "Zlib"],
                license: "Zlib",
                complete,
                unidentified,
                in_words,
            },
        }
        .with_licenses_of(self)
    }
}

impl Content {
    /// Lock files of cargo do not say licences.
    fn with_licenses_of(self, document: Document) -> Self {
        match (document.tool, document.project) {
            (Tool::SyftSpdx | Tool::SyftCyclonedx, Project::Workspace) => Self {
                licenses: &[],
                ..self
            },
            _ => self,
        }
    }

    fn extend(&self, cases: &mut Vec<Case>) {
        let patterns = |names: &[&str]| -> Vec<Value> {
            names.iter().map(|name| json!({"package": name})).collect()
        };
        cases.push((json!({"complete": true}), self.complete));
        let other = patterns(&["pkg:npm/left-pad"]);
        let listing = |list: &str, patterns: Vec<Value>| {
            let packages = match self.unidentified {
                true => json!({list: patterns, "insecureIgnoreUnidentified": true}),
                false => json!({list: patterns}),
            };
            json!({ "packages": packages })
        };
        if self.unidentified {
            let asked = json!({"packages": {"deny": other}});
            cases.push((asked, "sbom.package-unidentified"));
        }
        let one = patterns(&[self.one]);
        cases.extend([
            (listing("deny", other.clone()), "ok"),
            (listing("deny", one), "sbom.package-denied"),
            (listing("allow", patterns(self.all)), "ok"),
            (listing("allow", other), "sbom.package-not-allowed"),
        ]);
        if let Some([inside, outside]) = self.ranges {
            let denied = |versions| vec![json!({"package": self.one, "versions": versions})];
            cases.extend([
                (listing("deny", denied(inside)), "sbom.package-denied"),
                (listing("deny", denied(outside)), "ok"),
            ]);
        }
        self.extend_by_licenses(cases);
    }

    fn extend_by_licenses(&self, cases: &mut Vec<Case>) {
        if self.licenses.is_empty() {
            let unknown = json!({"licenses": {"allow": ["MIT"], "insecureIgnoreUnknown": true}});
            cases.extend([
                (
                    json!({"licenses": {"allow": ["MIT"]}}),
                    "sbom.license-unknown",
                ),
                (unknown, "ok"),
            ]);
            return;
        }
        let others: Vec<_> = self
            .licenses
            .iter()
            .filter(|license| **license != self.license)
            .collect();
        let asking = |mut licenses: Value| {
            if let (true, Some(members)) = (self.in_words, licenses.as_object_mut()) {
                members.insert("insecureIgnoreUnknown".to_owned(), json!(true));
            }
            json!({ "licenses": licenses })
        };
        if self.in_words {
            let asked = json!({"licenses": {"allow": self.licenses}});
            cases.push((asked, "sbom.license-unknown"));
        }
        let declared = json!({"allow": self.licenses, "of": "declared"});
        cases.extend([
            (asking(json!({"allow": self.licenses})), "ok"),
            (asking(declared), "ok"),
            (asking(json!({"allow": others})), "sbom.license-not-allowed"),
            (asking(json!({"deny": ["AGPL-3.0-only"]})), "ok"),
            (
                asking(json!({"deny": [self.license]})),
                "sbom.license-denied",
            ),
        ]);
    }
}

/// A document that lists nothing beside what it is about meets no rule about packages.
fn nothing_listed() -> Vec<Case> {
    let packages = json!({"deny": [{"package": "pkg:npm/left-pad"}]});
    vec![
        (json!({"packages": packages}), "sbom.packages-missing"),
        (
            json!({"licenses": {"deny": ["AGPL-3.0-only"]}}),
            "sbom.packages-missing",
        ),
        (json!({"complete": true}), "sbom.packages-missing"),
    ]
}
