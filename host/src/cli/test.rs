//! `sealstone test`.

mod json;
mod junit;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::error::{Error, Exit};
use super::policy_source::module_for;
use super::{new_runtime, write_result, written};
use crate::limits::Limits;
use crate::policy_test::{self, Report, Settings, Tests, cover};

const EXAMPLES: &str = "\
A test file names a policy and cases: a request, evidence in a few lines, and what is to be decided.
The evidence is forged, and the policy believes the forger: each of its trust roots and keys is
replaced by a forged one under the same name. Nothing is asked of a network or a clock.
`sealstone schema policy-test` prints the JSON Schema of test files.

Examples:
  Every test below a folder, and what no case reaches:
    sealstone test policies --cover

  Some cases of a file, for a system that shows test reports:
    sealstone test policies/tests.yaml --filter provenance --output junit

Exit status: 0 every case passed, 1 a case failed or too little is covered, 2 usage or a malformed
file.";

/// Run policy tests.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Test files, and folders: there, every `*.yaml` with a line `kind: PolicyTest`.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Only cases whose name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// How many cases are decided at the same time [default: as many as there are processors].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// Write decisions to the files that `expect.decision` names, in place of comparing them.
    #[arg(long)]
    bless: bool,

    /// Name the rules, exceptions and codes that no case reaches.
    #[arg(long)]
    cover: bool,

    /// Fail when less of what there is to reach is reached. Implies --cover.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    cover_minimum: Option<u8>,

    /// How to write the results.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For systems that show test reports.
    Junit,
}

/// What is written.
struct Results<'a> {
    report: &'a Report,
    /// Whether coverage is reported.
    cover: bool,
    /// The share that is reached, and the one that is asked for.
    share: usize,
    minimum: usize,
}

impl Results<'_> {
    fn covers_enough(&self) -> bool {
        self.share >= self.minimum
    }
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let files =
        policy_test::find(&arguments.paths, &limits).map_err(|problem| Error::tests(&[problem]))?;
    if files.is_empty() {
        let message = "no test file was found";
        let help = "a test file is a `*.yaml` with the line `kind: PolicyTest`";
        return Err(Error::with_help("policy-test.none", message, help));
    }
    let tests = Tests::read(&files, &limits);
    let module = module_for(tests.have_rego(&limits), module, &limits)?;
    let module = new_runtime(&limits)?.load(&module)?;
    let settings = Settings {
        filter: arguments.filter.clone(),
        jobs: arguments.jobs.map_or(0, usize::from),
        bless: arguments.bless,
    };
    let report =
        policy_test::run(tests, &module, &settings).map_err(|problems| Error::tests(&problems))?;
    if report.cases.is_empty() {
        let message = "no case has such a name";
        let help = "--filter takes a part of the name of a case, letter by letter";
        return Err(Error::with_help("policy-test.none", message, help));
    }
    let results = Results {
        report: &report,
        cover: arguments.cover || arguments.cover_minimum.is_some(),
        share: cover::percent(&report.coverage),
        minimum: arguments.cover_minimum.map_or(0, usize::from),
    };
    match arguments.output {
        Output::Text => written(text::write(&results, &mut anstream::stdout().lock()))?,
        Output::Json => write_result(&json::document(&results))?,
        Output::Junit => write_result(junit::document(&results).as_bytes())?,
    }
    if report.failed() == 0 && results.covers_enough() {
        Ok(Exit::Success)
    } else {
        Ok(Exit::Denied)
    }
}
