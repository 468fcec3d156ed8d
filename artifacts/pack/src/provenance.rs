//! Provenance of a module: an in-toto statement v1 with SLSA provenance v1
//! (<https://slsa.dev/spec/v1.2/provenance>), unsigned.
//!
//! It says what was done and what went in, as far as this program knows it. Who vouches for that is a
//! matter of the signature. `docs/guides/artifacts.md` documents the build type.

use serde_json::{Value, json};

use crate::crates::Crates;
use crate::json::with;
use crate::source::Source;
use crate::toolchain::Toolchain;
use crate::tools::GUEST_TARGET;

/// The media type of the statement.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.in-toto+json";

/// The type of the predicate.
pub(crate) const PREDICATE_TYPE: &str = "https://slsa.dev/provenance/v1";

/// How `cargo xtask pack` builds.
const BUILD_TYPE: &str = "https://sealstone.dev/build-types/xtask-pack/v1";

/// The builder where none is named: somebody's own machine, of which nobody knows anything.
pub(crate) const LOCAL_BUILDER: &str = "https://sealstone.dev/builders/local";

/// What the provenance is about, and what it is told.
#[derive(Debug)]
pub(crate) struct Build<'a> {
    /// The name of the artifact.
    pub(crate) artifact: &'a str,
    /// Names and SHA-256 digests (hexadecimal) of what came out.
    pub(crate) products: Vec<(String, String)>,
    /// The id of the builder.
    pub(crate) builder_id: &'a str,
    /// Where the sources are published, if that is known.
    pub(crate) source_uri: Option<&'a str>,
    /// The sources.
    pub(crate) source: &'a Source,
    /// The crates of the build.
    pub(crate) crates: &'a Crates,
    /// The compiler.
    pub(crate) toolchain: &'a Toolchain,
}

/// The statement about a build, with its predicate.
pub(crate) fn statement(build: &Build<'_>, predicate: &Value) -> Value {
    let subject: Vec<Value> = build
        .products
        .iter()
        .map(|(name, digest)| json!({"name": name, "digest": {"sha256": digest}}))
        .collect();
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    })
}

/// The predicate about a build.
pub(crate) fn predicate(build: &Build<'_>) -> Value {
    let mut external = json!({"artifact": build.artifact});
    if let Some(uri) = build.source_uri {
        external = with(external, "source", format!("git+{uri}"));
    }
    json!({
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": external,
            "internalParameters": {"profile": "guest", "target": GUEST_TARGET},
            "resolvedDependencies": resolved_dependencies(build),
        },
        "runDetails": {"builder": {"id": build.builder_id}},
    })
}

/// The commit, the toolchain, and the crates that `Cargo.lock` pins for this build.
fn resolved_dependencies(build: &Build<'_>) -> Vec<Value> {
    let toolchain = json!({
        "name": "rust",
        "uri": build.toolchain.purl(),
        "digest": {"gitCommit": build.toolchain.commit},
    });
    let crates = build.crates.built.iter().filter_map(|found| {
        let checksum = found.checksum.as_ref()?;
        Some(json!({"uri": found.id.purl(), "digest": {"sha256": checksum}}))
    });
    source(build)
        .into_iter()
        .chain([toolchain])
        .chain(crates)
        .collect()
}

fn source(build: &Build<'_>) -> Option<Value> {
    let commit = build.source.commit.as_ref()?;
    let mut source = json!({"name": "source", "digest": {"gitCommit": commit}});
    if let Some(uri) = build.source_uri {
        source = with(source, "uri", format!("git+{uri}"));
    }
    if build.source.modified {
        source = with(source, "annotations", json!({"modified": true}));
    }
    Some(source)
}
