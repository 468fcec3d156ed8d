//! Links the module as hosts of the OPA Wasm ABI want it: the memory is theirs.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        for argument in ["--import-memory", "--export-memory"] {
            println!("cargo::rustc-link-arg-cdylib={argument}");
        }
    }
}
