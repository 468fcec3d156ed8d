//! The command line before anything is verified.

use std::fs;

use sealstone::digest::Digest;
use tempfile::TempDir;

use crate::support::{LayoutFolder, sealstone, sealstone_in};

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        files.write("policy.json", b"{}");
        files.write("bundle.json", b"{}");
        files
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// `verify` of a bundle, with these flags in the place of the usual ones.
    fn verify(&self, changed: &[(&str, &str)]) -> crate::support::Answer {
        let mut flags = vec![
            ("--bundle", self.path("bundle.json")),
            ("--digest", Digest::of(b"image").to_string()),
            ("--policy", self.path("policy.json")),
        ];
        for (flag, value) in changed {
            flags.retain(|(known, _)| known != flag);
            flags.push((flag, (*value).to_owned()));
        }
        let flags = flags
            .into_iter()
            .flat_map(|(flag, value)| [flag.to_owned(), value]);
        sealstone([String::from("verify")].into_iter().chain(flags))
    }
}

#[test]
fn help_of_each_verb_has_examples_and_succeeds() {
    let answer = sealstone(["--help"]);
    assert_eq!(answer.status, 0);
    for part in [
        "verify",
        "review",
        "policy",
        "explain",
        "inspect",
        "schema",
        "Exit status",
        "SEALSTONE_CACHE_DIR",
    ] {
        assert!(answer.stdout.contains(part), "{answer:?}");
    }
    let verbs: [&[&str]; 9] = [
        &["verify"],
        &["review"],
        &["policy"],
        &["policy", "check"],
        &["explain"],
        &["report"],
        &["init"],
        &["inspect"],
        &["schema"],
    ];
    for verb in verbs {
        let answer = sealstone(verb.iter().chain(&["--help"]));
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
        assert!(answer.stdout.contains("Examples:"), "{answer:?}");
    }
    assert_eq!(sealstone(["--version"]).status, 0);
}

#[test]
fn bad_flags_are_usage_errors() {
    let digest = Digest::of(b"image").to_string();
    let cases: &[&[&str]] = &[
        &[],
        &["frobnicate"],
        &["verify"],
        &["verify", "layout"],
        &["verify", "--policy", "p"],
        &["verify", "--bundle", "b", "--policy", "p"],
        &[
            "verify", "layout", "--bundle", "b", "--digest", &digest, "--policy", "p",
        ],
        &[
            "verify", "layout", "--tag", "t", "--digest", &digest, "--policy", "p",
        ],
        &["verify", "--bundle", "b", "--tag", "t", "--policy", "p"],
        &["verify", "layout", "--policy", "p", "--output", "xml"],
        &["inspect", "--output", "xml"],
        &["schema", "universe"],
    ];
    for arguments in cases {
        let answer = sealstone(*arguments);
        assert_eq!(answer.status, 2, "{arguments:?} {answer:?}");
        assert_eq!(answer.stdout, "", "{arguments:?}");
        assert!(
            answer.stderr.contains("--help") || answer.stderr.contains("Usage:"),
            "{arguments:?} {answer:?}"
        );
    }
}

#[test]
fn malformed_values_name_a_code() {
    let hex = "0".repeat(64);
    let cases = [
        ("--digest", "", "digest.malformed"),
        ("--digest", "abc", "digest.malformed"),
        ("--digest", "sha256:abc", "digest.malformed"),
        (
            "--digest",
            "sha256:../../../../etc/passwd",
            "digest.malformed",
        ),
        (
            "--digest",
            &format!("sha256:{}", "A".repeat(64)),
            "digest.malformed",
        ),
        ("--digest", &format!("sha256:{hex}0"), "digest.malformed"),
        ("--digest", &format!(":{hex}"), "digest.malformed"),
        (
            "--digest",
            &format!("sha512:{hex}{hex}"),
            "digest.unsupported-algorithm",
        ),
        ("--now", "yesterday", "time.malformed"),
        ("--now", "1969-12-31T23:59:59Z", "time.malformed"),
        ("--now", "99999999999999999999", "time.malformed"),
    ];
    for (flag, value, code) in cases {
        Files::new().verify(&[(flag, value)]).is_usage_error(code);
    }
}

#[test]
fn missing_files_are_usage_errors() {
    let files = Files::new();
    let missing = files.path("missing");
    let folder = files.path("");
    for path in [missing.as_str(), folder.as_str()] {
        files
            .verify(&[("--policy", path)])
            .is_usage_error("file.unreadable");
        files
            .verify(&[("--module", path)])
            .is_usage_error("file.unreadable");
        files
            .verify(&[("--trusted-root", path)])
            .is_usage_error("file.unreadable");
        let named = format!("name={path}");
        files
            .verify(&[("--trusted-root", &named)])
            .is_usage_error("file.unreadable");
        files
            .verify(&[("--bundle", path)])
            .is_usage_error("evidence.unreadable");
        let policy = files.path("policy.json");
        sealstone(["verify", path, "--policy", &policy]).is_usage_error("layout.not-a-layout");
    }
}

#[test]
fn a_policy_that_cannot_reach_the_module_is_a_usage_error() {
    let files = Files::new();
    let large = vec![b' '; 50 << 20];
    let deep = "[".repeat(100_000);
    let cases: [(&str, &[u8], &str); 9] = [
        ("empty.yaml", b"", "policy.empty"),
        ("empty.json", b" \n", "policy.empty"),
        ("large.json", &large, "limit.policy-bytes"),
        ("large.yaml", &large, "limit.policy-bytes"),
        ("deep.yaml", deep.as_bytes(), "limit.policy-nesting"),
        (
            "twice.yaml",
            b"kind: Policy\nkind: Policy\n",
            "policy.malformed-yaml",
        ),
        ("binary.yaml", b"\xff\xfe\0", "policy.malformed-yaml"),
        ("open", b"kind: [", "policy.malformed-yaml"),
        ("tag.yml", b"kind: !secret Policy", "policy.malformed-yaml"),
    ];
    for (name, content, code) in cases {
        let path = files.write(name, content);
        files.verify(&[("--policy", &path)]).is_usage_error(code);
    }
}

#[test]
fn trust_roots_that_do_not_fit_are_usage_errors() {
    let files = Files::new();
    let policy = files.write(
        "roots.yaml",
        b"trustRoots: [{name: mine}, {name: full, trustedRoot: {}}]",
    );
    let root = files.write("root.json", b"{}");
    let large = files.write("large.json", &vec![b' '; 50 << 20]);
    let flag = |name: &str| format!("{name}={root}");
    let verify = |root: &str| files.verify(&[("--policy", &policy), ("--trusted-root", root)]);
    verify(&flag("other")).is_usage_error("trust-root.not-wanted");
    verify(&flag("full")).is_usage_error("trust-root.not-wanted");
    verify(&large).is_usage_error("limit.trusted-root-bytes");

    let twice = [flag("mine"), flag("mine")];
    let mut arguments = vec![
        "verify".to_owned(),
        "--bundle".to_owned(),
        files.path("bundle.json"),
    ];
    arguments.extend(["--digest".to_owned(), Digest::of(b"image").to_string()]);
    arguments.extend(["--policy".to_owned(), policy.clone()]);
    for root in twice {
        arguments.extend(["--trusted-root".to_owned(), root]);
    }
    sealstone(&arguments).is_usage_error("trust-root.supplied-twice");
}

#[test]
fn bundle_files_that_cannot_reach_the_module_are_usage_errors() {
    let files = Files::new();
    let lines = "{}\n".repeat(1_000);
    let large = vec![b'a'; 17 << 20];
    let huge = vec![b'a'; 50 << 20];
    let cases: [(&[u8], &str); 5] = [
        (b"", "evidence.empty"),
        (b"\n \n", "evidence.empty"),
        (lines.as_bytes(), "limit.evidence-pieces"),
        (&large, "limit.evidence-bytes"),
        (&huge, "limit.evidence-total-bytes"),
    ];
    for (content, code) in cases {
        let path = files.write("bundle.jsonl", content);
        files.verify(&[("--bundle", &path)]).is_usage_error(code);
    }
}

#[test]
fn layouts_that_cannot_be_read_are_usage_errors() {
    let policy = Files::new();
    let policy_path = policy.path("policy.json");
    let large = vec![b' '; 50 << 20];
    let deep = "[".repeat(100_000);
    let cases: [(&str, &[u8], &str); 10] = [
        ("oci-layout", b"", "layout.malformed"),
        ("oci-layout", b"{}", "layout.malformed"),
        (
            "oci-layout",
            br#"{"imageLayoutVersion":"2.0.0"}"#,
            "layout.version-unsupported",
        ),
        ("oci-layout", &large, "layout.version-unsupported"),
        ("index.json", b"", "layout.malformed"),
        ("index.json", br#"{"manifests":["#, "layout.malformed"),
        ("index.json", b"text", "layout.malformed"),
        ("index.json", deep.as_bytes(), "layout.malformed"),
        ("index.json", br#"{"manifests":{}}"#, "layout.malformed"),
        ("index.json", &large, "limit.layout-index-bytes"),
    ];
    for (name, content, code) in cases {
        let layout = LayoutFolder::new();
        layout.write(name, content);
        let path = layout.path().to_str().unwrap();
        sealstone(["verify", path, "--policy", &policy_path]).is_usage_error(code);
    }
}

#[test]
fn a_choice_of_images_is_offered() {
    let policy = Files::new();
    let policy_path = policy.path("policy.json");
    let mut layout = LayoutFolder::new();
    let path = layout.path().to_str().unwrap().to_owned();
    sealstone(["verify", &path, "--policy", &policy_path]).is_usage_error("layout.image-not-found");

    let one = layout.image("one").tagged("v1\u{1b}[2J");
    let two = layout.image("two");
    layout.list(&one);
    layout.list(&two);
    let answer = sealstone(["verify", &path, "--policy", &policy_path]);
    answer.is_usage_error("layout.ambiguous");
    for part in [
        one.0["digest"].as_str().unwrap(),
        two.0["digest"].as_str().unwrap(),
        "v1\\u{1b}[2J",
    ] {
        assert!(answer.stderr.contains(part), "{answer:?}");
    }
    let answer = sealstone(["verify", &path, "--policy", &policy_path, "--tag", "v2"]);
    answer.is_usage_error("layout.image-not-found");
    assert!(
        answer.stderr.contains(two.0["digest"].as_str().unwrap()),
        "{answer:?}"
    );
}

#[test]
fn schemas_are_json() {
    for arguments in [
        &["schema"][..],
        &["schema", "policy"],
        &["schema", "decision"],
    ] {
        let answer = sealstone(arguments);
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
        let schema: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        let draft = "https://json-schema.org/draft/2020-12/schema";
        assert_eq!(schema["$schema"], draft);
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let coloured = |environment: &[(&str, &str)]| {
        let answer = sealstone_in(environment, ["inspect"]);
        assert_eq!(answer.status, 0, "{answer:?}");
        answer.stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[]), "standard output is no terminal");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn the_program_works_without_a_cache() {
    for folder in ["", "/dev/null/cache"] {
        let answer = sealstone_in(&[("SEALSTONE_CACHE_DIR", folder)], ["inspect"]);
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    }
}

#[test]
fn the_cache_leaves_other_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    fs::write(&file, "mine").unwrap();
    let name = folder.path().to_str().unwrap();
    let answer = sealstone_in(&[("SEALSTONE_CACHE_DIR", name)], ["inspect"]);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(
        folder.path().join("sealstone-modules/modules").is_dir(),
        "nothing was cached"
    );
}

#[cfg(unix)]
#[test]
fn results_that_cannot_be_written_are_reported() {
    use std::fs::OpenOptions;
    use std::process::{Command, Stdio};

    let run = |stdout: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealstone"));
        let command = command.args(["schema", "policy"]).stdout(stdout);
        let output = command.stderr(Stdio::piped()).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (status, stderr) = run(full.into());
    assert_eq!(status, 3);
    assert!(stderr.contains("[output.unwritable]"), "{stderr}");
    // A reader that has seen enough is nothing to complain about.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(run(writer.into()), (0, String::new()));
}
