//! Properties with two kinds of outcome, both of which must be seen, or nothing was tested.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// As many times the cases are run at the most.
const ROUNDS: usize = 8;

/// Runs a property over as many cases, and again while one of the kinds of outcome that it told was seen
/// less often than `least`: the draw of the cases alone fails no test.
#[track_caller]
pub(crate) fn both_kinds<S: Strategy>(
    cases: u32,
    least: u32,
    strategy: &S,
    property: impl Fn(S::Value, &dyn Fn(bool)) -> Result<(), TestCaseError>,
) {
    let (one, other) = (AtomicU32::new(0), AtomicU32::new(0));
    let saw = |kind| {
        let counter = if kind { &one } else { &other };
        counter.fetch_add(1, Ordering::Relaxed);
    };
    for _ in 0..ROUNDS {
        let mut runner = TestRunner::new(Config {
            cases,
            failure_persistence: None,
            ..Config::default()
        });
        let outcome = runner.run(strategy, |value| property(value, &saw));
        outcome.unwrap_or_else(|error| panic!("{error}"));
        if one.load(Ordering::Relaxed) >= least && other.load(Ordering::Relaxed) >= least {
            return;
        }
    }
    panic!("{one:?} of one kind, {other:?} of the other");
}
