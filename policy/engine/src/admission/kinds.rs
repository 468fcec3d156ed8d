//! The kinds of Kubernetes itself that name images, and the subresources that cannot.

/// A kind of object that holds the specification of a Pod.
#[derive(Debug)]
pub(super) struct Kind {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    /// Where the specification of the Pod stands: names of members between dots.
    pub(super) pod_spec: &'static str,
    /// The lists of the specification whose images no update can change.
    pub(super) unchangeable: &'static [&'static str],
}

/// The subresource of Pods that adds ephemeral containers.
pub(super) const EPHEMERAL_CONTAINERS: &str = "ephemeralcontainers";

/// Subresources that change no image of the object. What a request to one of them carries is either
/// no workload, or the API server ignores what it says about images.
const WITHOUT_IMAGES: &[&str] = &[
    "approval",
    "attach",
    "binding",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "resize",
    "scale",
    "status",
    "token",
];

/// The lists of a Pod that are set once.
const OF_PODS: &[&str] = &["ephemeralContainers", "volumes"];
/// A Job keeps the template that it was created with.
const OF_JOBS: &[&str] = &[
    "containers",
    "initContainers",
    "ephemeralContainers",
    "volumes",
];

const KINDS: &[Kind] = &[
    kind("", "Pod", "spec", OF_PODS),
    kind("", "PodTemplate", "template.spec", &[]),
    kind("", "ReplicationController", TEMPLATE, &[]),
    kind("apps", "DaemonSet", TEMPLATE, &[]),
    kind("apps", "Deployment", TEMPLATE, &[]),
    kind("apps", "ReplicaSet", TEMPLATE, &[]),
    kind("apps", "StatefulSet", TEMPLATE, &[]),
    kind(
        "batch",
        "CronJob",
        "spec.jobTemplate.spec.template.spec",
        &[],
    ),
    kind("batch", "Job", TEMPLATE, OF_JOBS),
];

const TEMPLATE: &str = "spec.template.spec";

const fn kind(
    group: &'static str,
    kind: &'static str,
    pod_spec: &'static str,
    unchangeable: &'static [&'static str],
) -> Kind {
    Kind {
        group,
        // Another version may keep images elsewhere, so it is another kind.
        version: "v1",
        kind,
        pod_spec,
        unchangeable,
    }
}

/// The kind of that name, if it is one of Kubernetes itself that names images.
pub(super) fn find(group: &str, version: &str, kind: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .find(|known| known.group == group && known.version == version && known.kind == kind)
}

/// Whether it is known where that kind names images.
pub(crate) fn is_known(group: &str, version: &str, kind: &str) -> bool {
    find(group, version, kind).is_some()
}

/// Whether requests to that subresource change no image.
pub(super) fn changes_no_image(subresource: &str) -> bool {
    WITHOUT_IMAGES.contains(&subresource)
}
