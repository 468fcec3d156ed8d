//! SLSA provenance in one normal form.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
