//! kwctl answers from the recorded sessions of `host-tests/kubewarden/sessions`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::policy::MUTATING;

/// Names the program.
const KWCTL: &str = "SEALSTONE_KWCTL";

pub(crate) fn trials() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kubewarden/sessions");
    let sessions = fs::read_dir(folder).expect("there are sessions");
    sessions
        .map(|session| {
            let session = session.expect("an entry").path();
            let name = session.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("kwctl/{name}");
            Trial::test(name, move || {
                replay(&session).map_err(|error| Failed::from(format!("{error:#}")))
            })
            .with_ignored_flag(std::env::var_os(KWCTL).is_none())
        })
        .collect()
}

fn replay(session: &Path) -> Result<()> {
    let kwctl = std::env::var_os(KWCTL).context("the program is named")?;
    let output = Command::new(kwctl)
        .arg("run")
        .arg("--replay-host-capabilities-interactions")
        .arg(session.join("session.yml"))
        .arg("--request-path")
        .arg(session.join("request.json"))
        .arg("--settings-path")
        .arg(session.join("settings.json"))
        .arg("--allow-context-aware")
        .arg(module()?)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with('{'));
    let answer: Value = serde_json::from_str(line.with_context(|| {
        format!(
            "no answer: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?)?;
    let expected: Value = serde_json::from_slice(&fs::read(session.join("response.json"))?)?;
    ensure!(
        answer.get("allowed") == expected.get("accepted"),
        "{answer}"
    );
    let message = answer.pointer("/status/message");
    ensure!(message == expected.get("message"), "{answer}");
    Ok(())
}

/// The path of the policy.
pub(crate) fn module() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let mut folders = program.ancestors();
    let target = folders.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = target.context("this program lies in a target folder")?;
    Ok(target.join("artifacts").join(MUTATING))
}
