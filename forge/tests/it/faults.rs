use alloc::collections::BTreeSet;

use sealstone_forge::{Error, Fault};

use crate::support::{KINDS, keyed, keyless};

#[test]
fn names_are_unique_kebab_case_and_found() {
    let names: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), Fault::ALL.len());
    for fault in Fault::ALL {
        let kebab = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        assert!(kebab(fault.name()), "{fault}");
        assert_eq!(fault.name().parse(), Ok(*fault));
        assert!(fault.description().ends_with('.'), "{fault}");
    }
    let unknown = "no-such-fault";
    assert_eq!(
        unknown.parse::<Fault>(),
        Err(Error::FaultUnknown(unknown.to_owned()))
    );
}

/// A fault that applies changes the evidence; one that does not is an error; every fault applies
/// somewhere.
#[test]
fn every_fault_changes_some_evidence() {
    let mut carried = BTreeSet::new();
    for (kind, make) in KINDS {
        for by in [keyless, keyed] {
            let valid = by(*make, None).unwrap();
            for fault in Fault::ALL.iter().copied() {
                match by(*make, Some(fault)) {
                    Ok(broken) => {
                        assert!(broken != valid, "{kind}: {fault} changes nothing");
                        carried.insert(fault);
                    }
                    Err(error) => {
                        assert_eq!(error, Error::FaultNotApplicable(fault), "{kind}: {fault}");
                    }
                }
            }
        }
    }
    let idle: Vec<_> = Fault::ALL.iter().filter(|f| !carried.contains(f)).collect();
    assert!(idle.is_empty(), "faults that nothing carries: {idle:?}");
}

/// No two faults make the same evidence, or one of them is not what it says.
#[test]
fn faults_differ_from_each_other() {
    for (kind, make) in KINDS {
        let mut seen: Vec<(Fault, _)> = Vec::new();
        for fault in Fault::ALL.iter().copied() {
            let Ok(broken) = keyless(*make, Some(fault)) else {
                continue;
            };
            if let Some((same, _)) = seen.iter().find(|(_, evidence)| *evidence == broken) {
                panic!("{kind}: {same} and {fault} make the same evidence");
            }
            seen.push((fault, broken));
        }
    }
}

#[test]
fn certificate_faults_do_not_apply_to_keys() {
    for fault in [
        Fault::AuthorityUntrusted,
        Fault::SctMissing,
        Fault::LeafExpired,
    ] {
        assert_eq!(
            keyed(KINDS[0].1, Some(fault)),
            Err(Error::FaultNotApplicable(fault))
        );
    }
}
