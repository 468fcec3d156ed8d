//! The source that was built.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::source_uri::{Located, is_commit};
use crate::{
    Claim, ClaimedField, Error, Provenance, ProvenanceVersion, ResourceDescriptor, SourceUri,
};

/// The source that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The repository.
    pub uri: SourceUri,
    /// The git ref, for example `refs/heads/main`, as written.
    pub git_ref: Option<String>,
    /// The commit in lower-case hexadecimal.
    pub commit: Option<String>,
}

impl Source {
    /// Reads the URI that the field `path` holds.
    pub(crate) fn from_uri(uri: &str, path: &'static str) -> Result<Self, Error> {
        Located::parse(uri)
            .map(Self::from)
            .map_err(|_| Error::FieldMalformed(path))
    }

    /// Reads a dependency; `None` when its URI names no repository.
    pub(crate) fn from_dependency(
        dependency: &ResourceDescriptor,
        path: &'static str,
    ) -> Result<Option<Self>, Error> {
        let Ok(located) = Located::parse(&dependency.uri) else {
            return Ok(None);
        };
        let digest = |name| dependency.digest.get(name).map(String::as_str);
        Self::from(located)
            .with_commit(digest("gitCommit"), path)?
            .with_commit(digest("sha1"), path)
            .map(Some)
    }

    /// Adds a commit; one that is there already must be the same.
    pub(crate) fn with_commit(
        mut self,
        commit: Option<&str>,
        path: &'static str,
    ) -> Result<Self, Error> {
        let Some(commit) = commit else {
            return Ok(self);
        };
        if !is_commit(commit) {
            return Err(Error::FieldMalformed(path));
        }
        agree(&mut self.commit, Some(commit), path)?;
        Ok(self)
    }

    /// Adds a ref; one that is there already must be the same.
    pub(crate) fn with_ref(
        mut self,
        git_ref: Option<&str>,
        path: &'static str,
    ) -> Result<Self, Error> {
        agree(&mut self.git_ref, git_ref, path)?;
        Ok(self)
    }

    /// Checks that another field names the same repository.
    pub(crate) fn same_repository(&self, other: &Self, path: &'static str) -> Result<(), Error> {
        if self.uri == other.uri {
            Ok(())
        } else {
            Err(Error::SourceContradictory(path))
        }
    }

    /// Adds what another field says about the same source.
    pub(crate) fn reconciled(self, other: &Self, path: &'static str) -> Result<Self, Error> {
        self.same_repository(other, path)?;
        self.with_ref(other.git_ref.as_deref(), path)?
            .with_commit(other.commit.as_deref(), path)
    }

    /// Adds what this says to the claims that a certificate must bear out.
    pub(crate) fn claim(&self, path: &'static str, claims: &mut Vec<Claim>) {
        self.claim_repository(path, claims);
        for (field, value) in [
            (ClaimedField::SourceRepositoryRef, &self.git_ref),
            (ClaimedField::SourceRepositoryDigest, &self.commit),
        ] {
            claims.extend(value.iter().map(|value| Claim {
                field,
                value: value.clone(),
                path,
            }));
        }
    }

    /// Adds the repository alone: where the source is another revision than that of the run.
    pub(crate) fn claim_repository(&self, path: &'static str, claims: &mut Vec<Claim>) {
        claims.push(Claim {
            field: ClaimedField::SourceRepositoryUri,
            value: self.uri.as_str().to_string(),
            path,
        });
    }
}

impl Provenance {
    /// Sets the source, whose URI stands at `path`, with what the first dependency of the same
    /// repository adds to it.
    pub(crate) fn take_source(&mut self, source: Source, path: &'static str) -> Result<(), Error> {
        let listed = match self.version {
            ProvenanceVersion::V1 => "buildDefinition.resolvedDependencies",
            ProvenanceVersion::V01 | ProvenanceVersion::V02 => "materials",
        };
        let mut source = source;
        for dependency in &self.dependencies {
            if let Some(dependency) = Source::from_dependency(dependency, listed)?
                && dependency.uri == source.uri
            {
                source = source.reconciled(&dependency, listed)?;
                break;
            }
        }
        source.claim(path, &mut self.claims);
        self.source = Some(source);
        Ok(())
    }
}

impl From<Located> for Source {
    fn from(located: Located) -> Self {
        Self {
            uri: located.uri,
            git_ref: located.git_ref,
            commit: located.commit,
        }
    }
}

fn agree(slot: &mut Option<String>, other: Option<&str>, path: &'static str) -> Result<(), Error> {
    match (&slot, other) {
        (Some(known), Some(other)) if known != other => Err(Error::SourceContradictory(path)),
        (None, Some(other)) => {
            *slot = Some(other.to_string());
            Ok(())
        }
        _ => Ok(()),
    }
}
