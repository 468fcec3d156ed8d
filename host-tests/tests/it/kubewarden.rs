//! The Kubewarden policy in a host like policy-server, its host calls answered from a table.

mod budget;
mod evidence;
mod guide;
mod instances;
mod module;
mod operations;
mod sessions;
mod table;
mod vectors;
mod world;
