//! `cargo xtask bench`

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::artifact::{ARTIFACTS, Size};
use crate::task::test;
use crate::workspace::Workspace;
use crate::{guest, progress};

/// Print microseconds per decision, native and in the component, and the size of each module
///
/// Time is CPU time of the deciding thread, the median of interleaved passes in one process.
/// *reused*: one instance, the policy prepared before. *fresh*: a new instance for each decision,
/// which begins with the policy prepared. *once*: a new instance that compiles the policy first, as
/// the program does for one image.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// How to print the numbers
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    guest::build(workspace)?;
    let mut report = measure(workspace)?;
    let modules = ARTIFACTS
        .iter()
        .map(|artifact| {
            let size = Size::of(&workspace.artifacts().join(artifact.file))?;
            Ok(json!({ "file": artifact.file, "raw": size.raw, "gzip": size.gzip }))
        })
        .collect::<Result<Vec<Value>>>()?;
    report
        .as_object_mut()
        .context("the benchmark reports an object")?
        .insert("modules".to_owned(), Value::Array(modules));
    match arguments.format {
        Format::Json => println!("{report:#}"),
        Format::Text => print_text(&report)?,
    }
    Ok(())
}

/// Runs the benchmark program and returns its report.
fn measure(workspace: &Workspace) -> Result<Value> {
    let mut build = workspace.cargo("build");
    let package = ["--package", "sealstone-host-tests", "--bin", "bench"];
    build.args(["--locked", "--release"]).args(package);
    progress::run("build the benchmark", &mut build)?;
    let mut bench = workspace.cargo("run");
    bench
        .args(["--locked", "--release", "--quiet"])
        .args(package);
    if let Some(folder) = test::vectors(workspace)? {
        bench.env("SEALSTONE_VECTORS", folder);
    }
    let output = progress::work("measure", || {
        bench
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run the benchmark")
    })?;
    ensure!(
        output.status.success(),
        "the benchmark ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).context("the benchmark reports no JSON")
}

fn print_text(report: &Value) -> Result<()> {
    println!("{}", string(report, "/unit")?);
    println!(
        "{:<56}{:>8}{:>8}{:>11}{:>11}{:>11}",
        "", "native", "native", "component", "component", "component"
    );
    println!(
        "{:<56}{:>8}{:>8}{:>11}{:>11}{:>11}",
        "case", "reused", "once", "reused", "fresh", "once"
    );
    for decision in list(report, "/decisions")? {
        println!(
            "{:<56}{:>8.0}{:>8.0}{:>11.0}{:>11.0}{:>11.0}",
            string(decision, "/case")?,
            number(decision, "/native/reused")?,
            number(decision, "/native/once")?,
            number(decision, "/component/reused")?,
            number(decision, "/component/fresh")?,
            number(decision, "/component/once")?,
        );
    }
    println!();
    println!("bytes                   raw       gzip");
    for module in list(report, "/modules")? {
        println!(
            "{:<16}{:>11}{:>11}",
            string(module, "/file")?,
            number(module, "/raw")?,
            number(module, "/gzip")?,
        );
    }
    Ok(())
}

fn list<'v>(value: &'v Value, pointer: &str) -> Result<&'v Vec<Value>> {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.with_context(|| format!("the report has no list `{pointer}`"))
}

fn string<'v>(value: &'v Value, pointer: &str) -> Result<&'v str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("the report has no text `{pointer}`"))
}

fn number(value: &Value, pointer: &str) -> Result<f64> {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    found.with_context(|| format!("the report has no number `{pointer}`"))
}
