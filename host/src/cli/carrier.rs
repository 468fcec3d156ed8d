//! `sealstone carrier`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::error::{Error, Exit};
use super::registry_flags::{RegistryFlags, reference};
use super::{Output, write_result};
use crate::limits::Limits;
use crate::registry::Registry;

const EXAMPLES: &str = "\
Examples:
  Make what was signed and attested readable for hosts that read manifests only, as Kubewarden does:
    sealstone carrier push registry.example/team/app:v1

Collects the referrers of the image and what cosign attached to it, and stores all of it as one
artifact under the tag `sha256-….sealstone`. The same evidence makes the same artifact, so doing it
again changes nothing. Prints the digest of the artifact.

Exit status: 0 stored, 1 there is nothing to carry, 2 usage, 3 the registry did not give or take it.";

/// Store all evidence about an image as one artifact beside it.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Push(PushArguments),
}

/// Collect the evidence about an image and store the carrier.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct PushArguments {
    /// Image with its registry, as registry.example/team/app:v1.
    image: String,

    /// How to write what was done.
    #[arg(long, value_enum, default_value_t)]
    output: Output,

    #[command(flatten)]
    registry: RegistryFlags,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match &arguments.verb {
        Verb::Push(arguments) => push(arguments),
    }
}

fn push(arguments: &PushArguments) -> Result<Exit, Error> {
    let reference = reference(&arguments.image)?;
    let settings = arguments.registry.settings();
    let mut registry = Registry::for_evidence(&reference, &settings, &Limits::default());
    let failed = |error| Error::registry(&error);
    let image = registry.image().map_err(failed)?;
    let stored = registry.store_carrier(&image).map_err(failed)?;
    let Some(stored) = stored else {
        let message = format!("nothing was signed or attested for `{reference}`");
        return Err(Error::denied("carrier.empty", message));
    };
    let text = match arguments.output {
        Output::Text => format!("{}\n", stored.digest),
        Output::Json => format!(
            "{}\n",
            json!({
                "digest": stored.digest.to_string(),
                "image": image.digest().to_string(),
                "pieces": stored.pieces,
                "stored": stored.is_new,
            })
        ),
    };
    write_result(text.as_bytes())?;
    Ok(Exit::Success)
}
