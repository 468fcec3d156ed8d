//! How long a decision takes, as JSON on standard output: natively, with the engine linked into
//! this program, and in the component. `cargo xtask bench` builds, runs and renders it.
//!
//! With a path as its argument it measures the component in that file.

mod case;
mod clock;
mod measure;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, Runtime};
use serde_json::json;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("this package lies in the workspace")?;
    let vectors = env::var_os("SEALSTONE_VECTORS")
        .map_or_else(|| root.join("../shared/vectors"), PathBuf::from);

    let mut cases = vec![case::example(root)?];
    if vectors.is_dir() {
        cases.extend(case::containers(&vectors)?);
    } else {
        eprintln!(
            "no vectors at `{}`: only the example is measured",
            vectors.display()
        );
    }

    let component = match env::args_os().nth(1) {
        Some(path) => {
            fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?
        }
        None => COMPONENT.to_vec(),
    };
    let module = Runtime::new(Limits::default(), &CacheLocation::None)?.load(&component)?;
    let mut decisions = Vec::new();
    for case in &cases {
        eprintln!("measuring {}", case.name);
        let medians = measure::medians(case, &module)
            .with_context(|| format!("cannot measure {}", case.name))?;
        decisions.push(json!({
            "case": case.name,
            "evidenceBytes": case.evidence_bytes(),
            "native": { "reused": medians.native_reused, "once": medians.native_once },
            "component": {
                "reused": medians.component_reused,
                "fresh": medians.component_fresh,
                "once": medians.component_once,
            },
        }));
    }
    let report = json!({
        "unit": "microseconds of thread CPU time per decision, median",
        "passes": measure::PASSES,
        "decisions": decisions,
    });
    writeln!(io::stdout(), "{report:#}")?;
    Ok(())
}
