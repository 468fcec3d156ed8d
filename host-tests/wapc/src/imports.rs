//! What a policy may import: the host's side of waPC, and the clock of WASI.

use wasmtime::{Caller, Error, Linker, Result, bail};

use crate::HostCalls;

/// What the host keeps for one instance.
pub(crate) struct State {
    host: Box<dyn HostCalls>,
    operation: Vec<u8>,
    payload: Vec<u8>,
    answer: Vec<u8>,
    error: String,
    host_answer: Vec<u8>,
    host_error: String,
}

impl State {
    pub(crate) fn new(host: Box<dyn HostCalls>) -> Self {
        Self {
            host,
            operation: Vec::new(),
            payload: Vec::new(),
            answer: Vec::new(),
            error: String::new(),
            host_answer: Vec::new(),
            host_error: String::new(),
        }
    }

    pub(crate) fn begin(&mut self, operation: &str, payload: &[u8]) {
        self.operation = operation.as_bytes().to_vec();
        self.payload = payload.to_vec();
        self.answer.clear();
        self.error.clear();
    }

    pub(crate) fn end(&mut self) -> (Vec<u8>, String) {
        (
            std::mem::take(&mut self.answer),
            std::mem::take(&mut self.error),
        )
    }

    fn ask(&mut self, namespace: &[u8], operation: &[u8], payload: &[u8]) -> u32 {
        let namespace = String::from_utf8_lossy(namespace);
        let operation = String::from_utf8_lossy(operation);
        match self.host.call(&namespace, &operation, payload) {
            Ok(answer) => {
                self.host_answer = answer;
                1
            }
            Err(error) => {
                self.host_error = format!("Host error: {error}");
                0
            }
        }
    }
}

pub(crate) fn define(linker: &mut Linker<State>) -> Result<()> {
    let wapc = "wapc";
    linker.func_wrap(
        wapc,
        "__guest_request",
        |mut caller: Caller<'_, State>, operation: u32, payload: u32| {
            let state = caller.data();
            let parts = (state.operation.clone(), state.payload.clone());
            write(&mut caller, operation, &parts.0)?;
            write(&mut caller, payload, &parts.1)
        },
    )?;
    linker.func_wrap(
        wapc,
        "__guest_response",
        |mut caller: Caller<'_, State>, place: u32, length: u32| {
            caller.data_mut().answer = read(&mut caller, place, length)?;
            Ok::<(), Error>(())
        },
    )?;
    linker.func_wrap(
        wapc,
        "__guest_error",
        |mut caller: Caller<'_, State>, place: u32, length: u32| {
            let error = read(&mut caller, place, length)?;
            caller.data_mut().error = String::from_utf8_lossy(&error).into_owned();
            Ok::<(), Error>(())
        },
    )?;
    linker.func_wrap(wapc, "__host_call", host_call)?;
    linker.func_wrap(wapc, "__host_response_len", |caller: Caller<'_, State>| {
        u32::try_from(caller.data().host_answer.len()).unwrap_or(u32::MAX)
    })?;
    linker.func_wrap(wapc, "__host_error_len", |caller: Caller<'_, State>| {
        u32::try_from(caller.data().host_error.len()).unwrap_or(u32::MAX)
    })?;
    linker.func_wrap(
        wapc,
        "__host_response",
        |mut caller: Caller<'_, State>, place: u32| {
            let answer = std::mem::take(&mut caller.data_mut().host_answer);
            write(&mut caller, place, &answer)
        },
    )?;
    linker.func_wrap(
        wapc,
        "__host_error",
        |mut caller: Caller<'_, State>, place: u32| {
            let error = std::mem::take(&mut caller.data_mut().host_error);
            write(&mut caller, place, error.as_bytes())
        },
    )?;
    linker.func_wrap("wasi_snapshot_preview1", "clock_time_get", clock)?;
    Ok(())
}

#[expect(
    clippy::too_many_arguments,
    reason = "four texts, each a place and a length"
)]
fn host_call(
    mut caller: Caller<'_, State>,
    binding: u32,
    binding_length: u32,
    namespace: u32,
    namespace_length: u32,
    operation: u32,
    operation_length: u32,
    payload: u32,
    payload_length: u32,
) -> Result<u32> {
    let binding = read(&mut caller, binding, binding_length)?;
    if binding != b"kubewarden" {
        bail!("another binding: {}", String::from_utf8_lossy(&binding));
    }
    let namespace = read(&mut caller, namespace, namespace_length)?;
    let operation = read(&mut caller, operation, operation_length)?;
    let payload = read(&mut caller, payload, payload_length)?;
    Ok(caller.data_mut().ask(&namespace, &operation, &payload))
}

/// `clock_time_get` of WASI; 58 is the error `notsup`.
fn clock(mut caller: Caller<'_, State>, _: u32, _: u64, place: u32) -> Result<u32> {
    let Some(now) = caller.data_mut().host.now() else {
        return Ok(58);
    };
    let nanoseconds = now.saturating_mul(1_000_000_000);
    write(&mut caller, place, &nanoseconds.to_le_bytes())?;
    Ok(0)
}

fn read(caller: &mut Caller<'_, State>, place: u32, length: u32) -> Result<Vec<u8>> {
    let (place, length) = (usize::try_from(place)?, usize::try_from(length)?);
    let end = place.saturating_add(length);
    match memory(caller)?.data(&*caller).get(place..end) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => bail!("the place lies outside of the memory"),
    }
}

fn write(caller: &mut Caller<'_, State>, place: u32, bytes: &[u8]) -> Result<()> {
    let memory = memory(caller)?;
    memory.write(caller, usize::try_from(place)?, bytes)?;
    Ok(())
}

fn memory(caller: &mut Caller<'_, State>) -> Result<wasmtime::Memory> {
    let memory = caller
        .get_export("memory")
        .and_then(|export| export.into_memory());
    memory.ok_or_else(|| Error::msg("no memory is exported"))
}
