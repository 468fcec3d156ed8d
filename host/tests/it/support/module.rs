//! Components made in the tests.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The component of `misbehaving.wat`.
pub(crate) fn misbehaving() -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit"))
        .unwrap();
    encode(
        include_str!("../misbehaving.wat"),
        &resolve,
        package,
        "policy-module",
    )
}

/// A component that exports one function and nothing of a policy module.
pub(crate) fn component() -> Vec<u8> {
    let wit = "package test:other; world other { export run: func(); }";
    other(wit, "(module (func (export \"run\")))")
}

/// A component that imports a function.
pub(crate) fn component_with_import() -> Vec<u8> {
    let wit =
        "package test:other; world other { import clock: func() -> u64; export run: func(); }";
    other(
        wit,
        "(module (import \"$root\" \"clock\" (func (result i64))) (func (export \"run\")))",
    )
}

fn other(wit: &str, core: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("other.wit", wit).unwrap();
    encode(core, &resolve, package, "other")
}

fn encode(core: &str, resolve: &Resolve, package: wit_parser::PackageId, world: &str) -> Vec<u8> {
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut core = wat::parse_str(core).unwrap();
    embed_component_metadata(&mut core, resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    encoder.module(&core).unwrap().encode().unwrap()
}
