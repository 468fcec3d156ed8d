//! `https://slsa.dev/provenance/v0.1`, which Google Cloud Build wrote.

use sealstone_verify::json::Value;

use crate::git_ref::Refs;
use crate::legacy::{self, Legacy};
use crate::{Error, Producer, Provenance, ProvenanceVersion, ResourceDescriptor, Source, field};

const DEFINED_IN_MATERIAL: &str = "recipe.definedInMaterial";

/// Reads a predicate of this version.
pub(crate) fn read(predicate: &Value) -> Result<Provenance, Error> {
    let mut provenance = legacy::read(
        predicate,
        &Legacy {
            version: ProvenanceVersion::V01,
            build_type: "recipe.type",
            entry_point: "recipe.entryPoint",
            parameters: "recipe.arguments",
            build_config: None,
            complete_parameters: "metadata.completeness.arguments",
        },
    )?;
    if provenance.producer == Some(Producer::CloudBuild) {
        let source = source(predicate, &provenance.dependencies)?;
        source.claim("materials", &mut provenance.claims);
        provenance.source = Some(source);
        provenance.refs = Refs {
            tag: legacy::cloud_build_tag(predicate, "recipe.arguments.substitutions.TAG_NAME"),
            ..Refs::UNKNOWN
        };
    }
    Ok(provenance)
}

/// The material in which the recipe is defined. Cloud Build writes the number as text, and `-1` or
/// nothing when it means the first one.
fn source(predicate: &Value, materials: &[ResourceDescriptor]) -> Result<Source, Error> {
    let index = match field::value(predicate, DEFINED_IN_MATERIAL)? {
        None => Some(0),
        Some(Value::String(text)) if text == "-1" => Some(0),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) if number.as_i64() == Some(-1) => Some(0),
        Some(other) => other.as_u64().and_then(|index| usize::try_from(index).ok()),
    };
    let index = index.ok_or(Error::FieldMalformed(DEFINED_IN_MATERIAL))?;
    let material = materials
        .get(index)
        .ok_or(Error::FieldMissing("materials"))?;
    Source::from_dependency(material, "materials")?.ok_or(Error::FieldMalformed("materials"))
}
