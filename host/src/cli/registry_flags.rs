//! Flags about registries.

use clap::Args;

use super::error::Error;
use crate::layout::Scope;
use crate::registry::{Reference, Settings};

/// How registries are spoken to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registries")]
pub(super) struct RegistryFlags {
    /// Registry, HOST or HOST:PORT, that is spoken to over plain HTTP: what comes and goes can be
    /// read and changed on the way. This machine always is. Can be given several times.
    #[arg(long = "insecure-http", value_name = "HOST")]
    insecure_http: Vec<String>,
}

impl RegistryFlags {
    pub(super) fn settings(&self) -> Settings {
        Settings::from_environment(self.insecure_http.clone())
    }
}

/// How much evidence is looked for.
#[derive(Debug, Args)]
pub(super) struct ScopeFlags {
    /// Look for evidence about the platforms of an image index too, for policies with
    /// `images.subjects.platforms`.
    #[arg(long)]
    platforms: bool,
}

impl ScopeFlags {
    pub(super) fn scope(&self) -> Scope {
        if self.platforms {
            Scope::Platforms
        } else {
            Scope::Image
        }
    }
}

/// Reads the name of an image.
pub(super) fn reference(text: &str) -> Result<Reference, Error> {
    text.parse()
        .map_err(|error: crate::registry::ReferenceError| Error::usage(error.code(), error))
}
