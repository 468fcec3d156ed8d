//! A module with a policy in its memory, made from one in which the policy was prepared.
//!
//! `wasmtime-wizer` rewrites the component so that its memory and its globals begin with what they
//! held after `prepare`. An instance of the result starts there: nothing is compiled again, and
//! pages that it does not write to are shared by all instances.

use core::error::Error;
use core::future::{Future, ready};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use wasmtime::Store;
use wasmtime::component::{ComponentNamedList, Instance, Lift, WasmList};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use super::TrustedRoot;
use super::failure::Failure;
use super::module::Module;
use super::policy::{self, Policy};
use super::sandbox::{self, Sandbox};

/// A policy that is ready to decide in as many instances as there are requests.
///
/// Each [`Policy`] that it gives out has an instance of its own, which begins in the state right
/// after the policy was prepared: what one request leaves behind never reaches another. Can be
/// shared between threads.
#[derive(Clone, Debug)]
pub struct PreparedPolicy {
    snapshot: Module,
}

impl PreparedPolicy {
    /// The policy in a new instance. It takes microseconds: make one for each request.
    ///
    /// # Errors
    ///
    /// Why the instance could not be made.
    pub fn policy(&self) -> Result<Policy, Failure> {
        Policy::from_snapshot(self.snapshot.clone())
    }

    /// Prepares a policy document (JSON) in an instance of `module` and takes a snapshot of it.
    pub(super) fn new(
        module: &Module,
        document: &[u8],
        roots: &[TrustedRoot],
    ) -> Result<Self, Failure> {
        policy::check_size(document, roots, module.limits())?;
        let wizer = Wizer::new();
        let (context, instrumented) = wizer
            .instrument_component(module.bytes())
            .map_err(Failure::host)?;
        let (mut store, instance, exports) = module.instrumented(&instrumented)?;
        exports
            .sealstone_policy_policy()
            .call_prepare(&mut store, document, roots)
            .map_err(|error| sandbox::failure(&store, error, module.limits()))?
            .map_err(Failure::Policy)?;
        sandbox::refuel(&mut store, module.limits())?;
        let mut reader = StateReader {
            store,
            instance,
            failure: None,
        };
        let rewritten = at_once(wizer.snapshot_component(&context, &mut reader));
        if let Some(failure) = reader.failure {
            return Err(Failure::host(failure));
        }
        let rewritten = rewritten
            .ok_or(Failure::Host("the snapshot was interrupted".into()))?
            .map_err(Failure::host)?;
        Ok(Self {
            snapshot: module.with_bytes(rewritten).map_err(Failure::host)?,
        })
    }
}

/// Reads the state of an instance through the functions that instrumentation added.
struct StateReader {
    store: Store<Sandbox>,
    instance: Instance,
    /// The first thing that went wrong: what was read since is not the state of the instance.
    failure: Option<Box<dyn Error + Send + Sync>>,
}

impl StateReader {
    fn call<T>(&mut self, interface: &str, function: &str) -> Option<T>
    where
        (T,): ComponentNamedList + Lift + 'static,
    {
        let called = self.try_call(interface, function);
        called
            .map_err(|error| self.failure = Some(error.into_boxed_dyn_error()))
            .ok()
    }

    fn try_call<T>(&mut self, interface: &str, function: &str) -> wasmtime::Result<T>
    where
        (T,): ComponentNamedList + Lift + 'static,
    {
        let missing = || wasmtime::Error::msg("the instrumented module lacks a function");
        let (_, interface) = self
            .instance
            .get_export(&mut self.store, None, interface)
            .ok_or_else(missing)?;
        let (_, function) = self
            .instance
            .get_export(&mut self.store, Some(&interface), function)
            .ok_or_else(missing)?;
        let function = self
            .instance
            .get_typed_func::<(), (T,)>(&mut self.store, function)?;
        let (value,) = function.call(&mut self.store, ())?;
        Ok(value)
    }
}

impl ComponentInstanceState for StateReader {
    fn call_func_ret_list_u8(
        &mut self,
        instance: &str,
        func: &str,
        contents: impl FnOnce(&[u8]) + Send,
    ) -> impl Future<Output = ()> + Send {
        match self.call::<WasmList<u8>>(instance, func) {
            Some(list) => contents(list.as_le_slice(&self.store)),
            None => contents(&[]),
        }
        ready(())
    }

    fn call_func_ret_s32(
        &mut self,
        instance: &str,
        func: &str,
    ) -> impl Future<Output = i32> + Send {
        ready(self.call(instance, func).unwrap_or_default())
    }

    fn call_func_ret_s64(
        &mut self,
        instance: &str,
        func: &str,
    ) -> impl Future<Output = i64> + Send {
        ready(self.call(instance, func).unwrap_or_default())
    }

    fn call_func_ret_f32(
        &mut self,
        instance: &str,
        func: &str,
    ) -> impl Future<Output = u32> + Send {
        ready(self.call(instance, func).map_or(0, f32::to_bits))
    }

    fn call_func_ret_f64(
        &mut self,
        instance: &str,
        func: &str,
    ) -> impl Future<Output = u64> + Send {
        ready(self.call(instance, func).map_or(0, f64::to_bits))
    }
}

/// The value of a future that waits for nothing: [`StateReader`] answers at once.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
