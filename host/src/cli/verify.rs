//! `sealstone verify`.

mod image;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::decision_text;
use super::error::{Error, Exit};
use super::now::Now;
use super::{Output, digest, module_bytes, new_runtime, read, write_result, written};
use crate::denial::{self, Denied, Reason};
use crate::digest::Digest;
use crate::document::PolicyDocument;
use crate::limits::{Limit, Limits};
use crate::runtime::{self, Decision, Failure, ImageEvidence, Module, Outcome, TrustedRoot};
use crate::trust_root::{self, Supplied};
use image::{Brought, Image, brought};

const EXAMPLES: &str = "\
Examples:
  An image in an OCI image layout, for example one made by `cosign save --dir layout IMAGE`:
    sealstone verify layout --policy policy.yaml --reference registry.example/team/app

  One of several images of a layout:
    sealstone verify layout --tag v1 --policy policy.yaml

  Sigstore bundles next to a digest, with a trust root of one's own:
    sealstone verify --bundle app.sigstore.json --digest sha256:… \\
      --policy policy.yaml --trusted-root private=trusted_root.json

Exit status: 0 allowed, 1 denied, 2 usage, 3 unavailable.";

/// Decide whether an image satisfies a policy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("source").args(["layout", "bundles"]).required(true)))]
pub(super) struct Arguments {
    /// Folder with an OCI image layout that holds the image's evidence.
    layout: Option<PathBuf>,

    /// Sigstore bundle for the image: one in a file, or one a line. Can be given several times.
    #[arg(long = "bundle", value_name = "FILE", requires = "digest")]
    bundles: Vec<PathBuf>,

    /// Digest of the image.
    #[arg(long, value_parser = digest, conflicts_with = "tag")]
    digest: Option<Digest>,

    /// Tag of the image in the layout.
    #[arg(long, conflicts_with = "bundles")]
    tag: Option<String>,

    /// Name of the image, which the rules of the policy match [default: localhost/ and the name of
    /// the layout's folder in lower case, or localhost/artifact].
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

    /// How to write the decision.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let now = match arguments.now {
        Some(now) => now,
        None => Now::from_clock()?,
    };
    let policy = policy(arguments, module, &limits)?;
    let decision = match brought(arguments, &limits)? {
        Brought::Evidence(image) => decide(&policy, &image, now)?,
        Brought::Altered(image, error) => {
            let (code, message) = (error.code(), error.to_string());
            denied(&image, Outcome::Rejected, code, &message, now)
        }
    };
    show(&decision, arguments.output)
}

/// Everything that a policy is compiled from.
struct Uncompiled {
    module: Module,
    document: PolicyDocument,
    roots: Vec<TrustedRoot>,
}

fn policy(
    arguments: &Arguments,
    module: Option<&Path>,
    limits: &Limits,
) -> Result<Uncompiled, Error> {
    let path = &arguments.policy;
    let content = read(path, "policy", Limit::PolicyBytes, limits.policy_bytes)?;
    let document = PolicyDocument::new(path, &content, limits)?;
    let supplied = supplied(&arguments.trusted_roots, limits)?;
    let roots = match document.trust_roots_without_content() {
        Some(wanted) => trust_root::for_names(&wanted, &supplied)?,
        None => Vec::new(),
    };
    Ok(Uncompiled {
        module: new_runtime(limits)?.load(&module_bytes(module, limits)?)?,
        document,
        roots,
    })
}

/// Reads the files of `--trusted-root`.
fn supplied(flags: &[String], limits: &Limits) -> Result<Vec<Supplied>, Error> {
    let read_one = |flag: &String| {
        // A name is a name of a trust root; anything else before a `=` belongs to a path.
        let is_name = |name: &str| {
            let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !name.is_empty() && name.bytes().all(of_name)
        };
        let (name, file) = match flag.split_once('=') {
            Some((name, file)) if is_name(name) => (Some(name.to_owned()), file),
            _ => (None, flag.as_str()),
        };
        let maximum = limits.trusted_root_bytes;
        let content = read(
            Path::new(file),
            "trust root",
            Limit::TrustedRootBytes,
            maximum,
        )?;
        Ok(Supplied { name, content })
    };
    flags.iter().map(read_one).collect()
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
    let document = policy.document.json();
    let mut policy = policy.module.policy(document, &policy.roots)?;
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
fn show(decision: &Decision, output: Output) -> Result<Exit, Error> {
    let allowed = decision.allowed && decision.outcome == Outcome::Allowed;
    let exit = match decision.outcome {
        Outcome::Allowed if !allowed => Exit::Denied,
        outcome => Exit::from(outcome),
    };
    match output {
        Output::Json => {
            let mut document = decision.document.clone();
            document.push(b'\n');
            write_result(&document)?;
        }
        Output::Text => {
            let text = decision_text::write(decision, &mut anstream::stdout().lock());
            written(text)?;
        }
    }
    Ok(exit)
}
