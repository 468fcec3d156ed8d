//! Signed entities: what a signer made, in one of the forms in which it is stored.

mod entity;
mod legacy;
mod sigstore;

pub use entity::SignedEntity;
pub(crate) use entity::{Content, VerificationMaterial};
