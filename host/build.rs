//! Puts the component into the program.
//!
//! It is built before the program, by `cargo xtask build`, and not from here: a cargo inside of a
//! cargo would wait for the lock of its own parent and build everything twice.

use std::path::PathBuf;
use std::{env, fs, process};

/// Where `cargo xtask build` leaves the component, from the folder of this package.
const BUILT: &str = "../target/artifacts/sealstone.wasm";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SEALSTONE_COMPONENT");
    let component = env::var_os("SEALSTONE_COMPONENT")
        .map_or_else(|| folder("CARGO_MANIFEST_DIR").join(BUILT), PathBuf::from);
    println!("cargo::rerun-if-changed={}", component.display());
    let embedded = folder("OUT_DIR").join("sealstone.wasm");
    if let Err(error) = fs::copy(&component, &embedded) {
        println!(
            "cargo::error=the component {} cannot be embedded: {error}; build it with `cargo xtask build`, or name another file in SEALSTONE_COMPONENT",
            component.display()
        );
        process::exit(1);
    }
}

fn folder(variable: &str) -> PathBuf {
    PathBuf::from(env::var_os(variable).unwrap_or_default())
}
