//! `sealstone policy check`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::report::{Image, Report};
use crate::cli::error::{Error, Exit};
use crate::cli::policy_source::Uncompiled;
use crate::cli::{Output, write_result, written};
use crate::digest::Digest;
use crate::limits::Limits;
use crate::policy::{Warning, Weakness, explanation, warnings};
use crate::runtime::{Failure, ImageEvidence, Policy};

const EXAMPLES: &str = "\
Examples:
  All problems of a policy, or what it demands and where it is weak:
    sealstone policy check policy.yaml

  In CI: fail on warnings, and on images that no rule speaks of:
    sealstone policy check policy.yaml --deny-warnings --image registry.example/team/app

  With a trust root that the policy leaves to the host:
    sealstone policy check policy.yaml --trusted-root private=trusted_root.json --output json

docs/reference/policy-warnings.md explains each warning.

Exit status: 0 the policy can be used, 1 there are warnings and --deny-warnings is given, 2 usage or
a policy with problems, 3 the policy could not be checked.";

/// Check a policy: show all of its problems, or what it demands and where it is weak.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Policy document, YAML or JSON.
    policy: PathBuf,

    /// Image that the policy should speak of. Can be given several times.
    #[arg(long = "image", value_name = "REFERENCE")]
    images: Vec<String>,

    /// Trust root (Sigstore `trusted_root.json`) for the name in the policy, or for every name that
    /// the policy leaves without content. The root named `public-good` is built in.
    #[arg(long = "trusted-root", value_name = "[NAME=]FILE")]
    trusted_roots: Vec<String>,

    /// End with the status 1 if there are warnings.
    #[arg(long)]
    deny_warnings: bool,

    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let source = Uncompiled::read(&arguments.policy, &arguments.trusted_roots, module, &limits)?;
    let mut policy = match source.compile() {
        Ok(policy) => policy,
        Err(Failure::Policy(problems)) if arguments.output == Output::Json => {
            write_json(&Report::of_problems(&problems))?;
            return Ok(Exit::Usage);
        }
        Err(failure) => return Err(failure.into()),
    };
    let document: Value = serde_json::from_slice(source.document.json()).unwrap_or_default();
    let images = images(&mut policy, &arguments.images)?;
    let mut warnings = warnings(&document);
    for image in images.iter().filter(|image| !image.covered) {
        let reference = image.reference.clone();
        warnings.push(Warning::new("", Weakness::ImageNotCovered { reference }));
    }
    let report = Report::of_policy(&document, explanation(&document), &warnings, images);
    match arguments.output {
        Output::Json => write_json(&report)?,
        Output::Text => written(report.write(&mut anstream::stdout().lock()))?,
    }
    Ok(match arguments.deny_warnings && !warnings.is_empty() {
        true => Exit::Denied,
        false => Exit::Success,
    })
}

fn write_json(report: &Report) -> Result<(), Error> {
    let mut json = report.to_json().to_string().into_bytes();
    json.push(b'\n');
    write_result(&json)
}

/// Asks the module which rules speak of the images, by a decision without evidence.
fn images(policy: &mut Policy, references: &[String]) -> Result<Vec<Image>, Error> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let images = references.iter().map(|reference| {
        // Which rules match does not depend on the digest, but a decision wants one.
        let digest = Digest::of(b"").to_string();
        match reference.contains('@') {
            true => json!({"reference": reference}),
            false => json!({"reference": reference, "digest": digest}),
        }
    });
    let request = json!({"images": images.collect::<Vec<_>>()}).to_string();
    let wanted = policy.images(request.as_bytes())?;
    let nothing = wanted.into_iter().map(|image| ImageEvidence {
        reference: image.reference,
        digest: image.digest.unwrap_or_default(),
        evidence: Vec::new(),
        unavailable: None,
    });
    let nothing: Vec<ImageEvidence> = nothing.collect();
    let decision = policy.decide(request.as_bytes(), &nothing, 0)?;
    let document: Value = serde_json::from_slice(&decision.document).unwrap_or_default();
    let images = document.get("images").and_then(Value::as_array);
    Ok(images.into_iter().flatten().map(Image::of).collect())
}
