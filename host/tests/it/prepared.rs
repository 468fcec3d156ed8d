//! Policies that were prepared once: each instance begins where the snapshot was taken.

use sealstone::limits::Limits;
use sealstone::runtime::{CacheLocation, Failure, Module, PreparedPolicy, Runtime};

use crate::support::misbehaving;

fn module() -> Module {
    let mut limits = Limits::default();
    limits.fuel = 10_000_000;
    limits.memory_bytes = 4 << 20;
    limits.instances = 2;
    Runtime::new(limits, &CacheLocation::None)
        .unwrap()
        .load(&misbehaving())
        .unwrap()
}

fn prepared() -> PreparedPolicy {
    module().prepare(b"policy", &[]).unwrap()
}

#[test]
fn no_request_finds_what_another_one_left_behind() {
    let prepared = prepared();
    for _ in 0..3 {
        let mut policy = prepared.policy().unwrap();
        // The document is the number of decisions that the instance has made.
        for expected in [b"1", b"2"] {
            assert_eq!(policy.decide(b"a", &[], 0).unwrap().document, expected);
        }
        policy.renew();
        assert_eq!(policy.decide(b"a", &[], 0).unwrap().document, b"1");
    }
}

#[test]
fn an_instance_that_failed_leaves_nothing_behind() {
    let prepared = prepared();
    let failures: [(&[u8], &str); 4] = [
        (b"t", "host.trap"),
        (b"r", "host.trap"),
        (b"f", "host.fuel-exhausted"),
        (b"m", "host.memory-limit"),
    ];
    for (input, code) in failures {
        let mut policy = prepared.policy().unwrap();
        assert_eq!(policy.decide(b"a", &[], 0).unwrap().document, b"1");
        assert_eq!(policy.decide(input, &[], 0).unwrap_err().code(), code);
        assert_eq!(policy.decide(b"a", &[], 0).unwrap().document, b"1");
        drop(policy);
        let mut next = prepared.policy().unwrap();
        assert_eq!(next.decide(b"a", &[], 0).unwrap().document, b"1", "{code}");
    }
}

#[test]
fn the_snapshot_holds_the_policy() {
    // The policy's first letter tells requests in JSON what to do: this one traps.
    let prepared = module().prepare(b"T", &[]).unwrap();
    let failure = prepared
        .policy()
        .unwrap()
        .decide(b"{}", &[], 0)
        .unwrap_err();
    assert_eq!(failure.code(), "host.trap");
}

#[test]
fn failures_of_preparing_have_codes() {
    let module = module();
    let failures: [(&[u8], &str); 4] = [
        (b"t", "host.trap"),
        (b"r", "host.trap"),
        (b"f", "host.fuel-exhausted"),
        (b"m", "host.memory-limit"),
    ];
    for (policy, code) in failures {
        assert_eq!(module.prepare(policy, &[]).unwrap_err().code(), code);
    }
    let forgetful = module.prepare(b"n", &[]).unwrap();
    let failure = forgetful.policy().unwrap_err();
    assert!(matches!(failure, Failure::Host(_)), "{failure:?}");
    let large = vec![b'a'; Limits::default().policy_bytes + 1];
    let failure = module.prepare(&large, &[]).unwrap_err();
    assert_eq!(failure.code(), "limit.policy-bytes");
}

#[test]
fn prepared_policies_are_shared_between_threads_and_count_as_instances() {
    let prepared = prepared();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut policy = prepared.policy().unwrap();
                assert_eq!(policy.decide(b"a", &[], 0).unwrap().document, b"1");
            });
        }
    });
    let _first = prepared.policy().unwrap();
    let _second = prepared.policy().unwrap();
    let failure = prepared.policy().unwrap_err();
    assert_eq!(failure.code(), "host.instance-limit");
}
