//! The world `policy-module` of `wit/`, seen from the host.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "policy-module",
    additional_derives: [PartialEq, Eq],
});
