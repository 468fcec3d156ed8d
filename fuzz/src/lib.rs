//! What the fuzz targets run, what they must find to hold, and the seeds that they start from.
//!
//! One virtual Sigstore makes the seeds and is the trust root of every target. A changed input may
//! be accepted, but never with a fact that no seed proves.

extern crate alloc;

pub mod mutate;
mod oracle;
pub mod predicates;
pub mod requests;
pub mod seeds;
pub mod targets;
#[path = "../../policy/abi/opa/src"]
mod opa {
    pub(crate) mod term;
}
#[path = "../../policy/verify/tests/it/world.rs"]
mod world;
