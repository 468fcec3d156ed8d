//! What one instance keeps: nothing. policy-server starts a new one for each evaluation; a host that does
//! not must not be able to tell.

use std::thread;
use std::time::Duration;

use sealstone_wapc_host::{Ended, HostCalls, Instance};
use serde_json::{Value, json};

use super::table::{Table, layer};
use super::world::{
    DIGEST, OTHER_DIGEST, REPOSITORY, VALIDATING, image, legacy, payload, pod, response, signed,
};

/// What only the first call holds.
const CANARY: &str = "canary-5d41402abc4b2a76";

fn signatures() -> Table {
    Table::default().signatures(
        REPOSITORY,
        DIGEST,
        &[layer(&legacy("release", REPOSITORY, DIGEST))],
    )
}

fn start(host: impl HostCalls + 'static) -> Instance {
    VALIDATING.start(Box::new(host)).expect("the module starts")
}

/// Two requests that are decided differently, with settings that differ, too.
fn calls() -> [(Value, Value); 2] {
    let mut first = pod(&[&image()]);
    first["object"]["metadata"]["annotations"] = json!({"note": CANARY});
    first["name"] = CANARY.into();
    let settings = signed(json!({"metadata": {"name": CANARY}}));
    let second = pod(&[&format!("{REPOSITORY}@{OTHER_DIGEST}")]);
    [(first, settings), (second, signed(json!({"mode": "warn"})))]
}

fn alone((request, settings): &(Value, Value)) -> Ended {
    start(signatures()).call("validate", &payload(request, settings))
}

/// Overwrites what is left of a call: the stack, which lies below the data, and every copy of the canary.
/// Returns how many copies there were.
fn poison(memory: &mut [u8]) -> usize {
    memory[..super::module::STACK].fill(0xa5);
    let mut copies = 0;
    let mut from = 0;
    while let Some(found) = memory[from..]
        .windows(CANARY.len())
        .position(|w| w == CANARY.as_bytes())
    {
        let place = from + found;
        memory[place..place + CANARY.len()].fill(0xa5);
        from = place + CANARY.len();
        copies += 1;
    }
    copies
}

#[test]
fn one_evaluation_sees_nothing_of_another() {
    let [first, second] = calls();
    let expected = alone(&second);
    assert_ne!(expected, alone(&first));
    for poisoned in [false, true] {
        let mut instance = start(signatures());
        for round in 0..3 {
            let answer = instance.call("validate", &payload(&first.0, &first.1));
            assert_eq!(answer, alone(&first), "round {round}");
            if poisoned {
                assert!(
                    poison(instance.memory()) > 0,
                    "the first call leaves something to find"
                );
            }
            let answer = instance.call("validate", &payload(&second.0, &second.1));
            assert_eq!(answer, expected, "round {round}");
            assert!(!response(answer).to_string().contains(CANARY));
        }
    }
}

/// An error leaves nothing behind either.
#[test]
fn an_error_is_no_end_of_the_instance() {
    let [first, _] = calls();
    let mut instance = start(signatures());
    for operation in ["nothing", "validate"] {
        assert!(matches!(instance.call(operation, b"{"), Ended::Error(_)));
        assert_eq!(
            instance.call("validate", &payload(&first.0, &first.1)),
            alone(&first)
        );
    }
}

/// A host that is slower than the evaluation may be.
struct Slow;

impl HostCalls for Slow {
    fn call(&mut self, _: &str, _: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        thread::sleep(Duration::from_millis(2500));
        Err("too late".to_owned())
    }

    fn now(&mut self) -> Option<u64> {
        Some(0)
    }
}

/// policy-server ends what takes too long by a trap. The instance is then in the middle of a call, and
/// answers no other.
#[test]
fn a_trapped_instance_refuses_to_answer_again() {
    let [first, _] = calls();
    let mut instance = start(Slow);
    assert_eq!(
        instance.call("validate", &payload(&first.0, &first.1)),
        Ended::Interrupted
    );
    for operation in [
        "validate",
        "validate_settings",
        "protocol_version",
        "decide",
        "nothing",
    ] {
        match instance.call(operation, b"") {
            Ended::Error(error) => assert!(error.ends_with("(kubewarden.busy)"), "{error}"),
            ended => panic!("{operation}: {ended:?}"),
        }
    }
}
