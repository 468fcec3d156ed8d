//! Why a module could not be loaded, or gave no answer.

use core::error::Error;

use wasmtime::{PoolConcurrencyLimitError, Trap};

use super::Problem;
use crate::limits::{Limit, Limits};

/// Why some bytes are not a policy module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A core module and not a component.
    #[error("it is a core WebAssembly module and not a component")]
    CoreModule,
    /// This machine cannot run the engine.
    #[error("this machine cannot run WebAssembly: {0}")]
    Engine(Box<dyn Error + Send + Sync>),
    /// A component without the policy interface, or with another version of it.
    #[error(
        "it does not export the interface `sealstone:policy/policy` as this program knows it: {0}"
    )]
    ExportMissing(Box<dyn Error + Send + Sync>),
    /// A component that imports something.
    #[error("it imports `{import}`, and a policy module imports nothing")]
    Imports {
        /// The first import.
        import: String,
    },
    /// A broken component, or one that uses a feature which is switched off.
    #[error("it is not a component that this program can run: {0}")]
    Malformed(Box<dyn Error + Send + Sync>),
    /// Not WebAssembly at all.
    #[error("it is not WebAssembly")]
    NotWebAssembly,
    /// More bytes than a module may have.
    #[error("it has more than {maximum} {limit}")]
    TooLarge {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
}

impl LoadError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CoreModule => "module.core-module",
            Self::Engine(_) => "module.engine",
            Self::ExportMissing(_) => "module.export-missing",
            Self::Imports { .. } => "module.imports",
            Self::Malformed(_) => "module.malformed",
            Self::NotWebAssembly => "module.not-webassembly",
            Self::TooLarge { limit, .. } => limit.code(),
        }
    }

    pub(super) fn engine(error: wasmtime::Error) -> Self {
        Self::Engine(error.into_boxed_dyn_error())
    }

    pub(super) fn export_missing(error: wasmtime::Error) -> Self {
        Self::ExportMissing(error.into_boxed_dyn_error())
    }

    pub(super) fn malformed(error: wasmtime::Error) -> Self {
        Self::Malformed(error.into_boxed_dyn_error())
    }
}

/// Why a module gave no answer.
///
/// Except for [`Failure::Policy`] and [`Failure::Request`], which the module itself reports, the
/// instance is gone and the answer is a denial.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The module used up the fuel of one call.
    #[error("the module used up its {fuel} units of fuel")]
    FuelExhausted {
        /// The fuel that it had.
        fuel: u64,
    },
    /// The engine could not run the module.
    #[error("the module could not be run: {0}")]
    Host(Box<dyn Error + Send + Sync>),
    /// An input is larger than anything that is handed to a module.
    #[error("the input has more than {maximum} {limit}")]
    InputTooLarge {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
    /// As many instances as may live at the same time are alive.
    #[error("{instances} modules are running already")]
    InstanceLimit {
        /// How many may live at the same time.
        instances: u32,
    },
    /// The module asked for more memory than it may have.
    #[error("the module asked for more than {bytes} bytes of memory")]
    MemoryLimit {
        /// The memory that it may have.
        bytes: usize,
    },
    /// The policy document or a trust root has problems: all of them, never none.
    #[error("the policy has {} problems", .0.len())]
    Policy(Vec<Problem>),
    /// The request has a problem.
    #[error("{}", .0.message)]
    Request(Problem),
    /// The module trapped.
    #[error("the module trapped: {0}")]
    Trap(Trap),
}

impl Failure {
    /// The stable code. For a policy with problems, that of the first one.
    pub fn code(&self) -> &str {
        match self {
            Self::FuelExhausted { .. } => "host.fuel-exhausted",
            Self::Host(_) => "host.error",
            Self::InputTooLarge { limit, .. } => limit.code(),
            Self::InstanceLimit { .. } => "host.instance-limit",
            Self::MemoryLimit { .. } => "host.memory-limit",
            Self::Policy(problems) => problems
                .first()
                .map_or("policy.invalid", |problem| &problem.code),
            Self::Request(problem) => &problem.code,
            Self::Trap(_) => "host.trap",
        }
    }

    /// Whether the document or request is at fault, and not how the module ran.
    pub fn is_invalid_input(&self) -> bool {
        matches!(
            self,
            Self::Policy(_) | Self::Request(_) | Self::InputTooLarge { .. }
        )
    }

    pub(super) fn host(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Host(error.into())
    }

    pub(super) fn of(error: wasmtime::Error, memory_refused: bool, limits: &Limits) -> Self {
        if error.is::<PoolConcurrencyLimitError>() {
            return Self::InstanceLimit {
                instances: limits.instances,
            };
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::FuelExhausted { fuel: limits.fuel },
            _ if memory_refused => Self::MemoryLimit {
                bytes: limits.memory_bytes,
            },
            Some(trap) => Self::Trap(*trap),
            None => Self::Host(error.into_boxed_dyn_error()),
        }
    }
}
