//! A host of the OPA Wasm ABI.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use wasmtime::{Caller, Engine, Global, Instance, Linker, Memory, MemoryType, Module, Store, Val};

/// The engine and the module, compiled once.
static COMPILED: LazyLock<(Engine, Module)> = LazyLock::new(|| {
    let engine = Engine::default();
    let module = Module::from_file(&engine, path()).expect("`cargo xtask test` builds the module");
    (engine, module)
});

/// Bytes of a page of memory.
const PAGE: u64 = 64 << 10;

/// Where `cargo xtask` puts the module.
pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/artifacts/sealstone-opa.wasm")
}

/// What `opa_abort` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abort {
    /// It ends the call, as nearly everywhere.
    Ends,
    /// It returns to the module, as in Kubewarden.
    Returns,
}

/// An instance of the module.
pub(crate) struct Host {
    store: Store<Option<String>>,
    instance: Instance,
    memory: Memory,
}

impl Host {
    /// An instance over a memory with that many pages, which has no maximum.
    pub(crate) fn new(pages: u32, abort: Abort) -> Result<Self> {
        let (engine, module) = &*COMPILED;
        let mut store = Store::new(engine, None);
        let memory = Memory::new(&mut store, MemoryType::new(pages, None)).map_err(failed)?;
        let mut linker = Linker::new(engine);
        linker
            .define(&store, "env", "memory", memory)
            .map_err(failed)?;
        let of_host =
            move |mut caller: Caller<'_, Option<String>>, message: i32| -> wasmtime::Result<()> {
                let text = text_at(memory.data(&caller), message as u32).unwrap_or_default();
                *caller.data_mut() = Some(text.clone());
                match abort {
                    Abort::Ends => Err(wasmtime::Error::msg(text)),
                    Abort::Returns => Ok(()),
                }
            };
        linker
            .func_wrap("env", "opa_abort", of_host)
            .map_err(failed)?;
        let instance = linker.instantiate(&mut store, module).map_err(failed)?;
        Ok(Self {
            store,
            instance,
            memory,
        })
    }

    /// Calls an export; its result, 0 where it has none.
    pub(crate) fn call(&mut self, name: &str, arguments: &[u32]) -> Result<u32> {
        let function = self.instance.get_func(&mut self.store, name);
        let function = function.with_context(|| format!("no function `{name}`"))?;
        let arguments: Vec<Val> = arguments.iter().map(|it| Val::I32(*it as i32)).collect();
        let mut results = vec![Val::I32(0); function.ty(&self.store).results().len()];
        function
            .call(&mut self.store, &arguments, &mut results)
            .map_err(failed)?;
        Ok(results.first().map_or(0, |it| it.unwrap_i32() as u32))
    }

    /// What the module said when it aborted.
    pub(crate) fn abort_message(&self) -> Option<&str> {
        self.store.data().as_deref()
    }

    /// The value of a global.
    pub(crate) fn global(&mut self, name: &str) -> Option<i32> {
        let global: Global = self.instance.get_global(&mut self.store, name)?;
        global.get(&mut self.store).i32()
    }

    /// Writes bytes to the memory, which is made large enough.
    pub(crate) fn write(&mut self, address: u32, content: &[u8]) -> Result<()> {
        let end = u64::from(address) + content.len() as u64;
        let size = self.memory.data_size(&self.store) as u64;
        if end > size {
            let missing = (end - size).div_ceil(PAGE);
            self.memory.grow(&mut self.store, missing).map_err(failed)?;
        }
        self.memory
            .write(&mut self.store, address as usize, content)?;
        Ok(())
    }

    /// The whole memory.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// The whole memory, to be changed.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    /// The text at an address, up to the NUL.
    pub(crate) fn text(&self, address: u32) -> Result<String> {
        text_at(self.bytes(), address).context("no text ends there")
    }

    /// Puts a text where `opa_malloc` says; its address and length.
    pub(crate) fn put(&mut self, text: &str) -> Result<(u32, u32)> {
        let length = u32::try_from(text.len())?;
        let address = self.call("opa_malloc", &[length])?;
        self.write(address, text.as_bytes())?;
        Ok((address, length))
    }

    /// A value, read by `opa_json_parse` or `opa_value_parse`.
    pub(crate) fn value(&mut self, parse: &str, text: &str) -> Result<u32> {
        let (address, length) = self.put(text)?;
        let value = self.call(parse, &[address, length])?;
        self.call("opa_free", &[address])?;
        ensure!(value != 0, "`{parse}` refuses {text}");
        Ok(value)
    }

    /// Evaluates as the SDK for Node does: data once, the input behind it without asking.
    pub(crate) fn evaluate(&mut self, entrypoint: u32, input: &str, data: &str) -> Result<Value> {
        let base = self.call("opa_heap_ptr_get", &[])?;
        let data = self.value("opa_json_parse", data)?;
        let result = self.evaluate_with(entrypoint, input, data)?;
        self.call("opa_heap_ptr_set", &[base])?;
        Ok(result)
    }

    /// The same, with data that is a value already.
    pub(crate) fn evaluate_with(
        &mut self,
        entrypoint: u32,
        input: &str,
        data: u32,
    ) -> Result<Value> {
        let text = self.evaluate_to_text(entrypoint, input, data, 0)?;
        let Some(result) = text.strip_prefix(r#"[{"result":"#) else {
            bail!("no result: {text}");
        };
        Ok(serde_json::from_str(
            result.strip_suffix("}]").unwrap_or_default(),
        )?)
    }

    /// The text that `opa_eval` returns in that format.
    pub(crate) fn evaluate_to_text(
        &mut self,
        entrypoint: u32,
        input: &str,
        data: u32,
        format: u32,
    ) -> Result<String> {
        let place = self.call("opa_heap_ptr_get", &[])?;
        self.write(place, input.as_bytes())?;
        let length = u32::try_from(input.len())?;
        let heap = place + length;
        let arguments = [0, entrypoint, data, place, length, heap, format];
        let result = self.call("opa_eval", &arguments)?;
        self.text(result)
    }
}

fn failed(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

fn text_at(memory: &[u8], address: u32) -> Option<String> {
    let rest = memory.get(address as usize..)?;
    let length = rest.iter().position(|byte| *byte == 0)?;
    String::from_utf8(rest.get(..length)?.to_vec()).ok()
}
