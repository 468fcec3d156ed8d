//! Credentials from Docker's configuration and its helpers.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

use super::RegistryError;

/// The name under which Docker keeps the credentials for its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// Bytes of the configuration that are read.
const CONFIGURATION_BYTES: u64 = 4 << 20;

/// The credentials for `registry` from `config.json` in the folder, if there are any.
///
/// # Errors
/// The configuration cannot be read, or a helper fails.
pub(super) fn find(
    folder: Option<&Path>,
    registry: &str,
) -> Result<Option<DockerCredential>, RegistryError> {
    let Some(folder) = folder else {
        return Ok(None);
    };
    let failed = |reason: Box<dyn std::error::Error + Send + Sync>| RegistryError::Credentials {
        host: registry.to_owned(),
        reason,
    };
    let file = match File::open(folder.join("config.json")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.into())),
    };
    let name = match registry {
        "docker.io" => DOCKER_HUB,
        registry => registry,
    };
    let reader = BufReader::new(file.take(CONFIGURATION_BYTES));
    match get_credential_from_reader(reader, name) {
        Ok(credential) => Ok(Some(credential)),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        Err(CredentialRetrievalError::HelperFailure {
            helper,
            stdout,
            stderr,
        }) => {
            if says_there_are_none(&stdout) || says_there_are_none(&stderr) {
                return Ok(None);
            }
            // What else a helper says may hold what is nobody's business.
            Err(failed(format!("{helper} fails").into()))
        }
        Err(error) => Err(failed(error.into())),
    }
}

/// Helpers report by this sentence that they have nothing for a registry.
fn says_there_are_none(said: &str) -> bool {
    said.contains("credentials not found")
}
