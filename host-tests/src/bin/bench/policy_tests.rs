//! How long a thousand policy tests take, and whether they say the same each time.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use sealstone::limits::Limits;
use sealstone::policy_test::{self, Report, Settings, Tests};
use sealstone::runtime::{COMPONENT, CacheLocation, Runtime};
use serde_json::{Value, json};

use crate::clock;

/// The name by which `--only` takes this measurement.
pub(crate) const NAME: &str = "policy-tests";

const CASES: usize = 1000;

/// How many cases are decided at the same time.
const JOBS: usize = 2;

const POLICY: &str = r#"apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata: {name: benchmark}
trustRoots:
  - name: public-good
authorities:
  - name: releaser
    keyless:
      trustRoot: public-good
      identities:
        - {issuer: {exact: "https://accounts.example.com"}, subject: {exact: release@example.com}}
  - name: workflow
    keyless:
      trustRoot: public-good
      identities:
        - issuer: {exact: "https://token.actions.githubusercontent.com"}
          subject: {glob: "https://github.com/octo-org/build/.github/workflows/container.yml@refs/tags/v*"}
rules:
  - {name: signed, images: ["**"], signature: {signedBy: [releaser]}}
  - name: built
    images: ["registry.example/built/**"]
    provenance:
      signedBy: [workflow]
      source: {uri: "https://github.com/octo-org/app", ref: {glob: "refs/tags/v*"}}
  - name: listed
    images: ["registry.example/listed/**"]
    sbom: {signedBy: [releaser], licenses: {allow: [MIT]}}
"#;

/// Measures the time from the files to the report, on the clock of the machine and in CPU time of all
/// threads, which others on the machine do not stretch: the start of the engine, the compilation of the module, making the evidence, and deciding. No compiled module is
/// taken out of a cache.
pub(crate) fn measure(folder: &Path) -> Result<Value> {
    fs::write(folder.join("policy.yaml"), POLICY)?;
    let file = folder.join("tests.yaml");
    fs::write(&file, tests())?;
    let files = [file];
    let before = clock::of_process();
    let (seconds, report) = run(&files, JOBS)?;
    let computed = clock::of_process().saturating_sub(before);
    let (alone, again) = run(&files, 1)?;
    ensure!(report.cases.len() == CASES, "not every case was run");
    ensure!(report.failed() == 0, "a case of the benchmark fails");
    let said = |report: &Report| -> Vec<(String, String)> {
        let cases = report.cases.iter();
        cases
            .map(|case| (case.name.clone(), case.decision.to_string()))
            .collect()
    };
    ensure!(
        said(&report) == said(&again),
        "the same cases are decided in two ways"
    );
    Ok(json!({
        "cases": CASES,
        "jobs": JOBS,
        "seconds": seconds,
        "secondsAlone": alone,
        "processorSeconds": computed.as_secs_f64(),
    }))
}

fn run(files: &[PathBuf], jobs: usize) -> Result<(f64, Report)> {
    let start = Instant::now();
    let limits = Limits::default();
    let tests = Tests::read(files, &limits);
    let module = Runtime::new(limits, &CacheLocation::None)?.load(COMPONENT)?;
    let settings = Settings {
        jobs,
        ..Settings::default()
    };
    let report = policy_test::run(tests, &module, &settings)
        .map_err(|problems| anyhow!("the tests cannot be run: {problems:?}"))?;
    Ok((start.elapsed().as_secs_f64(), report))
}

/// A thousand cases, each of an image of its own, so that no evidence is made once for two of them.
fn tests() -> String {
    const SIGNATURE: &str = "{signature: {}, signer: releaser}";
    const SOURCE: &str = "source: 'https://github.com/octo-org/app'";
    let mut tests = String::from(
        "apiVersion: sealstone.dev/v1alpha1\nkind: PolicyTest\npolicy: policy.yaml\ncases:\n",
    );
    for number in 0..CASES {
        let (group, evidence, expected) = match number % 5 {
            0 => ("signed", SIGNATURE.to_owned(), "allowed"),
            1 => (
                "built",
                format!("{SIGNATURE}, {{provenance: {{{SOURCE}}}, signer: workflow}}"),
                "allowed",
            ),
            2 => (
                "built",
                format!(
                    "{SIGNATURE}, {{provenance: {{{SOURCE}, ref: refs/heads/main}}, signer: workflow}}"
                ),
                "rejected, codes: [provenance.ref-mismatch]",
            ),
            3 => (
                "signed",
                "{signature: {}, signer: releaser, fault: sct-missing}".to_owned(),
                "rejected, codes: [certificate-timestamp.missing]",
            ),
            _ => (
                "listed",
                format!("{SIGNATURE}, {{sbom: {{}}, signer: releaser}}"),
                "allowed",
            ),
        };
        // Writing to a text does not fail.
        let _ = writeln!(
            tests,
            "  - name: case {number}
    images: [registry.example/{group}/app-{number}]
    evidence: [{evidence}]
    expect: {{outcome: {expected}}}"
        );
    }
    tests
}
