//! How the images of a request are read: mirrors, tags, and what may be signed in their stead.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::image_reference::ImageReference;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// How the images of a request are read.
#[derive(Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Images {
    /// Names under which rules see images that come from a mirror. The first that fits is used.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<Mirror>>", length(min = 1, max = 64))
    )]
    pub(crate) mirrors: Vec<Mirror>,
    /// What becomes of images that are named by a tag alone. Default `pin`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Tags>"))]
    pub(crate) tags: Tags,
    /// What evidence may be about instead of the admitted digest. By default nothing else.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Subjects>"))]
    pub(crate) subjects: Subjects,
}

/// Images that come from a mirror are seen by rules under the name that they have at the source.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Mirror {
    /// Where the mirror keeps them: a registry, or a registry and the first parts of the
    /// repository, such as `mirror.example/docker`. It stands for whole parts; there are no
    /// wildcards.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024)))]
    pub(crate) from: String,
    /// What stands there at the source, such as `docker.io`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024)))]
    pub(crate) to: String,
}

/// What becomes of images that are named by a tag alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum Tags {
    /// The host brings the digest, and the reference is replaced by one that names it.
    #[default]
    Pin,
    /// They are denied.
    Deny,
}

/// What evidence may be about instead of the admitted digest. The host must bring the bytes of the
/// index as a piece of evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Subjects {
    /// An index that lists the admitted platform manifest. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>"))]
    pub(crate) index: bool,
    /// The platform manifests that the admitted index lists, all of them. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>"))]
    pub(crate) platforms: bool,
}

impl Images {
    /// Reads the section; a policy without one has the defaults.
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["mirrors", "tags", "subjects"])?;
        let mirrors = super::members::optional_list(
            reader,
            members,
            path,
            "mirrors",
            Limit::Mirrors,
            Mirror::read,
        );
        let tags = match members.get("tags") {
            None => Tags::default(),
            Some(value) => Tags::read(reader, value, &path.member("tags"))?,
        };
        let subjects = match members.get("subjects") {
            None => Subjects::default(),
            Some(value) => Subjects::read(reader, value, &path.member("subjects"))?,
        };
        Some(Self {
            mirrors: mirrors?,
            tags,
            subjects,
        })
    }

    /// The name that the image has at the source; `None` where it comes from no mirror.
    pub(crate) fn source_of(&self, image: &ImageReference) -> Option<ImageReference> {
        self.mirrors.iter().find_map(|mirror| {
            let rest = image.name().strip_prefix(mirror.from.as_str())?;
            let rest = rest.strip_prefix('/')?;
            Some(image.renamed(&format!("{}/{rest}", mirror.to)))
        })
    }
}

impl Mirror {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["from", "to"])?;
        let mut place = |field| {
            let text = reader.required_text(members, field, path)?;
            if ImageReference::is_prefix(text) {
                return Some(text.to_string());
            }
            reader.problems.push(
                "policy.mirror-malformed",
                &path.member(field),
                "a registry such as `docker.io`, in lower case, which may be followed by parts of a repository; no wildcards, tags or digests".into(),
            );
            None
        };
        let (from, to) = (place("from"), place("to"));
        Some(Self {
            from: from?,
            to: to?,
        })
    }
}

impl Tags {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        super::members::word(
            reader,
            value,
            path,
            &[("pin", Self::Pin), ("deny", Self::Deny)],
        )
    }
}

impl Subjects {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["index", "platforms"])?;
        Some(Self {
            index: super::members::flag(reader, members, path, "index")?,
            platforms: super::members::flag(reader, members, path, "platforms")?,
        })
    }
}
