//! Modules as OCI artifacts: image layouts with the files that describe the module beside it.
//!
//! Everything follows from the module, the sources and the arguments: packing twice gives the same
//! bytes.

mod image;
mod layout;
mod opa_bundle;
mod shape;

pub(crate) use image::{Labels, image, referrer};
pub(crate) use layout::Layout;
pub(crate) use shape::Shape;
