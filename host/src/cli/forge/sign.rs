//! `sealstone forge sign`.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use sealstone_forge::{Statement, StatementType, Subject};
use serde_json::json;

use super::image::{Image, ImageArguments};
use super::signer::{Content, SignerArguments};
use super::written;
use crate::cli::error::{Error, Exit};

const EXAMPLES: &str = "\
A file is signed as `cosign sign-blob` does, by a signature over its bytes; an image as `cosign sign`
does: in a bundle by a statement of type https://sigstore.dev/cosign/sign/v1, with --format legacy by
a layer that is stored under the tag `sha256-….sig`.

Examples:
  sealstone forge sign --file manifest.json --output manifest.sigstore.json \\
    --identity release@example.com --issuer https://accounts.example.com
  sealstone forge sign --digest sha256:… --key ecdsa-p256 --rekor none --output image.sigstore.json
  sealstone forge sign --layout app --format legacy --key ecdsa-p256
  sealstone forge sign --layout app --fault checkpoint-signature-invalid \\
    --identity release@example.com --issuer https://accounts.example.com";

/// The predicate type of image signatures in bundles.
const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// Sign a file or an image.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("what").args(["file", "digest", "layout"]).required(true).multiple(true)))]
pub(super) struct Arguments {
    /// File to sign.
    #[arg(long, conflicts_with_all = ["digest", "layout", "tag", "name"])]
    file: Option<PathBuf>,

    #[command(flatten)]
    image: ImageArguments,

    #[command(flatten)]
    signer: SignerArguments,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    if let Some(file) = &arguments.file {
        let content = Content::Message(read(file)?);
        let evidence = arguments.signer.make(&content, None, None)?;
        return written::evidence(&evidence, &arguments.signer, None);
    }
    let image = arguments.image.find()?;
    let content = content(&image);
    let evidence = arguments.signer.make(&content, None, Some(&image))?;
    written::evidence(&evidence, &arguments.signer, Some(&image))
}

fn content(image: &Image) -> Content {
    let digest = image.digest.to_string();
    Content::Image {
        statement: Statement {
            statement_type: StatementType::V1,
            subject: vec![Subject::new(&image.name, &digest)],
            predicate_type: COSIGN_SIGN.to_owned(),
            predicate: json!({}),
        },
        name: image.name.clone(),
        digest,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::unreadable(path, "file", &error.into()))
}
