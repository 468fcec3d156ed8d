//! Exceptions: a rule that is not asked of some images for a while.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;
use sha2::{Digest as _, Sha256};

use super::rule::read_images;
use super::{Context, Names, members};
use crate::evidence::{Evidence, read_bundle};
use crate::image_reference::ImageReference;
use crate::limits::Limit;
use crate::pattern::{Glob, ImagePattern};
use crate::problem::Path;
use crate::reader::Reader;

/// Rules that are not asked of some images until a moment. It excuses from these rules alone: an image
/// that no rule matches, a malformed request and an exceeded limit are denied all the same.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Exception {
    /// The name, for reports.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// The images, any of the patterns, as in a rule.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Vec<String>",
            length(min = 1, max = 256),
            inner(length(min = 1, max = 1024))
        )
    )]
    images: Vec<ImagePattern>,
    /// The names of the rules.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    rules: Vec<String>,
    /// Namespaces, any of the globs. A request without a namespace is in none. Without this member the
    /// exception is for all requests.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Vec<String>>",
            length(min = 1, max = 64),
            inner(length(min = 1))
        )
    )]
    namespaces: Vec<Glob>,
    /// Why. Every decision that relies on the exception says it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024)))]
    pub(crate) reason: String,
    /// The moment from which the exception excuses nothing any more, RFC 3339. One that cannot be read
    /// lies in the past.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024)))]
    pub(crate) ends: String,
    /// Who must have approved the exception. Without a verified approval it excuses nothing.
    pub(crate) approval: Option<Approval>,
    /// SHA-256 of what is approved, the canonical JSON of all other members.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub(crate) sha256: [u8; 32],
}

/// An approval: an in-toto statement of the predicate type `https://sealstone.dev/exception/v0.1` whose
/// subject has the SHA-256 of the canonical JSON (members sorted, no white space) of the exception
/// without `approval`.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Approval {
    /// The authority that must have signed it.
    pub(crate) signed_by: String,
    /// The Sigstore bundle of the statement.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "serde_json::Map<String, serde_json::Value>")
    )]
    pub(crate) bundle: Evidence,
}

impl Exception {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let allowed = [
            "name",
            "images",
            "rules",
            "namespaces",
            "reason",
            "ends",
            "approval",
        ];
        let found = reader.object(value, path, &allowed)?;
        let name = members::name(reader, found, path);
        let images = read_images(reader, found, path);
        let rules = members::references(reader, found, path, "rules", &names.rules);
        let namespaces = Glob::read_list(reader, found, path, "namespaces");
        let mut text = |field| {
            reader.required(found, field, path)?;
            members::optional_text(reader, found, path, field, Limit::PatternBytes)?
        };
        let (reason, ends) = (text("reason"), text("ends"));
        let approval = match found.get("approval") {
            None => None,
            Some(value) => Some(Approval::read(
                reader,
                value,
                &path.member("approval"),
                names,
            )?),
        };
        let mut approved = found.clone();
        approved.remove("approval");
        let approved = Value::Object(approved).to_canonical_string();
        Some(Self {
            name: name?,
            images: images?,
            rules: rules?,
            namespaces: namespaces?,
            reason: reason?,
            ends: ends?,
            approval,
            sha256: Sha256::digest(approved.as_bytes()).into(),
        })
    }

    /// Whether it is about that rule for that image of a request.
    pub(crate) fn is_for(&self, rule: &str, image: &ImageReference, context: &Context) -> bool {
        let namespace = context.namespace.as_deref();
        let among = |name| self.namespaces.iter().any(|glob| glob.matches(name));
        self.rules.iter().any(|name| name == rule)
            && self.images.iter().any(|pattern| pattern.matches(image))
            && (self.namespaces.is_empty() || namespace.is_some_and(among))
    }
}

impl Approval {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let found = reader.object(value, path, &["signedBy", "bundle"])?;
        let signed_by = reader.required(found, "signedBy", path).and_then(|value| {
            members::reference(reader, value, &path.member("signedBy"), &names.authorities)
        });
        let bundle = reader.required(found, "bundle", path)?;
        let bundle = read_bundle(reader, bundle, &path.member("bundle"));
        Some(Self {
            signed_by: signed_by?.to_string(),
            bundle: bundle?,
        })
    }
}
