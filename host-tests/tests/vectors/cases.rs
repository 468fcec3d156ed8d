//! Every case of sigstore-conformance through the module: `*_fail` is refused with the code that the
//! verifier gives natively, every other case verifies.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libtest_mimic::{Failed, Trial};
use sealstone::digest::Digest;
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, Module, Runtime};
use sealstone_host_tests::conformance::{Command, Error, RootFiles, Verification};

use crate::CACHE;

/// 2026-11-01T00:00:00Z.
const NOW: u64 = 1_793_491_200;

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The code of each refusal, which the suite of the verifier reads too.
const CODES: &str = include_str!("../../../policy/verify/tests/vectors/conformance.txt");

/// The module, compiled once for all cases.
static MODULE: LazyLock<Module> = LazyLock::new(|| {
    let cache = CacheLocation::Folder(CACHE.into());
    let runtime = Runtime::new(Limits::default(), &cache).expect("the machine runs modules");
    runtime.load(COMPONENT).expect("the module can be used")
});

/// How a case names its artifact.
#[derive(Clone, Copy, Debug)]
enum By {
    Digest,
    Path,
}

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(vectors.join("conformance"))
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    let mut trials = vec![listed(&cases)];
    for case in &cases {
        for (by, word) in [(By::Path, "path"), (By::Digest, "digest")] {
            let case = case.clone();
            trials.push(Trial::test(
                format!("conformance/{}/by-{word}", name(&case)),
                move || check(&case, by),
            ));
        }
    }
    trials
}

/// The command line of a case, the name of the program first.
pub(crate) fn command_line(case: &Path, artifact: impl Into<OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["sealstone-conformance".into(), "verify-bundle".into()];
    let mut flag = |name: &str, value: OsString| arguments.extend([name.into(), value]);
    flag("--bundle", case.join("bundle.sigstore.json").into());
    let key = case.join("key.pub");
    if key.exists() {
        flag("--key", key.into());
    } else {
        let expected = |file: &str, default: &str| {
            let text = std::fs::read_to_string(case.join(file));
            text.map_or_else(|_| default.into(), |text| text.trim().into())
        };
        flag("--certificate-identity", expected("identity", IDENTITY));
        flag("--certificate-oidc-issuer", expected("issuer", ISSUER));
    }
    let root = case.join("trusted_root.json");
    if root.exists() {
        flag("--trusted-root", root.into());
    }
    arguments.push(artifact.into());
    arguments
}

/// The artifact of a case.
pub(crate) fn artifact(case: &Path) -> PathBuf {
    let own = case.join("artifact");
    if own.exists() {
        own
    } else {
        case.join("../a.txt")
    }
}

fn codes() -> BTreeMap<&'static str, &'static str> {
    CODES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect()
}

fn name(case: &Path) -> String {
    let name = case.file_name().expect("a case has a name");
    name.to_string_lossy().into_owned()
}

/// The table lists the cases that must fail, and no other.
fn listed(cases: &[PathBuf]) -> Trial {
    let failing: Vec<String> = cases
        .iter()
        .map(|case| name(case))
        .filter(|name| name.ends_with("_fail"))
        .collect();
    Trial::test("conformance/codes", move || {
        let listed: Vec<&str> = codes().into_keys().collect();
        if listed.is_empty() || listed != failing {
            return Err(format!("{failing:?} instead of {listed:?}").into());
        }
        Ok(())
    })
}

fn check(case: &Path, by: By) -> Result<(), Failed> {
    let artifact = artifact(case);
    let argument = match by {
        By::Path => artifact.into_os_string(),
        By::Digest => Digest::of(&std::fs::read(artifact)?).to_string().into(),
    };
    let outcome = verify(command_line(case, argument));
    let codes = codes();
    let expected = codes.get(name(case).as_str());
    match (&outcome, expected) {
        (Ok(()), None) => Ok(()),
        (Err(error), Some(code)) if error.code() == *code && error.exit_status() != 0 => Ok(()),
        (outcome, expected) => Err(format!("{outcome:?} instead of {expected:?}").into()),
    }
}

fn verify(command_line: Vec<OsString>) -> Result<(), Error> {
    let command = Command::parse(command_line)?;
    Verification::new(&command, &RootFiles::default())?.run(&MODULE, NOW)
}
