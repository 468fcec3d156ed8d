//! What image layouts and registries have in common: the documents of the OCI image specification,
//! and which parts of them are evidence about an image.

pub(crate) mod attachment;
pub(crate) mod carrier;
pub(crate) mod collect;
pub(crate) mod document;
