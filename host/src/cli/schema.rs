//! `sealstone schema`.

use clap::{Args, ValueEnum};

use super::error::{Error, Exit};
use super::write_result;

const EXAMPLES: &str = "\
Examples:
  sealstone schema policy > policy.schema.json
  sealstone schema decision
  sealstone schema policy-test";

/// Print the JSON schema of a document.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The document.
    #[arg(value_enum, default_value_t)]
    document: Document,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Document {
    /// What is asked of images.
    #[default]
    Policy,
    /// What `sealstone verify --output json` prints.
    Decision,
    /// What `sealstone test` reads.
    PolicyTest,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let schema = match arguments.document {
        Document::Policy => include_str!("../../../artifacts/schemas/policy.schema.json"),
        Document::Decision => include_str!("../../../artifacts/schemas/decision.schema.json"),
        Document::PolicyTest => {
            include_str!("../../../artifacts/schemas/policy-test.schema.json")
        }
    };
    write_result(schema.as_bytes())?;
    Ok(Exit::Success)
}
