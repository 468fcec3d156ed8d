//! The places of an object that name images.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use super::field_path::FieldPath;
use super::kinds::Kind;
use crate::document::Resource;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// A place of an object that names an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where it stands in the document that was read, as a JSON pointer (RFC 6901).
    pub(crate) pointer: String,
    /// What makes it the same place in an earlier state of the object: the list and the name of the
    /// container or volume in it.
    key: String,
    /// What stands there.
    pub(crate) image: String,
    /// Whether the API server refuses or ignores a change of it by an update.
    unchangeable: bool,
    /// Whether it is to be left as it is: it stood there before and cannot be changed.
    pub(crate) fixed: bool,
}

/// Where the objects of a kind name images.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'p> {
    Known(&'static Kind),
    Policy(&'p Resource),
}

/// The lists of a Pod's specification whose elements name an image as `image`, and for those where
/// that is an object the member of it.
const LISTS: &[(&str, Option<&str>)] = &[
    ("containers", None),
    ("ephemeralContainers", None),
    ("initContainers", None),
    ("volumes", Some("reference")),
];

/// All places of an object, whose path in the document is `path`.
pub(super) fn read(
    reader: &mut Reader,
    object: &Value,
    path: &Path<'_>,
    source: Source<'_>,
) -> Vec<Place> {
    let mut places = Places {
        found: Vec::new(),
        object: path.pointer().len(),
        unchangeable: &[],
    };
    match source {
        Source::Known(kind) => {
            places.unchangeable = kind.unchangeable;
            // The paths of the table are well-formed.
            if let Ok(field) = FieldPath::new(kind.pod_spec) {
                places.read_pod_specs(reader, object, path, &field);
            }
        }
        Source::Policy(resource) => {
            for field in &resource.pod_specs {
                places.read_pod_specs(reader, object, path, field);
            }
            for field in &resource.images {
                field.walk(reader, object, path, &mut |reader, value, path| {
                    places.read_image(reader, value, path, None);
                });
            }
        }
    }
    if places.found.len() > Limit::Images.value() {
        reader.exceeded(Limit::Images, path, "images");
    }
    places.found
}

/// Marks the places that stood there before and cannot be changed. `all` says that no place which
/// stood there before can be. Returns whether nothing is new.
pub(super) fn compare(places: &mut [Place], before: &[Place], all: bool) -> bool {
    let mut unchanged = true;
    for place in places {
        let same = before
            .iter()
            .any(|other| other.key == place.key && other.image == place.image);
        place.fixed = same && (all || place.unchangeable);
        unchanged &= same;
    }
    unchanged
}

struct Places {
    found: Vec<Place>,
    /// Length of the object's own pointer.
    object: usize,
    unchangeable: &'static [&'static str],
}

impl Places {
    fn read_pod_specs(
        &mut self,
        reader: &mut Reader,
        object: &Value,
        path: &Path<'_>,
        field: &FieldPath,
    ) {
        field.walk(reader, object, path, &mut |reader, spec, path| {
            let Some(spec) = spec.as_object() else {
                return reader.wrong_type(path, "an object");
            };
            for (list, inner) in LISTS {
                let Some(items) = spec.get(*list).filter(|items| !items.is_null()) else {
                    continue;
                };
                let path = path.member(list);
                let Some(items) = items.as_array() else {
                    reader.wrong_type(&path, "an array");
                    continue;
                };
                for (index, item) in items.iter().enumerate() {
                    self.read_item(reader, item, &path, index, (list, *inner));
                }
            }
        });
    }

    /// Reads one container or volume.
    fn read_item(
        &mut self,
        reader: &mut Reader,
        item: &Value,
        list: &Path<'_>,
        index: usize,
        (list_name, inner): (&'static str, Option<&'static str>),
    ) {
        let path = list.index(index);
        let Some(members) = item.as_object() else {
            return reader.wrong_type(&path, "an object");
        };
        let name = match members.get("name") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return reader.wrong_type(&path.member("name"), "a string"),
        };
        let key = (self.relative(list), name);
        let from = self.found.len();
        let path_of_image = path.member("image");
        match (inner, members.get("image")) {
            // Other volumes have no such member.
            (Some(_), None | Some(Value::Null)) => {}
            (Some(inner), Some(Value::Object(members))) => {
                if let Some(value) = reader.required(members, inner, &path_of_image) {
                    self.read_image(reader, value, &path_of_image.member(inner), Some(key));
                }
            }
            (Some(_), Some(_)) => reader.wrong_type(&path_of_image, "an object"),
            (None, _) => {
                if let Some(value) = reader.required(members, "image", &path) {
                    self.read_image(reader, value, &path_of_image, Some(key));
                }
            }
        }
        let unchangeable = self.unchangeable.contains(&list_name);
        for place in self.found.iter_mut().skip(from) {
            place.unchangeable = unchangeable;
        }
    }

    fn read_image(
        &mut self,
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        key: Option<(String, Option<&str>)>,
    ) {
        let Some(image) = reader.text(value, path) else {
            return;
        };
        // No more than needed to see that there are too many.
        if self.found.len() > Limit::Images.value() {
            return;
        }
        let key = match key {
            Some((list, Some(name))) => format!("{list}#{name}"),
            _ => self.relative(path),
        };
        self.found.push(Place {
            pointer: path.pointer(),
            key,
            image: image.to_string(),
            unchangeable: false,
            fixed: false,
        });
    }

    /// The pointer within the object.
    fn relative(&self, path: &Path<'_>) -> String {
        let pointer = path.pointer();
        pointer.get(self.object..).unwrap_or_default().to_string()
    }
}
