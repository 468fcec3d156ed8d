//! The shapes that hosts pull modules in.

/// The shape of an OCI artifact, which the host that pulls it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The Wasm OCI artifact of CNCF TAG Runtime, for component hosts and `wkg`.
    Component {
        /// The world of the component.
        world: &'static str,
    },
    /// What `kwctl` and policy-server pull: one core module and its annotations.
    Kubewarden,
    /// What OPA downloads as a bundle: one layer with a tar archive.
    OpaBundle,
}
