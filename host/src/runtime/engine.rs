//! The engine and its settings.

use std::sync::Arc;

use wasmtime::{Config, Engine, PoolingAllocationConfig};

use super::cache::CacheLocation;
use super::failure::LoadError;
use super::module::Module;
use super::sandbox::{CORE_INSTANCES, MEMORIES, TABLES};
use crate::limits::{Limit, Limits};

/// Compiles modules. One is enough for a program; it can be shared between threads.
#[derive(Clone)]
pub struct Runtime {
    engine: Engine,
    limits: Arc<Limits>,
}

impl Runtime {
    /// Makes a runtime whose instances live within `limits`.
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] when this machine cannot run one.
    pub fn new(limits: Limits, cache: &CacheLocation) -> Result<Self, LoadError> {
        let engine = Engine::new(&config(&limits, cache)).map_err(LoadError::engine)?;
        Ok(Self {
            engine,
            limits: Arc::new(limits),
        })
    }

    /// Compiles a module, or takes it out of the cache.
    ///
    /// # Errors
    ///
    /// Anything but a component that exports `sealstone:policy/policy` and imports nothing.
    pub fn load(&self, bytes: &[u8]) -> Result<Module, LoadError> {
        if bytes.len() > self.limits.module_bytes {
            return Err(LoadError::TooLarge {
                limit: Limit::ModuleBytes,
                maximum: self.limits.module_bytes,
            });
        }
        if wasmparser::Parser::is_core_wasm(bytes) {
            return Err(LoadError::CoreModule);
        }
        if !wasmparser::Parser::is_component(bytes) {
            return Err(LoadError::NotWebAssembly);
        }
        Module::compile(self.engine.clone(), Arc::clone(&self.limits), bytes.into())
    }
}

impl core::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Runtime")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn config(limits: &Limits, cache: &CacheLocation) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .wasm_backtrace_max_frames(None)
        .allocation_strategy(pool(limits))
        .cache(cache.open());
    // What the module does not need, an attacker who replaces it does not get either. Async, GC,
    // threads, exceptions and stack switching are not even compiled into the program.
    config
        .concurrency_support(false)
        .wasm_custom_page_sizes(false)
        .wasm_extended_const(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_simd(false)
        .wasm_tail_call(false)
        .wasm_wide_arithmetic(false);
    config
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances.saturating_mul(CORE_INSTANCES))
        .total_memories(limits.instances.saturating_mul(MEMORIES))
        .total_tables(limits.instances.saturating_mul(TABLES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements);
    pool
}
