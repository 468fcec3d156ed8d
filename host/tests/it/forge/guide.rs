//! `docs/guides/forge.md` says what happens.

use std::fs;
use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../../docs/guides/forge.md");

/// The fenced blocks of the guide in one language.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let inside = GUIDE.split("```").skip(1).step_by(2);
    inside.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

/// Each block runs as it stands, in the order of the guide; a comment names what is said above it.
#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let policy = blocks("yaml").next().unwrap();
    fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_sealstone")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let (mut run, mut codes) = (0, 0);
    for block in blocks("sh").filter(|block| block.starts_with("sealstone ")) {
        let output = Command::new("sh")
            .args(["-c", block])
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", program.display()))
            .env("SEALSTONE_CACHE_DIR", "")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{block}");
        run += 1;
        let mut expected = block
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .peekable();
        if expected.peek().is_none() {
            assert_eq!(output.status.code(), Some(0), "{block}");
        }
        for code in expected {
            assert!(said.contains(&format!("    {code}: ")), "{code}: {said}");
            codes += 1;
        }
    }
    assert_eq!((run, codes), (5, 2));
}
