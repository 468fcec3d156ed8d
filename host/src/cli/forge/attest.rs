//! `sealstone forge attest`.

use clap::{ArgGroup, Args};
use sealstone_forge::{Statement, StatementType, Subject};

use super::image::ImageArguments;
use super::predicate::{Predicate, PredicateArguments};
use super::signer::{Content, SignerArguments};
use super::written;
use crate::cli::error::{Error, Exit};

const EXAMPLES: &str = "\
With --provenance, the certificate is that of the build: without --identity and --issuer it names the
builder, as certificates of GitHub Actions do.

Examples:
  SLSA provenance, as the builder itself signs it, in a new image layout:
    sealstone forge attest --layout app --provenance v1 \\
      --source https://github.com/octo-org/app --ref refs/tags/v1.2.3

  The same, signed by somebody else:
    sealstone forge attest --layout app --provenance v1 \\
      --identity intruder@example.com --issuer https://accounts.example.com

  A predicate of one's own, as a layer under the tag `sha256-….att`:
    sealstone forge attest --layout app --format legacy --key ecdsa-p256 \\
      --predicate-type cyclonedx --predicate sbom.json";

/// Sign a statement about an image.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("image").args(["digest", "layout"]).required(true).multiple(true)))]
#[command(group(ArgGroup::new("claim").args(["predicate", "provenance"]).required(true)))]
pub(super) struct Arguments {
    #[command(flatten)]
    image: ImageArguments,

    #[command(flatten)]
    predicate: PredicateArguments,

    #[command(flatten)]
    signer: SignerArguments,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let predicate = arguments.predicate.read()?;
    let image = arguments.image.find()?;
    let subject = Subject::new(&image.name, &image.digest.to_string());
    let (statement, build) = match &predicate {
        Predicate::Given { kind, predicate } => {
            let statement = Statement {
                statement_type: StatementType::V1,
                subject: vec![subject],
                predicate_type: kind.clone(),
                predicate: predicate.clone(),
            };
            (statement, None)
        }
        Predicate::ProvenanceV02(build) => (build.provenance_v02(subject), Some(build)),
        Predicate::ProvenanceV1(build) => (build.provenance_v1(subject), Some(build)),
    };
    let content = Content::Statement(statement);
    let evidence = arguments
        .signer
        .make(&content, build.map(|build| &**build), Some(&image))?;
    written::evidence(&evidence, &arguments.signer, Some(&image))
}
