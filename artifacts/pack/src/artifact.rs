//! The shipped files: what they are called, how large they may be, how large they are.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use crate::oci::Shape;

/// A module that is shipped.
#[derive(Debug)]
pub(crate) struct Artifact {
    /// Its name below `target/artifacts`.
    pub(crate) file: &'static str,
    /// The package that it is built from.
    pub(crate) package: &'static str,
    /// The features that it is built with.
    pub(crate) features: &'static [&'static str],
    /// What it is, in a sentence, for people who find it in a registry.
    pub(crate) description: &'static str,
    /// The shape in which registries hold it.
    pub(crate) shape: Shape,
    /// The size that it must not exceed.
    pub(crate) budget: Size,
}

/// Sealstone as a component.
pub(crate) const COMPONENT: Artifact = Artifact {
    file: "sealstone.wasm",
    package: "sealstone-component",
    features: &[],
    description: "Decides whether container images may run: Sigstore signatures, SLSA provenance and \
                  other attestations, verified in a component without imports",
    shape: Shape::Component {
        world: "sealstone:policy/policy-module@0.1.0",
    },
    budget: Size {
        raw: 707_000,
        gzip: 281_700,
    },
};

/// The same with rules in Rego.
pub(crate) const REGO: Artifact = Artifact {
    file: "sealstone-rego.wasm",
    features: &["rego"],
    description: "Decides whether container images may run: Sigstore signatures, SLSA provenance, other \
                  attestations and rules in Rego, verified in a component without imports",
    budget: Size {
        raw: 1_465_000,
        gzip: 580_000,
    },
    ..COMPONENT
};

/// Sealstone for hosts of the OPA Wasm ABI.
pub(crate) const OPA: Artifact = Artifact {
    file: "sealstone-opa.wasm",
    package: "sealstone-opa",
    features: &[],
    description: "Decides whether container images may run: Sigstore signatures, SLSA provenance and \
                  other attestations, verified in hosts of the OPA Wasm ABI",
    shape: Shape::OpaBundle,
    budget: Size {
        raw: 714_000,
        gzip: 285_400,
    },
};

/// Sealstone as a Kubewarden policy that changes nothing.
pub(crate) const KUBEWARDEN: Artifact = Artifact {
    file: "sealstone-kubewarden.wasm",
    package: "sealstone-kubewarden",
    features: &[],
    description: "Decides whether container images may run: Sigstore signatures, SLSA provenance and \
                  other attestations, verified in a Kubewarden policy",
    shape: Shape::Kubewarden,
    budget: Size {
        raw: 717_700,
        gzip: 286_700,
    },
};

/// The same, but it pins images to their digests.
pub(crate) const KUBEWARDEN_MUTATING: Artifact = Artifact {
    file: "sealstone-kubewarden-mutating.wasm",
    description: "Decides whether container images may run, and pins them to their digests: Sigstore \
                  signatures, SLSA provenance and other attestations, verified in a Kubewarden policy",
    ..KUBEWARDEN
};

/// Everything that is shipped.
pub(crate) const ARTIFACTS: &[Artifact] = &[COMPONENT, REGO, KUBEWARDEN, KUBEWARDEN_MUTATING, OPA];

impl Artifact {
    /// The name without the extension: that of its OCI image layout.
    pub(crate) fn name(&self) -> &'static str {
        self.file.strip_suffix(".wasm").unwrap_or(self.file)
    }
}

/// How large a file is, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// As it is.
    pub(crate) raw: usize,
    /// After gzip at its best level.
    pub(crate) gzip: usize,
}

impl Size {
    /// Measures a file.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        Ok(Self {
            raw: bytes.len(),
            gzip: encoder.finish()?.len(),
        })
    }
}

/// Writes a file unless it already holds these bytes: a new time stamp would rebuild all that
/// depends on it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create `{}`", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

/// SHA-256 as lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
