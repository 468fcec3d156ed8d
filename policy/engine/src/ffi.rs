//! Every operation again over JSON text.

use alloc::string::String;

/// [`crate::CompiledPolicy::compile`] over JSON.
pub fn compile_json(_call: &[u8]) -> String {
    String::new()
}

/// [`crate::CompiledPolicy::images`] over JSON.
pub fn images_json(_call: &[u8]) -> String {
    String::new()
}

/// [`crate::CompiledPolicy::decide`] over JSON.
pub fn decide_json(_call: &[u8]) -> String {
    String::new()
}

/// Describes the module.
pub fn info_json() -> String {
    String::new()
}
