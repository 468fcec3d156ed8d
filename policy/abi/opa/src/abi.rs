//! The OPA Wasm ABI 1.3: its functions, with the names and types that hosts look for.
//!
//! Addresses are of the linear memory. Follows <https://www.openpolicyagent.org/docs/wasm>, and where
//! that is silent what hosts do. The two constants of the version are added by the packer.
//!
//! Nothing here aborts while a host loads the module, as some cannot bear that.

mod arena;
mod heap;
mod memory;

use core::cell::Cell;
use core::ffi::CStr;

use crate::entrypoint::{ENTRYPOINTS, evaluate};
use crate::store::{StoreError, add, remove};
use crate::term::to_json;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use heap::{CONTEXT, HEAP, JSON, RESULT};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Ends the evaluation with a message, a text that ends with a NUL. Some hosts return from it.
    fn opa_abort(message: *const u8);
}

/// The builtin functions that the host must offer, by name: none.
#[unsafe(no_mangle)]
pub extern "C" fn builtins() -> usize {
    or_abort(HEAP.value(JSON, b"{}"))
}

/// The entrypoints, by name.
#[unsafe(no_mangle)]
pub extern "C" fn entrypoints() -> usize {
    or_abort(HEAP.value(JSON, ENTRYPOINTS.as_bytes()))
}

/// Evaluates in one step. The input is raw text; it lies below `heap`, where allocation begins.
/// Returns the address of a text that ends with a NUL: JSON in format 0, a Rego value in format 1.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval(
    _reserved: usize,
    entrypoint: u32,
    data: usize,
    input: usize,
    input_length: usize,
    heap: usize,
    format: u32,
) -> usize {
    guarded(|| {
        let end = input.checked_add(input_length);
        if end.is_none_or(|end| end > heap) || !HEAP.rewind(heap) {
            abort(c"sealstone: the input does not lie below the heap");
        }
        let input = or_abort(memory::bytes(HEAP.base(), input, input_length));
        let result = result_of(entrypoint, input, data);
        dumped(&result, format == 1)
    })
}

/// A new evaluation.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_new() -> usize {
    or_abort(HEAP.value(CONTEXT, &[0; 16]))
}

/// Sets the input of an evaluation.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_set_input(context: usize, value: usize) {
    set(context, INPUT, value);
}

/// Sets the data of an evaluation.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_set_data(context: usize, value: usize) {
    set(context, DATA, value);
}

/// Sets the entrypoint of an evaluation.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_set_entrypoint(context: usize, entrypoint: usize) {
    set(context, ENTRYPOINT, entrypoint);
}

/// Evaluates. Always returns 0.
#[unsafe(no_mangle)]
pub extern "C" fn eval(context: usize) -> i32 {
    guarded(|| {
        let [input, data, entrypoint, _] = or_abort(numbers(context));
        let input = text_or_null(address(input));
        let result = result_of(entrypoint, input, address(data));
        let value = or_abort(HEAP.value(RESULT, result.as_bytes()));
        set(context, OUTCOME, value);
        0
    })
}

/// The result of an evaluation.
#[unsafe(no_mangle)]
pub extern "C" fn opa_eval_ctx_get_result(context: usize) -> usize {
    let [.., result] = or_abort(numbers(context));
    address(result)
}

/// A block of that many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn opa_malloc(bytes: usize) -> usize {
    or_abort(HEAP.allocate(bytes))
}

/// Does nothing: the heap is rewound as a whole.
#[unsafe(no_mangle)]
pub extern "C" fn opa_free(_block: usize) {}

/// Does nothing: the heap is rewound as a whole.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_free(_value: usize) {}

/// Does nothing: there is no list of free blocks.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_blocks_stash() {}

/// Does nothing: there is no list of free blocks.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_blocks_restore() {}

/// Does nothing: there is no list of free blocks.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_stash_clear() {}

/// Where the next block will be.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_ptr_get() -> usize {
    HEAP.pointer()
}

/// Rewinds the heap.
#[unsafe(no_mangle)]
pub extern "C" fn opa_heap_ptr_set(pointer: usize) {
    if !HEAP.rewind(pointer) {
        abort(c"sealstone: the heap does not begin there");
    }
}

/// Reads JSON; an empty text counts as `null`. Returns a value, 0 where it is no JSON.
#[unsafe(no_mangle)]
pub extern "C" fn opa_json_parse(text: usize, length: usize) -> usize {
    guarded(|| {
        let Some(bytes) = HEAP.host_bytes(text, length) else {
            return 0;
        };
        if bytes.iter().all(|byte| *byte == 0) {
            return or_abort(HEAP.value(JSON, b"null"));
        }
        match to_json(bytes) {
            // Where it stands already, it stays.
            Ok(Cow::Borrowed(json)) => {
                or_abort(HEAP.value_at(JSON, json.as_ptr().addr(), json.len()))
            }
            Ok(Cow::Owned(json)) => or_abort(HEAP.value(JSON, &json)),
            Err(_) => 0,
        }
    })
}

/// Reads a Rego value, or JSON. Returns a value, 0 where it is neither.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_parse(text: usize, length: usize) -> usize {
    opa_json_parse(text, length)
}

/// The JSON of a value, a text that ends with a NUL.
#[unsafe(no_mangle)]
pub extern "C" fn opa_json_dump(value: usize) -> usize {
    dump(value, false)
}

/// The Rego literal of a value, a text that ends with a NUL.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_dump(value: usize) -> usize {
    dump(value, true)
}

/// Puts a value at a path of an object, in place. Returns 0, or why that is not possible.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_add_path(base: usize, path: usize, value: usize) -> i32 {
    let value = HEAP.text(value, JSON).unwrap_or(b"null");
    change(base, path, |document, path| add(document, path, value))
}

/// Removes what stands at a path of an object, in place. Returns 0, or why that is not possible.
#[unsafe(no_mangle)]
pub extern "C" fn opa_value_remove_path(base: usize, path: usize) -> i32 {
    change(base, path, remove)
}

fn change(
    base: usize,
    path: usize,
    change: impl FnOnce(&[u8], &[u8]) -> Result<Vec<u8>, StoreError>,
) -> i32 {
    guarded(|| {
        let Some(document) = HEAP.text(base, JSON) else {
            return StoreError::WrongType.code();
        };
        match change(document, HEAP.text(path, JSON).unwrap_or(b"null")) {
            Ok(changed) => {
                or_abort(HEAP.replace(base, JSON, &changed));
                0
            }
            Err(error) => error.code(),
        }
    })
}

/// The answer of an entrypoint. Data that is no value is none.
fn result_of(entrypoint: u32, input: &[u8], data: usize) -> alloc::string::String {
    match evaluate(entrypoint, input, text_or_null(data)) {
        Some(result) => result,
        None => abort(c"sealstone: there is no such entrypoint"),
    }
}

fn text_or_null<'h>(value: usize) -> &'h [u8] {
    HEAP.text(value, JSON).unwrap_or(b"null")
}

fn dump(value: usize, rego: bool) -> usize {
    guarded(|| match HEAP.text(value, RESULT) {
        Some(result) => dumped_bytes(result, rego),
        None => or_abort(HEAP.copy(&[text_or_null(value), b"\0"])),
    })
}

fn dumped(result: &str, rego: bool) -> usize {
    dumped_bytes(result.as_bytes(), rego)
}

fn dumped_bytes(result: &[u8], rego: bool) -> usize {
    let [open, close]: [&[u8]; 2] = match rego {
        true => [b"{{\"result\":", b"}}\0"],
        false => [b"[{\"result\":", b"}]\0"],
    };
    or_abort(HEAP.copy(&[open, result, close]))
}

// The numbers of an evaluation.
const INPUT: usize = 0;
const DATA: usize = 1;
const ENTRYPOINT: usize = 2;
const OUTCOME: usize = 3;

fn numbers(context: usize) -> Option<[u32; 4]> {
    let text = HEAP.text(context, CONTEXT)?;
    HEAP.numbers(text.as_ptr().addr())
}

fn set(context: usize, place: usize, value: usize) {
    let text = or_abort(HEAP.text(context, CONTEXT));
    let address = text.as_ptr().addr();
    let mut numbers = or_abort(HEAP.numbers(address));
    if let (Some(place), Ok(value)) = (numbers.get_mut(place), u32::try_from(value)) {
        *place = value;
    }
    or_abort(HEAP.write_numbers(address, numbers));
}

fn address(number: u32) -> usize {
    // Both have 32 bits here.
    usize::try_from(number).unwrap_or(usize::MAX)
}

struct Running(Cell<bool>);

// SAFETY: the module has one thread.
unsafe impl Sync for Running {}

static RUNNING: Running = Running(Cell::new(false));

/// Runs what may trap. After a trap the private heap is in no known state, so the instance does
/// nothing any more.
fn guarded<T>(run: impl FnOnce() -> T) -> T {
    if RUNNING.0.replace(true) {
        abort(c"sealstone: this instance was interrupted before; make a new one");
    }
    let done = run();
    RUNNING.0.set(false);
    done
}

fn or_abort<T>(value: Option<T>) -> T {
    match value {
        Some(value) => value,
        None => abort(c"sealstone: no memory, or an address outside of it"),
    }
}

fn abort(message: &CStr) -> ! {
    // SAFETY: the function is the host's; it reads a text that ends with a NUL.
    unsafe { opa_abort(message.as_ptr().cast()) };
    // Not every host ends here.
    core::arch::wasm32::unreachable()
}
