//! What a statement claims.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sealstone_forge::Build;
use serde_json::Value;

use crate::cli::error::Error;
use crate::cli::flag_error;
use crate::policy_test::{self, ALIASES};

/// The predicate: a file, or SLSA provenance of a build on GitHub Actions.
#[derive(Debug, Args)]
pub(super) struct PredicateArguments {
    /// Type of the predicate: a URI, or a name that `cosign attest --type` knows, for example
    /// slsaprovenance1 or cyclonedx.
    #[arg(long, value_name = "TYPE", value_parser = predicate_type, requires = "predicate")]
    predicate_type: Option<String>,

    /// File with the predicate, JSON.
    #[arg(long, value_name = "FILE", requires = "predicate_type")]
    predicate: Option<PathBuf>,

    /// SLSA provenance of a build on GitHub Actions, which the flags below describe.
    #[arg(long, value_enum, value_name = "VERSION")]
    provenance: Option<Version>,

    /// Repository that was built [default: https://github.com/octo-org/app].
    #[arg(long, value_name = "URI", value_parser = repository, requires = "provenance", conflicts_with = "predicate")]
    source: Option<String>,

    /// Git ref that was built [default: refs/tags/v1.2.3].
    #[arg(
        long = "ref",
        value_name = "REF",
        requires = "provenance",
        conflicts_with = "predicate"
    )]
    reference: Option<String>,

    /// Git commit that was built.
    #[arg(
        long,
        value_name = "SHA1",
        requires = "provenance",
        conflicts_with = "predicate"
    )]
    commit: Option<String>,

    /// Builder id [default: a reusable workflow of octo-org/build-workflows].
    #[arg(
        long,
        value_name = "URI",
        requires = "provenance",
        conflicts_with = "predicate"
    )]
    builder: Option<String>,

    /// `buildType` [default: that of the provenance format].
    #[arg(
        long,
        value_name = "URI",
        requires = "provenance",
        conflicts_with = "predicate"
    )]
    build_type: Option<String>,

    /// Event that started the build [default: push].
    #[arg(
        long,
        value_name = "NAME",
        requires = "provenance",
        conflicts_with = "predicate"
    )]
    event: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Version {
    /// `https://slsa.dev/provenance/v0.2`, as slsa-github-generator makes it.
    #[value(name = "v0.2")]
    V02,
    /// `https://slsa.dev/provenance/v1`, as GitHub's `actions/attest` makes it.
    #[value(name = "v1")]
    V1,
}

/// What a statement claims.
#[derive(Debug)]
pub(super) enum Predicate {
    /// Whatever the user gave.
    Given {
        /// The type's URI.
        kind: String,
        /// The predicate.
        predicate: Value,
    },
    /// SLSA provenance v0.2.
    ProvenanceV02(Box<Build>),
    /// SLSA provenance v1.
    ProvenanceV1(Box<Build>),
}

impl PredicateArguments {
    /// Reads what the flags name.
    pub(super) fn read(&self) -> Result<Predicate, Error> {
        if let (Some(kind), Some(path)) = (&self.predicate_type, &self.predicate) {
            return Ok(Predicate::Given {
                kind: kind.clone(),
                predicate: read(path)?,
            });
        }
        Ok(match self.provenance {
            Some(Version::V02) => Predicate::ProvenanceV02(Box::new(self.build())),
            _ => Predicate::ProvenanceV1(Box::new(self.build())),
        })
    }

    fn build(&self) -> Build {
        let usual = Build::default();
        let or = |given: &Option<String>, usual: String| given.clone().unwrap_or(usual);
        Build {
            builder_id: or(&self.builder, usual.builder_id),
            build_type: self.build_type.clone(),
            repository: or(&self.source, usual.repository),
            source_ref: or(&self.reference, usual.source_ref),
            commit: or(&self.commit, usual.commit),
            event_name: or(&self.event, usual.event_name),
            ..usual
        }
    }
}

fn read(path: &Path) -> Result<Value, Error> {
    let content =
        std::fs::read(path).map_err(|error| Error::unreadable(path, "predicate", &error.into()))?;
    let predicate: Value = serde_json::from_slice(&content).map_err(|error| {
        let message = format!("the predicate `{}` is not JSON: {error}", path.display());
        Error::usage("forge.predicate-malformed", message)
    })?;
    if predicate.is_object() {
        Ok(predicate)
    } else {
        let message = format!("the predicate `{}` is not an object", path.display());
        Err(Error::usage("forge.predicate-malformed", message))
    }
}

fn predicate_type(text: &str) -> Result<String, String> {
    if let Some(uri) = policy_test::predicate_type_uri(text) {
        return Ok(uri.to_owned());
    }
    let names: Vec<&str> = ALIASES.iter().map(|(alias, _)| *alias).collect();
    let message = format!("a URI or one of {} is wanted", names.join(", "));
    Err(flag_error("forge.predicate-type-unknown", message))
}

/// `owner/name` of a repository at GitHub.
fn repository(text: &str) -> Result<String, String> {
    policy_test::repository(text)
        .map(str::to_owned)
        .ok_or_else(|| {
            let message = "a repository is wanted as https://github.com/OWNER/NAME";
            flag_error("forge.source-malformed", message)
        })
}
