//! How requests of an admission webhook are read, and which pass without a look at their images.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::Selection;
use crate::admission::{FieldPath, is_known};
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// How requests of an admission webhook are read, and which pass without a look at their images.
#[derive(Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Admission {
    /// Kinds beyond those of Kubernetes itself, and where they name images.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Resource>>", length(min = 1, max = 64))
    )]
    pub(crate) resources: Vec<Resource>,
    /// Whether kinds that are not known pass. Otherwise they are denied. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>", extend("const" = true)))]
    pub(crate) insecure_ignore_other_kinds: bool,
    /// Groups of users, by their exact names, whose requests pass.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Vec<String>>",
            length(min = 1, max = 64),
            inner(length(min = 1, max = 1024))
        )
    )]
    pub(crate) insecure_exempt_groups: Vec<String>,
    /// Requests that pass by their namespace or labels.
    pub(crate) insecure_exempt: Option<Selection>,
    /// Whether an update that changes no image passes. As soon as one changes, all are decided.
    /// Without it all are decided on every update. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>", extend("const" = true)))]
    pub(crate) insecure_skip_unchanged_updates: bool,
}

/// A kind, and where its objects name images. At least one of `images` and `podSpecs` is required.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("anyOf" = [{"required": ["images"]}, {"required": ["podSpecs"]}])
    )
)]
pub(crate) struct Resource {
    /// The API group, such as `argoproj.io`. Left out for the core group.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", length(min = 1, max = 128))
    )]
    pub(crate) group: String,
    /// The version, such as `v1alpha1`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) version: String,
    /// The kind, such as `Rollout`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) kind: String,
    /// Where image references stand, such as `spec.steps[*].image`.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Vec<String>>",
            length(min = 1, max = 32),
            inner(length(min = 1, max = 1024))
        )
    )]
    pub(crate) images: Vec<FieldPath>,
    /// Where the specifications of Pods stand, such as `spec.template.spec`. All images of a Pod
    /// are then read.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Vec<String>>",
            length(min = 1, max = 32),
            inner(length(min = 1, max = 1024))
        )
    )]
    pub(crate) pod_specs: Vec<FieldPath>,
    /// Whether an object in which none of the paths leads to an image passes. Otherwise it is
    /// denied. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>", extend("const" = true)))]
    pub(crate) insecure_allow_no_images: bool,
}

impl Admission {
    /// Reads the section; a policy without one has the defaults.
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &[
                "resources",
                "insecureIgnoreOtherKinds",
                "insecureExemptGroups",
                "insecureExempt",
                "insecureSkipUnchangedUpdates",
            ],
        )?;
        let resources = super::members::optional_list(
            reader,
            members,
            path,
            "resources",
            Limit::Resources,
            Resource::read,
        )?;
        for (index, resource) in resources.iter().enumerate() {
            let earlier = resources.iter().take(index);
            if earlier.filter(|other| other.is(resource)).count() > 0 {
                let list = path.member("resources");
                reader.problems.push(
                    "policy.duplicate-name",
                    &list.index(index),
                    "an earlier element is of the same group, version and kind".into(),
                );
            }
        }
        let insecure_exempt_groups = super::members::optional_list(
            reader,
            members,
            path,
            "insecureExemptGroups",
            Limit::SelectionElements,
            |reader, value, path| bounded(reader, value, path, Limit::PatternBytes),
        );
        let insecure_exempt = match members.get("insecureExempt") {
            None => None,
            Some(value) => Some(Selection::read(
                reader,
                value,
                &path.member("insecureExempt"),
            )?),
        };
        Some(Self {
            resources,
            insecure_ignore_other_kinds: super::members::insecure(
                reader,
                members,
                path,
                "insecureIgnoreOtherKinds",
            )?,
            insecure_exempt_groups: insecure_exempt_groups?,
            insecure_exempt,
            insecure_skip_unchanged_updates: super::members::insecure(
                reader,
                members,
                path,
                "insecureSkipUnchangedUpdates",
            )?,
        })
    }
}

impl Resource {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &[
                "group",
                "version",
                "kind",
                "images",
                "podSpecs",
                "insecureAllowNoImages",
            ],
        )?;
        let mut name = |field: &'static str| {
            let value = members.get(field)?;
            bounded(reader, value, &path.member(field), Limit::NameBytes)
        };
        let group = name("group").unwrap_or_default();
        let (version, kind) = (name("version"), name("kind"));
        for field in ["version", "kind"] {
            reader.required(members, field, path)?;
        }
        let (version, kind) = (version?, kind?);
        if is_known(&group, &version, &kind) {
            reader.problems.push(
                "policy.resource-known",
                path,
                format!("where a {kind} names images is known; leave it out"),
            );
        }
        let mut paths = |field| {
            super::members::optional_list(
                reader,
                members,
                path,
                field,
                Limit::FieldPaths,
                |reader, value, path| {
                    let text = reader.text(value, path)?;
                    super::members::pattern(reader, path, FieldPath::new(text))
                },
            )
        };
        let (images, pod_specs) = (paths("images"), paths("podSpecs"));
        if !members.contains_key("images") {
            reader.required(members, "podSpecs", path)?;
        }
        Some(Self {
            group,
            version,
            kind,
            images: images?,
            pod_specs: pod_specs?,
            insecure_allow_no_images: super::members::insecure(
                reader,
                members,
                path,
                "insecureAllowNoImages",
            )?,
        })
    }

    fn is(&self, other: &Self) -> bool {
        self.group == other.group && self.version == other.version && self.kind == other.kind
    }
}

fn bounded(reader: &mut Reader, value: &Value, path: &Path<'_>, limit: Limit) -> Option<String> {
    let text = reader.text(value, path)?;
    if text.len() > limit.value() {
        reader.exceeded(limit, path, "bytes");
        return None;
    }
    Some(text.to_string())
}
