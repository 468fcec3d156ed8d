//! Modules that misbehave cost a denial with a code, and nothing else.

use sealstone::limits::Limits;
use sealstone::runtime::{
    CacheLocation, Evidence, Failure, ImageEvidence, Module, Outcome, Policy, Runtime, TrustedRoot,
    Webhook,
};

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

fn policy() -> Policy {
    module().policy(b"policy", &[]).unwrap()
}

const FAILURES: [(&[u8], &str); 4] = [
    (b"t", "host.trap"),
    (b"r", "host.trap"),
    (b"f", "host.fuel-exhausted"),
    (b"m", "host.memory-limit"),
];

fn document(answer: Result<sealstone::runtime::Decision, Failure>) -> Vec<u8> {
    let decision = answer.unwrap();
    assert!(decision.allowed);
    assert_eq!(decision.outcome, Outcome::Allowed);
    decision.document
}

#[test]
fn failures_of_each_call_have_codes() {
    let module = module();
    let more: [(&[u8], &str); 2] = [(b"w", "host.error"), (b"p", "host.error")];
    for (input, code) in FAILURES {
        let failure = module.policy(input, &[]).unwrap_err();
        assert_eq!(failure.code(), code, "compile {input:?}");
        assert!(!failure.is_invalid_input());
        let failure = module
            .policy(b"policy", &[])
            .unwrap()
            .images(input)
            .unwrap_err();
        assert_eq!(failure.code(), code, "images {input:?}");
    }
    for (input, code) in FAILURES.into_iter().chain(more) {
        let mut policy = module.policy(b"policy", &[]).unwrap();
        let failure = policy.decide(input, &[], 0).unwrap_err();
        assert_eq!(failure.code(), code, "decide {input:?}");
        assert!(!failure.is_invalid_input());
        let failure = policy.review(input, &[], 0, Webhook::Mutating).unwrap_err();
        assert_eq!(failure.code(), code, "review {input:?}");
        assert!(!failure.is_invalid_input());
    }
}

#[test]
fn a_review_is_a_decision_with_its_answer() {
    let mut policy = policy();
    for (webhook, expected) in [(Webhook::Mutating, b"1"), (Webhook::Validating, b"2")] {
        let review = policy.review(b"a", &[], 0, webhook).unwrap();
        assert!(review.decision.allowed);
        assert_eq!(review.decision.document, expected);
        assert_eq!(review.response, expected);
        assert_eq!(review.audit_annotation, expected);
    }
}

#[test]
fn an_instance_serves_many_decisions() {
    let mut policy = policy();
    for expected in [b"1", b"2", b"3"] {
        assert_eq!(document(policy.decide(b"a", &[], 0)), expected);
    }
    policy.renew();
    assert_eq!(document(policy.decide(b"a", &[], 0)), b"1");
}

#[test]
fn an_instance_that_failed_is_not_used_again() {
    for (input, code) in FAILURES {
        let mut policy = policy();
        assert_eq!(document(policy.decide(b"a", &[], 0)), b"1");
        assert_eq!(document(policy.decide(b"a", &[], 0)), b"2");
        assert_eq!(policy.decide(input, &[], 0).unwrap_err().code(), code);
        assert_eq!(document(policy.decide(b"a", &[], 0)), b"1", "{input:?}");
    }
}

#[test]
fn fuel_is_per_call_and_deterministic() {
    let mut policy = policy();
    // Each call may burn nearly all of it: the next one starts with a full tank.
    for _ in 0..3 {
        document(policy.decide(b"a", &[], 0));
    }
    for _ in 0..3 {
        let failure = policy.decide(b"f", &[], 0).unwrap_err();
        assert!(matches!(
            failure,
            Failure::FuelExhausted { fuel: 10_000_000 }
        ));
    }
}

#[test]
fn instances_are_counted() {
    let module = module();
    let first = module.policy(b"policy", &[]).unwrap();
    let _second = module.policy(b"policy", &[]).unwrap();
    let failure = module.policy(b"policy", &[]).unwrap_err();
    assert!(
        matches!(failure, Failure::InstanceLimit { instances: 2 }),
        "{failure:?}"
    );
    assert_eq!(failure.code(), "host.instance-limit");
    drop(first);
    module.policy(b"policy", &[]).unwrap();
}

#[test]
fn large_input_does_not_reach_the_module() {
    let mut limits = Limits::default();
    limits.policy_bytes = 10;
    limits.request_bytes = 10;
    limits.trusted_root_bytes = 10;
    limits.trusted_roots = 1;
    limits.evidence_bytes = 10;
    limits.evidence_total_bytes = 15;
    limits.evidence_pieces = 2;
    let runtime = Runtime::new(limits, &CacheLocation::None).unwrap();
    let module = runtime.load(&misbehaving()).unwrap();
    let eleven = [b'a'; 11];
    let root = |size: usize| TrustedRoot {
        name: "root".to_owned(),
        content: vec![b'a'; size],
    };
    let compiled = [
        (module.policy(&eleven, &[]), "limit.policy-bytes"),
        (module.policy(b"a", &[root(11)]), "limit.trusted-root-bytes"),
        (
            module.policy(b"a", &[root(1), root(1)]),
            "limit.trusted-roots",
        ),
    ];
    for (answer, code) in compiled {
        let failure = answer.unwrap_err();
        assert_eq!(failure.code(), code);
        assert!(failure.is_invalid_input());
    }

    let mut policy = module.policy(b"a", &[]).unwrap();
    assert_eq!(
        policy.images(&eleven).unwrap_err().code(),
        "limit.request-bytes"
    );
    assert_eq!(
        policy.decide(&eleven, &[], 0).unwrap_err().code(),
        "limit.request-bytes"
    );
    let cases: [(&[usize], Result<(), &str>); 4] = [
        (&[11], Err("limit.evidence-bytes")),
        (&[8, 8], Err("limit.evidence-total-bytes")),
        (&[1, 1, 1], Err("limit.evidence-pieces")),
        (&[8, 7], Ok(())),
    ];
    for (sizes, expected) in cases {
        let evidence = ImageEvidence {
            reference: String::new(),
            digest: String::new(),
            evidence: sizes
                .iter()
                .map(|size| Evidence {
                    media_type: String::new(),
                    content: vec![b'a'; *size],
                    annotations: Vec::new(),
                })
                .collect(),
            unavailable: None,
        };
        let answer = policy.decide(b"a", &[evidence], 0);
        let answer = answer
            .map(drop)
            .map_err(|failure| failure.code().to_owned());
        assert_eq!(answer, expected.map_err(str::to_owned), "{sizes:?}");
    }
}

#[test]
fn memory_is_bounded_for_input_too() {
    let evidence = ImageEvidence {
        reference: String::new(),
        digest: String::new(),
        evidence: vec![Evidence {
            media_type: String::new(),
            content: vec![b'a'; 8 << 20],
            annotations: Vec::new(),
        }],
        unavailable: None,
    };
    let failure = policy().decide(b"a", &[evidence], 0).unwrap_err();
    assert_eq!(failure.code(), "host.memory-limit");
}

#[test]
fn a_cache_that_cannot_be_used_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let open = folder.path().join("open");
    std::fs::create_dir(&open).unwrap();
    permit_everybody(&open);
    for cache in [file.join("below"), file, open.clone()] {
        let runtime = Runtime::new(Limits::default(), &CacheLocation::Folder(cache)).unwrap();
        let mut policy = runtime
            .load(&misbehaving())
            .unwrap()
            .policy(b"policy", &[])
            .unwrap();
        assert_eq!(document(policy.decide(b"a", &[], 0)), b"1");
    }
    #[cfg(unix)]
    assert_eq!(
        std::fs::read_dir(&open).unwrap().count(),
        0,
        "anybody could change what lies there"
    );
}

#[test]
fn a_cache_keeps_compiled_modules() {
    let folder = tempfile::tempdir().unwrap();
    let cache = CacheLocation::Folder(folder.path().join("new/folder"));
    for _ in 0..2 {
        let runtime = Runtime::new(Limits::default(), &cache).unwrap();
        let mut policy = runtime
            .load(&misbehaving())
            .unwrap()
            .policy(b"policy", &[])
            .unwrap();
        assert_eq!(document(policy.decide(b"a", &[], 0)), b"1");
        assert_ne!(
            std::fs::read_dir(folder.path().join("new/folder"))
                .unwrap()
                .count(),
            0
        );
    }
}

#[cfg(unix)]
fn permit_everybody(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
}

#[cfg(not(unix))]
fn permit_everybody(_folder: &std::path::Path) {}

#[test]
fn modules_are_shared_and_policies_sent_between_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    fn is_sent<T: Send>(_: &T) {}
    let module = module();
    is_shared(&module);
    is_sent(&module.policy(b"policy", &[]).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut policy = module.policy(b"policy", &[]).unwrap();
                assert_eq!(document(policy.decide(b"a", &[], 0)), b"1");
            });
        }
    });
}
