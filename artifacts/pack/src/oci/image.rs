//! The image of a module in the shape that its host pulls, and what refers to it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use wasmparser::{Encoding, Parser, Payload};
use wit_component::DecodedWasm;

use super::layout::{Descriptor, Layout};
use super::opa_bundle;
use super::shape::Shape;
use crate::json::{canonical, with};

/// The section with the metadata of a Kubewarden policy, JSON with the member `annotations`.
const KUBEWARDEN_METADATA: &str = "io.kubewarden.metadata";

/// Where Kubewarden's metadata and OCI annotations name the sources.
const KUBEWARDEN_SOURCE: &str = "io.kubewarden.policy.source";
const OCI_SOURCE: &str = "org.opencontainers.image.source";

/// What is said about an image beside its content.
#[derive(Debug)]
pub(crate) struct Labels {
    /// The version, which becomes the tag.
    pub(crate) version: String,
    /// When the sources were committed, RFC 3339.
    pub(crate) created: String,
    /// Annotations by their full names.
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Adds the image of a module.
///
/// # Errors
/// When the module is not what the shape is for.
pub(crate) fn image(
    layout: &mut Layout,
    shape: Shape,
    module: &[u8],
    labels: &Labels,
) -> Result<Descriptor> {
    let mut annotations = labels.annotations.clone();
    let (config, layer) = match shape {
        Shape::Component { world } => {
            let layer = layout.blob("application/wasm", module.to_vec());
            let config = component_config(module, world, &layer, labels)?;
            (
                layout.blob("application/vnd.wasm.config.v0+json", canonical(&config)?),
                layer,
            )
        }
        Shape::Kubewarden => {
            annotations.extend(kubewarden_annotations(module)?);
            (
                layout.blob("application/vnd.wasm.config.v1+json", b"{}".to_vec()),
                layout.blob(
                    "application/vnd.wasm.content.layer.v1+wasm",
                    module.to_vec(),
                ),
            )
        }
        Shape::OpaBundle => {
            core_module(module)?;
            let bundle = opa_bundle::bundle(module, &labels.version)?;
            let config = json!({
                "architecture": "wasm",
                "os": "wasip1",
                "rootfs": {"type": "layers", "diff_ids": [bundle.diff_id]},
            });
            let media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
            let layer = layout.blob(media_type, bundle.compressed);
            (
                layout.blob(
                    "application/vnd.oci.image.config.v1+json",
                    canonical(&config)?,
                ),
                layer,
            )
        }
    };
    let members = members(json!({
        "config": config.to_value(),
        "layers": [layer.to_value()],
        "annotations": annotations,
    }));
    let tag = BTreeMap::from([(
        "org.opencontainers.image.ref.name".to_owned(),
        labels.version.clone(),
    )]);
    layout.manifest(members, &tag)
}

/// Adds an artifact of one file that refers to an image (image-spec v1.1, `manifest.md`, `subject`).
pub(crate) fn referrer(
    layout: &mut Layout,
    subject: &Descriptor,
    (media_type, name, bytes): (&'static str, &str, Vec<u8>),
    annotations: &BTreeMap<String, String>,
) -> Result<Descriptor> {
    let empty = layout.blob("application/vnd.oci.empty.v1+json", b"{}".to_vec());
    let title = json!({"org.opencontainers.image.title": name});
    let layer = with(
        layout.blob(media_type, bytes).to_value(),
        "annotations",
        title,
    );
    let mut members = members(json!({
        "artifactType": media_type,
        "config": empty.to_value(),
        "layers": [layer],
        "subject": subject.to_value(),
    }));
    if !annotations.is_empty() {
        members.insert("annotations".to_owned(), json!(annotations));
    }
    layout.manifest(members, &BTreeMap::new())
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The configuration of a Wasm OCI artifact
/// (<https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>). Readers of it demand
/// `created`.
fn component_config(
    component: &[u8],
    world: &str,
    layer: &Descriptor,
    labels: &Labels,
) -> Result<Value> {
    // What decodes components takes core modules with a world in them, too.
    ensure!(
        encoding(component)? == Encoding::Component,
        "the module is no component"
    );
    let decoded = wit_component::decode(component).context("the component cannot be read")?;
    let DecodedWasm::Component(resolve, id) = decoded else {
        bail!("the module is a WIT package and no component");
    };
    let decoded = resolve.worlds.get(id).context("a component has a world")?;
    let mut names = [&decoded.exports, &decoded.imports].map(|items| {
        let names = items.keys().map(|key| resolve.name_world_key(key));
        names.collect::<Vec<_>>()
    });
    names.iter_mut().for_each(|names| names.sort());
    let [exports, imports] = names;
    Ok(json!({
        "created": labels.created,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [layer.digest],
        "component": {"exports": exports, "imports": imports, "target": world},
    }))
}

/// What `kwctl push` makes of the metadata in the module: annotations of one line each, without spaces
/// around them, and the source under its OCI name, too.
fn kubewarden_annotations(module: &[u8]) -> Result<BTreeMap<String, String>> {
    let metadata = core_module(module)?.context("the module has no Kubewarden metadata")?;
    let metadata: Value =
        serde_json::from_slice(&metadata).context("the Kubewarden metadata is no JSON")?;
    let annotations = metadata.get("annotations").and_then(Value::as_object);
    let mut kept = BTreeMap::new();
    for (name, value) in annotations.context("the Kubewarden metadata has no annotations")? {
        let value = value.as_str().context("an annotation is no text")?.trim();
        if !value.contains('\n') {
            kept.insert(name.clone(), value.to_owned());
        }
    }
    if let Some(source) = kept.get(KUBEWARDEN_SOURCE).cloned() {
        kept.entry(OCI_SOURCE.to_owned()).or_insert(source);
    }
    Ok(kept)
}

/// Reads a core module to its end; the Kubewarden metadata in it, if there are any.
fn core_module(module: &[u8]) -> Result<Option<Vec<u8>>> {
    ensure!(
        encoding(module)? == Encoding::Module,
        "the module is a component, and its host runs core modules"
    );
    let mut metadata = None;
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("the module cannot be read")? {
            Payload::CustomSection(section) if section.name() == KUBEWARDEN_METADATA => {
                metadata = Some(section.data().to_vec());
            }
            _ => {}
        }
    }
    Ok(metadata)
}

/// Whether this is a core module or a component, by the first bytes.
fn encoding(module: &[u8]) -> Result<Encoding> {
    let first = Parser::new(0).parse_all(module).next();
    match first
        .context("the module is empty")?
        .context("the module cannot be read")?
    {
        Payload::Version { encoding, .. } => Ok(encoding),
        _ => bail!("the module has no version"),
    }
}
