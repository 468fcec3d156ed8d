//! `sealstone bundle`.

mod evidence;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::error::{Error, Exit};
use super::policy_source::Uncompiled;
use super::{read, released};
use crate::limits::{Limit, Limits};
use crate::opa_bundle::{self, Content};

const EXAMPLES: &str = "\
Examples:
  A bundle for `opa run --server --bundle` and `opa eval --bundle` (an opa with wasm):
    sealstone bundle --policy policy.yaml --output bundle.tar.gz

  With evidence, for hosts that fetch none, and a trust root that the policy leaves to the host:
    sealstone bundle --policy policy.yaml --trusted-root private=trusted_root.json \\
        --evidence evidence.json --output bundle.tar.gz

docs/guides/opa.md shows how OPA uses it.

Exit status: 0 the bundle was written, 2 usage or a policy with problems, 3 it could not be written.";

/// Write an OPA bundle: the module for OPA, with policy, trust roots and evidence as data.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Policy document, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,

    /// Evidence document, JSON.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,

    /// Trust root (Sigstore `trusted_root.json`) for the name in the policy, or for every name that
    /// the policy leaves without content. The root named `public-good` is built in.
    #[arg(long = "trusted-root", value_name = "[NAME=]FILE")]
    trusted_roots: Vec<String>,

    /// Module for OPA. Default: `sealstone-opa.wasm` beside this program, or in the folder
    /// `artifacts` beside its folder.
    #[arg(long, value_name = "FILE")]
    opa_module: Option<PathBuf>,

    /// Where to write the bundle, a tar archive with gzip.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let source = Uncompiled::read(&arguments.policy, &arguments.trusted_roots, module, &limits)?;
    // What OPA would find out on every request is found out here.
    source.compile()?;
    let roots = source.roots.iter().map(|root| {
        let content: Value = serde_json::from_slice(&root.content).unwrap_or_default();
        json!({"name": root.name, "trustedRoot": content})
    });
    let evidence = match &arguments.evidence {
        Some(path) => {
            let maximum = limits.evidence_total_bytes;
            let text = read(path, "evidence", Limit::EvidenceTotalBytes, maximum)?;
            Some(evidence::images(path, &text)?)
        }
        None => None,
    };
    let bundle = opa_bundle::write(&Content {
        policy: serde_json::from_slice(source.document.json()).unwrap_or_default(),
        trusted_roots: roots.collect(),
        evidence,
        module: opa_module(arguments.opa_module.as_deref(), &limits)?,
    });
    let bundle = bundle.map_err(|error| Error::output(&error))?;
    fs::write(&arguments.output, bundle).map_err(|error| {
        let message = format!(
            "`{}` cannot be written: {error}",
            arguments.output.display()
        );
        Error::usage("file.unwritable", message)
    })?;
    Ok(Exit::Success)
}

/// Reads the module for OPA: the named one, else the one that stands where releases and builds put it.
fn opa_module(named: Option<&Path>, limits: &Limits) -> Result<Vec<u8>, Error> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => released::find(released::OPA).ok_or_else(|| {
            let message = format!("there is no `{}` beside this program", released::OPA);
            Error::usage("module.opa-missing", message)
        })?,
    };
    let module = read(
        &path,
        "module for OPA",
        Limit::ModuleBytes,
        limits.module_bytes,
    )?;
    if opa_bundle::is_opa_module(&module) {
        return Ok(module);
    }
    let message = format!("`{}` is no module of the OPA Wasm ABI 1.3", path.display());
    Err(Error::usage("module.not-opa", message))
}
