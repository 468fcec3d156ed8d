//! `docs/guides/policy-tests.md` says what happens.

use std::fs;
use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../../docs/guides/policy-tests.md");

/// The fenced blocks of the guide in one language.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let inside = GUIDE.split("```").skip(1).step_by(2);
    inside.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

/// Each command runs as it stands and prints the block that follows it; the last line says how it
/// ends.
#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = blocks("yaml");
    for name in ["policy.yaml", "tests.yaml"] {
        fs::write(folder.path().join(name), documents.next().unwrap()).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_sealstone")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut printed = blocks("text");
    let mut run = 0;
    for block in blocks("sh") {
        let (command, status) = block.trim_end().rsplit_once("  # exit ").unwrap();
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", program.display()))
            .env("SEALSTONE_CACHE_DIR", "")
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{command}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code().unwrap().to_string(), status, "{said}");
        assert_eq!(said, printed.next().unwrap(), "{command}");
        run += 1;
    }
    assert_eq!(run, 3);
    // Every further document is a piece of a test file.
    for piece in documents {
        let name = "piece.yaml";
        let head = "apiVersion: sealstone.dev/v1alpha1\nkind: PolicyTest\npolicy: policy.yaml\n";
        fs::write(folder.path().join(name), format!("{head}{piece}")).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_sealstone"))
            .args(["test", name])
            .current_dir(folder.path())
            .env("SEALSTONE_CACHE_DIR", "")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{piece}\n{output:?}");
    }
}
