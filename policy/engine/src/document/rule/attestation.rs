//! Rules that ask for an attestation.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_provenance::PredicateFamily;
use sealstone_verify::json::{Map, Value};

use super::super::members::{choice, exactly_one, optional_list, word};
use super::super::{Condition, Names, Signers, duration};
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
    /// The predicate type as it is written, or the family that it belongs to.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) kind: AttestationKind,
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

/// What an attestation is about.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum AttestationKind {
    /// The predicate type, as it is written.
    PredicateType(StringMatcher),
    /// The family of predicate types: every spelling in use, in every version.
    Family(#[cfg_attr(feature = "schema", schemars(with = "schema::Family"))] PredicateFamily),
}

/// The families by name.
const FAMILIES: [(&str, PredicateFamily); 15] = [
    ("cosignCustom", PredicateFamily::CosignCustom),
    ("cosignVuln", PredicateFamily::CosignVuln),
    ("cycloneDx", PredicateFamily::CycloneDx),
    ("link", PredicateFamily::Link),
    ("openVex", PredicateFamily::OpenVex),
    ("osvResults", PredicateFamily::OsvResults),
    ("provenance", PredicateFamily::Provenance),
    ("reference", PredicateFamily::Reference),
    ("release", PredicateFamily::Release),
    ("scai", PredicateFamily::Scai),
    (
        "simpleVerificationResult",
        PredicateFamily::SimpleVerificationResult,
    ),
    ("spdx", PredicateFamily::Spdx),
    ("testResult", PredicateFamily::TestResult),
    ("verificationSummary", PredicateFamily::VerificationSummary),
    ("vulns", PredicateFamily::Vulns),
];

/// How many of the attestations must meet the conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Quantifier {
    /// One is enough.
    #[default]
    Any,
    /// Every one, and there must be one. Who can remove an attestation from the registry can also
    /// remove one that does not meet the conditions.
    All,
}

impl Quantifier {
    pub(super) const NAMES: [(&'static str, Self); 2] = [("any", Self::Any), ("all", Self::All)];
}

impl AttestationKind {
    pub(super) fn read(
        reader: &mut Reader,
        members: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Option<Self> {
        let alternatives = ["predicateType", "family"];
        let (field, value) = exactly_one(reader, members, path, &alternatives)?;
        let path = path.member(field);
        if field == "family" {
            return word(reader, value, &path, &FAMILIES).map(Self::Family);
        }
        StringMatcher::read(reader, value, &path).map(Self::PredicateType)
    }

    /// Whether a predicate type is of this kind.
    pub(crate) fn matches(&self, predicate_type: &str) -> bool {
        match self {
            Self::PredicateType(matcher) => matcher.matches(predicate_type),
            Self::Family(family) => PredicateFamily::of(predicate_type) == Some(*family),
        }
    }
}

/// The form in the schema.
#[cfg(feature = "schema")]
mod schema {
    use alloc::borrow::Cow;

    /// One of the names of families.
    pub(super) struct Family;

    impl schemars::JsonSchema for Family {
        fn schema_name() -> Cow<'static, str> {
            "Family".into()
        }

        fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
            schemars::json_schema!({
                "description": "A family of predicate types.",
                "type": "string",
                "enum": super::FAMILIES.map(|(name, _)| name),
            })
        }
    }
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
                "family",
                "quantifier",
                "conditions",
                "maximumAge",
            ],
        )?;
        let signed_by = Signers::read(reader, members, path, names);
        let kind = AttestationKind::read(reader, members, path);
        reader.required(members, "quantifier", path);
        let quantifier = choice(reader, members, path, "quantifier", &Quantifier::NAMES);
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
            kind: kind?,
            quantifier: quantifier??,
            conditions: conditions?,
            maximum_age: maximum_age?,
        })
    }
}
