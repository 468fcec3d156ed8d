//! The program on the image layouts of real builders, with the module that it carries.
//!
//! The folder is named by `SEALSTONE_VECTORS`, by default `../shared/vectors` beside the workspace.
//! Without it the tests are reported as ignored.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};

const WORKFLOW: &str = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/";
const VERSIONS: &[&str] = &["v1.4.0", "v1.5.0", "v1.6.0", "v1.7.0", "v1.8.0", "v2.0.0"];

/// What a policy expects of the provenance.
#[derive(Clone)]
struct Expected {
    issuer: String,
    subject: String,
    builder: String,
    source: String,
    git_ref: String,
}

impl Expected {
    /// What is true of the layout of this version of the builder.
    fn of(version: &str) -> Self {
        let git_ref = if version == "v2.0.0" {
            "refs/tags/v13.0.30"
        } else {
            "refs/heads/main"
        };
        Self {
            issuer: "https://token.actions.githubusercontent.com".to_owned(),
            subject: format!("{WORKFLOW}{version}"),
            builder: format!("{WORKFLOW}{version}"),
            source: "https://github.com/slsa-framework/example-package".to_owned(),
            git_ref: git_ref.to_owned(),
        }
    }

    fn policy(&self) -> String {
        format!(
            "apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata: {{name: example}}
trustRoots:
  - name: public-good
authorities:
  - name: generator
    keyless:
      trustRoot: public-good
      identities:
        - issuer: {{exact: '{}'}}
          subject: {{exact: '{}'}}
rules:
  - name: provenance
    images: ['localhost/**']
    provenance:
      signedBy: [generator]
      source: {{uri: '{}', ref: {{exact: '{}'}}}}
      builder: {{id: {{exact: '{}'}}}}
",
            self.issuer, self.subject, self.source, self.git_ref, self.builder
        )
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let vectors = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let there = vectors.join("sources.json").is_file();
    if !there {
        eprintln!(
            "the public vectors are missing: set SEALSTONE_VECTORS to their folder; their tests are ignored"
        );
    }
    let trials = VERSIONS
        .iter()
        .map(|version| {
            let folder = vectors
                .join("containers/slsa-github-generator")
                .join(version);
            let version = (*version).to_owned();
            Trial::test(format!("slsa-github-generator/{version}"), move || {
                check(&folder, &version)
            })
            .with_ignored_flag(!there)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(folder: &Path, version: &str) -> Result<(), Failed> {
    let digest = std::fs::read_to_string(folder.join("container_workflow_dispatch.digest"))?;
    let digest = digest.trim();
    let layout = folder.join("container_workflow_dispatch");
    let truth = Expected::of(version);
    let expect = |policy: &Expected, digest: &str, status: i32, code: &str| {
        let output = verify(&layout, digest, &policy.policy());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.code() == Some(status) && text.contains(&format!("\"code\":\"{code}\"")) {
            Ok(())
        } else {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(Failed::from(format!("not {code}: {text}\n{errors}")))
        }
    };
    expect(&truth, digest, 0, "ok")?;
    let other = |change: fn(&mut Expected)| {
        let mut changed = truth.clone();
        change(&mut changed);
        changed
    };
    for (changed, code) in [
        (
            other(|e| e.issuer.push_str(".evil")),
            "identity.issuer-mismatch",
        ),
        (other(|e| e.subject.push('0')), "identity.subject-mismatch"),
        (
            other(|e| e.builder.push('0')),
            "provenance.builder-mismatch",
        ),
        (other(|e| e.source.push('A')), "provenance.source-mismatch"),
        (other(|e| e.git_ref.push('x')), "provenance.ref-mismatch"),
    ] {
        expect(&changed, digest, 1, code)?;
    }
    let other_image = format!("sha256:{}", "0".repeat(64));
    expect(&truth, &other_image, 1, "statement.subject-mismatch")
}

fn verify(layout: &Path, digest: &str, policy: &str) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, policy).expect("the policy can be written");
    Command::new(env!("CARGO_BIN_EXE_sealstone"))
        .arg("verify")
        .arg(layout)
        .args([
            "--digest",
            digest,
            "--now",
            "2026-01-01T00:00:00Z",
            "--output",
            "json",
            "--policy",
        ])
        .arg(&file)
        .output()
        .expect("the program runs")
}
