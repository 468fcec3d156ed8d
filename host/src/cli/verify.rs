//! `sealstone verify`.

mod image;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::decision_text;
use super::error::{Error, Exit};
use super::now::Now;
use super::policy_source::Uncompiled;
use super::registry_flags::{RegistryFlags, ScopeFlags};
use super::report_format::{DecisionOutput, ReportFormat};
use super::source::Altered;
use super::{digest, trace, write_result, written};
use crate::denial::{self, Denied, Reason};
use crate::digest::Digest;
use crate::limits::Limits;
use crate::report::Findings;
use crate::runtime::{self, Decision, Failure, ImageEvidence, Outcome};
use image::{Brought, Image, brought};

const EXAMPLES: &str = "\
Examples:
  An image in an OCI image layout, for example one made by `cosign save --dir layout IMAGE`:
    sealstone verify layout --policy policy.yaml --reference registry.example/team/app

  One of several images of a layout:
    sealstone verify layout --tag v1 --policy policy.yaml

  An image in a registry, named with the registry:
    sealstone verify registry.example/team/app:v1 --policy policy.yaml

  Evidence that was collected before, by `sealstone evidence`:
    sealstone verify evidence.json --policy policy.yaml

  Sigstore bundles next to a digest, with a trust root of one's own:
    sealstone verify --bundle app.sigstore.json --digest sha256:… \\
      --policy policy.yaml --trusted-root private=trusted_root.json

  For code scanning, CI systems or Kubernetes:
    sealstone verify layout --policy policy.yaml --output sarif

  Why an image is denied, piece of evidence by piece:
    sealstone verify layout --policy policy.yaml --explain

Exit status: 0 allowed, 1 denied, 2 usage, 3 unavailable. What is denied has the status 1 also where
the mode of the policy is `warn` or `audit` and lets it pass.";

/// Decide whether an image satisfies a policy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("source").args(["image", "bundles"]).required(true)))]
pub(super) struct Arguments {
    /// Image and where its evidence is: a folder with an OCI image layout; an Evidence document, whose
    /// name ends in `.json`; or the name of an image with its registry, as registry.example/team/app:v1.
    image: Option<PathBuf>,

    /// Sigstore bundle for the image: one in a file, or one a line. Can be given several times.
    #[arg(long = "bundle", value_name = "FILE", requires = "digest")]
    bundles: Vec<PathBuf>,

    /// Digest of the image.
    #[arg(long, value_parser = digest, conflicts_with = "tag")]
    digest: Option<Digest>,

    /// Tag of the image in the layout.
    #[arg(long, conflicts_with = "bundles")]
    tag: Option<String>,

    /// Name of the image, which the rules of the policy match [default: the one of the image in a
    /// registry or document, localhost/ and the name of the layout's folder in lower case, or
    /// localhost/artifact].
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,

    /// Policy document, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,

    /// Trust root (Sigstore `trusted_root.json`) for the name in the policy, or for every name that
    /// the policy leaves without content. The root named `public-good` is built in.
    #[arg(long = "trusted-root", value_name = "[NAME=]FILE")]
    trusted_roots: Vec<String>,

    /// Time of the decision, RFC 3339 or seconds since 1970 [default: the clock of this machine].
    #[arg(long, value_name = "TIME", value_parser = Now::parse)]
    now: Option<Now>,

    #[command(flatten)]
    scope: ScopeFlags,

    #[command(flatten)]
    registry: RegistryFlags,

    /// How to write the decision.
    #[arg(long, value_enum, default_value_t)]
    output: DecisionOutput,

    /// Tell for each rule which evidence was looked at, and what each piece lacked.
    #[arg(long, conflicts_with = "output")]
    explain: bool,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let now = match arguments.now {
        Some(now) => now,
        None => Now::from_clock()?,
    };
    let policy = Uncompiled::read(&arguments.policy, &arguments.trusted_roots, module, &limits)?;
    let decision = match brought(arguments, &limits)? {
        Brought::Evidence(image) => decide(&policy, &image, now)?,
        Brought::Altered(image, Altered { code, message }) => {
            denied(&image, Outcome::Rejected, code, &message, now)
        }
    };
    show(&decision, arguments)
}

/// Asks the module. A failure of it is a denial.
fn decide(policy: &Uncompiled, image: &Image, now: Now) -> Result<Decision, Error> {
    match ask(policy, image, now) {
        Ok(decision) => Ok(decision),
        Err(failure) if failure.is_invalid_input() => Err(failure.into()),
        Err(failure) => {
            let (outcome, message) = (denial::outcome(&failure), failure.to_string());
            Ok(denied(image, outcome, failure.code(), &message, now))
        }
    }
}

fn ask(policy: &Uncompiled, image: &Image, now: Now) -> Result<Decision, Failure> {
    let digest = image.digest.to_string();
    let request = serde_json::json!({
        "images": [{"reference": image.reference, "digest": digest}]
    })
    .to_string();
    let mut policy = policy.compile()?;
    let brought = |wanted: runtime::Image| ImageEvidence {
        reference: wanted.reference,
        digest: wanted.digest.unwrap_or_else(|| digest.clone()),
        evidence: image.evidence.clone(),
        unavailable: image.unavailable.clone(),
    };
    let wanted = policy.images(request.as_bytes())?;
    let evidence: Vec<ImageEvidence> = wanted.into_iter().map(brought).collect();
    policy.decide(request.as_bytes(), &evidence, now.seconds())
}

fn denied(image: &Image, outcome: Outcome, code: &str, message: &str, now: Now) -> Decision {
    denial::decision(
        Denied {
            reference: &image.reference,
            digest: &image.digest,
        },
        Reason {
            outcome,
            code,
            message,
        },
        &now.to_string(),
    )
}

/// Shows a decision and turns it into an exit status.
fn show(decision: &Decision, arguments: &Arguments) -> Result<Exit, Error> {
    let allowed = decision.allowed && decision.outcome == Outcome::Allowed;
    let exit = match decision.outcome {
        Outcome::Allowed if !allowed => Exit::Denied,
        outcome => Exit::from(outcome),
    };
    let document = || serde_json::from_slice(&decision.document).unwrap_or_default();
    let report = |format: ReportFormat| format.write(&Findings::of_decision(&document()));
    match arguments.output {
        DecisionOutput::Text if arguments.explain => {
            written(trace::write(&document(), &mut anstream::stdout().lock()))?;
        }
        DecisionOutput::Junit => report(ReportFormat::Junit)?,
        DecisionOutput::Sarif => report(ReportFormat::Sarif)?,
        DecisionOutput::Openreports => report(ReportFormat::OpenReports)?,
        DecisionOutput::Json => {
            let mut document = decision.document.clone();
            document.push(b'\n');
            write_result(&document)?;
        }
        DecisionOutput::Text => {
            let text = decision_text::write(decision, &mut anstream::stdout().lock());
            written(text)?;
        }
    }
    Ok(exit)
}
