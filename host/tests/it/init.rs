//! `sealstone init`.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Answer, sealstone};

const SIGNER: &[&str] = &[
    "--identity=release@example.com",
    "--issuer=https://accounts.example.com",
];
const SBOM: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components":
    [{"type": "library", "name": "a", "version": "1.0.0", "purl": "pkg:npm/a@1.0.0"}]}"#;
const SCAN: &str = r#"{"invocation": {}, "scanner": {"uri": "pkg:github/aquasecurity/trivy", "version": "1",
    "db": {"lastUpdate": "2026-02-28T00:00:00Z"}, "result": {"SchemaVersion": 2, "ArtifactName": "app",
    "Results": [{"Target": "packages", "Class": "lang-pkgs", "Vulnerabilities": []}]}},
    "metadata": {"scanStartedOn": "2026-03-01T11:00:00Z", "scanFinishedOn": "2026-03-01T11:00:00Z"}}"#;

/// A folder with a forged trust root and a layout `app`.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.forge(&["root", "--output", &world.path("root.json")]);
        world
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn forge(&self, arguments: &[&str]) {
        let answer = sealstone(["forge"].iter().chain(arguments));
        assert_eq!(answer.status, 0, "{answer:?}");
    }

    fn sign(&self, arguments: &[&str]) {
        let layout = self.path("app");
        self.forge(&[&["sign", "--layout", &layout][..], SIGNER, arguments].concat());
    }

    fn build(&self, version: &str) {
        let (layout, version) = (self.path("app"), format!("--provenance={version}"));
        self.forge(&["attest", "--layout", &layout, &version]);
    }

    fn attest(&self, kind: &str, predicate: &str) {
        fs::write(self.path("predicate.json"), predicate).unwrap();
        let (layout, predicate) = (self.path("app"), self.path("predicate.json"));
        let claim = [
            "attest",
            "--layout",
            &layout,
            "--predicate-type",
            kind,
            "--predicate",
            &predicate,
        ];
        self.forge(&[&claim[..], SIGNER].concat());
    }

    fn init(&self, arguments: &[&str]) -> Answer {
        let root = format!("--trusted-root=forged={}", self.path("root.json"));
        let (layout, output) = (self.path("app"), self.path("policies"));
        let usual = [
            "init",
            &layout,
            "--output",
            &output,
            "--now=2026-03-20T00:00:00Z",
            &root,
        ];
        sealstone(usual.iter().chain(arguments))
    }

    /// The results of the rules of the written policy, for the image that it was written from.
    fn decide(&self) -> Vec<String> {
        let answer = sealstone([
            "verify",
            &self.path("app"),
            "--reference=registry.example/team/app",
            "--now=2026-03-20T00:00:00Z",
            "--output=json",
            &format!("--policy={}", self.path("policies/policy.yaml")),
            &format!("--trusted-root=forged={}", self.path("root.json")),
        ]);
        assert_eq!(answer.status, 0, "{answer:?}");
        let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
        let rules = decision["images"][0]["rules"].as_array().unwrap();
        let rule = |rule: &Value| format!("{} {}", rule["rule"], rule["result"]).replace('"', "");
        rules.iter().map(rule).collect()
    }

    /// Asserts that the written policy has no problems, and these warnings.
    fn check(&self, warnings: &[&str]) {
        let answer = sealstone([
            "policy",
            "check",
            &self.path("policies/policy.yaml"),
            "--output=json",
            &format!("--trusted-root=forged={}", self.path("root.json")),
        ]);
        assert_eq!(answer.status, 0, "{answer:?}");
        let report: Value = serde_json::from_str(&answer.stdout).unwrap();
        let found = report["warnings"].as_array().unwrap().iter();
        let found: Vec<&str> = found.map(|it| it["code"].as_str().unwrap()).collect();
        assert_eq!(found, warnings);
    }
}

const NAMED: &[&str] = &["--reference=registry.example/team/app:v1"];

#[test]
fn everything_that_verifies_becomes_a_rule() {
    let world = World::new();
    world.sign(&[]);
    world.build("v1");
    world.attest("cyclonedx", SBOM);
    world.attest("vuln", SCAN);
    let answer = world.init(NAMED);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (0, ""),
        "{answer:?}"
    );
    // How bad what was found may be is for people to say.
    world.check(&["policy-warning.vulnerabilities-unlimited"]);
    assert_eq!(
        world.decide(),
        ["signed pass", "built pass", "listed pass", "scanned pass"]
    );
    let policy: Value = yaml_serde::from_str(&world.read("policies/policy.yaml")).unwrap();
    let identity = &policy["authorities"][0]["keyless"]["identities"][0];
    assert_eq!(identity["subject"]["exact"], "release@example.com");
    assert_eq!(
        policy["rules"][1]["provenance"]["source"]["uri"],
        "https://github.com/octo-org/app"
    );
    let test: Value = yaml_serde::from_str(&world.read("policies/policy-test.yaml")).unwrap();
    assert_eq!(
        (&test["kind"], &test["policy"]),
        (&"PolicyTest".into(), &"policy.yaml".into())
    );
    // What was found, nothing, somebody else; without each of four; from another source.
    assert_eq!(test["cases"].as_array().unwrap().len(), 8);
}

/// Nothing of it is in the policy but a comment that says so.
#[test]
fn what_does_not_verify_is_said_and_not_used() {
    let world = World::new();
    world.sign(&[]);
    let layout = world.path("app");
    let intruder = "--identity=intruder@example.com";
    world.forge(&[
        "sign",
        "--layout",
        &layout,
        intruder,
        SIGNER[1],
        "--fault=sct-missing",
    ]);
    world.forge(&[
        "attest",
        "--layout",
        &layout,
        "--provenance=v1",
        "--fault=sct-missing",
    ]);
    let answer = world.init(NAMED);
    assert_eq!(answer.status, 0, "{answer:?}");
    let said = answer
        .stderr
        .matches("certificate-timestamp.missing")
        .count();
    assert_eq!(said, 2, "{answer:?}");
    let policy = world.read("policies/policy.yaml");
    assert_eq!(policy.matches("# Not used").count(), 2, "{policy}");
    assert!(
        !policy.contains("intruder") && !policy.contains("octo-org"),
        "{policy}"
    );
    assert_eq!(world.decide(), ["signed pass"]);
    world.check(&[]);
}

#[test]
fn nothing_is_written_where_nothing_verifies() {
    let world = World::new();
    world.sign(&["--fault=sct-missing"]);
    let answer = world.init(NAMED);
    assert_eq!(answer.status, 1, "{answer:?}");
    assert!(
        answer.stderr.contains("[evidence.nothing-verified]"),
        "{answer:?}"
    );
    assert!(!fs::exists(world.path("policies")).unwrap());
    // Nor where another trust root vouches.
    let other = World::new();
    other.forge(&["root", "--seed=other", "--output", &other.path("root.json")]);
    other.sign(&[]);
    assert_eq!(other.init(NAMED).status, 1);
}

#[test]
fn the_version_of_provenance_is_that_of_the_evidence() {
    for version in ["v0.2", "v1"] {
        let world = World::new();
        world.build(version);
        let answer = world.init(NAMED);
        assert_eq!(answer.status, 0, "{answer:?}");
        assert_eq!(world.decide(), ["built pass"]);
        let test = world.read("policies/policy-test.yaml");
        assert_eq!(test.contains("version: v0.2"), version == "v0.2", "{test}");
    }
}

#[test]
fn files_are_replaced_by_force_alone() {
    let world = World::new();
    world.sign(&[]);
    for file in ["policy.yaml", "policy-test.yaml"] {
        fs::remove_dir_all(world.path("policies")).ok();
        fs::create_dir(world.path("policies")).unwrap();
        let path = world.path(&format!("policies/{file}"));
        fs::write(&path, "mine").unwrap();
        world.init(NAMED).is_usage_error("file.exists");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs::read_dir(world.path("policies")).unwrap().count(), 1);
        assert_eq!(world.init(&[NAMED, &["--force"]].concat()).status, 0);
        assert_ne!(fs::read_to_string(&path).unwrap(), "mine");
    }
}

#[test]
fn images_and_trust_roots_have_names() {
    let world = World::new();
    world.sign(&[]);
    world.init(&[]).is_usage_error("image.name-missing");
    let root = format!("--trusted-root={}", world.path("root.json"));
    let (layout, output) = (world.path("app"), world.path("policies"));
    let answer = sealstone(["init", &layout, "--output", &output, NAMED[0], &root]);
    answer.is_usage_error("trust-root.name-missing");
}
