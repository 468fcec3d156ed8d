//! The waPC ABI (<https://wapc.io/docs/spec/>): what the host imports from the module, and what the
//! module imports from the host.
//!
//! The module exports one function for each variant; the packer leaves one of them, under the name
//! `__guest_call`. All unsafe code of the project is in this file and its like for other ABIs.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use sealstone_engine::Webhook;

use crate::host::{HostCalls, HostError};
use crate::limits::{ANSWER_BYTES, CALL_BYTES, OPERATION_BYTES};
use crate::operation::{Refusal, answer};

#[link(wasm_import_module = "wapc")]
unsafe extern "C" {
    #[link_name = "__guest_request"]
    fn guest_request(operation: *mut u8, payload: *mut u8);
    #[link_name = "__guest_response"]
    fn guest_response(answer: *const u8, length: usize);
    #[link_name = "__guest_error"]
    fn guest_error(message: *const u8, length: usize);
    #[link_name = "__host_call"]
    fn host_call(
        binding: *const u8,
        binding_length: usize,
        namespace: *const u8,
        namespace_length: usize,
        operation: *const u8,
        operation_length: usize,
        payload: *const u8,
        payload_length: usize,
    ) -> i32;
    #[link_name = "__host_response_len"]
    safe fn host_response_length() -> usize;
    #[link_name = "__host_response"]
    fn host_response(answer: *mut u8);
    #[link_name = "__host_error_len"]
    safe fn host_error_length() -> usize;
    #[link_name = "__host_error"]
    fn host_error(message: *mut u8);
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn clock_time_get(clock: i32, precision: i64, time: *mut u64) -> i32;
}

/// Whether a call is being answered. A call that traps never ends, and the instance is then in a state
/// that nobody has thought of.
static BUSY: AtomicBool = AtomicBool::new(false);

/// The call of the variant that changes nothing: an image that would have to be pinned is denied.
#[unsafe(export_name = "guest_call_validating")]
extern "C" fn guest_call_validating(operation_length: usize, payload_length: usize) -> i32 {
    guest_call(operation_length, payload_length, Webhook::Validating)
}

/// The call of the variant that pins images.
#[unsafe(export_name = "guest_call_mutating")]
extern "C" fn guest_call_mutating(operation_length: usize, payload_length: usize) -> i32 {
    guest_call(operation_length, payload_length, Webhook::Mutating)
}

/// Answers the call that the host has ready. 1 says that there is an answer, 0 that there is an error.
fn guest_call(operation_length: usize, payload_length: usize, webhook: Webhook) -> i32 {
    if BUSY.swap(true, Ordering::Relaxed) {
        return refuse(Refusal::Busy);
    }
    let answered = read_call(operation_length, payload_length)
        .and_then(|(operation, payload)| answer(&operation, &payload, webhook, &mut Host));
    let ended = match answered {
        Ok(answer) => {
            // SAFETY: pointer and length are those of a string that lives until the host has read it,
            // which it does before it returns.
            unsafe { guest_response(answer.as_ptr(), answer.len()) };
            1
        }
        Err(refusal) => refuse(refusal),
    };
    BUSY.store(false, Ordering::Relaxed);
    ended
}

fn refuse(refusal: Refusal) -> i32 {
    let message = alloc::string::ToString::to_string(&refusal);
    // SAFETY: as for the answer.
    unsafe { guest_error(message.as_ptr(), message.len()) };
    0
}

fn read_call(operation: usize, payload: usize) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    if operation > OPERATION_BYTES {
        return Err(Refusal::OperationUnknown);
    }
    if payload > CALL_BYTES {
        return Err(Refusal::PayloadBytes);
    }
    let (mut operation, mut payload) = (vec![0; operation], vec![0; payload]);
    // SAFETY: the host writes as many bytes as it announced, and the two buffers are of these lengths.
    unsafe { guest_request(operation.as_mut_ptr(), payload.as_mut_ptr()) };
    Ok((operation, payload))
}

/// The host at the other side of the imports.
struct Host;

impl HostCalls for Host {
    fn call(
        &mut self,
        namespace: &str,
        operation: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, HostError> {
        const BINDING: &str = "kubewarden";
        // SAFETY: each pointer and length are those of a slice that lives through the call; the host
        // only reads.
        let answered = unsafe {
            host_call(
                BINDING.as_ptr(),
                BINDING.len(),
                namespace.as_ptr(),
                namespace.len(),
                operation.as_ptr(),
                operation.len(),
                payload.as_ptr(),
                payload.len(),
            )
        };
        if answered != 1 {
            let length = host_error_length();
            let mut message = buffer(length)?;
            // SAFETY: the host writes as many bytes as it said, and the buffer is of this length.
            unsafe { host_error(message.as_mut_ptr()) };
            return Err(HostError::Said(
                String::from_utf8_lossy(&message).into_owned(),
            ));
        }
        let mut answer = buffer(host_response_length())?;
        // SAFETY: as for the error.
        unsafe { host_response(answer.as_mut_ptr()) };
        Ok(answer)
    }

    fn now(&mut self) -> Option<u64> {
        const REALTIME: i32 = 0;
        const SECOND: u64 = 1_000_000_000;
        let mut nanoseconds = 0;
        // SAFETY: the host writes eight bytes to the place of a number of eight bytes.
        let error = unsafe { clock_time_get(REALTIME, 1, &raw mut nanoseconds) };
        (error == 0).then_some(nanoseconds / SECOND)
    }
}

fn buffer(length: usize) -> Result<Vec<u8>, HostError> {
    match length <= ANSWER_BYTES {
        true => Ok(vec![0; length]),
        false => Err(HostError::TooLarge),
    }
}
