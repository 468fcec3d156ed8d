//! Where evidence is looked for beyond the registry.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// Bytes of the name of a Kubernetes object (a DNS subdomain).
const OBJECT_NAME_BYTES: usize = 253;

/// Where hosts that look evidence up piece by piece look beyond the registry. What is found there
/// proves itself like all other evidence.
#[derive(Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct EvidenceSources {
    /// ConfigMaps whose data hold, under `sha256-<hex>`, the evidence of the image of that digest: a
    /// JSON array like that of a carrier.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<ConfigMap>>", length(min = 1, max = 4))
    )]
    pub(crate) config_maps: Vec<ConfigMap>,
}

/// A ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
#[non_exhaustive]
pub struct ConfigMap {
    /// Its namespace.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 253)))]
    pub namespace: String,
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 253)))]
    pub name: String,
}

impl EvidenceSources {
    /// Reads the section; a policy without one names no sources.
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["configMaps"])?;
        reader.required(members, "configMaps", path)?;
        let config_maps = super::members::optional_list(
            reader,
            members,
            path,
            "configMaps",
            Limit::ConfigMaps,
            ConfigMap::read,
        );
        Some(Self {
            config_maps: config_maps?,
        })
    }
}

impl ConfigMap {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["namespace", "name"])?;
        let mut name = |field| {
            let text = reader.required_text(members, field, path)?;
            if is_object_name(text) {
                return Some(text.to_string());
            }
            reader.problems.push(
                "policy.name-malformed",
                &path.member(field),
                "an object of Kubernetes is named by lower-case letters, digits, `-` and `.`"
                    .into(),
            );
            None
        };
        let (namespace, name) = (name("namespace"), name("name"));
        Some(Self {
            namespace: namespace?,
            name: name?,
        })
    }
}

fn is_object_name(text: &str) -> bool {
    text.len() <= OBJECT_NAME_BYTES
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
        })
}
