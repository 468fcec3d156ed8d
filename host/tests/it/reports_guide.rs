//! `docs/guides/reports.md` says what happens.

use std::fs;
use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../docs/guides/reports.md");

/// The fenced blocks of the guide in one language.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let inside = GUIDE.split("```").skip(1).step_by(2);
    inside.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

/// Each block runs as it stands, in the order of the guide, and allows the image.
#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let policy = blocks("yaml").next().unwrap();
    fs::write(folder.path().join("by-summary.yaml"), policy).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_sealstone")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut run = 0;
    for block in blocks("sh") {
        let output = Command::new("sh")
            .args(["-e", "-c", block])
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", program.display()))
            .env("SEALSTONE_CACHE_DIR", folder.path().join("cache"))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{block}");
        assert_eq!(output.status.code(), Some(0), "{block}");
        run += 1;
    }
    assert_eq!(run, 4);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for (file, part) in [
        ("junit.xml", "name=\"built\""),
        ("sealstone.sarif", "\"results\":[]"),
        ("report.json", "\"result\":\"pass\""),
        ("vsa.json", "\"PASSED\""),
        ("svr.json", "SEALSTONE_ALLOWED"),
        ("policies/policy-test.yaml", "kind: PolicyTest"),
    ] {
        assert!(read(file).contains(part), "{file}: {}", read(file));
    }
}
