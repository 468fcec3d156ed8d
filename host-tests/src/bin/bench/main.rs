//! How long a decision takes, as JSON on standard output: natively, with the engine linked into this
//! program, in the component, and in other verifiers. `cargo xtask bench` builds, runs and renders it.

mod bundles;
mod case;
mod clock;
mod layouts;
mod measure;
mod others;
mod policy_tests;
mod series;
mod ways;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use clap::Parser;
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, Module, Runtime};
use serde_json::{Value, json};

use crate::measure::Medians;
use crate::others::{Cost, Others};

/// Measures decisions and writes a report in JSON.
#[derive(Debug, Parser)]
struct Arguments {
    /// The component to measure; without it, the one of this checkout
    component: Option<PathBuf>,
    /// A build of the component that takes every signature for valid: what remains is not signatures
    #[arg(long)]
    without_signatures: Option<PathBuf>,
    /// Measure the other verifiers that are programs of their own, too
    #[arg(long)]
    peers: bool,
    /// Leave out how the time grows with images, rules and evidence
    #[arg(long)]
    no_series: bool,
    /// Only cases whose name contains this
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("this package lies in the workspace")?;
    let vectors = env::var_os("SEALSTONE_VECTORS")
        .map_or_else(|| root.join("../shared/vectors"), PathBuf::from);
    let temporary = tempfile::tempdir()?;

    let mut cases = Vec::new();
    if vectors.is_dir() {
        cases.extend(bundles::public(&vectors)?);
    }
    cases.extend(bundles::github(temporary.path())?);
    cases.push(layouts::example(root)?);
    if vectors.is_dir() {
        cases.extend(layouts::containers(&vectors)?);
    } else {
        eprintln!(
            "no vectors at `{}`: only what this project holds is measured",
            vectors.display()
        );
    }
    cases.retain(|case| case.name.contains(&arguments.only));

    let limits = Limits::default();
    let module = load(arguments.component.as_deref(), limits.clone())?;
    let unchecked = match &arguments.without_signatures {
        Some(path) => Some(load(Some(path), limits)?),
        None => None,
    };
    let mut others = Others::start(arguments.peers)?;
    let mut decisions = Vec::new();
    for case in &cases {
        eprintln!("measuring {}", case.name);
        let medians = measure::medians(case, &module, unchecked.as_ref(), &mut others)
            .with_context(|| format!("cannot measure {}", case.name))?;
        decisions.push(decision(case, &medians));
    }
    let series = if arguments.no_series {
        Vec::new()
    } else {
        eprintln!("measuring how the time grows");
        let mut unbounded = Limits::default();
        unbounded.fuel = u64::MAX;
        let module = load(arguments.component.as_deref(), unbounded)?;
        series::measure(&module).context("cannot measure how the time grows")?
    };
    let policy_tests = if policy_tests::NAME.contains(&arguments.only) {
        eprintln!("measuring policy tests");
        Some(policy_tests::measure(temporary.path()).context("cannot measure policy tests")?)
    } else {
        None
    };
    let report = json!({
        "policyTests": policy_tests,
        "unit": "microseconds of processor time per decision, median",
        "passes": measure::PASSES,
        "decisions": decisions,
        "series": series,
    });
    writeln!(io::stdout(), "{report:#}")?;
    Ok(())
}

fn load(path: Option<&Path>, limits: Limits) -> Result<Module> {
    let component = match path {
        Some(path) => {
            fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?
        }
        None => COMPONENT.to_vec(),
    };
    Ok(Runtime::new(limits, &CacheLocation::None)?.load(&component)?)
}

fn decision(case: &case::Case, medians: &Medians) -> Value {
    let others = medians.others.iter().map(|(name, cost)| match cost {
        Cost::Microseconds(cost) => json!({
            "name": name,
            "microseconds": cost,
            "ratio": cost / medians.component_fresh,
        }),
        Cost::Nothing(reason) => json!({ "name": name, "notMeasured": reason }),
    });
    json!({
        "case": case.name,
        "evidenceBytes": case.evidence_bytes(),
        "native": { "reused": medians.native_reused, "once": medians.native_once },
        "component": {
            "reused": medians.component_reused,
            "fresh": medians.component_fresh,
            "once": medians.component_once,
        },
        "rest": medians.rest.map(|(reused, fresh)| json!({ "reused": reused, "fresh": fresh })),
        "others": others.collect::<Vec<_>>(),
    })
}
