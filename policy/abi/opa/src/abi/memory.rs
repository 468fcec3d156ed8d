//! The linear memory, which belongs to the host.

use core::arch::wasm32::{memory_grow, memory_size};
use core::{ptr, slice};

/// Bytes of a page of linear memory.
pub(super) const PAGE: usize = 64 << 10;

/// Makes the memory reach to the address. False where the host allows no more.
pub(super) fn reaches(end: usize) -> bool {
    // Asked anew each time: hosts make the memory larger, too.
    let missing = end.div_ceil(PAGE).saturating_sub(memory_size::<0>());
    missing == 0 || memory_grow::<0>(missing) != usize::MAX
}

/// The bytes at an address of the heap of the ABI; `None` where they do not all lie in it.
///
/// They are valid until something is allocated or written there, which callers do only after they
/// have made what they need from them.
pub(super) fn bytes<'h>(heap: usize, address: usize, length: usize) -> Option<&'h [u8]> {
    if !is_inside(heap, address, length) {
        return None;
    }
    // SAFETY: the bytes lie inside of the memory, and above `heap`, where neither data of the module
    // nor the private heap is; all bit patterns are bytes. Only one thread runs, and hosts write only
    // while no export does.
    Some(unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(address), length) })
}

/// Writes bytes to an address of the heap of the ABI. False where they do not fit into it.
pub(super) fn write(heap: usize, address: usize, content: &[u8]) -> bool {
    if !is_inside(heap, address, content.len()) {
        return false;
    }
    // SAFETY: as in `bytes`. What is copied may itself lie in that heap, so the places may overlap.
    unsafe {
        ptr::copy(
            content.as_ptr(),
            ptr::with_exposed_provenance_mut(address),
            content.len(),
        );
    }
    true
}

/// Fills a part of the heap of the ABI with zeros, as far as the memory reaches.
pub(super) fn clear(heap: usize, address: usize, length: usize) {
    if is_inside(heap, address, length) {
        // SAFETY: as in `bytes`; no slice of that part is in use when callers clear it.
        unsafe { ptr::write_bytes(ptr::with_exposed_provenance_mut::<u8>(address), 0, length) };
    }
}

fn is_inside(heap: usize, address: usize, length: usize) -> bool {
    let size = memory_size::<0>().saturating_mul(PAGE);
    let end = address.checked_add(length);
    address >= heap && end.is_some_and(|end| end <= size)
}
