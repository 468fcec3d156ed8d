//! What follows from a rule that is not met.

use sealstone_verify::json::Value;

use super::selection::Namespaces;
use super::{Context, members};
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// What follows from a rule that is not met.
// In the order of their strictness: the weaker one is the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Mode {
    /// The request is denied.
    #[default]
    Enforce,
    /// The request passes with a warning to whoever made it.
    Warn,
    /// The request passes; what would have been denied stands in the audit log.
    Audit,
}

impl Mode {
    /// The modes by name.
    pub(crate) const NAMES: [(&'static str, Self); 3] = [
        ("enforce", Self::Enforce),
        ("warn", Self::Warn),
        ("audit", Self::Audit),
    ];

    /// The word that documents have for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
}

/// A mode for some namespaces. At least one of `namespaces` and `excludeNamespaces` is required.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("anyOf" = [{"required": ["namespaces"]}, {"required": ["excludeNamespaces"]}])
    )
)]
pub(crate) struct NamespaceMode {
    #[cfg_attr(feature = "schema", schemars(flatten))]
    namespaces: Namespaces,
    /// What follows there from a rule that is not met, where the rule's own mode is not weaker.
    mode: Mode,
}

impl NamespaceMode {
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let [namespaces, exclude] = Namespaces::FIELDS;
        let members = reader.object(value, path, &[namespaces, exclude, "mode"])?;
        if !members.contains_key(namespaces) && !members.contains_key(exclude) {
            let message = "must say `namespaces` or `excludeNamespaces`; what is for all of them is the `mode` of the policy";
            reader.fault(Fault::MissingField, path, message.into());
        }
        let namespaces = Namespaces::read(reader, members, path);
        let mode = reader.required(members, "mode", path)?;
        let mode = members::word(reader, mode, &path.member("mode"), &Mode::NAMES);
        Some(Self {
            namespaces: namespaces?,
            mode: mode?,
        })
    }

    /// The weakest of the modes that are for the request.
    pub(crate) fn weakest(modes: &[Self], context: &Context) -> Mode {
        let matching = modes.iter().filter(|of| of.namespaces.matches(context));
        matching.map(|of| of.mode).max().unwrap_or_default()
    }
}
