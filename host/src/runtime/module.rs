//! A compiled module.

use std::sync::Arc;

use wasmtime::component::{Component, Instance, Linker};
use wasmtime::{Engine, Store};

use super::bindings::{PolicyModule, PolicyModulePre};
use super::cache::CacheLocation;
use super::engine::Runtime;
use super::failure::{Failure, LoadError};
use super::policy::Policy;
use super::sandbox::{self, Sandbox};
use super::snapshot::PreparedPolicy;
use super::{ModuleInfo, TrustedRoot};
use crate::limits::Limits;

/// A compiled policy module. Cheap to clone, can be shared between threads.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    /// The component; snapshots are made from it.
    bytes: Arc<[u8]>,
    instance: PolicyModulePre<Sandbox>,
    limits: Arc<Limits>,
}

impl Module {
    /// Compiles a module in a runtime of its own, with the usual limits and the usual cache.
    ///
    /// # Errors
    ///
    /// As [`Runtime::load`].
    pub fn new(bytes: &[u8]) -> Result<Self, LoadError> {
        Runtime::new(Limits::default(), &CacheLocation::from_environment())?.load(bytes)
    }

    pub(super) fn compile(
        engine: Engine,
        limits: Arc<Limits>,
        bytes: Arc<[u8]>,
    ) -> Result<Self, LoadError> {
        let component = Component::new(&engine, &bytes).map_err(LoadError::malformed)?;
        if let Some((import, _)) = component.component_type().imports(&engine).next() {
            return Err(LoadError::Imports {
                import: import.to_owned(),
            });
        }
        let instance = Linker::new(&engine)
            .instantiate_pre(&component)
            .map_err(LoadError::malformed)?;
        let instance = PolicyModulePre::new(instance).map_err(LoadError::export_missing)?;
        Ok(Self {
            engine,
            bytes,
            instance,
            limits,
        })
    }

    /// Compiles a policy document (JSON) in a new instance.
    ///
    /// # Errors
    ///
    /// [`Failure::Policy`] with every problem of the document, or why the module gave no answer.
    pub fn policy(&self, document: &[u8], roots: &[TrustedRoot]) -> Result<Policy, Failure> {
        Policy::compile(self.clone(), document, roots)
    }

    /// Compiles a policy document (JSON) and makes a module that has it in memory, for hosts that
    /// serve many requests with one policy. What comes of it is compiled to machine code, as the
    /// module itself was.
    ///
    /// # Errors
    ///
    /// As [`Module::policy`].
    pub fn prepare(
        &self,
        document: &[u8],
        roots: &[TrustedRoot],
    ) -> Result<PreparedPolicy, Failure> {
        PreparedPolicy::new(self, document, roots)
    }

    /// What the module says about itself.
    ///
    /// # Errors
    ///
    /// Why the module gave no answer.
    pub fn info(&self) -> Result<ModuleInfo, Failure> {
        let (mut store, instance) = self.instantiate()?;
        instance
            .sealstone_policy_policy()
            .call_info(&mut store)
            .map_err(|error| sandbox::failure(&store, error, &self.limits))
    }

    /// The limits of its instances.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The component.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A module of other bytes in the same engine.
    pub(super) fn with_bytes(&self, bytes: Vec<u8>) -> Result<Self, LoadError> {
        Self::compile(self.engine.clone(), Arc::clone(&self.limits), bytes.into())
    }

    /// An instance of this component after instrumentation.
    pub(super) fn instrumented(
        &self,
        bytes: &[u8],
    ) -> Result<(Store<Sandbox>, Instance, PolicyModule), Failure> {
        let component = Component::new(&self.engine, bytes).map_err(Failure::host)?;
        let mut store = sandbox::store(&self.engine, &self.limits)?;
        let instance = Linker::new(&self.engine)
            .instantiate(&mut store, &component)
            .map_err(|error| sandbox::failure(&store, error, &self.limits))?;
        let exports = PolicyModule::new(&mut store, &instance).map_err(Failure::host)?;
        Ok((store, instance, exports))
    }

    /// A new instance in a new store, with the fuel of one call.
    pub(super) fn instantiate(&self) -> Result<(Store<Sandbox>, PolicyModule), Failure> {
        let mut store = sandbox::store(&self.engine, &self.limits)?;
        let instance = self
            .instance
            .instantiate(&mut store)
            .map_err(|error| sandbox::failure(&store, error, &self.limits))?;
        Ok((store, instance))
    }
}

impl core::fmt::Debug for Module {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Module")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
