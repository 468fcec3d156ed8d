//! policy-server itself evaluates the policy: it loads the file, reads the settings, and answers reviews.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::keys::Key;
use crate::kwctl::module;
use crate::policy::{pod, signed};

/// Names the program.
const POLICY_SERVER: &str = "SEALSTONE_POLICY_SERVER";

/// How long it may take to compile the policy.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn trials() -> Vec<Trial> {
    let trial = Trial::test("policy-server", || {
        check().map_err(|error| Failed::from(format!("{error:#}")))
    });
    vec![trial.with_ignored_flag(std::env::var_os(POLICY_SERVER).is_none())]
}

/// A running policy-server.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            self.0.wait().ok();
        }
    }
}

fn check() -> Result<()> {
    let program = std::env::var_os(POLICY_SERVER).context("the program is named")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("policy-server");
    fs::create_dir_all(&folder)?;
    let policies = json!({"sealstone": {
        "url": format!("file://{}", module()?.display()),
        "allowedToMutate": true,
        "hostCapabilities": ["*"],
        "settings": signed(&Key::EcdsaP256.public()?, &Value::Null),
    }});
    // JSON is YAML.
    fs::write(folder.join("policies.yml"), policies.to_string())?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let address = format!("127.0.0.1:{port}");
    let child = Command::new(program)
        .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
        .arg("--policies")
        .arg(folder.join("policies.yml"))
        .arg("--policies-download-dir")
        .arg(&folder)
        .arg("--ignore-kubernetes-connection-failure")
        .env_remove("NO_COLOR")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut server = Server(child);
    let start = Instant::now();
    while TcpStream::connect(&address).is_err() {
        if let Some(status) = server.0.try_wait()? {
            bail!("policy-server ended: {status}");
        }
        ensure!(start.elapsed() < PATIENCE, "policy-server does not start");
        thread::sleep(Duration::from_millis(100));
    }
    // The registry at this address does not answer: the policy says so, and not the server.
    let image = format!("127.0.0.1:1/app@sha256:{}", "0".repeat(64));
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": pod(&image)});
    let answer = ureq::post(format!("http://{address}/validate/sealstone"))
        .header("Content-Type", "application/json")
        .send(review.to_string())?
        .body_mut()
        .read_to_string()?;
    let answer: Value = serde_json::from_str(&answer)?;
    ensure!(
        answer.pointer("/response/allowed") == Some(&false.into()),
        "{answer}"
    );
    let message = answer
        .pointer("/response/status/message")
        .and_then(Value::as_str);
    let is_ours = |text: &str| text.contains("(kubewarden.registry-unavailable)");
    ensure!(message.is_some_and(is_ours), "{answer}");
    Ok(())
}
