//! A waPC host (<https://wapc.io/docs/spec/>) that treats policies as policy-server of Kubewarden does: a new
//! instance for each evaluation, and an end to it after two ticks of a clock that ticks once a second.
//!
//! What the policy asks of the host, [`HostCalls`] answers: a registry, a table, or a recorded [`Session`].

#![forbid(unsafe_code)]

mod imports;
mod session;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use wasmtime::{Config, Engine, InstancePre, Linker, Memory, Module, Store, Trap, TypedFunc};

use crate::imports::State;
pub use crate::session::{Exchange, Recorder, Session};

/// The time between two ticks, and how many an evaluation may see: the defaults of policy-server.
const TICK: Duration = Duration::from_secs(1);
const TICKS: u64 = 2;

/// What the host does for a policy.
pub trait HostCalls: Send {
    /// Answers a call of a capability; the binding is always `kubewarden`.
    ///
    /// # Errors
    /// The text that the policy gets to see.
    fn call(&mut self, namespace: &str, operation: &str, payload: &[u8])
    -> Result<Vec<u8>, String>;

    /// Seconds since the Unix epoch; `None` for a host whose clock fails.
    fn now(&mut self) -> Option<u64>;
}

/// A policy, compiled once.
pub struct Policy {
    instance: InstancePre<State>,
    engine: Engine,
    ended: Arc<AtomicBool>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "suites tell all of them apart")]
pub enum Ended {
    /// With an answer.
    Answer(Vec<u8>),
    /// With an error of the policy.
    Error(String),
    /// It took too long.
    Interrupted,
    /// The policy trapped.
    Trapped(String),
}

/// A policy in an instance of its own.
pub struct Instance {
    store: Store<State>,
    memory: Memory,
    ticks: u64,
    call: TypedFunc<(u32, u32), u32>,
}

impl Policy {
    /// Compiles a policy.
    ///
    /// # Errors
    /// When it is no module, or imports what no waPC host has.
    pub fn new(module: &[u8]) -> Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config).map_err(told)?;
        let mut linker = Linker::new(&engine);
        imports::define(&mut linker).map_err(told)?;
        let module = Module::new(&engine, module).map_err(told)?;
        let instance = linker.instantiate_pre(&module).map_err(told)?;
        let ended = Arc::new(AtomicBool::new(false));
        let (ticking, until) = (engine.clone(), Arc::clone(&ended));
        thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                thread::sleep(TICK);
                ticking.increment_epoch();
            }
        });
        Ok(Self {
            instance,
            engine,
            ended,
        })
    }

    /// A new instance.
    ///
    /// # Errors
    /// When the module cannot be started.
    pub fn start(&self, host: Box<dyn HostCalls>) -> Result<Instance> {
        let mut store = Store::new(&self.engine, State::new(host));
        store.set_epoch_deadline(TICKS);
        let instance = self.instance.instantiate(&mut store).map_err(told)?;
        let memory = instance.get_memory(&mut store, "memory");
        let call = instance.get_typed_func(&mut store, "__guest_call");
        Ok(Instance {
            memory: memory.context("the module exports its memory")?,
            ticks: TICKS,
            call: call.map_err(told)?,
            store,
        })
    }

    /// Makes one call in a new instance, as policy-server evaluates.
    ///
    /// # Errors
    /// When the module cannot be started.
    pub fn call(&self, operation: &str, payload: &[u8], host: Box<dyn HostCalls>) -> Result<Ended> {
        Ok(self.start(host)?.call(operation, payload))
    }
}

impl Instance {
    /// Makes a call.
    pub fn call(&mut self, operation: &str, payload: &[u8]) -> Ended {
        self.store.set_epoch_deadline(self.ticks);
        self.store.data_mut().begin(operation, payload);
        let lengths = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let lengths = (lengths(operation.as_bytes()), lengths(payload));
        let returned = self.call.call(&mut self.store, lengths);
        let (answer, error) = self.store.data_mut().end();
        match returned {
            Ok(1) => Ended::Answer(answer),
            Ok(_) => Ended::Error(error),
            Err(error) => match error.downcast_ref::<Trap>() {
                Some(Trap::Interrupt) => Ended::Interrupted,
                _ => Ended::Trapped(format!("{error:#}")),
            },
        }
    }

    /// The same instance without an end to its evaluations, to measure how long they take.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.ticks = u64::MAX / 2;
        self
    }

    /// The linear memory.
    pub fn memory(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }
}

/// An error of wasmtime, which is none of `std`.
fn told(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("{error:#}")
}

impl Drop for Policy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").finish_non_exhaustive()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}

/// The bytes of a module that `cargo xtask build` left in `target/artifacts`.
///
/// # Errors
/// When it is not there.
pub fn shipped(file: &str) -> Result<Vec<u8>> {
    let program = std::env::current_exe()?;
    let mut folders = program.ancestors();
    let target = folders.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = target.context("this program lies in no target folder")?;
    let path = target.join("artifacts").join(file);
    std::fs::read(&path).with_context(|| {
        format!(
            "cannot read `{}`; `cargo xtask build` makes it",
            path.display()
        )
    })
}
