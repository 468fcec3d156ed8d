//! The decision vectors, through the pure operation of the shipped module.

use sealstone_host_tests::decision_vectors;
use sealstone_wapc_host::Ended;

use super::table::Table;
use super::world::{MUTATING, VALIDATING};

#[test]
fn both_variants_decide_the_vectors() {
    for vector in decision_vectors().expect("the vectors can be read") {
        let call = vector.call.to_string();
        let expected = format!(r#"{{"decision":{},"type":"success"}}"#, vector.decision);
        for policy in [&VALIDATING, &MUTATING] {
            let ended = policy.call("decide", call.as_bytes(), Box::new(Table::default()));
            match ended.expect("the module starts") {
                Ended::Answer(answer) => {
                    assert_eq!(
                        String::from_utf8_lossy(&answer),
                        expected,
                        "{}",
                        vector.name
                    );
                }
                ended => panic!("{}: {ended:?}", vector.name),
            }
        }
    }
}
