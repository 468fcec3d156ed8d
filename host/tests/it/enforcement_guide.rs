//! `docs/guides/enforcement.md` says what happens.

use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../docs/guides/enforcement.md");

/// The blocks of commands.
fn blocks() -> impl Iterator<Item = &'static str> {
    let inside = GUIDE.split("```").skip(1).step_by(2);
    inside.filter_map(|block| block.strip_prefix("sh\n"))
}

/// Each block runs as it stands, in the order of the guide. A comment at its end names what is said, and
/// after `denied: ` why the last command denies.
#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_sealstone")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let (mut run, mut comments) = (0, Vec::new());
    for block in blocks() {
        let output = Command::new("sh")
            .args(["-e", "-c", block])
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", program.display()))
            .env("SEALSTONE_CACHE_DIR", folder.path().join("cache"))
            .output()
            .unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let comment = block.lines().last().unwrap().strip_prefix("# ");
        let denied = comment.and_then(|comment| comment.strip_prefix("denied: "));
        let status = if denied.is_some() { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(status), "{block}\n{said}");
        if let Some(expected) = denied.or(comment) {
            assert!(said.contains(expected), "{expected}: {said}");
            comments.push(expected);
        }
        run += 1;
    }
    assert_eq!(run, 10);
    assert_eq!(
        comments,
        [
            "policy-warning.mode-not-enforced",
            "identity.issuer-mismatch",
            "evidence.missing",
            "policy-warning.mode-not-enforced",
            "identity.issuer-mismatch",
            "identity.issuer-mismatch",
            "vendor-report",
            "exception.ended",
        ]
    );
}
