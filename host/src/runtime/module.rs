//! A compiled module.

use std::sync::Arc;

use wasmtime::{Engine, Store};

use super::bindings::{PolicyModule, PolicyModulePre};
use super::cache::CacheLocation;
use super::engine::Runtime;
use super::failure::{Failure, LoadError};
use super::policy::Policy;
use super::sandbox::{self, Sandbox};
use super::{ModuleInfo, TrustedRoot};
use crate::limits::Limits;

/// A compiled policy module. Cheap to clone, can be shared between threads.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
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

    pub(super) fn prepared(
        engine: Engine,
        instance: PolicyModulePre<Sandbox>,
        limits: Arc<Limits>,
    ) -> Self {
        Self {
            engine,
            instance,
            limits,
        }
    }

    /// Compiles a policy document (JSON) in a new instance.
    ///
    /// # Errors
    ///
    /// [`Failure::Policy`] with every problem of the document, or why the module gave no answer.
    pub fn policy(&self, document: &[u8], roots: &[TrustedRoot]) -> Result<Policy, Failure> {
        Policy::compile(self.clone(), document, roots)
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
