//! The artifact: a file, or its digest.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use sealstone::digest::Digest;

use super::Error;

/// How a digest begins. A file whose name begins so is named with a folder, for example
/// `./sha256:notes`: whether the argument is a digest does not depend on which files there are.
const PREFIX: &str = "sha256:";

/// The digest that the argument states, or that of the file that it names.
pub(super) fn digest(argument: &Path) -> Result<Digest, Error> {
    match argument.to_str().filter(|text| text.starts_with(PREFIX)) {
        Some(text) => text.parse().map_err(Error::Digest),
        None => File::open(argument)
            .and_then(|file| Digest::of_reader(BufReader::new(file)))
            .map_err(|reason| Error::unreadable(argument, "artifact", reason)),
    }
}
