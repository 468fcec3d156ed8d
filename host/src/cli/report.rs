//! `sealstone report`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::error::{Error, Exit};
use super::{flag_error, read_input, write_result};
use crate::limits::{Limit, Limits};
use crate::report::statement::{
    About, Statement, StatementError, simple_verification_result, verification_summary,
};

const EXAMPLES: &str = "\
Examples:
  A verification summary (VSA), signed and stored beside the image:
    sealstone verify registry.example/team/app:v1 --policy policy.yaml --output json > decision.json
    sealstone report vsa --decision decision.json --verifier https://example.com/verifier \\
      --policy-uri https://example.com/policy.yaml > vsa.json
    cosign attest --statement vsa.json registry.example/team/app@sha256:…

  For a program that asks for the predicate alone:
    sealstone report vsa … --predicate > predicate.json
    cosign attest --predicate predicate.json --type https://slsa.dev/verification_summary/v1 …

Exit status: 0 written, also for an image that failed, 2 usage or not a decision, 3 nothing was
decided because evidence could not be brought.";

/// Turn a decision into a statement to be signed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A SLSA verification summary (VSA) v1: whether the image passed, and the SLSA levels.
    Vsa {
        #[command(flatten)]
        common: Common,

        /// URI of the policy.
        #[arg(long, value_name = "URI", value_parser = uri)]
        policy_uri: String,

        /// Where consumers fetch the image [default: its name with its digest].
        #[arg(long, value_name = "URI")]
        resource_uri: Option<String>,
    },
    /// An in-toto Simple Verification Result (SVR) v0.1: what was verified of the image.
    Svr {
        #[command(flatten)]
        common: Common,

        /// URI of the policy.
        #[arg(long, value_name = "URI", value_parser = uri)]
        policy_uri: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Common {
    /// The decision, as `sealstone verify --output json` and `sealstone review --output decision`
    /// print it; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    decision: PathBuf,

    /// The image, as the decision names it, where the decision is about several.
    #[arg(long, value_name = "REFERENCE")]
    image: Option<String>,

    /// URI of whoever answers for the decision (`verifier.id`). Consumers believe it together with the
    /// signer.
    #[arg(long, value_name = "URI", value_parser = uri)]
    verifier: String,

    /// Print the predicate alone.
    #[arg(long)]
    predicate: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (common, made) = match &arguments.what {
        What::Vsa {
            common,
            policy_uri,
            resource_uri,
        } => {
            let resource_uri = resource_uri.as_deref();
            let document = document(common)?;
            let made = verification_summary(&document, about(common), policy_uri, resource_uri);
            (common, made)
        }
        What::Svr { common, policy_uri } => {
            let document = document(common)?;
            let policy_uri = policy_uri.as_deref();
            let made = simple_verification_result(&document, about(common), policy_uri);
            (common, made)
        }
    };
    let statement = made.map_err(|error| match &error {
        StatementError::Undecided { .. } => Error::unavailable(error.code(), error),
        _ => Error::usage(error.code(), error),
    })?;
    write(&statement, common)?;
    Ok(Exit::Success)
}

fn about(common: &Common) -> About<'_> {
    About {
        image: common.image.as_deref(),
        verifier: &common.verifier,
    }
}

fn document(common: &Common) -> Result<Value, Error> {
    let maximum = Limits::default().decision_bytes;
    let content = read_input(&common.decision, "decision", Limit::DecisionBytes, maximum)?;
    serde_json::from_slice(&content).map_err(|error| {
        let message = format!("the decision is not JSON: {error}");
        Error::usage("decision.malformed", message)
    })
}

fn write(statement: &Statement, common: &Common) -> Result<(), Error> {
    let mut text = match common.predicate {
        true => statement.predicate.to_string(),
        false => statement.to_json().to_string(),
    };
    text.push('\n');
    write_result(text.as_bytes())
}

/// A URI with a scheme (RFC 3986, section 3) and no spaces or control characters.
fn uri(text: &str) -> Result<String, String> {
    let is_scheme = |scheme: &str| {
        let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(of_scheme)
    };
    let is_uri = text.split_once(':').is_some_and(|(scheme, rest)| {
        is_scheme(scheme) && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match is_uri {
        true => Ok(text.to_owned()),
        false => Err(flag_error(
            "report.uri-malformed",
            "a URI with its scheme is wanted, as https://example.com/verifier",
        )),
    }
}
