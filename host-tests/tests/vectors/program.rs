//! A few cases through the program itself, at the time of the clock: what stands in the environment,
//! exit status, and what is written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::CACHE;
use crate::cases::{artifact, command_line};

const PRODUCTION: &str = "PROD_TRUSTED_ROOT";
const STAGING: &str = "STAGING_TRUSTED_ROOT";

/// One run of the program.
struct Run {
    /// The case of sigstore-conformance.
    case: &'static str,
    /// A flag after the bundle.
    flag: Option<&'static str>,
    /// A variable that names a trust root of the vectors.
    variable: Option<(&'static str, &'static str)>,
    status: i32,
    /// The code on standard error; empty for nothing at all.
    code: &'static str,
}

const RUNS: &[(&str, Run)] = &[
    (
        "built-in-trust-root",
        Run {
            case: "happy-path-v0.3",
            flag: None,
            variable: None,
            status: 0,
            code: "",
        },
    ),
    (
        "production-trust-root",
        Run {
            case: "happy-path-v0.3",
            flag: None,
            variable: Some((PRODUCTION, "production.json")),
            status: 0,
            code: "",
        },
    ),
    (
        "other-production-trust-root",
        Run {
            case: "happy-path-v0.3",
            flag: None,
            variable: Some((PRODUCTION, "staging.json")),
            status: 1,
            code: "certificate.signature-invalid",
        },
    ),
    (
        "unreadable-production-trust-root",
        Run {
            case: "happy-path-v0.3",
            flag: None,
            variable: Some((PRODUCTION, "missing.json")),
            status: 3,
            code: "file.unreadable",
        },
    ),
    (
        "flag-before-production-trust-root",
        Run {
            case: "intoto-with-custom-trust-root",
            flag: None,
            variable: Some((PRODUCTION, "missing.json")),
            status: 0,
            code: "",
        },
    ),
    (
        "staging-without-trust-root",
        Run {
            case: "happy-path-v0.3",
            flag: Some("--staging"),
            variable: Some((PRODUCTION, "production.json")),
            status: 2,
            code: "trust-root.staging-missing",
        },
    ),
    (
        "staging-with-its-trust-root",
        Run {
            case: "happy-path-v0.3",
            flag: Some("--staging"),
            variable: Some((STAGING, "staging.json")),
            status: 1,
            code: "certificate.signature-invalid",
        },
    ),
    (
        "staging-with-flag",
        Run {
            case: "intoto-with-custom-trust-root",
            flag: Some("--staging"),
            variable: None,
            status: 0,
            code: "",
        },
    ),
    (
        "key",
        Run {
            case: "managed-key-happy-path",
            flag: None,
            variable: None,
            status: 0,
            code: "",
        },
    ),
    (
        "malformed-key",
        Run {
            case: "managed-key-wrong-key_fail",
            flag: None,
            variable: None,
            status: 2,
            code: "public-key.malformed",
        },
    ),
    (
        "rejected",
        Run {
            case: "signature-mismatch_fail",
            flag: None,
            variable: None,
            status: 1,
            code: "signature.invalid",
        },
    ),
];

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let trial = |(name, run): &'static (&str, Run)| {
        let vectors = vectors.to_path_buf();
        Trial::test(format!("conformance/program/{name}"), move || {
            check(run, &vectors)
        })
    };
    RUNS.iter().map(trial).collect()
}

fn check(run: &Run, vectors: &Path) -> Result<(), Failed> {
    let case = vectors.join("conformance").join(run.case);
    let mut arguments: Vec<OsString> = command_line(&case, artifact(&case));
    if let Some(flag) = run.flag {
        arguments.insert(2, flag.into());
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_sealstone-conformance"));
    program.args(arguments.iter().skip(1));
    program.env("SEALSTONE_CACHE_DIR", CACHE);
    program.env_remove(PRODUCTION).env_remove(STAGING);
    if let Some((variable, file)) = run.variable {
        let file: PathBuf = vectors.join("trusted-roots").join(file);
        program.env(variable, file);
    }
    let output = program.output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let as_expected = if run.code.is_empty() {
        errors.is_empty()
    } else {
        errors.starts_with(&format!("error[{}]: ", run.code))
    };
    if output.status.code() != Some(run.status) || !as_expected || !output.stdout.is_empty() {
        return Err(format!("{} {errors}", output.status).into());
    }
    Ok(())
}
