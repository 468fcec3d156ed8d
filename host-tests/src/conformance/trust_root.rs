//! Which trust root counts.

use std::env;
use std::path::PathBuf;

use sealstone::limits::Limits;
use sealstone::trust_root;

use super::{Command, Error, file};

/// The trust roots that the environment names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootFiles {
    /// In place of the built-in trust root of the public-good instance: `PROD_TRUSTED_ROOT`.
    pub production: Option<PathBuf>,
    /// The trust root of the staging instance: `STAGING_TRUSTED_ROOT`.
    pub staging: Option<PathBuf>,
}

impl RootFiles {
    /// Reads the environment. A variable that is empty counts as not set.
    pub fn from_environment() -> Self {
        let file = |name: &str| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Self {
            production: file("PROD_TRUSTED_ROOT"),
            staging: file("STAGING_TRUSTED_ROOT"),
        }
    }
}

/// The content of the trust root: that of the flag, else of the environment, else the built-in one.
/// A file that is named and cannot be read is an error, never a reason to believe another.
pub(super) fn content(command: &Command, files: &RootFiles) -> Result<Vec<u8>, Error> {
    let named = match &command.trusted_root {
        Some(file) => Some(file),
        None if command.staging => Some(files.staging.as_ref().ok_or(Error::StagingRootMissing)?),
        None => files.production.as_ref(),
    };
    match named {
        Some(path) => file::read(path, "trust root", Limits::default().trusted_root_bytes),
        None => Ok(trust_root::public_good().to_owned()),
    }
}
