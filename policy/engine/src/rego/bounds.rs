//! What an evaluation may spend.
//!
//! The interpreter asks for the time at every step. It has no clock: it is told how many steps were
//! made, and a time beyond every deadline when one of the limits is exceeded.

use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;

use alloc::boxed::Box;
use alloc::string::ToString as _;

use once_cell::race::OnceBox;
use regorus::utils::limits::{ExecutionTimerConfig, TimeSource, set_time_source};
use regorus::{Engine, Value};
use sealstone_verify::UnixTime;

use super::fault::Fault;
use crate::limits::Limit;
use crate::work::Work;

/// Says how many bytes are allocated.
type Meter = fn() -> usize;

static METER: OnceBox<Meter> = OnceBox::new();

/// Tells how the module can know how many bytes it has allocated. Without it, evaluations are
/// bounded in steps and nesting alone. The first one counts.
pub fn set_memory_meter(meter: fn() -> usize) {
    METER.get_or_init(|| Box::new(meter));
}

/// One evaluation at a time: the interpreter has one source of time for all of its instances.
static TURN: spin::Mutex<()> = spin::Mutex::new(());

static SPENT: Spent = Spent {
    steps: AtomicU64::new(0),
    exceeded: AtomicU8::new(NONE),
    memory: AtomicUsize::new(0),
    stack: AtomicUsize::new(0),
    now: AtomicU64::new(0),
};

const NONE: u8 = 0;
const MEMORY: u8 = 1;
const NESTING: u8 = 2;

/// What the evaluation whose turn it is has spent.
struct Spent {
    steps: AtomicU64,
    exceeded: AtomicU8,
    /// Bytes that were allocated before.
    memory: AtomicUsize,
    /// Where the stack was.
    stack: AtomicUsize,
    /// The time of the decision, in seconds.
    now: AtomicU64,
}

/// Evaluates the rule at the path.
pub(super) fn evaluate(
    engine: &mut Engine,
    path: &str,
    now: UnixTime,
    work: &Work,
) -> Result<Value, Fault> {
    let remaining = work.rego_steps();
    if remaining == 0 {
        return Err(Fault::LimitExceeded(Limit::RegoSteps));
    }
    let _turn = TURN.lock();
    // It stays set: an error says that it is this one already.
    let _ = set_time_source(&SPENT);
    SPENT.steps.store(0, Ordering::Relaxed);
    SPENT.exceeded.store(NONE, Ordering::Relaxed);
    SPENT.memory.store(allocated(), Ordering::Relaxed);
    SPENT.stack.store(stack(), Ordering::Relaxed);
    SPENT.now.store(now.seconds(), Ordering::Relaxed);
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: Duration::from_nanos(remaining),
        check_interval: NonZeroU32::MIN,
    });
    let result = engine.eval_rule(path.to_string());
    let spent = SPENT.steps.load(Ordering::Relaxed);
    work.spend_rego_steps(spent);
    match SPENT.exceeded.load(Ordering::Relaxed) {
        MEMORY => return Err(Fault::LimitExceeded(Limit::RegoMemory)),
        NESTING => return Err(Fault::LimitExceeded(Limit::RegoNesting)),
        _ => {}
    }
    if spent > remaining {
        return Err(Fault::LimitExceeded(Limit::RegoSteps));
    }
    result.map_err(|error| Fault::of(&error))
}

/// The time of the decision, for the program whose turn it is.
pub(super) fn now() -> UnixTime {
    UnixTime::from_seconds(SPENT.now.load(Ordering::Relaxed))
}

/// Whether so many bytes more may be allocated. If not, the evaluation ends.
pub(super) fn may_allocate(bytes: usize) -> bool {
    let fits = SPENT.allocated().saturating_add(bytes) <= Limit::RegoMemory.value();
    if !fits {
        SPENT.exceeded.store(MEMORY, Ordering::Relaxed);
    }
    fits
}

/// Counts work that one step does beyond a step.
pub(super) fn count(steps: usize) {
    let steps = u64::try_from(steps).unwrap_or(u64::MAX);
    SPENT.steps.fetch_add(steps, Ordering::Relaxed);
}

impl TimeSource for Spent {
    fn now(&self) -> Option<Duration> {
        let steps = self.steps.fetch_add(1, Ordering::Relaxed);
        if self.allocated() > Limit::RegoMemory.value() {
            self.exceeded.store(MEMORY, Ordering::Relaxed);
        } else if stack().abs_diff(self.stack.load(Ordering::Relaxed)) > Limit::RegoNesting.value()
        {
            self.exceeded.store(NESTING, Ordering::Relaxed);
        }
        if self.exceeded.load(Ordering::Relaxed) != NONE {
            return Some(Duration::MAX);
        }
        Some(Duration::from_nanos(steps))
    }
}

impl Spent {
    /// Bytes that the evaluation holds.
    fn allocated(&self) -> usize {
        allocated().saturating_sub(self.memory.load(Ordering::Relaxed))
    }
}

fn allocated() -> usize {
    METER.get().map_or(0, |meter| meter())
}

/// Where the stack is, as the address of something that lies on it.
#[inline(never)]
fn stack() -> usize {
    let marker = 0_u8;
    core::ptr::from_ref(core::hint::black_box(&marker)).addr()
}
