//! `sealstone test`.

mod evidence;
mod examples;
mod guide;
mod malformed;
mod results;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Answer, assert_decision, sealstone};

/// A folder with a policy and a test of it.
struct Folder(TempDir);

impl Folder {
    /// A policy of these members beside the usual ones, and cases in YAML.
    fn new(policy: &str, cases: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let head = "apiVersion: sealstone.dev/v1alpha1\nkind: Policy\nmetadata: {name: tested}\n";
        folder.write("policy.yaml", &format!("{head}{policy}"));
        folder.write("tests.yaml", &test(cases));
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let folder = self.0.path().to_str().unwrap();
        sealstone(["test", folder].iter().chain(arguments))
    }

    /// What is said of each case in JSON.
    fn cases(&self) -> Vec<Value> {
        let answer = self.run(&["--output", "json"]);
        let results: Value = serde_json::from_str(&answer.stdout).unwrap_or_default();
        let cases = results["cases"].as_array();
        assert!(cases.is_some(), "{answer:?}");
        cases.unwrap().clone()
    }

    /// Asserts that every case passes, and that each decision is what its schema says.
    #[track_caller]
    fn passes(&self) {
        let answer = self.run(&[]);
        assert_eq!(
            (answer.status, &*answer.stderr),
            (0, ""),
            "{}",
            answer.stdout
        );
        for case in self.cases() {
            assert_decision(&case["decision"]);
        }
    }
}

/// A test file of these cases.
fn test(cases: &str) -> String {
    format!(
        "apiVersion: sealstone.dev/v1alpha1\nkind: PolicyTest\npolicy: policy.yaml\ncases:\n{cases}"
    )
}

/// A policy that asks for a signature by a key.
const BY_KEY: &str = "\
authorities:
  - name: release
    key:
      insecureIgnoreTransparencyLog: true
      publicKey: |
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7zst5u3N/O3fYE9j7EY1y0Mhhi6y
        WbrTr1v1jRmJa4ztNtH3enCPOpU489CPuXRKxQjCLSEKAeBsM8xpMChGCA==
        -----END PUBLIC KEY-----
rules:
  - {name: signed, images: ['**'], signature: {signedBy: [release]}}
";
