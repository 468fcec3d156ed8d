//! `sealstone push` and `sealstone pull`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::error::{Error, Exit};
use super::registry_flags::{RegistryFlags, reference};
use super::{Output, digest, write_result};
use crate::digest::Digest;
use crate::layout::{Layout, Selection};
use crate::limits::Limits;
use crate::registry::Registry;
use crate::transfer::{self, Content, Moved, TransferError};

const PUSH_EXAMPLES: &str = "\
Examples:
  Store an image and everything that belongs to it:
    sealstone push layout registry.example/team/app:v1

  One of several images of a layout:
    sealstone push layout registry.example/team/app:v1 --tag v1

What belongs to an image: its signatures and attestations, whether they are referrers or lie under
tags of cosign. Blobs that the registry has are not sent again. Prints the digest of the image.

Exit status: 0 stored, 2 usage or an incomplete layout, 3 the registry did not take it.";

const PULL_EXAMPLES: &str = "\
Examples:
  Bring an image, with its signatures and attestations, to where there is no registry:
    sealstone pull registry.example/team/app:v1 layout
    sealstone verify layout --policy policy.yaml --reference registry.example/team/app

Every blob has the digest under which it is stored; what comes in another form is refused. Prints the
digest of the image.

Exit status: 0 written, 2 usage, 3 the registry did not give everything.";

/// Store an image of a layout in a registry, with everything that belongs to it.
#[derive(Debug, Args)]
#[command(after_help = PUSH_EXAMPLES)]
pub(super) struct PushArguments {
    /// Folder with an OCI image layout.
    layout: PathBuf,

    /// Name under which the image is stored, with its registry, as registry.example/team/app:v1.
    image: String,

    /// Digest of the image in the layout.
    #[arg(long, value_parser = digest, conflicts_with = "tag")]
    digest: Option<Digest>,

    /// Tag of the image in the layout.
    #[arg(long)]
    tag: Option<String>,

    /// How to write what was done.
    #[arg(long, value_enum, default_value_t)]
    output: Output,

    #[command(flatten)]
    registry: RegistryFlags,
}

/// Bring an image of a registry into a layout, with everything that belongs to it.
#[derive(Debug, Args)]
#[command(after_help = PULL_EXAMPLES)]
pub(super) struct PullArguments {
    /// Image with its registry, as registry.example/team/app:v1.
    image: String,

    /// Folder for the OCI image layout. It is made, or empty.
    layout: PathBuf,

    /// How to write what was done.
    #[arg(long, value_enum, default_value_t)]
    output: Output,

    #[command(flatten)]
    registry: RegistryFlags,
}

pub(super) fn push(arguments: &PushArguments) -> Result<Exit, Error> {
    let limits = Limits::default();
    let reference = reference(&arguments.image)?;
    let selection = match (arguments.digest, &arguments.tag) {
        (Some(digest), _) => Selection::Digest(digest),
        (None, Some(tag)) => Selection::Tag(tag.clone()),
        (None, None) => Selection::Only,
    };
    let folder = &arguments.layout;
    let choose = "choose one with --digest or --tag";
    let layout =
        Layout::open(folder, &limits).map_err(|error| Error::layout(folder, &error, choose))?;
    let settings = arguments.registry.settings();
    let mut registry = Registry::for_images(&reference, &settings, &limits);
    let moved = transfer::push(&layout, &selection, &mut registry);
    let moved = moved.map_err(|error| match &error {
        TransferError::Layout(error) => Error::layout(folder, error, choose),
        error => Error::transfer(error),
    })?;
    tell(moved, arguments.output)
}

pub(super) fn pull(arguments: &PullArguments) -> Result<Exit, Error> {
    let reference = reference(&arguments.image)?;
    let settings = arguments.registry.settings();
    let mut registry = Registry::for_images(&reference, &settings, &Limits::default());
    let image = registry.image().map_err(|error| Error::registry(&error))?;
    let folder = &arguments.layout;
    let moved = transfer::pull(&mut registry, &image, folder, Content::Everything)
        .map_err(|error| Error::transfer(&error))?;
    tell(moved, arguments.output)
}

fn tell(moved: Moved, output: Output) -> Result<Exit, Error> {
    let text = match output {
        Output::Text => format!("{}\n", moved.digest),
        Output::Json => format!(
            "{}\n",
            json!({
                "blobs": moved.blobs,
                "digest": moved.digest.to_string(),
                "manifests": moved.manifests,
            })
        ),
    };
    write_result(text.as_bytes())?;
    Ok(Exit::Success)
}
