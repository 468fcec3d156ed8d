//! What one instance may use up.

use wasmtime::{Engine, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder};

use super::failure::Failure;
use crate::limits::Limits;

/// Core instances inside of one component: the module and the glue that resources need.
pub(super) const CORE_INSTANCES: u32 = 8;
/// Linear memories inside of one component.
pub(super) const MEMORIES: u32 = 1;
/// Tables inside of one component: that of the module and that of the glue.
pub(super) const TABLES: u32 = 8;

/// The state of a store: the limits of its instance, and whether the one on memory was hit.
///
/// A module that gets no more memory aborts, and an abort alone does not say why.
pub(super) struct Sandbox {
    limits: StoreLimits,
    memory_refused: bool,
}

/// A new store within `limits`, with the fuel of one call.
pub(super) fn store(engine: &Engine, limits: &Limits) -> Result<Store<Sandbox>, Failure> {
    let sandbox = Sandbox {
        limits: StoreLimitsBuilder::new()
            .memory_size(limits.memory_bytes)
            .table_elements(limits.table_elements)
            .instances(count(CORE_INSTANCES))
            .tables(count(TABLES))
            .memories(count(MEMORIES))
            .build(),
        memory_refused: false,
    };
    let mut store = Store::new(engine, sandbox);
    store.limiter(|sandbox| sandbox);
    refuel(&mut store, limits)?;
    Ok(store)
}

/// Fills the store up to the fuel of one call.
pub(super) fn refuel(store: &mut Store<Sandbox>, limits: &Limits) -> Result<(), Failure> {
    store
        .set_fuel(limits.fuel)
        .map_err(|error| Failure::of(error, false, limits))
}

/// Why a call into the instance of `store` did not return.
pub(super) fn failure(store: &Store<Sandbox>, error: wasmtime::Error, limits: &Limits) -> Failure {
    Failure::of(error, store.data().memory_refused, limits)
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl ResourceLimiter for Sandbox {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = self.limits.memory_growing(current, desired, maximum)?;
        self.memory_refused |= !allowed;
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory_refused = true;
        self.limits.memory_grow_failed(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}
