//! The attacks in `examples/attacks`, by the commands on their pages.

use std::fs;

use serde_json::Value;

use crate::support::{Answer, assert_decision, sealstone};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/attacks");

/// Folder and code.
const ATTACKS: [(&str, &str); 5] = [
    ("stolen-developer-machine", "identity.issuer-mismatch"),
    (
        "taken-over-repository-account",
        "provenance.source-unverified",
    ),
    ("compromised-pipeline", "provenance.certificate-mismatch"),
    ("registry-credentials", "statement.subject-mismatch"),
    ("cluster-access", "image.no-rule"),
];

/// The texts of the code blocks of this language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let parts = page.split("```").skip(1).step_by(2);
    parts
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect()
}

/// Runs a command of a page, with further arguments.
fn run(command: &str, more: &[&str]) -> Answer {
    let command = command.replace("\\\n", " ");
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("sealstone"));
    let words = words.map(|word| word.replace("examples/attacks", FOLDER));
    sealstone(words.chain(more.iter().map(|word| (*word).to_owned())))
}

#[test]
fn every_attack_is_denied_and_its_legitimate_image_allowed() {
    for (folder, code) in ATTACKS {
        let page = fs::read_to_string(format!("{FOLDER}/{folder}/README.md")).unwrap();
        let commands = blocks(&page, "sh");
        assert_eq!(commands.len(), 2, "{folder}");

        let denied = run(commands[0], &[]);
        assert_eq!(
            (denied.status, denied.stderr.as_str()),
            (1, ""),
            "{denied:?}"
        );
        let printed = blocks(&page, "text");
        assert!(denied.stdout.starts_with(printed[0]), "{denied:?}");
        let json = run(commands[0], &["--output=json"]);
        let decision: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_decision(&decision);
        assert_eq!(decision["images"][0]["code"], code, "{folder}");

        let allowed = run(commands[1], &[]);
        assert_eq!(
            (allowed.status, allowed.stderr.as_str()),
            (0, ""),
            "{allowed:?}"
        );
    }
}

/// Under a name that a rule is about, the attacker's image lacks evidence.
#[test]
fn an_unsigned_image_under_a_good_name() {
    let page = fs::read_to_string(format!("{FOLDER}/cluster-access/README.md")).unwrap();
    let command = blocks(&page, "sh")[0].replace(
        "registry.attacker.example/miner",
        "registry.example/octo-org/app",
    );
    let denied = run(&command, &["--output=json"]);
    assert_eq!(denied.status, 1, "{denied:?}");
    let decision: Value = serde_json::from_str(&denied.stdout).unwrap();
    assert_eq!(decision["images"][0]["code"], "evidence.missing");
}

/// Every folder of attacks is run.
#[test]
fn no_attack_is_forgotten() {
    let folders = fs::read_dir(FOLDER).unwrap();
    let folders = folders.filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), ATTACKS.len());
}
