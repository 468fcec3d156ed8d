//! The SDKs, each with one instance for all cases.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Failed, Trial};
use opa_wasm::Runtime;
use opa_wasm::wasmtime::{Config, Engine, Module, Store};
use sealstone_peers::Program;
use serde_json::{Value, json};

use crate::cases::{Case, module, shapes, vectors};

pub(crate) fn trials() -> Vec<Trial> {
    let program = |program: Program| {
        Trial::test(program.name(), move || {
            in_process_of(program.command()?, program.name()).map_err(Failed::from)
        })
    };
    vec![
        program(Program::OpaJs),
        program(Program::OpaPython),
        Trial::test("opa-rust", || rust().map_err(Failed::from)),
    ]
}

fn cases() -> Result<Vec<Case>> {
    let mut cases = vectors()?;
    cases.extend(shapes()?);
    Ok(cases)
}

/// A program that reads one job a line and writes one answer a line.
fn in_process_of(mut command: Command, name: &str) -> Result<()> {
    let mut child = command
        .arg(module())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{command:?} does not start"))?;
    let mut jobs = child.stdin.take().context("standard input is a pipe")?;
    let output = child.stdout.take().context("standard output is a pipe")?;
    let mut answers = BufReader::new(output).lines();
    for case in cases()? {
        let job = json!({"entrypoint": case.entrypoint, "input": case.input, "data": case.data});
        writeln!(jobs, "{job}")?;
        let line = answers.next().context("it ended")??;
        let mut answer: Value = serde_json::from_str(&line)?;
        let results = answer["results"].as_array_mut();
        let Some([result]) = results.map(Vec::as_mut_slice) else {
            bail!("{name}, {}: {answer}", case.name);
        };
        case.check(name, &result["result"].take())?;
    }
    drop(jobs);
    let status = child.wait()?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

/// The crate `opa-wasm`, in this process.
fn rust() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let engine = Engine::new(&Config::new()).map_err(|error| anyhow::anyhow!("{error}"))?;
        let module = Module::from_file(&engine, module());
        let module = module.map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut store = Store::new(&engine, ());
        let mut loaded = Runtime::new(&mut store, &module).await?;
        ensure!(
            loaded.default_entrypoint() == Some("sealstone/review"),
            "entrypoint 0"
        );
        for case in cases()? {
            let policy = loaded.with_data(&mut store, &case.data).await?;
            let results: Value = policy
                .evaluate(&mut store, case.entrypoint, &case.input)
                .await?;
            case.check("opa-rust", &results[0]["result"])?;
            loaded = Runtime::new(&mut store, &module).await?;
        }
        Ok(())
    })
}
