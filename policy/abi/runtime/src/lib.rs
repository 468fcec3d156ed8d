//! What a module needs in place of the standard library: a panic handler and an allocator.
//!
//! A panic traps. Nobody could read its message, so that the module is smaller without messages. On
//! other targets than wasm32, where tests run, the standard library stays what it is.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(not(target_arch = "wasm32"))]
extern crate std as _;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The allocator that the standard library has on this target, too.
#[cfg(all(target_arch = "wasm32", feature = "heap"))]
#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
