//! `cargo xtask bench`

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::artifact::{ARTIFACTS, Size};
use crate::task::test;
use crate::workspace::Workspace;
use crate::{guest, progress, unchecked};

/// Print microseconds per decision, native and in the component, and the size of each module
///
/// Time is CPU time, the median of interleaved passes. *reused*: one instance, the policy prepared
/// before. *fresh*: a new instance for each decision, which begins with the policy prepared. *once*: a
/// new instance that compiles the policy first, as the program does for one image. *rest*: as reused and fresh,
/// in a component built without signature checks. Then other verifiers on the same evidence, with
/// what they take of our time in *fresh*; and how the time grows with images, rules and evidence.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// How to print the numbers
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Measure sigstore-go, sigstore-python and @sigstore/verify as well (needs go, python3, npm)
    #[arg(long)]
    peers: bool,

    /// Only cases whose name contains this, and no growth; `policy-tests` for a thousand policy tests
    #[arg(long)]
    only: Option<String>,
}

/// The name of a measurement that is no case.
const POLICY_TESTS: &str = "policy-tests";

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    guest::build_all(workspace)?;
    // Policy tests alone are not measured without signature checks.
    let unchecked = match arguments.only.as_deref() {
        Some(POLICY_TESTS) => None,
        _ => Some(unchecked::build(workspace)?),
    };
    let mut report = measure(workspace, arguments, unchecked.as_deref())?;
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
fn measure(
    workspace: &Workspace,
    arguments: &Arguments,
    unchecked: Option<&Path>,
) -> Result<Value> {
    let mut build = workspace.cargo("build");
    let package = ["--package", "sealstone-host-tests", "--bin", "bench"];
    build.args(["--locked", "--release"]).args(package);
    progress::run("build the benchmark", &mut build)?;
    let mut bench = workspace.cargo("run");
    bench
        .args(["--locked", "--release", "--quiet"])
        .args(package)
        .arg("--");
    if let Some(unchecked) = unchecked {
        bench.arg("--without-signatures").arg(unchecked);
    }
    if arguments.peers {
        bench.arg("--peers");
    }
    if let Some(only) = &arguments.only {
        bench.args(["--no-series", "--only", only]);
    }
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
    let decisions = list(report, "/decisions")?;
    print_decisions(decisions)?;
    print_others(decisions)?;
    for series in list(report, "/series")? {
        print_series(series)?;
    }
    if let Ok(seconds) = number(report, "/policyTests/seconds") {
        println!();
        println!(
            "{} policy tests: {seconds:.1} s with {} jobs ({:.1} s of processor time), {:.1} s with one",
            number(report, "/policyTests/cases")?,
            number(report, "/policyTests/jobs")?,
            number(report, "/policyTests/processorSeconds")?,
            number(report, "/policyTests/secondsAlone")?,
        );
    }
    println!();
    println!("bytes                                       raw       gzip");
    for module in list(report, "/modules")? {
        println!(
            "{:<36}{:>11}{:>11}",
            string(module, "/file")?,
            number(module, "/raw")?,
            number(module, "/gzip")?,
        );
    }
    Ok(())
}

fn print_decisions(decisions: &[Value]) -> Result<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    println!(
        "{:<56}{:>8}{:>8}{:>11}{:>11}{:>11}{:>8}{:>8}",
        "", "native", "native", "component", "component", "component", "rest", "rest"
    );
    println!(
        "{:<56}{:>8}{:>8}{:>11}{:>11}{:>11}{:>8}{:>8}",
        "case", "reused", "once", "reused", "fresh", "once", "reused", "fresh"
    );
    for decision in decisions {
        println!(
            "{:<56}{:>8.0}{:>8.0}{:>11.0}{:>11.0}{:>11.0}{:>8.0}{:>8.0}",
            string(decision, "/case")?,
            number(decision, "/native/reused")?,
            number(decision, "/native/once")?,
            number(decision, "/component/reused")?,
            number(decision, "/component/fresh")?,
            number(decision, "/component/once")?,
            number(decision, "/rest/reused")?,
            number(decision, "/rest/fresh")?,
        );
    }
    Ok(())
}

/// What others take, in microseconds and as a multiple of our *fresh*.
fn print_others(decisions: &[Value]) -> Result<()> {
    println!();
    let Some(first) = decisions.first() else {
        return Ok(());
    };
    print!("{:<56}", "others, and their time in ours (component fresh)");
    for other in list(first, "/others")? {
        print!("{:>18}", string(other, "/name")?);
    }
    println!();
    let mut reasons = Vec::new();
    for decision in decisions {
        print!("{:<56}", string(decision, "/case")?);
        for other in list(decision, "/others")? {
            if let Ok(cost) = number(other, "/microseconds") {
                print!("{cost:>10.0} {:>7.2}", number(other, "/ratio")?);
            } else {
                print!("{:>18}", "-");
                reasons.push(format!(
                    "{}, {}: {}",
                    string(decision, "/case")?,
                    string(other, "/name")?,
                    string(other, "/notMeasured")?
                ));
            }
        }
        println!();
    }
    for reason in reasons {
        println!("- {reason}");
    }
    Ok(())
}

/// One series, with the ratio of each point to the straight line between its ends.
fn print_series(series: &Value) -> Result<()> {
    println!();
    println!(
        "{}, the others fixed (at most {} images, {} rules, {} pieces each)",
        string(series, "/of")?,
        number(series, "/images")?,
        number(series, "/rules")?,
        number(series, "/pieces")?
    );
    println!("{:>8}{:>12}{:>10}", "number", "ms", "to line");
    for point in list(series, "/points")? {
        println!(
            "{:>8}{:>12.1}{:>10.2}",
            number(point, "/size")?,
            number(point, "/microseconds")? / 1000.0,
            number(point, "/ratioToLine")?
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
