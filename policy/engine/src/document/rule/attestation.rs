//! Rules that ask for an attestation.

use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::super::{Condition, Names, Signers, choice, duration, optional_list};
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::Reader;

/// An attestation about the image.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct AttestationRequirement {
    /// Who must have signed.
    pub(crate) signed_by: Signers,
    /// The predicate type.
    pub(crate) predicate_type: StringMatcher,
    /// Which attestations of this type, among those that somebody in `signedBy` signed, must meet
    /// the conditions.
    pub(crate) quantifier: Quantifier,
    /// What the predicate must say; all of it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Condition>>", length(min = 1, max = 64))
    )]
    pub(crate) conditions: Vec<Condition>,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<alloc::string::String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: Option<u64>,
}

/// How many of the attestations must meet the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Quantifier {
    /// One is enough.
    Any,
    /// Every one, and there must be one. Who can remove an attestation from the registry can also
    /// remove one that does not meet the conditions.
    All,
}

impl AttestationRequirement {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &[
                "signedBy",
                "predicateType",
                "quantifier",
                "conditions",
                "maximumAge",
            ],
        )?;
        let signed_by = Signers::read(reader, members, path, names);
        let predicate_type = super::super::matcher(reader, members, path, "predicateType");
        reader.required(members, "quantifier", path);
        let words = [("any", Quantifier::Any), ("all", Quantifier::All)];
        let quantifier = choice(reader, members, path, "quantifier", &words);
        let conditions = optional_list(
            reader,
            members,
            path,
            "conditions",
            Limit::Conditions,
            Condition::read,
        );
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            signed_by: signed_by?,
            predicate_type: predicate_type?,
            quantifier: quantifier??,
            conditions: conditions?,
            maximum_age: maximum_age?,
        })
    }
}
