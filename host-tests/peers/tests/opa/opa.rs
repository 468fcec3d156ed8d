//! `opa` itself, which gets the module in a bundle that `sealstone bundle` writes.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Failed, Trial};
use sealstone_peers::Program;
use serde_json::{Value, json};

use crate::cases::{Case, is_written_alike, module, shapes, vector, vectors};

/// How long the server may take to start: it compiles the module first.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("opa-eval", || eval().map_err(Failed::from)),
        Trial::test("opa-server", || server().map_err(Failed::from)),
        Trial::test("opa-rego", || rego().map_err(Failed::from)),
    ]
}

/// `sealstone bundle` with that policy.
fn bundle(folder: &Path, policy: &Value) -> Result<PathBuf> {
    let document = folder.join("policy.json");
    std::fs::write(&document, policy.to_string())?;
    let bundle = folder.join("bundle.tar.gz");
    let program = std::env::var_os("SEALSTONE_PROGRAM")
        .context("SEALSTONE_PROGRAM names no program; run this suite by `cargo xtask hosts`")?;
    let output = Command::new(program)
        .args(["bundle".as_ref(), "--policy".as_ref(), document.as_os_str()])
        .args(["--opa-module".as_ref(), module().as_os_str()])
        .args(["--output".as_ref(), bundle.as_os_str()])
        .env("SEALSTONE_CACHE_DIR", env!("CARGO_TARGET_TMPDIR"))
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(bundle)
}

/// The cases that a bundle with that policy can answer: vectors bring theirs in the input.
fn cases_of(name: &str) -> Result<Vec<Case>> {
    let vector = vector(name)?;
    let shapes = shapes()?.into_iter();
    let mut cases: Vec<Case> = shapes
        .filter(|case| case.data["sealstone"]["policy"] == vector["call"]["policy"])
        .collect();
    for case in &mut cases {
        // A bundle has no time; the input brings it.
        case.input["now"] = vector["call"]["now"].clone();
    }
    ensure!(!cases.is_empty(), "{name} has no case");
    Ok(cases)
}

fn eval() -> Result<()> {
    let opa = Program::Opa.install()?;
    for name in [
        "opa-in-policy",
        "opa-in-policy-by-another",
        "opa-in-annotation",
    ] {
        let folder = tempfile::tempdir()?;
        let bundle = bundle(folder.path(), &vector(name)?["call"]["policy"])?;
        let input = folder.path().join("input.json");
        let mut cases = cases_of(name)?;
        if name == "opa-in-policy" {
            cases.extend(vectors()?.into_iter().take(4));
        }
        for case in cases {
            std::fs::write(&input, case.input.to_string())?;
            let output = Command::new(&opa)
                .args(["eval".as_ref(), "--bundle".as_ref(), bundle.as_os_str()])
                .args(["--input".as_ref(), input.as_os_str()])
                .args(["--format=json", &query(&case)])
                .output()?;
            let said = String::from_utf8_lossy(&output.stdout);
            ensure!(output.status.success(), "{said}");
            let mut answer: Value = serde_json::from_str(&said)?;
            let value = &mut answer["result"][0]["expressions"][0]["value"];
            case.check("opa eval", &value.take())?;
        }
    }
    Ok(())
}

fn query(case: &Case) -> String {
    format!("data.{}", case.entrypoint.replace('/', "."))
}

fn server() -> Result<()> {
    for name in ["opa-in-policy", "opa-in-annotation-by-another"] {
        let folder = tempfile::tempdir()?;
        let server = Server::start(&bundle(folder.path(), &vector(name)?["call"]["policy"])?)?;
        let mut cases = cases_of(name)?;
        cases.extend(vectors()?);
        // More than one pass: the server keeps its instances.
        for case in cases.iter().chain(&cases) {
            let path = format!("/v1/data/{}", case.entrypoint);
            let answer = server.post("POST", &path, &json!({"input": case.input}))?;
            case.check("opa run", &answer["result"])?;
        }
    }
    // Data pushed to the server reaches the module in place.
    let folder = tempfile::tempdir()?;
    let good = vector("opa-in-policy")?;
    let server = Server::start(&bundle(folder.path(), &good["call"]["policy"])?)?;
    let input = json!({"input": {"request": good["call"]["request"], "now": good["call"]["now"]}});
    for _ in 0..2 {
        let answer = server.post("POST", "/v1/data/sealstone/decide", &input)?;
        ensure!(answer["result"] == good["decision"], "{answer}");
        // Outside of the roots of the bundle, beside what the module reads.
        server.post("PUT", "/v1/data/other", &json!({"text": "\u{1f600}\u{7f}"}))?;
    }
    Ok(())
}

/// Rego asks for a decision like for any other document.
fn rego() -> Result<()> {
    let opa = Program::Opa.install()?;
    let folder = tempfile::tempdir()?;
    let good = vector("opa-in-policy")?;
    let bundle = bundle(folder.path(), &good["call"]["policy"])?;
    let module = folder.path().join("admission.rego");
    std::fs::write(
        &module,
        "package admission\n\nimport rego.v1\n\ndecision := d if {\n\
         \td := data.sealstone.decide with input as {\"request\": input.asked, \"now\": input.now}\n}\n\n\
         # A set and a text with escapes of Go's own: no JSON.\n\
         odd := d if {\n\td := data.sealstone.decide with input as \
         {\"request\": {\"images\": {x | some x in input.asked.images}}, \"now\": input.now}\n}\n",
    )?;
    let input = folder.path().join("input.json");
    let asked = json!({"asked": good["call"]["request"], "now": good["call"]["now"]});
    std::fs::write(&input, asked.to_string())?;
    for query in ["data.admission.decision", "data.admission.odd"] {
        let output = Command::new(&opa)
            .args(["eval".as_ref(), "--bundle".as_ref(), bundle.as_os_str()])
            .args(["--data".as_ref(), module.as_os_str()])
            .args(["--input".as_ref(), input.as_os_str()])
            .args(["--format=json", query])
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let answer: Value = serde_json::from_str(&said)?;
        let value = &answer["result"][0]["expressions"][0]["value"];
        ensure!(
            is_written_alike(value, &good["decision"]),
            "{query}: {said}"
        );
    }
    Ok(())
}

/// `opa run --server` on the loopback interface.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub(crate) fn start(bundle: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(Program::Opa.install()?)
            .args([
                "run",
                "--server",
                "--skip-version-check",
                "--log-level=error",
            ])
            .args(["--addr", &address, "--bundle"])
            .arg(bundle)
            .stdin(Stdio::null())
            .spawn()?;
        let mut server = Self { child, address };
        let start = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("opa ended with {status}");
            }
            ensure!(start.elapsed() < PATIENCE, "opa does not listen");
            thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    /// Sends a document over HTTP; the answer, `null` for none.
    pub(crate) fn post(&self, method: &str, path: &str, document: &Value) -> Result<Value> {
        let body = document.to_string();
        let mut connection = TcpStream::connect(&self.address)?;
        write!(
            connection,
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP")?;
        ensure!(head.contains(" 200 ") || head.contains(" 204 "), "{answer}");
        match body.trim() {
            "" => Ok(Value::Null),
            body => Ok(serde_json::from_str(body)?),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
