//! Every form of evidence, valid and broken in every named way: the codes stand in `forged.txt`.
//!
//! `BLESS=1` writes that file anew.

use std::fmt::Write as _;
use std::path::Path;

use sealstone_forge::Fault;

use crate::world::{By, FORMS, make, verify};

const EXPECTED: &str = "tests/it/forged.txt";

/// Faults that nothing authenticates, so that evidence with them still proves what it says, and why.
const HARMLESS: &[(Fault, &str)] = &[
    (
        Fault::BodyOtherEnvelope,
        "a bundle does not keep the stored envelope, so its hash cannot be compared; signature, payload and \
         verifier of the entry are",
    ),
    (
        Fault::CheckpointTreeSizeChanged,
        "a Rekor v2 log that signs another size under the same root still proves the entry; for Rekor v1 the size \
         stands in the proof too",
    ),
    (Fault::TimestampMissing, "another source proves the time"),
    (
        Fault::BundleChainWithRoot,
        "the certificates after the leaf are not looked at: paths lead through the trust root",
    ),
];

#[test]
fn every_fault_is_refused_with_its_code() {
    let mut outcomes = String::new();
    for (form, form_make) in FORMS {
        for by in [By::Certificate, By::Key] {
            let faults = std::iter::once(None).chain(Fault::ALL.iter().copied().map(Some));
            for fault in faults {
                let Ok(evidence) = make(*form_make, by, fault) else {
                    continue;
                };
                let outcome = match verify(&evidence, by) {
                    Ok(_) => "verified",
                    Err(error) => error.code(),
                };
                let name = fault.map_or("valid", Fault::name);
                writeln!(outcomes, "{form} {by:?} {name}: {outcome}").expect("memory");
                let harmless = fault.is_none_or(|fault| HARMLESS.iter().any(|(f, _)| *f == fault));
                if outcome == "verified" && !harmless && std::env::var_os("BLESS").is_none() {
                    panic!("{form}, {by:?}: {name} verifies");
                }
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXPECTED);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &outcomes).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).expect("the file is there");
    for (line, (outcome, expected)) in outcomes.lines().zip(expected.lines()).enumerate() {
        assert_eq!(outcome, expected, "line {}", line + 1);
    }
    assert_eq!(outcomes.lines().count(), expected.lines().count());
}
