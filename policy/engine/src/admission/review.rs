//! `AdmissionReview` of `admission.k8s.io/v1`, and the request inside it.
//!
//! Kubernetes adds members from version to version, so unknown ones are ignored, and `null` counts
//! as absent. What is read must be of the right type.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use super::kinds::{self, EPHEMERAL_CONTAINERS};
use super::places::{self, Place, Source};
use crate::decision::object;
use crate::document::{Admission, Context};
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::{Document, Fault, Reader};
use crate::text::{Escaped, escaped};
use crate::{ImageEvidence, carried};

/// What a request of an admission webhook is about.
#[derive(Debug, Default)]
pub(crate) struct Review {
    /// To be repeated in the response.
    pub(crate) uid: Option<String>,
    /// What the decision says about the request.
    pub(crate) summary: Value,
    /// Why the request passes without a look at its images.
    pub(crate) passes: Option<Pass>,
    /// The places of its object that name images.
    pub(crate) places: Vec<Place>,
    /// What selections are held against.
    pub(crate) context: Context,
    /// The evidence that the object carries.
    pub(crate) carried: Vec<ImageEvidence>,
    /// Length of the JSON pointer to the object.
    pub(crate) object: usize,
}

/// Why a request passes without a look at its images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    BeingDeleted,
    ExemptGroup,
    ExemptSelection,
    ImagesUnchanged,
    KindIgnored,
    NoImagesAllowed,
    Operation,
    Subresource,
}

impl Pass {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BeingDeleted => "request.being-deleted",
            Self::ExemptGroup => "request.exempt-group",
            Self::ExemptSelection => "request.exempt-selection",
            Self::ImagesUnchanged => "request.images-unchanged",
            Self::KindIgnored => "request.kind-ignored",
            Self::NoImagesAllowed => "request.no-images-allowed",
            Self::Operation => "request.operation-passes",
            Self::Subresource => "request.subresource-passes",
        }
    }

    /// For people.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::BeingDeleted => "the object is being deleted and no image changes",
            Self::ExemptGroup => "the policy exempts a group of the user",
            Self::ExemptSelection => "the policy exempts the namespace or the labels",
            Self::ImagesUnchanged => "no image changes, and the policy lets such updates pass",
            Self::KindIgnored => "the kind is not known, and the policy lets such kinds pass",
            Self::NoImagesAllowed => "the object names no image, and the policy lets that pass",
            Self::Operation => "the operation runs no image",
            Self::Subresource => "the subresource changes no image",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

/// Reads an `AdmissionRequest`. `review` is filled as far as reading gets; what is wrong is reported.
pub(crate) fn read(
    reader: &mut Reader,
    request: &Value,
    path: &Path<'_>,
    policy: &Admission,
    review: &mut Review,
) -> Option<()> {
    let Some(members) = request.as_object() else {
        reader.wrong_type(path, "an object");
        return None;
    };
    let uid = reader.required_text(members, "uid", path)?;
    if uid.len() > Limit::NameBytes.value() {
        reader.exceeded(Limit::NameBytes, &path.member("uid"), "bytes");
        return None;
    }
    review.uid = Some(uid.to_string());

    let head = Head::read(reader, members, path)?;
    review.summary = head.summary(uid);
    review.context.namespace = head.namespace.map(ToString::to_string);
    let object_path = path.member("object");
    review.object = object_path.pointer().len();

    if head.operation == Operation::Delete {
        review.passes = Some(Pass::Operation);
        return Some(());
    }
    let object = optional(members, "object");
    if let Some(object) = object {
        review.context.labels = labels_of(reader, object, &object_path);
    }
    review.passes = head.passes(policy, &review.context);
    if review.passes.is_some() {
        return Some(());
    }
    let Some(source) = head.source(policy) else {
        return head.unknown(reader, path, policy, review);
    };
    let Some(object) = object else {
        let message = "the field `object` is required".into();
        reader.fault(Fault::MissingField, &object_path, message);
        return None;
    };
    if optional(object.as_object()?, "kind").is_some_and(|kind| kind.as_str() != Some(head.kind)) {
        reader.problems.push(
            "request.kind-mismatch",
            &object_path.member("kind"),
            "the object is of another kind than the request says; see to the host".into(),
        );
    }
    review.places = places::read(reader, object, &object_path, source);
    review.carried = carried_evidence(reader, object, &object_path, source);
    if head.operation == Operation::Update {
        review.passes = compare(members, &head, policy, source, &mut review.places);
    }
    if review.places.is_empty() && review.passes.is_none() && reader.problems.is_empty() {
        match source {
            Source::Policy(resource) if resource.insecure_allow_no_images => {
                review.passes = Some(Pass::NoImagesAllowed);
            }
            _ => reader.problems.push(
                "request.no-images",
                &object_path,
                "the object names no image where its kind does; see to the object, or to the paths of the policy".into(),
            ),
        }
    }
    Some(())
}

/// The evidence in the annotations of a Pod or of the template of Pods; for a kind that the policy
/// adds, in the annotations of the object itself.
fn carried_evidence(
    reader: &mut Reader,
    object: &Value,
    path: &Path<'_>,
    source: Source<'_>,
) -> Vec<ImageEvidence> {
    match source {
        Source::Known(kind) => carried_at(reader, object, path, kind.pod_spec),
        Source::Policy(_) => carried_at(reader, object, path, "spec"),
    }
}

/// The evidence in the annotations beside the specification to which the steps lead.
fn carried_at(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    steps: &str,
) -> Vec<ImageEvidence> {
    if let Some((step, rest)) = steps.split_once('.') {
        // Where the specification is read it is demanded that the steps lead to it.
        return match value.get(step) {
            Some(value) => carried_at(reader, value, &path.member(step), rest),
            None => Vec::new(),
        };
    }
    let path = path.member("metadata");
    let path = path.member("annotations");
    let annotations = value.get("metadata").and_then(|it| it.get("annotations"));
    match annotations.filter(|annotations| !annotations.is_null()) {
        None => Vec::new(),
        Some(annotations) => match annotations.as_object() {
            Some(annotations) => carried::read_annotation(reader, annotations, &path),
            None => {
                reader.wrong_type(&path, "an object");
                Vec::new()
            }
        },
    }
}

/// Holds an update against the object as it was. Whether it passes is a question only where nothing
/// is new: as soon as one image changes, all are decided.
fn compare(
    members: &Map<String, Value>,
    head: &Head<'_>,
    policy: &Admission,
    source: Source<'_>,
    places: &mut [Place],
) -> Option<Pass> {
    let before = optional(members, "oldObject")?;
    // What is wrong with the object as it was is no reason to refuse its repair.
    let mut lenient = Reader::new(Document::Request);
    let root = Path::ROOT;
    let mut old_places = places::read(&mut lenient, before, &root, source);
    if !lenient.problems.is_empty() {
        old_places.clear();
    }
    let unchanged = places::compare(places, &old_places, !head.subresource.is_empty());
    // The API server sets this time; users cannot.
    let deleted = before.at(&["metadata", "deletionTimestamp"]);
    if !unchanged {
        None
    } else if deleted.and_then(Value::as_str).is_some() {
        Some(Pass::BeingDeleted)
    } else if policy.insecure_skip_unchanged_updates {
        Some(Pass::ImagesUnchanged)
    } else {
        None
    }
}

/// What a request says beside its objects.
struct Head<'v> {
    group: &'v str,
    version: &'v str,
    kind: &'v str,
    subresource: &'v str,
    operation: Operation,
    operation_name: &'v str,
    namespace: Option<&'v str>,
    name: Option<&'v str>,
    user: Option<&'v str>,
    groups: Vec<&'v str>,
    dry_run: bool,
}

impl<'v> Head<'v> {
    fn read(reader: &mut Reader, members: &'v Map<String, Value>, path: &Path<'_>) -> Option<Self> {
        let kind_path = path.member("kind");
        let kind = reader.required(members, "kind", path)?;
        let Some(kind) = kind.as_object() else {
            reader.wrong_type(&kind_path, "an object");
            return None;
        };
        let operation_name = reader.required_text(members, "operation", path)?;
        let operation = match operation_name {
            "CREATE" => Operation::Create,
            "UPDATE" => Operation::Update,
            "DELETE" => Operation::Delete,
            "CONNECT" => Operation::Connect,
            _ => {
                reader.problems.push(
                    "request.operation-unknown",
                    &path.member("operation"),
                    "an operation is CREATE, UPDATE, DELETE or CONNECT".into(),
                );
                return None;
            }
        };
        let user_path = path.member("userInfo");
        let (mut user, mut groups) = (None, Vec::new());
        if let Some(info) = optional(members, "userInfo") {
            match info.as_object() {
                None => reader.wrong_type(&user_path, "an object"),
                Some(info) => {
                    user = text(reader, info, "username", &user_path);
                    groups = texts(reader, info, "groups", &user_path);
                }
            }
        }
        let dry_run = match optional(members, "dryRun") {
            None => false,
            Some(Value::Bool(dry_run)) => *dry_run,
            Some(_) => {
                reader.wrong_type(&path.member("dryRun"), "true or false");
                return None;
            }
        };
        Some(Self {
            group: text(reader, kind, "group", &kind_path).unwrap_or_default(),
            version: reader.required_text(kind, "version", &kind_path)?,
            kind: reader.required_text(kind, "kind", &kind_path)?,
            subresource: text(reader, members, "subResource", path).unwrap_or_default(),
            operation,
            operation_name,
            // Objects outside of namespaces have an empty one.
            namespace: text(reader, members, "namespace", path).filter(|name| !name.is_empty()),
            name: text(reader, members, "name", path).filter(|name| !name.is_empty()),
            user,
            groups,
            dry_run,
        })
    }

    fn summary(&self, uid: &str) -> Value {
        let separator = if self.group.is_empty() { "" } else { "/" };
        let kind = format!("{}{separator}{}/{}", self.group, self.version, self.kind);
        let always = [
            ("uid", escaped(uid).into()),
            ("kind", escaped(&kind).into()),
            ("operation", self.operation_name.into()),
            ("dryRun", self.dry_run.into()),
        ];
        let some = [
            ("subResource", Some(self.subresource)),
            ("namespace", self.namespace),
            ("name", self.name),
            ("user", self.user),
        ];
        let some = some.into_iter().filter_map(|(member, text)| {
            let text = text.filter(|text| !text.is_empty())?;
            Some((member, escaped(text).into()))
        });
        object(always.into_iter().chain(some))
    }

    fn passes(&self, policy: &Admission, context: &Context) -> Option<Pass> {
        let exempt = |group: &&str| {
            let mut exempt = policy.insecure_exempt_groups.iter();
            exempt.any(|exempt| exempt == group)
        };
        if self.groups.iter().any(exempt) {
            return Some(Pass::ExemptGroup);
        }
        let selection = policy.insecure_exempt.as_ref();
        if selection.is_some_and(|selection| selection.matches(context)) {
            return Some(Pass::ExemptSelection);
        }
        kinds::changes_no_image(self.subresource).then_some(Pass::Subresource)
    }

    /// Where the object names images, if that is known.
    fn source<'p>(&self, policy: &'p Admission) -> Option<Source<'p>> {
        match kinds::find(self.group, self.version, self.kind) {
            Some(known) => {
                let of_pods = self.subresource == EPHEMERAL_CONTAINERS && self.kind == "Pod";
                (self.subresource.is_empty() || of_pods).then_some(Source::Known(known))
            }
            None => {
                let mut resources = policy.resources.iter();
                let resource = resources.find(|resource| {
                    resource.group == self.group
                        && resource.version == self.version
                        && resource.kind == self.kind
                });
                resource
                    .filter(|_| self.subresource.is_empty())
                    .map(Source::Policy)
            }
        }
    }

    /// Deals with a kind or subresource of which it is not known where it names images.
    fn unknown(
        &self,
        reader: &mut Reader,
        path: &Path<'_>,
        policy: &Admission,
        review: &mut Review,
    ) -> Option<()> {
        if self.operation == Operation::Connect && !self.subresource.is_empty() {
            review.passes = Some(Pass::Operation);
        } else if policy.insecure_ignore_other_kinds {
            review.passes = Some(Pass::KindIgnored);
        } else if self.subresource.is_empty() {
            reader.problems.push(
                "request.kind-unknown",
                &path.member("kind"),
                format!(
                    "where a {} of `{}` names images is not known; add it to `admission.resources`, or do not send it here",
                    Escaped(self.kind),
                    Escaped(self.version)
                ),
            );
        } else {
            reader.problems.push(
                "request.subresource-unknown",
                &path.member("subResource"),
                format!(
                    "whether the subresource `{}` names images is not known; do not send it here",
                    Escaped(self.subresource)
                ),
            );
        }
        Some(())
    }
}

fn labels_of(reader: &mut Reader, object: &Value, path: &Path<'_>) -> Option<Map<String, String>> {
    let Some(members) = object.as_object() else {
        reader.wrong_type(path, "an object");
        return None;
    };
    let path = path.member("metadata");
    let Some(metadata) = optional(members, "metadata") else {
        return Some(Map::new());
    };
    let Some(metadata) = metadata.as_object() else {
        reader.wrong_type(&path, "an object");
        return None;
    };
    match optional(metadata, "labels") {
        None => Some(Map::new()),
        Some(labels) => read_labels(reader, labels, &path.member("labels")),
    }
}

/// Reads labels.
pub(crate) fn read_labels(
    reader: &mut Reader,
    labels: &Value,
    path: &Path<'_>,
) -> Option<Map<String, String>> {
    let mut read = Map::new();
    for (name, value) in labels.as_object().into_iter().flatten() {
        read.extend(
            value
                .as_str()
                .map(|value| (name.clone(), value.to_string())),
        );
    }
    if labels
        .as_object()
        .is_none_or(|labels| labels.len() != read.len())
    {
        reader.wrong_type(path, "an object of strings");
        return None;
    }
    Some(read)
}

/// A member that is there and not `null`.
fn optional<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A text that may be missing or empty.
fn text<'v>(
    reader: &mut Reader,
    members: &'v Map<String, Value>,
    name: &'static str,
    path: &Path<'_>,
) -> Option<&'v str> {
    let value = optional(members, name)?;
    if value.as_str().is_none() {
        reader.wrong_type(&path.member(name), "a string");
    }
    value.as_str()
}

/// Texts that may be missing.
fn texts<'v>(
    reader: &mut Reader,
    members: &'v Map<String, Value>,
    name: &'static str,
    path: &Path<'_>,
) -> Vec<&'v str> {
    let mut found = Vec::new();
    if let Some(value) = optional(members, name) {
        let items = value.as_array();
        for item in items.unwrap_or_default() {
            found.extend(item.as_str());
        }
        if items.is_none_or(|items| items.len() != found.len()) {
            reader.wrong_type(&path.member(name), "an array of strings");
        }
    }
    found
}
