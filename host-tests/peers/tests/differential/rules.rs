//! The known disagreements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use libtest_mimic::Failed;
use sealstone_peers::{Outcome, Peer};
use toml::{Table, Value};

use crate::corpus::NAMES;

/// How a peer differs from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// The peer accepts what we reject.
    Accepts,
    /// The peer rejects what we accept.
    Rejects,
    /// The peer has no way to be asked.
    Unsupported,
}

impl Direction {
    const NAMES: [(Self, &str); 3] = [
        (Self::Accepts, "peer-accepts"),
        (Self::Rejects, "peer-rejects"),
        (Self::Unsupported, "peer-unsupported"),
    ];

    /// How the verdicts differ, if they do.
    pub(crate) fn between(we_accept: bool, peer: Outcome) -> Option<Self> {
        match (we_accept, peer) {
            (true, Outcome::Accepted) | (false, Outcome::Rejected) => None,
            (false, Outcome::Accepted) => Some(Self::Accepts),
            (true, Outcome::Rejected) => Some(Self::Rejects),
            (_, Outcome::Unsupported) => Some(Self::Unsupported),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(direction, _)| *direction == self);
        found.expect("every direction has a name").1
    }
}

/// All rules.
pub(crate) struct Rules {
    rules: Vec<Rule>,
}

struct Rule {
    peer: String,
    direction: String,
    reason: String,
    /// Patterns of input names, each with the number of inputs that it covers.
    inputs: BTreeMap<String, usize>,
}

impl Rules {
    pub(crate) fn read() -> Self {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/disagreements.toml");
        let text = std::fs::read_to_string(path).expect("the list of disagreements is there");
        Self::parse(&text)
    }

    pub(crate) fn parse(text: &str) -> Self {
        let table: Table = text.parse().expect("the list is TOML");
        let rules = table
            .get("disagreement")
            .and_then(Value::as_array)
            .expect("a list of disagreements");
        Self {
            rules: rules.iter().map(Rule::from_toml).collect(),
        }
    }

    /// What no run of a peer would notice: rules for peers and corpora that do not exist.
    pub(crate) fn check_form(&self) -> Result<(), Failed> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in &self.rules {
            if !Peer::ALL.iter().any(|peer| peer.name() == rule.peer) {
                problems.push(format!("no peer {}", rule.peer));
            }
            if !Direction::NAMES
                .iter()
                .any(|(_, name)| *name == rule.direction)
            {
                problems.push(format!("no direction {}", rule.direction));
            }
            if !rule.reason.ends_with('.') || rule.inputs.is_empty() {
                problems.push(format!("no reason or no inputs: {:?}", rule.reason));
            }
            for (pattern, count) in &rule.inputs {
                let corpus = pattern.split('/').next().unwrap_or_default();
                if !NAMES.contains(&corpus) {
                    problems.push(format!("no corpus {corpus}"));
                }
                if *count == 0 || !seen.insert((&rule.peer, &rule.direction, pattern)) {
                    problems.push(format!("idle or repeated: {} {pattern}", rule.peer));
                }
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("\n").into())
        }
    }

    /// Holds the disagreements with one peer in one corpus against the rules, and returns what is wrong.
    pub(crate) fn check<'a>(
        &self,
        peer: Peer,
        corpus: &str,
        disagreements: impl Iterator<Item = (&'a str, Direction)>,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        let mut covered: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let rules: Vec<(&str, &str, usize)> = self
            .rules
            .iter()
            .filter(|rule| rule.peer == peer.name())
            .flat_map(|rule| {
                let direction = rule.direction.as_str();
                rule.inputs
                    .iter()
                    .map(move |(pattern, count)| (direction, pattern.as_str(), *count))
            })
            .filter(|(_, pattern, _)| pattern.split('/').next() == Some(corpus))
            .collect();
        for (input, direction) in disagreements {
            let matching: Vec<_> = rules
                .iter()
                .filter(|(of, pattern, _)| *of == direction.name() && matches(pattern, input))
                .collect();
            match matching.as_slice() {
                [] => problems.push(format!("not listed: {} {input}", direction.name())),
                [(of, pattern, _)] => {
                    let count = covered.entry((*of, *pattern)).or_default();
                    *count = count.saturating_add(1);
                }
                several => problems.push(format!("listed more than once: {input}: {several:?}")),
            }
        }
        for (direction, pattern, count) in rules {
            let found = covered.get(&(direction, pattern)).copied().unwrap_or(0);
            if found != count {
                problems.push(format!(
                    "{direction} {pattern} covers {found} disagreements, not {count}"
                ));
            }
        }
        problems
    }
}

impl Rule {
    fn from_toml(rule: &Value) -> Self {
        let text = |name: &str| {
            let value = rule.get(name).and_then(Value::as_str);
            value
                .unwrap_or_else(|| panic!("a rule without {name}: {rule:?}"))
                .to_owned()
        };
        let inputs = rule
            .get("inputs")
            .and_then(Value::as_table)
            .unwrap_or_else(|| panic!("a rule without inputs: {rule:?}"));
        Self {
            peer: text("peer"),
            direction: text("direction"),
            reason: text("reason"),
            inputs: inputs
                .iter()
                .map(|(pattern, count)| {
                    let count = count.as_integer().and_then(|count| count.try_into().ok());
                    (pattern.clone(), count.expect("a number of disagreements"))
                })
                .collect(),
        }
    }
}

/// Whether a name is of a pattern, in which `*` stands for anything within one segment.
fn matches(pattern: &str, name: &str) -> bool {
    pattern.split('/').count() == name.split('/').count()
        && pattern
            .split('/')
            .zip(name.split('/'))
            .all(|(pattern, segment)| segment_matches(pattern, segment))
}

fn segment_matches(pattern: &str, segment: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == segment,
        Some((start, rest)) => segment.strip_prefix(start).is_some_and(|tail| {
            let ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            ends.filter_map(|at| tail.get(at..))
                .any(|tail| segment_matches(rest, tail))
        }),
    }
}
