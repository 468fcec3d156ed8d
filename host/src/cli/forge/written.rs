//! Where the results go.

use std::io::{self, Write as _};
use std::path::Path;

use sealstone_forge::{Evidence, attach};
use serde_json::json;

use super::image::Image;
use super::signer::SignerArguments;
use crate::cli::error::{Error, Exit};
use crate::cli::printable::Printable;
use crate::cli::style::LABEL;
use crate::cli::{write_result, written};

/// Writes a document to a file or to standard output.
pub(super) fn document(path: Option<&Path>, content: &[u8]) -> Result<(), Error> {
    match path {
        Some(path) => file(path, content),
        None => {
            let mut content = content.to_owned();
            content.push(b'\n');
            write_result(&content)
        }
    }
}

/// Writes a file.
pub(super) fn file(path: &Path, content: &[u8]) -> Result<(), Error> {
    std::fs::write(path, content).map_err(|error| unwritable(path, &error))
}

/// Stores evidence in the image's layout, or writes it out.
pub(super) fn evidence(
    evidence: &Evidence,
    signer: &SignerArguments,
    image: Option<&Image>,
) -> Result<Exit, Error> {
    let stored = image.and_then(|image| Some((image, image.place.as_ref()?)));
    let Some((image, place)) = stored else {
        document(signer.output(), &evidence.content)?;
        return Ok(Exit::Success);
    };
    let folder = &place.folder;
    let digest = image.digest.to_string();
    if let Some(layout) = &place.new {
        layout
            .write(folder)
            .map_err(|error| unwritable(folder, &error))?;
    }
    attach(folder, &digest, evidence).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::usage("layout.image-not-found", error),
        _ => unwritable(folder, &error),
    })?;
    let media_type = &evidence.media_type;
    if signer.json() {
        let fault = signer.fault().map(|fault| fault.name());
        let made = json!({
            "digest": digest,
            "fault": fault,
            "layout": folder,
            "mediaType": media_type,
        });
        write_result(format!("{made}\n").as_bytes())?;
    } else {
        let fault = signer.fault().map_or("none", |fault| fault.name());
        written(report(&[
            ("image", &digest),
            ("layout", &folder.display().to_string()),
            ("media type", media_type),
            ("fault", fault),
        ]))?;
    }
    Ok(Exit::Success)
}

fn report(rows: &[(&str, &str)]) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for (label, value) in rows {
        writeln!(output, "{LABEL}{label:<11}{LABEL:#}{}", Printable(value))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    let message = format!("`{}` cannot be written: {error}", path.display());
    Error::usage("file.unwritable", message)
}
