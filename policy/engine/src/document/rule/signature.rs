//! Rules that ask for a signature.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::super::{Names, Signers, duration};
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::Reader;

/// A signature over the image.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct SignatureRequirement {
    /// Who must have signed.
    pub(crate) signed_by: Signers,
    /// Annotations that the signer must have signed along with the image (`cosign sign -a`), by
    /// name. Only simple-signing signatures carry any.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<alloc::collections::BTreeMap<String, StringMatcher>>",
            extend("minProperties" = 1, "maxProperties" = 64)
        )
    )]
    pub(crate) annotations: Vec<(String, StringMatcher)>,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: Option<u64>,
}

impl SignatureRequirement {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(value, path, &["signedBy", "annotations", "maximumAge"])?;
        let signed_by = Signers::read(reader, members, path, names);
        let annotations = match members.get("annotations") {
            Some(value) => named_matchers(reader, value, &path.member("annotations")),
            None => Some(Vec::new()),
        };
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            signed_by: signed_by?,
            annotations: annotations?,
            maximum_age: maximum_age?,
        })
    }
}

/// Matchers by name; there must be some.
pub(super) fn named_matchers(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<Vec<(String, StringMatcher)>> {
    let Some(members) = value.as_object() else {
        reader.wrong_type(path, "an object");
        return None;
    };
    if members.is_empty() {
        reader.fault(
            crate::reader::Fault::Empty,
            path,
            "must have at least one member".into(),
        );
        return None;
    }
    if members.len() > Limit::Conditions.value() {
        reader.exceeded(Limit::Conditions, path, "members");
        return None;
    }
    let mut matchers = Vec::with_capacity(members.len());
    for (name, value) in members {
        let matcher = StringMatcher::read(reader, value, &path.member(name))?;
        matchers.push((name.to_string(), matcher));
    }
    Some(matchers)
}
