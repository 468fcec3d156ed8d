//! What the tests share.

mod example;
mod layout;
mod module;
mod program;
mod server;

pub(crate) use example::Example;
pub(crate) use layout::{BUNDLE, ENVELOPE, Entry, INDEX, LayoutFolder, MANIFEST};
pub(crate) use module::{component, component_with_import, misbehaving};
pub(crate) use program::{Answer, assert_decision, place_program, sealstone, sealstone_in};
pub(crate) use server::{Reply, Server, index};
