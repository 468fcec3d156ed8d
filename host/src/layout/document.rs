//! The JSON documents of a layout.

use serde::{Deserialize, Serialize};

pub(super) use crate::oci::document::{Descriptor, Index, Manifest};

/// The file `oci-layout`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayoutVersion {
    pub(super) image_layout_version: String,
}
