//! slsa-verifier's regression table, with its options written as policy documents.
//!
//! `oracle.json` holds rows of options, artifact and expected error. Every row becomes one test for
//! each file that is there; one that cannot is listed as ignored, with the reason as its kind. In each
//! test every way to name the builder (by name, by name and version, not at all) is a rule of its own.

mod ways;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence};
use sealstone_verify::json::{Map, Value};

use self::ways::{
    BUILD_TYPES, BUILDERS, Builder, DELEGATORS, FOR_FILES, FOR_IMAGES, RELEASE, UNDER_TEST, Way,
    literal, named, ways,
};
use crate::support::{NOW, document, request, step, text, value};
use crate::{GITHUB, IMAGE, Layout, WORKFLOWS, public_good};

/// Our codes, with what the message says where a code stands for several errors, and slsa-verifier's
/// names for them. The first line that fits counts.
const NAMES: [(&str, &str, &str); 14] = [
    ("ok", "", "passes"),
    ("identity.issuer-mismatch", "", "ErrorInvalidOIDCIssuer"),
    (
        "identity.subject-mismatch",
        "",
        "ErrorUntrustedReusableWorkflow",
    ),
    ("provenance.builder-mismatch", "", "ErrorMismatchBuilderID"),
    ("provenance.source-mismatch", "", "ErrorMismatchSource"),
    (
        "provenance.branch-mismatch",
        "does not say",
        "ErrorInvalidRef",
    ),
    ("provenance.branch-mismatch", "", "ErrorMismatchBranch"),
    ("provenance.tag-mismatch", "does not say", "ErrorInvalidRef"),
    (
        "provenance.tag-mismatch",
        "the version tag",
        "ErrorMismatchVersionedTag",
    ),
    ("provenance.tag-mismatch", "", "ErrorMismatchTag"),
    (
        "provenance.input-mismatch",
        "",
        "ErrorMismatchWorkflowInputs",
    ),
    ("statement.subject-mismatch", "", "ErrorMismatchHash"),
    ("log-entry.missing", "", "ErrorRekorSearch"),
    ("signature.invalid", "", "ErrorInvalidSignature"),
];

/// A row of the table.
#[derive(Clone)]
struct Row(Value);

impl Row {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let listed = self.0.get(name).and_then(Value::as_array);
        let listed = listed.unwrap_or_default().iter();
        listed
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    }

    fn expected(&self) -> &str {
        self.text("err").unwrap_or("passes")
    }

    fn is_without_version(&self) -> bool {
        self.0.get("noversion") == Some(&Value::Bool(true))
    }

    /// Whether the row is about a version; its lower bound is exclusive.
    fn is_about(&self, version: &str) -> bool {
        let bound = |name: &str| self.text(name).map(numbers);
        bound("minversion").is_none_or(|least| numbers(version) > least)
            && bound("maxversion").is_none_or(|most| numbers(version) <= most)
    }

    /// The whole of `source` and what is asked of it, as JSON.
    fn source(&self) -> String {
        let uri = self.text("source").unwrap_or_default();
        let uri = uri
            .trim_start_matches("git+")
            .trim_start_matches("https://");
        let mut source = format!(r#"{{"uri":"https://{uri}""#);
        for (option, field) in [("pbranch", "branch"), ("ptag", "tag")] {
            if let Some(text) = self.text(option) {
                source += &format!(r#","{field}":{{"exact":"{text}"}}"#);
            }
        }
        if let Some(version) = self.text("pversiontag") {
            source += &format!(r#","versionTag":"{version}""#);
        }
        source + "}"
    }

    fn inputs(&self) -> String {
        let Some(inputs) = self.0.get("inputs").and_then(Value::as_object) else {
            return String::new();
        };
        let inputs: Vec<String> = inputs
            .iter()
            .map(|(name, input)| {
                let (name, input) = (Value::from(name.as_str()), input.to_canonical_string());
                format!(r#"{}:{{"exact":{input}}}"#, name.to_canonical_string())
            })
            .collect();
        format!(r#","workflowInputs":{{{}}}"#, inputs.join(","))
    }

    /// What the ref of a builder must be: the evidence in folders by version, and some beside them,
    /// was made for repositories of slsa-framework.
    fn builder_ref(&self) -> &'static str {
        let versioned = !self.is_without_version() && self.text("artifact").is_none();
        match self.text("source") {
            Some("github.com/slsa-framework/example-package")
            | Some("github.com/slsa-framework/slsa-github-generator") => UNDER_TEST,
            _ if versioned => UNDER_TEST,
            _ => RELEASE,
        }
    }
}

/// A row with the evidence of one folder.
struct Case {
    row: Row,
    ways: Vec<Way>,
    digests: Vec<String>,
    evidence: Vec<Evidence>,
}

/// One test for each row and file, and an ignored one for each row that does not apply.
pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let folder = vectors.join("provenance/slsa-verifier");
    let Ok(oracle) = std::fs::read(folder.join("oracle.json")) else {
        return vec![Trial::test("oracle", || Ok(())).with_ignored_flag(true)];
    };
    let oracle = value(std::str::from_utf8(&oracle).unwrap());
    let mut trials = Vec::new();
    let mut applied = BTreeMap::<String, usize>::new();
    for row in oracle.get("tests").unwrap().as_array().unwrap() {
        let row = Row(row.clone());
        let name = format!(
            "oracle::{}::{}",
            text(&row.0, &["test"]),
            text(&row.0, &["name"])
        );
        match cases(&row, vectors) {
            Ok(cases) => {
                *applied.entry(text(&row.0, &["test"])).or_default() += 1;
                for (place, case) in cases {
                    let vectors = vectors.to_owned();
                    let run = move || case.run(&vectors).map_err(Into::into);
                    trials.push(Trial::test(format!("{name} ({place})"), run));
                }
            }
            Err(reason) => trials.push(
                Trial::test(name, || Ok(()))
                    .with_kind(reason)
                    .with_ignored_flag(true),
            ),
        }
    }
    trials.push(Trial::test("oracle::rows_apply", move || {
        for (test, least) in [
            ("Test_runVerifyGHAArtifactPath", 40),
            ("Test_runVerifyGHAArtifactImage", 11),
            ("Test_runVerifyGHAContainerBased", 9),
            ("Test_runVerifyGithubAttestation", 2),
        ] {
            assert!(
                applied.get(test).copied().unwrap_or(0) >= least,
                "{applied:?}"
            );
        }
        Ok(())
    }));
    trials
}

/// The cases of a row by where their evidence lies, or why there is none.
fn cases(row: &Row, vectors: &Path) -> Result<Vec<(String, Case)>, &'static str> {
    let folder = vectors.join("provenance/slsa-verifier");
    let found = match row.text("test").unwrap() {
        "Test_runVerifyGHAArtifactPath" => of_files(row, &folder, |_| true)?,
        "Test_runVerifyGHAContainerBased" => of_files(row, &folder, |builder| {
            builder.folder == "gha_container-based"
        })?,
        "Test_runVerifyGHAArtifactImage" => of_images(row, vectors),
        "Test_runVerifyGithubAttestation" => of_attestations(row, &folder)?,
        "Test_runVerifyGCBArtifactImage" => {
            return Err("Cloud Build signs with keys of its own, not as DSSE says");
        }
        "Test_runVerifyNpmPackage" => return Err("about an npm package, not an image"),
        "Test_runVerifyVSA" => return Err("about a disk image, whose id is no digest"),
        _ => return Err("a table that is not known here"),
    };
    if found.is_empty() {
        return Err("the files are not here");
    }
    Ok(found)
}

fn of_files(
    row: &Row,
    folder: &Path,
    is_wanted: impl Fn(&Builder) -> bool,
) -> Result<Vec<(String, Case)>, &'static str> {
    let only = row.texts("builders");
    let mut found = Vec::new();
    for builder in BUILDERS.iter().filter(|builder| is_wanted(builder)) {
        if !only.is_empty() && !only.iter().any(|name| name == builder.folder) {
            continue;
        }
        let own = folder.join(builder.folder);
        let folders = if row.is_without_version() {
            vec![own, folder.to_owned()]
        } else {
            let mut versions: Vec<PathBuf> = folders(&own);
            versions.retain(|version| {
                let version = last(version);
                numbers(&version) >= numbers("v1.2.2") && row.is_about(&version)
            });
            versions
        };
        for place in folders {
            let artifacts = row.texts("artifacts");
            let Some(read) = Files::read(row, &place, &artifacts) else {
                continue;
            };
            let Files { digests, evidence } = read?;
            let ways = row.text("pBuilderID").map_or_else(
                || ways(row, builder, &last(&place), &FOR_FILES),
                |id| vec![named("as-the-row-says", row, id, builder.delegated)],
            );
            let case = Case {
                row: row.clone(),
                ways,
                digests,
                evidence: vec![evidence],
            };
            found.push((format!("{} {}", builder.folder, last(&place)), case));
        }
    }
    Ok(found)
}

fn of_images(row: &Row, vectors: &Path) -> Vec<(String, Case)> {
    let builder = BUILDERS.last().unwrap();
    Layout::all(vectors)
        .into_iter()
        .filter(|layout| row.is_about(&layout.name))
        .map(|layout| {
            let ways = row.text("pBuilderID").map_or_else(
                || ways(row, builder, &layout.name, &FOR_IMAGES),
                |id| vec![named("as-the-row-says", row, id, false)],
            );
            let case = Case {
                row: row.clone(),
                ways,
                digests: vec![layout.digest],
                evidence: layout.evidence,
            };
            (layout.name, case)
        })
        .collect()
}

fn of_attestations(row: &Row, folder: &Path) -> Result<Vec<(String, Case)>, &'static str> {
    let artifacts = [row.text("artifact").unwrap().to_owned()];
    let Some(read) = Files::read(row, &folder.join("bcr"), &artifacts) else {
        return Ok(Vec::new());
    };
    let Files { digests, evidence } = read?;
    let ways = match row.text("builderID") {
        Some(id) => vec![named("as-the-row-says", row, id, false)],
        // Nobody is trusted unnamed. An empty list is an error in our document.
        None => vec![named("unnamed", row, "https://nobody.invalid", false)],
    };
    let case = Case {
        row: row.clone(),
        ways,
        digests,
        evidence: vec![evidence],
    };
    Ok(vec![("bcr".to_owned(), case)])
}

/// The files of a row: digests of all artifacts, and the one piece of evidence about them.
struct Files {
    digests: Vec<String>,
    evidence: Evidence,
}

impl Files {
    /// Reads them; `None` when they are not there.
    fn read(row: &Row, folder: &Path, artifacts: &[String]) -> Option<Result<Self, &'static str>> {
        let digests: Option<Vec<String>> = artifacts
            .iter()
            .map(|artifact| {
                let digest = std::fs::read_to_string(folder.join(format!("{artifact}.sha256")));
                let hex = digest.ok()?.split_whitespace().next()?.to_owned();
                Some(format!("sha256:{hex}"))
            })
            .collect();
        let artifact = artifacts.first()?;
        let names = match row.text("provenancePath") {
            Some(path) => vec![path.to_owned()],
            None => [
                "intoto.jsonl",
                "intoto.build.slsa",
                "build.slsa",
                "intoto.sigstore",
            ]
            .map(|suffix| format!("{artifact}.{suffix}"))
            .to_vec(),
        };
        let content = names
            .iter()
            .find_map(|name| std::fs::read(folder.join(name)).ok())?;
        let digests = digests?;
        let bundle = value(std::str::from_utf8(&content).ok()?);
        if bundle.get("dsseEnvelope").is_none() {
            return Some(Err(
                "a bare envelope, whose log entry would have to be searched for",
            ));
        }
        Some(Ok(Self {
            digests,
            evidence: Evidence {
                media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
                content,
                annotations: Map::new(),
            },
        }))
    }
}

impl Case {
    fn policy(&self) -> String {
        let issuer = format!(r#""issuer":{{"exact":"{GITHUB}"}}"#);
        let authority = |name: &str, subjects: &[String]| {
            let identities: Vec<String> = subjects
                .iter()
                .map(|subject| format!(r#"{{{issuer},"subject":{{"regexp":"{subject}"}}}}"#))
                .collect();
            format!(
                r#"{{"name":"{name}","keyless":{{"trustRoot":"public-good","identities":[{}]}}}}"#,
                identities.join(",")
            )
        };
        let at = self.row.builder_ref();
        let delegators =
            DELEGATORS.map(|name| format!("{}@{at}", literal(&format!("{WORKFLOWS}{name}"))));
        let mut authorities = vec![authority("delegators", &delegators)];
        let (mut builders, mut rules) = (Vec::new(), Vec::new());
        for (number, way) in self.ways.iter().enumerate() {
            authorities.push(authority(&format!("own-{number}"), &way.own));
            builders.push(format!(
                r#"{{"name":"own-{number}","signedBy":["own-{number}"],"id":{{"regexp":"{}"}},"maximumLevel":3}}"#,
                way.own.join("|")
            ));
            builders.push(format!(
                r#"{{"name":"delegated-{number}","signedBy":["delegators"],"id":{{"regexp":"{}"}},"delegated":true,"maximumLevel":3}}"#,
                way.delegated
            ));
            rules.push(format!(
                r#"{{"name":"{}","images":["**"],"provenance":{{"builders":["own-{number}","delegated-{number}"],
                "buildType":{{"regexp":"{BUILD_TYPES}"}},"source":{}{}}}}}"#,
                way.name,
                self.row.source(),
                self.row.inputs()
            ));
        }
        format!(
            r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"oracle"}},
            "trustRoots":[{{"name":"public-good"}}],
            "authorities":[{}],"builders":[{}],"rules":[{}]}}"#,
            authorities.join(","),
            builders.join(","),
            rules.join(",")
        )
    }

    fn run(&self, vectors: &Path) -> Result<(), String> {
        let policy = self.policy();
        let policy = CompiledPolicy::compile(policy.as_bytes(), &[public_good(vectors)])
            .unwrap_or_else(|problems| panic!("{problems:#?}\n{policy}"));
        // Every artifact must pass: the first that does not says what comes of the row.
        let mut outcomes: Vec<String> = vec!["passes".to_owned(); self.ways.len()];
        for digest in &self.digests {
            let brought = ImageEvidence {
                reference: IMAGE.to_owned(),
                digest: digest.clone(),
                evidence: self.evidence.clone(),
                unavailable: None,
            };
            let decision = policy.decide(request(IMAGE, Some(digest)).as_bytes(), &[brought], NOW);
            let document = document(&decision);
            for (number, outcome) in outcomes.iter_mut().enumerate() {
                let rule = step(&document, &["images", "0", "rules", &number.to_string()]).unwrap();
                if outcome == "passes" {
                    *outcome = name(&text(rule, &["code"]), &text(rule, &["message"]));
                }
            }
        }
        for (way, outcome) in self.ways.iter().zip(outcomes) {
            if outcome != way.expected {
                return Err(format!(
                    "{}: slsa-verifier says {}, we say {outcome}",
                    way.name, way.expected
                ));
            }
        }
        Ok(())
    }
}

/// slsa-verifier's name for what came of a rule.
fn name(code: &str, message: &str) -> String {
    NAMES
        .iter()
        .find(|(known, says, _)| *known == code && message.contains(says))
        .map_or_else(
            || format!("{code}: {message}"),
            |(_, _, name)| (*name).to_owned(),
        )
}

fn numbers(version: &str) -> Vec<u32> {
    let numbers = version.trim_start_matches('v').split('.');
    numbers.filter_map(|number| number.parse().ok()).collect()
}

fn last(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
