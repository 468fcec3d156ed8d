//! Every small change of valid evidence: nothing that changes an authenticated fact is accepted, and what
//! is accepted all the same is named by a rule.

mod changes;
mod document;
mod inputs;
mod rules;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use changes::{Sampling, changes, transplants};
use document::Node;
use inputs::{Input, inputs};
use rules::{Change, Outcome, RULES};
use sealstone_forge::{Evidence, NOW};
use sealstone_verify::{Error, Facts, UnixTime};

use crate::world::{artifact, read};

/// The input in which every byte of the log entry's body is changed. To the log a body is one hash, so that in the
/// others every leaf of it is changed, and a sample of its bytes.
const EVERY_BYTE_OF_BODIES: &str = "bundle-0.3-dsse, certificate";

#[test]
fn only_what_is_unauthenticated_can_change() {
    let inputs = inputs();
    assert!(inputs.len() >= 50, "{} inputs", inputs.len());
    let named = inputs
        .iter()
        .filter(|input| input.name == EVERY_BYTE_OF_BODIES);
    assert_eq!(named.count(), 1, "{EVERY_BYTE_OF_BODIES}");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut findings = Findings::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            match inputs.get(index) {
                Some(input) => change(input, index, &mut findings),
                None => return findings,
            }
        }
    };
    let findings = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut findings = work();
        findings.merge(other.join().expect("no verification panics"));
        findings
    });
    println!(
        "{} changes of {} inputs, accepted by rule: {:#?}",
        findings.tried,
        inputs.len(),
        findings.accepted
    );
    assert!(
        findings.wrong.is_empty(),
        "{} changes are accepted that no rule covers:\n{}",
        findings.wrong.len(),
        findings.wrong.join("\n")
    );
    for rule in RULES {
        assert!(!rule.reason.is_empty());
        assert!(
            findings.accepted.contains_key(rule.name),
            "the rule {:?} covers nothing",
            rule.name
        );
    }
}

#[derive(Default)]
struct Findings {
    tried: usize,
    /// How many changes each rule covered.
    accepted: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Findings {
    fn merge(&mut self, other: Self) {
        self.tried += other.tried;
        for (rule, count) in other.accepted {
            *self.accepted.entry(rule).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }
}

/// Tries every change of an input.
fn change(input: &Input, index: usize, findings: &mut Findings) {
    let original = &input.evidence;
    let facts = verify(input, original).expect("the input verifies");
    let document = Node::of(original);
    assert_eq!(document.to_evidence(&original.media_type), *original);
    let sampling = Sampling {
        offset: index,
        every_byte: true,
        every_byte_of_bodies: input.name == EVERY_BYTE_OF_BODIES,
    };
    let mut judge = |path: &str, change: &'static str, changed: Node| {
        let evidence = changed.to_evidence(&original.media_type);
        if evidence == *original {
            return;
        }
        findings.tried += 1;
        let Ok(after) = verify(input, &evidence) else {
            return;
        };
        let change = Change {
            input: &input.name,
            path,
            change,
        };
        let rule = RULES
            .iter()
            .find(|rule| (rule.covers)(&change) && rule.facts.holds(&facts, &after));
        match rule {
            Some(rule) => *findings.accepted.entry(rule.name).or_default() += 1,
            None => {
                let same = if Outcome::Same.holds(&facts, &after) {
                    "same facts"
                } else {
                    "OTHER FACTS"
                };
                let wrong = format!("{}: {path}: {} ({same})", input.name, change.change);
                findings.wrong.push(wrong);
            }
        }
    };
    changes(&document, "", sampling, &mut judge);
    transplants(&document, &Node::of(&input.donor), "", &mut judge);
}

fn verify(input: &Input, evidence: &Evidence) -> Result<Facts, Error> {
    let now = UnixTime::from_seconds(NOW.seconds());
    input.verifier.verify(&read(evidence)?, &artifact(), now)
}
