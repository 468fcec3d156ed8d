//! The workflow for GitHub Actions.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use libtest_mimic::Failed;
use sealstone_peers::Program;

use crate::example;

const WORKFLOW: &str = "ci/github/release.yml";

pub(crate) fn passes() -> Result<(), Failed> {
    Ok(example::accept(&mut actionlint(&example::path(WORKFLOW))?)?)
}

/// Each change of one place, and what actionlint says of it.
const WRONG: [(&str, &str, &str); 5] = [
    ("needs: policy", "needs: nothing", "needs job"),
    ("id-token: write", "id-token: sign", "id-token"),
    ("runs-on: ubuntu-24.04", "runs-on: ubuntu-0.1", "ubuntu-0.1"),
    (
        "steps.image.outputs.digest",
        "steps.picture.outputs.digest",
        "picture",
    ),
    (
        "run: cosign sign --yes \"$IMAGE@$DIGEST\"",
        "run: echo ${{ github.event.pull_request.title }}",
        "untrusted",
    ),
];

pub(crate) fn refuses() -> Result<(), Failed> {
    let text = example::read(WORKFLOW)?;
    let folder = example::fresh("github")?;
    for (place, (from, to, saying)) in WRONG.into_iter().enumerate() {
        let path = folder.join(format!("{place}.yml"));
        std::fs::write(&path, example::changed(&text, from, to)?)?;
        example::refuse(&mut actionlint(&path)?, saying)?;
    }
    Ok(())
}

fn actionlint(workflow: &Path) -> Result<Command> {
    let mut command = Command::new(Program::Actionlint.install()?);
    command
        // What else is installed must not change what is found.
        .args(["-no-color", "-shellcheck=", "-pyflakes="])
        .arg(workflow);
    Ok(command)
}

/// Every action is named by commit, with its version beside it.
pub(crate) fn pinned() -> Result<(), Failed> {
    let text = example::read(WORKFLOW)?;
    let mut count = 0_usize;
    for line in text.lines() {
        let Some((_, action)) = line.split_once("uses: ") else {
            continue;
        };
        check_pin(action)?;
        count = count.saturating_add(1);
    }
    if count == 0 {
        return Err("no action is used".into());
    }
    Ok(())
}

fn check_pin(action: &str) -> Result<()> {
    let pin = action
        .split_once('@')
        .and_then(|(_, pin)| pin.split_once(" # v"));
    let by_commit = pin.is_some_and(|(commit, version)| {
        let hexadecimal = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        commit.len() == 40 && hexadecimal && version.split('.').count() == 3
    });
    ensure!(by_commit, "{action} is not named by commit and version");
    Ok(())
}

/// Permissions are none but what a job asks for, each with its reason, and only one job may sign.
pub(crate) fn permissions() -> Result<(), Failed> {
    let text = example::read(WORKFLOW)?;
    let granted: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(": write") || line.contains(": read"))
        .collect();
    if !text.contains("\npermissions: {}\n") {
        return Err("the workflow has permissions of its own".into());
    }
    if let Some(line) = granted.iter().find(|line| !line.contains(" # ")) {
        return Err(format!("{line} says no reason").into());
    }
    let signing = granted.iter().filter(|line| line.contains("id-token"));
    match signing.count() {
        1 => Ok(()),
        count => Err(format!("{count} jobs may sign").into()),
    }
}
