//! The tasks, one file each.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod ci;
pub(crate) mod demo;
pub(crate) mod differential;
pub(crate) mod fuzz;
pub(crate) mod hosts;
pub(crate) mod lint;
pub(crate) mod pack;
pub(crate) mod reproducible;
pub(crate) mod size;
pub(crate) mod test;
