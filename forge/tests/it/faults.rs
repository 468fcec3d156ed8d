use alloc::collections::BTreeSet;

use sealstone_forge::{Error, Fault, SIGNED};
use serde_json::Value;

use crate::support::{KINDS, base64, keyed, keyless, leaf};
use crate::{certificates, log, openssl};

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

/// A fault that applies changes the evidence, and not as another fault does; one that does not is an
/// error; every fault applies somewhere.
#[test]
fn every_fault_changes_some_evidence() {
    let mut carried = BTreeSet::new();
    for (kind, make) in KINDS {
        for by in [keyless, keyed] {
            let mut seen = vec![(None, by(*make, None).unwrap())];
            for fault in Fault::ALL.iter().copied() {
                match by(*make, Some(fault)) {
                    Ok(broken) => {
                        if let Some((same, _)) = seen.iter().find(|(_, other)| *other == broken) {
                            panic!("{kind}: {fault} makes the same evidence as {same:?}");
                        }
                        seen.push((Some(fault), broken));
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

/// Faults by the part of the evidence that they break, which the others must leave whole.
fn breaks(fault: Fault, prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .any(|prefix| fault.name().starts_with(prefix))
}

/// Whatever a fault does not name stays right: promise, proof, certificate path and signature.
#[test]
fn everything_else_stays_consistent() {
    let mut checked = [0; 4];
    for fault in Fault::ALL.iter().copied() {
        if breaks(fault, &["bundle-", "log-entry-none"]) {
            continue;
        }
        let Ok(evidence) = keyless(KINDS[0].1, Some(fault)) else {
            continue;
        };
        let bundle: Value = serde_json::from_slice(&evidence.content).unwrap();
        let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
        let log = ["log-unknown", "log-index-negative"];
        if !breaks(fault, &log) && !breaks(fault, &["set-", "integrated-time-changed"]) {
            log::check_promise(entry);
            checked[0] += 1;
        }
        if !breaks(fault, &log) && !breaks(fault, &["inclusion-", "checkpoint-"]) {
            log::check_proof(entry);
            checked[1] += 1;
        }
        let path = [
            "authority-",
            "intermediate-",
            "issued-",
            "leaf-",
            "integrated-time-in",
        ];
        let leaf = leaf(&bundle);
        if !breaks(fault, &path) && !breaks(fault, &["subject-alternative-name-"]) {
            certificates::verify(&leaf, SIGNED.seconds()).unwrap();
            checked[2] += 1;
        }
        if !breaks(fault, &["signature-", "payload-changed"]) {
            let envelope = &bundle["dsseEnvelope"];
            let payload = base64(&envelope["payload"]);
            let payload_type = envelope["payloadType"].as_str().unwrap();
            let mut message = format!(
                "DSSEv1 {} {payload_type} {} ",
                payload_type.len(),
                payload.len()
            )
            .into_bytes();
            message.extend(payload);
            let signature = base64(&envelope["signatures"][0]["sig"]);
            let key = certificates::public_key(&leaf);
            assert!(
                openssl::verifies(&key, "-sha256", &message, &signature),
                "{fault}"
            );
            checked[3] += 1;
        }
    }
    assert!(checked.iter().all(|count| *count > 30), "{checked:?}");
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
