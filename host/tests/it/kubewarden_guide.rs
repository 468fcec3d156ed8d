//! The commands of the program in `docs/guides/kubewarden.md`.

use std::fs;
use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../docs/guides/kubewarden.md");

#[test]
fn the_settings_of_the_guide_are_checked_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (_, rest) = GUIDE.split_once("```yaml\n").unwrap();
    let (settings, _) = rest.split_once("```").unwrap();
    fs::write(folder.path().join("settings.yaml"), settings).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_sealstone")).parent().unwrap();
    let (_, rest) = GUIDE.split_once("```sh\n").unwrap();
    let (command, _) = rest.split_once("```").unwrap();
    assert_eq!(command, "sealstone policy check settings.yaml\n");
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder.path())
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .env("SEALSTONE_CACHE_DIR", "")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
