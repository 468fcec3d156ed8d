//! The private heap: everything that Rust allocates.
//!
//! Hosts rewind the heap of the ABI between evaluations and write the next input there. Whatever
//! outlives an evaluation in a static (a table of a curve, say) would be overwritten by it, so it
//! lives here: in an arena between the data of the module and the heap of the ABI, which no host
//! writes to.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::ptr;

use dlmalloc::{Allocator, Dlmalloc};

use super::memory::{self, PAGE};

/// Bytes of the arena. Memory that was never touched costs hosts nothing. What does not fit traps,
/// and a trap is a denial.
const BYTES: usize = 64 << 20;

#[global_allocator]
static PRIVATE: Private = Private(UnsafeCell::new(Dlmalloc::new_with_allocator(Arena {
    used: Cell::new(0),
})));

/// Where the arena ends and the heap of the ABI may begin.
pub(super) fn end() -> usize {
    start().saturating_add(BYTES)
}

/// The first whole page behind stack and data.
fn start() -> usize {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    // The linker puts this symbol behind everything that it places; only its address means something.
    let base = (&raw const __heap_base).addr();
    base.next_multiple_of(PAGE)
}

struct Private(UnsafeCell<Dlmalloc<Arena>>);

// SAFETY: the module has one thread: it imports no memory that is shared, and hosts call no export
// of an instance while another one runs.
unsafe impl Sync for Private {}

// SAFETY: every method hands its arguments unchanged to dlmalloc, which keeps the contract. No method
// is entered while another one runs, since none calls back; so the exclusive borrows are exclusive.
unsafe impl GlobalAlloc for Private {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see the implementation.
        unsafe { (*self.0.get()).malloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller says that the block came from here with this layout.
        unsafe { (*self.0.get()).free(block, layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see the implementation.
        unsafe { (*self.0.get()).calloc(layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller says that the block came from here with this layout.
        unsafe { (*self.0.get()).realloc(block, layout.size(), layout.align(), size) }
    }
}

/// Hands out the arena from its start to its end.
struct Arena {
    used: Cell<usize>,
}

// SAFETY: the parts that `alloc` returns lie in the arena and behind those returned before; the memory
// reaches over them; nothing else uses the arena.
unsafe impl Allocator for Arena {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        const NONE: (*mut u8, usize, u32) = (ptr::null_mut(), 0, 0);
        let Some(size) = size.checked_next_multiple_of(PAGE) else {
            return NONE;
        };
        let used = self.used.get();
        let Some(end) = used.checked_add(size).filter(|end| *end <= BYTES) else {
            return NONE;
        };
        if !memory::reaches(start().saturating_add(end)) {
            return NONE;
        }
        self.used.set(end);
        let address = start().saturating_add(used);
        (ptr::with_exposed_provenance_mut(address), size, 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        // A host may bring memory that was used before.
        false
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}
