//! Tests of the normal form of provenance.

#[cfg(test)]
mod build_types;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod source_uri;
#[cfg(test)]
mod support;
