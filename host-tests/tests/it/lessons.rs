//! Each advisory that taught something has a test of its number, in the verifier or in the engine.

use std::collections::BTreeSet;
use std::path::Path;

/// The number of the last lesson.
const LAST: u8 = 26;

#[test]
fn every_lesson_has_a_test() {
    let mut numbers = BTreeSet::new();
    for file in [
        "policy/engine/tests/it/lessons.rs",
        "policy/verify/tests/it/lessons.rs",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let tests = text.split("#[test]\nfn lesson_").skip(1);
        let number = |test: &str| test.get(..2)?.parse::<u8>().ok();
        numbers.extend(tests.map(|test| number(test).expect("a number of two digits")));
    }
    assert_eq!(numbers, (1..=LAST).collect());
}
