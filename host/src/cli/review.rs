//! `sealstone review`.

mod evidence;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::error::{Error, Exit};
use super::now::Now;
use super::policy_source::Uncompiled;
use super::registry_flags::{RegistryFlags, ScopeFlags};
use super::report_format::ReportFormat;
use super::{read_input, write_result, written};
use crate::denial;
use crate::limits::{Limit, Limits};
use crate::report::Findings;
use crate::runtime::{self, Failure, Outcome, Review};
use evidence::{How, Source};

const EXAMPLES: &str = "\
Examples:
  What a webhook would answer, with the evidence of one image in an OCI image layout:
    sealstone review --policy policy.yaml --request admission-review.json \\
      --evidence registry.example/team/app:v1=layout

  A request from a pipe; one image of several in a layout; the answer for people:
    kubectl … | sealstone review --policy policy.yaml --request - --webhook mutating \\
      --evidence registry.example/team/app:v1=layouts@sha256:… --output text

  With evidence from the registries of the images:
    sealstone review --policy policy.yaml --request admission-review.json --registry

An image for which no evidence is given is denied as unavailable.

Exit status: 0 the response allows, 1 it denies, 2 usage or a malformed request, 3 evidence could
not be brought.";

/// Answer an admission webhook: print the AdmissionReview for a request.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Policy document, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,

    /// Trust root (Sigstore `trusted_root.json`) for the name in the policy, or for every name that
    /// the policy leaves without content. The root named `public-good` is built in.
    #[arg(long = "trusted-root", value_name = "[NAME=]FILE")]
    trusted_roots: Vec<String>,

    /// The request: an AdmissionReview (JSON), or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,

    /// Folder with an OCI image layout, or Evidence document, that holds the evidence for an image,
    /// which is named as in the request. Where it holds several images, add `@` and the digest.
    #[arg(long = "evidence", value_name = "REFERENCE=PATH[@DIGEST]", value_parser = Source::parse)]
    evidence: Vec<Source>,

    /// Ask the registries of the images for which no --evidence is given.
    #[arg(long = "registry")]
    from_registry: bool,

    #[command(flatten)]
    scope: ScopeFlags,

    #[command(flatten)]
    registry: RegistryFlags,

    /// The kind of webhook that is answered.
    #[arg(long, value_enum, default_value_t)]
    webhook: Webhook,

    /// Time of the decision, RFC 3339 or seconds since 1970 [default: the clock of this machine].
    #[arg(long, value_name = "TIME", value_parser = Now::parse)]
    now: Option<Now>,

    /// How to write the answer: the AdmissionReview, or the decision behind it.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Decision and response for people.
    Text,
    /// The AdmissionReview.
    #[default]
    Json,
    /// The whole decision, as `sealstone verify --output json` prints it.
    Decision,
    /// The decision as JUnit XML: a test case for each rule and image.
    Junit,
    /// The decision in SARIF 2.1.0, for code scanning: what is not met.
    Sarif,
    /// The decision as a `Report` of openreports.io/v1alpha1, for Kubernetes.
    Openreports,
}

impl Output {
    fn report(self) -> Option<ReportFormat> {
        match self {
            Self::Junit => Some(ReportFormat::Junit),
            Self::Sarif => Some(ReportFormat::Sarif),
            Self::Openreports => Some(ReportFormat::OpenReports),
            Self::Text | Self::Json | Self::Decision => None,
        }
    }
}

/// The kind of webhook that is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Webhook {
    /// It can change the object, so tags are pinned.
    Mutating,
    /// It changes nothing, so a tag that would have to be pinned is denied.
    #[default]
    Validating,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let now = match arguments.now {
        Some(now) => now,
        None => Now::from_clock()?,
    };
    evidence::check_unique(&arguments.evidence)?;
    let policy = Uncompiled::read(&arguments.policy, &arguments.trusted_roots, module, &limits)?;
    let request = read_input(
        &arguments.request,
        "request",
        Limit::RequestBytes,
        limits.request_bytes,
    )?;
    let answered = answer(arguments, &policy, &request, now, &limits);
    let review = match answered {
        Ok(review) => review?,
        Err(failure) => {
            if !failure.is_invalid_input() {
                match (arguments.output, arguments.output.report()) {
                    (Output::Json, _) => write_line(denial::review(&request, &failure))?,
                    (_, Some(format)) => format.write(&of_failure(&failure, now))?,
                    (_, None) => {}
                }
            }
            return Err(failure.into());
        }
    };
    let response: Value = serde_json::from_slice(&review.response).unwrap_or_default();
    match arguments.output {
        Output::Json => write_line(review.response)?,
        Output::Decision => write_line(review.decision.document)?,
        Output::Text => written(text::write(
            &review.decision,
            &response,
            &mut anstream::stdout().lock(),
        ))?,
        Output::Junit | Output::Sarif | Output::Openreports => {
            if let Some(format) = arguments.output.report() {
                format.write(&findings(&review, &response))?;
            }
        }
    }
    Ok(match (allows(&response), review.decision.outcome) {
        (true, _) => Exit::Success,
        // The response of a validating webhook is stricter than the decision.
        (false, Outcome::Allowed) => Exit::Denied,
        (false, outcome) => Exit::from(outcome),
    })
}

/// What the decision found, and why the response denies what the decision lets pass.
fn findings(review: &Review, response: &Value) -> Findings {
    let document = serde_json::from_slice(&review.decision.document).unwrap_or_default();
    let mut findings = Findings::of_decision(&document);
    if review.decision.allowed && !allows(response) {
        let message = response.pointer("/response/status/message");
        let message = message.and_then(Value::as_str).unwrap_or_default();
        findings.deny("image.digest-required", message);
    }
    findings
}

fn of_failure(failure: &Failure, now: Now) -> Findings {
    let outcome = match denial::outcome(failure) {
        Outcome::Unavailable => "unavailable",
        _ => "rejected",
    };
    let message = failure.to_string();
    Findings {
        outcome: outcome.to_owned(),
        ..Findings::of_failure(failure.code(), &message, &now.to_string())
    }
}

/// Asks the module. The outer error is a failure of it, the inner one a mistake in the call.
fn answer(
    arguments: &Arguments,
    policy: &Uncompiled,
    request: &[u8],
    now: Now,
    limits: &Limits,
) -> Result<Result<Review, Error>, Failure> {
    let mut policy = policy.compile()?;
    let wanted = match policy.images(request) {
        Ok(wanted) => wanted,
        // The review says what is wrong with the request.
        Err(Failure::Request(_)) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let settings = arguments.registry.settings();
    let how = How {
        registry: arguments.from_registry,
        scope: arguments.scope.scope(),
        settings: &settings,
        limits,
    };
    let evidence = match evidence::brought(wanted, &arguments.evidence, &how) {
        Ok(evidence) => evidence,
        Err(error) => return Ok(Err(error)),
    };
    let webhook = match arguments.webhook {
        Webhook::Mutating => runtime::Webhook::Mutating,
        Webhook::Validating => runtime::Webhook::Validating,
    };
    let review = policy.review(request, &evidence, now.seconds(), webhook)?;
    if is_contradictory(&review) {
        return Err(Failure::Host("the module contradicts itself".into()));
    }
    Ok(Ok(review))
}

/// Whether the response allows what the decision does not.
fn is_contradictory(review: &Review) -> bool {
    let response = serde_json::from_slice(&review.response);
    let Ok(response @ Value::Object(_)) = response else {
        return true;
    };
    let document: Value = serde_json::from_slice(&review.decision.document).unwrap_or_default();
    let only_reports = only_reports(&document);
    let may_pass = match review.decision.outcome {
        Outcome::Allowed => review.decision.allowed,
        Outcome::Rejected | Outcome::Unavailable => review.decision.allowed && only_reports,
        Outcome::Invalid => false,
    };
    allows(&response) && !may_pass
}

/// Whether the mode of everything that is not allowed lets it pass: that of the image, or that of the
/// decision.
fn only_reports(document: &Value) -> bool {
    let reports = |of: &Value| {
        let mode = of.get("mode").or_else(|| document.get("mode"));
        matches!(mode.and_then(Value::as_str), Some("warn" | "audit"))
    };
    let images = document.get("images").and_then(Value::as_array);
    let mut denied = images
        .into_iter()
        .flatten()
        .filter(|image| image.get("allowed") != Some(&Value::Bool(true)))
        .peekable();
    match denied.peek() {
        Some(_) => denied.all(reports),
        None => reports(document),
    }
}

fn allows(response: &Value) -> bool {
    response.pointer("/response/allowed") == Some(&Value::Bool(true))
}

fn write_line(mut line: Vec<u8>) -> Result<(), Error> {
    line.push(b'\n');
    write_result(&line)
}
