//! Every fault, and the codes that `forge faults` says.

use std::collections::BTreeSet;

use sealstone::digest::Digest;
use serde_json::Value;

use super::world::{BUILT, BUILT_BY_KEY, IDENTITY, KEY, MANIFEST, SIGNED, World};
use crate::support::{Answer, sealstone};

/// A form of evidence: the verb, its flags, and the image that is asked about.
struct Form {
    verb: &'static str,
    flags: &'static [&'static str],
    credential: &'static [&'static str],
    image: &'static str,
    legacy: bool,
}

const fn form(verb: &'static str, flags: &'static [&'static str]) -> Form {
    Form {
        verb,
        flags,
        credential: IDENTITY,
        image: SIGNED,
        legacy: false,
    }
}

/// Provenance names its signer itself.
const fn built(flags: &'static [&'static str]) -> Form {
    Form {
        credential: &[],
        image: BUILT,
        ..form("attest", flags)
    }
}

/// Forms that together carry every fault, in the order in which they are tried.
const FORMS: &[Form] = &[
    built(&["--provenance=v1"]),
    form("sign", &[]),
    built(&["--provenance=v1", "--rekor=v2"]),
    built(&[
        "--provenance=v1",
        "--rekor=v2",
        "--timestamp-authority=second",
    ]),
    built(&["--provenance=v0.2", "--format=bundle-0.1"]),
    built(&["--provenance=v0.2", "--format=bundle-0.2"]),
    form("sign", &["--rekor=v2"]),
    Form {
        credential: KEY,
        image: BUILT_BY_KEY,
        ..form("attest", &["--provenance=v1"])
    },
    Form {
        legacy: true,
        ..built(&["--provenance=v0.2", "--format=legacy"])
    },
    Form {
        legacy: true,
        ..form("sign", &["--format=legacy"])
    },
    Form {
        legacy: true,
        ..form("sign", &["--format=legacy", "--timestamp-authority=first"])
    },
];

impl Form {
    /// Makes the evidence; says the code of the decision, or nothing where the fault does not apply.
    fn code(&self, world: &World, fault: &str) -> Option<String> {
        let made = self.make(world, fault);
        if made.status == 2 {
            made.is_usage_error("forge.fault-not-applicable");
            return None;
        }
        assert_eq!((made.status, made.stderr.as_str()), (0, ""), "{fault}");
        let decision = if self.legacy {
            world.verify_layout(&layout(fault), self.image)
        } else {
            world.verify_bundle("bundle.json", self.image)
        };
        assert_eq!(decision.status, i32::from(decision.code != "ok"), "{fault}");
        Some(decision.code)
    }

    fn make(&self, world: &World, fault: &str) -> Answer {
        let fault_flag = format!("--fault={fault}");
        let (bundle, manifest) = (world.text("bundle.json"), world.text("manifest.json"));
        let digest = Digest::of(MANIFEST).to_string();
        let folder = world.text(&layout(fault));
        let place: &[&str] = match (self.legacy, self.verb) {
            (true, _) => {
                // A fault that does not apply leaves no layout behind.
                let _ = std::fs::remove_dir_all(&folder);
                &["--layout", &folder]
            }
            (false, "sign") => &["--output", &bundle, "--file", &manifest],
            (false, _) => &["--output", &bundle, "--digest", &digest],
        };
        world.forge(
            self.verb,
            &[self.flags, self.credential, &[&fault_flag], place],
        )
    }
}

fn layout(fault: &str) -> String {
    format!("layout-{fault}")
}

fn faults() -> Vec<(String, Vec<String>)> {
    let answer = sealstone(["forge", "faults", "--output=json"]);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    let list: Value = serde_json::from_str(&answer.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes = |entry: &Value| {
        entry["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .collect()
    };
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| (text(&entry["name"]), codes(entry)))
        .collect()
}

/// The first form that can carry a fault is denied with the first code; where a fault has several,
/// all forms together lead to these and to no other.
#[test]
fn every_fault_has_the_codes_of_the_list() {
    let world = World::new();
    let faults = faults();
    assert_eq!(faults.len(), sealstone_forge::Fault::ALL.len());
    for (fault, codes) in faults {
        let mut found = FORMS.iter().filter_map(|form| form.code(&world, &fault));
        let first = found.next().expect("some form carries the fault");
        if let [code] = codes.as_slice() {
            assert_eq!(first, *code, "{fault}");
            continue;
        }
        let found: BTreeSet<String> = found.chain([first]).collect();
        let listed: BTreeSet<String> = codes.into_iter().collect();
        assert_eq!(found, listed, "{fault}");
    }
}

#[test]
fn the_same_forms_without_a_fault_are_allowed() {
    let world = World::new();
    for (number, form) in FORMS.iter().enumerate() {
        let (bundle, manifest) = (world.text("bundle.json"), world.text("manifest.json"));
        let digest = Digest::of(MANIFEST).to_string();
        let folder = world.text(&format!("valid-{number}"));
        let place: &[&str] = match (form.legacy, form.verb) {
            (true, _) => &["--layout", &folder],
            (false, "sign") => &["--output", &bundle, "--file", &manifest],
            (false, _) => &["--output", &bundle, "--digest", &digest],
        };
        world.forged(form.verb, &[form.flags, form.credential, place]);
        if form.legacy {
            world.verify_layout(&format!("valid-{number}"), form.image)
        } else {
            world.verify_bundle("bundle.json", form.image)
        }
        .is_allowed();
    }
}

#[test]
fn the_list_for_people_says_the_same() {
    let text = sealstone(["forge", "faults"]).stdout;
    for (fault, codes) in faults() {
        let fault: sealstone_forge::Fault = fault.parse().unwrap();
        let entry = format!(
            "{fault}\n  {}\n  {}\n",
            fault.description(),
            codes.join(", ")
        );
        assert!(text.contains(&entry), "{entry}");
    }
}
