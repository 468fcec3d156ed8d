//! Limits that a policy draws tighter than the module does.

use sealstone_verify::json::Value;

use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// The most bytes of one piece of evidence that the module reads.
const EVIDENCE_BYTES: u64 = 16 << 20;

/// Limits that are drawn tighter than the module's own.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("minProperties" = 1)
    )
)]
pub(crate) struct PolicyLimits {
    /// Images of one request. Default 256.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 256))
    )]
    pub(crate) images: usize,
    /// Pieces of evidence of one image. Default 128.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 128))
    )]
    pub(crate) evidence_pieces: usize,
    /// Bytes of one piece of evidence with its annotations. A larger one counts for nothing.
    /// Default 16777216.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16_777_216))
    )]
    pub(crate) evidence_bytes: usize,
}

impl Default for PolicyLimits {
    fn default() -> Self {
        Self {
            images: Limit::Images.value(),
            evidence_pieces: Limit::EvidencePieces.value(),
            evidence_bytes: sealstone_verify::Limits::default().evidence_bytes,
        }
    }
}

impl PolicyLimits {
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        const FIELDS: [&str; 3] = ["images", "evidencePieces", "evidenceBytes"];
        let members = reader.object(value, path, &FIELDS)?;
        if members.is_empty() {
            reader.fault(Fault::Empty, path, "must have at least one member".into());
        }
        let mut limits = Self::default();
        let places = [
            (&mut limits.images, 256),
            (&mut limits.evidence_pieces, 128),
            (&mut limits.evidence_bytes, EVIDENCE_BYTES),
        ];
        for (name, (place, most)) in FIELDS.into_iter().zip(places) {
            if let Some(value) = members.get(name) {
                let range = (1, most);
                let path = path.member(name);
                *place = super::members::number(
                    reader,
                    value,
                    &path,
                    range,
                    "policy.number-out-of-range",
                )?;
            }
        }
        Some(limits)
    }
}
