//! The pipeline for GitLab.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use libtest_mimic::Failed;
use sealstone_peers::Program;

use crate::example;

const PIPELINE: &str = "ci/gitlab/.gitlab-ci.yml";

pub(crate) fn passes() -> Result<(), Failed> {
    Ok(example::accept(&mut check(&example::path(PIPELINE))?)?)
}

/// Each change of one place, and what the schema says of it.
const WRONG: [(&str, &str, &str); 4] = [
    ("  id_tokens:\n", "  id_token:\n", "id_token"),
    ("      aud: sigstore\n", "      audience: sigstore\n", "aud"),
    ("  needs: [build]\n", "  needs: 5\n", "needs"),
    (
        "    paths: [digest.txt]\n",
        "    paths: {digest: txt}\n",
        "paths",
    ),
];

pub(crate) fn refuses() -> Result<(), Failed> {
    let text = example::read(PIPELINE)?;
    let folder = example::fresh("gitlab")?;
    for (place, (from, to, saying)) in WRONG.into_iter().enumerate() {
        let path = folder.join(format!("{place}.yml"));
        std::fs::write(&path, example::changed(&text, from, to)?)?;
        example::refuse(&mut check(&path)?, saying)?;
    }
    Ok(())
}

/// Holds a pipeline against the schema that the package carries.
fn check(pipeline: &Path) -> Result<Command> {
    let mut command = Command::new(Program::CheckJsonschema.install()?);
    command
        .args(["--builtin-schema", "vendor.gitlab-ci"])
        .args(["--data-transform", "gitlab-ci"])
        .arg("--verbose")
        .arg(pipeline);
    Ok(command)
}
