//! What the tests share.

mod example;
mod layout;
mod module;
mod program;

pub(crate) use example::Example;
pub(crate) use layout::{BUNDLE, ENVELOPE, Entry, LayoutFolder};
pub(crate) use module::{component, component_with_import, misbehaving};
pub(crate) use program::{Answer, assert_decision, sealstone, sealstone_in};
