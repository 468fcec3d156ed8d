//! `sealstone forge`: a virtual Sigstore to test policies with.

mod attest;
mod faults;
mod image;
mod predicate;
mod root;
mod sign;
mod signer;
mod written;

use clap::{Args, Subcommand};

use super::error::{Error, Exit};

const EXAMPLES: &str = "\
The keys of the virtual Sigstore follow from a seed that anybody can know. What is signed with them
proves nothing: name its trust root in policies under test only. Its services live below
`sigstore.example`, a name that nobody can own.

Examples:
  A trust root, a signed file, and the decision about it:
    sealstone forge root --output root.json
    sealstone forge sign --file manifest.json --output signed.json \\
      --identity release@example.com --issuer https://accounts.example.com
    sealstone verify --bundle signed.json --digest sha256:… --policy policy.yaml \\
      --trusted-root root.json --now 2026-06-01T00:00:00Z

  The same, with a certificate that no log promised:
    sealstone forge sign … --fault sct-missing

  An image layout with SLSA provenance:
    sealstone forge attest --layout app --provenance v1 \\
      --source https://github.com/octo-org/app --ref refs/tags/v1.2.3";

/// Make evidence that is valid, or broken in one named way, to test policies with.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Root(root::Arguments),
    Sign(Box<sign::Arguments>),
    Attest(Box<attest::Arguments>),
    Faults(faults::Arguments),
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match &arguments.verb {
        Verb::Root(arguments) => root::run(arguments),
        Verb::Sign(arguments) => sign::run(arguments),
        Verb::Attest(arguments) => attest::run(arguments),
        Verb::Faults(arguments) => faults::run(arguments),
    }
}

/// Which virtual Sigstore is meant.
#[derive(Debug, Args)]
struct Seed {
    /// Seed of the virtual Sigstore. Another seed makes other keys under the same names.
    #[arg(long, value_name = "TEXT", default_value = "sealstone")]
    seed: String,
}
