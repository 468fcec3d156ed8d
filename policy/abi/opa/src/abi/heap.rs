//! The heap of the ABI: what hosts see. It only grows until the host rewinds it.
//!
//! Values lie there with all that belongs to them, since `opa` copies that range of memory from one
//! instance to another. A value is a header and a text:
//!
//! | bytes | |
//! |---|---|
//! | 0 to 3 | [`MAGIC`] |
//! | 4 to 7 | the kind: [`JSON`], [`RESULT`] or [`CONTEXT`] |
//! | 8 to 11 | address of the text |
//! | 12 to 15 | bytes of the text |

use core::cell::Cell;

use super::{arena, memory};

/// A value whose text is JSON.
pub(super) const JSON: u32 = 1;
/// The result of an evaluation: the set of one object with the member `result`, whose JSON the text is.
pub(super) const RESULT: u32 = 2;
/// An evaluation; its text are four numbers.
pub(super) const CONTEXT: u32 = 3;

const MAGIC: u32 = u32::from_le_bytes(*b"Seal");

/// Hosts write inputs above the pointer without asking, and some never grow the memory.
const SLACK: usize = 4 << 20;

pub(super) struct Heap {
    /// Where the next block begins; 0 before the first one.
    next: Cell<usize>,
    /// How far the module ever wrote since the heap was rewound.
    top: Cell<usize>,
}

// SAFETY: the module has one thread.
unsafe impl Sync for Heap {}

/// The heap.
pub(super) static HEAP: Heap = Heap {
    next: Cell::new(0),
    top: Cell::new(0),
};

impl Heap {
    /// Where the heap begins.
    pub(super) fn base(&self) -> usize {
        arena::end()
    }

    /// Where the next block begins. The memory reaches some way beyond.
    pub(super) fn pointer(&self) -> usize {
        let next = self.next.get().max(self.base());
        // Where the host has no more memory, its own writes fail.
        memory::reaches(next.saturating_add(SLACK));
        next
    }

    /// Rewinds the heap, or moves it forward. What the module wrote above is wiped: no evaluation
    /// sees a byte of the one before. False where no heap can be.
    pub(super) fn rewind(&self, address: usize) -> bool {
        if address < self.base() {
            return false;
        }
        let above = self.top.get().saturating_sub(address);
        memory::clear(self.base(), address, above);
        self.next.set(address);
        self.top.set(address);
        true
    }

    /// A block of that many bytes; `None` where the host has no more memory.
    pub(super) fn allocate(&self, bytes: usize) -> Option<usize> {
        let start = self.next.get().max(self.base());
        let start = start.checked_next_multiple_of(8)?;
        let end = start.checked_add(bytes)?;
        if !memory::reaches(end) {
            return None;
        }
        self.next.set(end);
        self.top.set(self.top.get().max(end));
        Some(start)
    }

    /// Bytes that the host wrote, which are kept from now on.
    pub(super) fn host_bytes<'h>(&self, address: usize, length: usize) -> Option<&'h [u8]> {
        if length == 0 {
            return Some(b"");
        }
        let bytes = memory::bytes(self.base(), address, length)?;
        let end = address.checked_add(length)?;
        self.next.set(self.next.get().max(end));
        self.top.set(self.top.get().max(end));
        Some(bytes)
    }

    /// Copies parts, one behind the other, into a new block. Returns its address.
    pub(super) fn copy(&self, parts: &[&[u8]]) -> Option<usize> {
        let mut length: usize = 0;
        for part in parts {
            length = length.checked_add(part.len())?;
        }
        let start = self.allocate(length)?;
        let mut at = start;
        for part in parts {
            if !memory::write(self.base(), at, part) {
                return None;
            }
            at = at.checked_add(part.len())?;
        }
        Some(start)
    }

    /// A new value with a copy of the text.
    pub(super) fn value(&self, kind: u32, text: &[u8]) -> Option<usize> {
        let address = self.copy(&[text])?;
        self.value_at(kind, address, text.len())
    }

    /// A new value whose text stands in the heap already.
    pub(super) fn value_at(&self, kind: u32, text: usize, length: usize) -> Option<usize> {
        let header = self.allocate(16)?;
        self.write_header(header, kind, text, length)?;
        Some(header)
    }

    /// Gives a value another text; it keeps its address.
    pub(super) fn replace(&self, header: usize, kind: u32, text: &[u8]) -> Option<()> {
        let address = self.copy(&[text])?;
        self.write_header(header, kind, address, text.len())
    }

    /// The text of a value of that kind.
    pub(super) fn text<'h>(&self, header: usize, kind: u32) -> Option<&'h [u8]> {
        let [magic, found, text, length] = self.numbers(header)?;
        if magic != MAGIC || found != kind {
            return None;
        }
        let (text, length) = (usize::try_from(text).ok()?, usize::try_from(length).ok()?);
        memory::bytes(self.base(), text, length)
    }

    /// The four numbers at an address.
    pub(super) fn numbers(&self, address: usize) -> Option<[u32; 4]> {
        let bytes = memory::bytes(self.base(), address, 16)?;
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
            *number = u32::from_le_bytes(*bytes);
        }
        Some(numbers)
    }

    /// Writes four numbers to an address.
    pub(super) fn write_numbers(&self, address: usize, numbers: [u32; 4]) -> Option<()> {
        let mut bytes = [0; 16];
        for (place, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
            *place = number.to_le_bytes();
        }
        memory::write(self.base(), address, &bytes).then_some(())
    }

    fn write_header(&self, header: usize, kind: u32, text: usize, length: usize) -> Option<()> {
        let (text, length) = (u32::try_from(text).ok()?, u32::try_from(length).ok()?);
        self.write_numbers(header, [MAGIC, kind, text, length])
    }
}
