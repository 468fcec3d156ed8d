//! `sealstone evidence`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{Error, Exit};
use super::registry_flags::{RegistryFlags, ScopeFlags};
use super::source::{Found, Target, Wanted};
use super::write_result;
use crate::evidence::Evidences;
use crate::layout::Selection;
use crate::limits::Limits;
use crate::registry::{Reference, Registry};
use crate::runtime::ImageEvidence;
use crate::transfer::{self, Content};

const EXAMPLES: &str = "\
Examples:
  The evidence about an image in one file, for every command and host:
    sealstone evidence registry.example/team/app:v1 --output evidence.json
    sealstone verify evidence.json --policy policy.yaml

  The same as an OCI image layout, without the layers of the image:
    sealstone evidence registry.example/team/app:v1 --output layout

Prints the digest of the image. The same evidence gives the same bytes.

Exit status: 0 written, 2 usage, 3 evidence could not be brought. A file then says so where it could
be written, and decisions with it are no better than unavailable; a layout is not written.";

/// Collect the evidence about an image into a file or a folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Image with its registry, as registry.example/team/app:v1; or a folder with an OCI image layout.
    image: PathBuf,

    /// Where the evidence goes: a path that ends in `.json` gets an Evidence document, any other an
    /// OCI image layout.
    #[arg(long, value_name = "PATH")]
    output: PathBuf,

    #[command(flatten)]
    scope: ScopeFlags,

    #[command(flatten)]
    registry: RegistryFlags,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let target = Target::of(&arguments.image);
    let to_document = arguments.output.extension().is_some_and(|it| it == "json");
    match (&target, to_document) {
        (_, true) => document(arguments, &target),
        (Target::Image(_, reference), false) => layout(arguments, reference),
        (Target::Layout(_) | Target::Document(_), false) => Err(Error::with_help(
            "evidence.output-unsuitable",
            "only what comes from a registry can be written as a layout",
            "give an --output that ends in `.json`",
        )),
    }
}

fn document(arguments: &Arguments, target: &Target) -> Result<Exit, Error> {
    let settings = arguments.registry.settings();
    let found = target.look(&Wanted {
        selection: Selection::Only,
        reference: None,
        scope: arguments.scope.scope(),
        settings: &settings,
        limits: &Limits::default(),
        choose: "a document is made for one image",
    })?;
    let Found {
        reference,
        digest,
        evidence,
        unavailable,
        altered,
    } = found;
    if let Some(altered) = altered {
        return Err(Error::denied(altered.code, altered.message));
    }
    let incomplete = unavailable.clone();
    let document = Evidences {
        images: vec![ImageEvidence {
            reference: reference.unwrap_or_else(|| "localhost/image".to_owned()),
            digest: digest.to_string(),
            evidence,
            unavailable,
        }],
    };
    write(&arguments.output, &document.to_json())?;
    write_result(format!("{digest}\n").as_bytes())?;
    match incomplete {
        Some(reason) => Err(Error::unavailable("evidence.unavailable", reason)),
        None => Ok(Exit::Success),
    }
}

fn layout(arguments: &Arguments, reference: &Reference) -> Result<Exit, Error> {
    let settings = arguments.registry.settings();
    let mut registry = Registry::for_evidence(reference, &settings, &Limits::default());
    let image = registry.image().map_err(|error| Error::registry(&error))?;
    let content = Content::Evidence(arguments.scope.scope());
    let moved = transfer::pull(&mut registry, &image, &arguments.output, content)
        .map_err(|error| Error::transfer(&error))?;
    write_result(format!("{}\n", moved.digest).as_bytes())?;
    Ok(Exit::Success)
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    std::fs::write(path, content).map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Error::usage("file.unwritable", message)
    })
}
