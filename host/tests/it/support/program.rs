//! Running the program.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use serde_json::Value;
use tempfile::TempDir;

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Asserts a usage error with this code, help, and nothing on standard output.
    #[track_caller]
    pub(crate) fn is_usage_error(&self, code: &str) {
        assert_eq!(self.status, 2, "{self:?}");
        assert!(self.stderr.contains(&format!("[{code}]")), "{self:?}");
        assert!(self.stderr.contains("help"), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
    }
}

/// Runs the program. All runs of one test process share a cache of compiled modules.
pub(crate) fn sealstone<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Answer {
    sealstone_in(&[], arguments)
}

/// Runs the program with these variables in its environment.
pub(crate) fn sealstone_in<S: AsRef<OsStr>>(
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = S>,
) -> Answer {
    static CACHE: OnceLock<TempDir> = OnceLock::new();
    let cache = CACHE.get_or_init(|| tempfile::tempdir().unwrap());
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_sealstone"))
        .args(arguments)
        .env("SEALSTONE_CACHE_DIR", cache.path())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Answer {
        status: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// Puts the program at another place. Not as a copy where that can be helped: a file that was open for
/// writing while another test began a process cannot be run until that process has closed it.
pub(crate) fn place_program(path: &Path) {
    let program = env!("CARGO_BIN_EXE_sealstone");
    if fs::hard_link(program, path).is_err() {
        fs::copy(program, path).unwrap();
    }
}

/// Asserts that a decision is what its schema says.
#[track_caller]
pub(crate) fn assert_decision(decision: &Value) {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        let schema = sealstone(["schema", "decision"]).stdout;
        jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
    });
    let errors: Vec<_> = SCHEMA.iter_errors(decision).collect();
    assert!(errors.is_empty(), "{errors:?}\n{decision}");
}
