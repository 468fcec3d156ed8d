//! The rules are held as they say.

use libtest_mimic::{Failed, Trial};
use sealstone_peers::{Outcome, Peer};

use crate::rules::{Direction, Rules};

const RULES: &str = r#"
[[disagreement]]
peer = "sigstore-go"
direction = "peer-accepts"
reason = "A reason."
inputs = { "forged/bundle-*-dsse/*/fault/*" = 2 }
"#;

const ACCEPTS: Direction = Direction::Accepts;

/// A name, disagreements that occur, and what is found to be wrong.
type Case = (
    &'static str,
    &'static [(&'static str, Direction)],
    &'static [&'static str],
);

pub(crate) fn trials() -> Vec<Trial> {
    let cases: [Case; 6] = [
        (
            "covered",
            &[
                ("forged/bundle-0.1-dsse/keyed/fault/a", ACCEPTS),
                ("forged/bundle-0.3-dsse/keyless/fault/b", ACCEPTS),
            ],
            &[],
        ),
        (
            "idle",
            &[],
            &["peer-accepts forged/bundle-*-dsse/*/fault/* covers 0 disagreements, not 2"],
        ),
        (
            "fewer",
            &[("forged/bundle-0.1-dsse/keyed/fault/a", ACCEPTS)],
            &["peer-accepts forged/bundle-*-dsse/*/fault/* covers 1 disagreements, not 2"],
        ),
        (
            "more",
            &[
                ("forged/bundle-0.1-dsse/keyed/fault/a", ACCEPTS),
                ("forged/bundle-0.2-dsse/keyed/fault/a", ACCEPTS),
                ("forged/bundle-0.3-dsse/keyed/fault/a", ACCEPTS),
            ],
            &["peer-accepts forged/bundle-*-dsse/*/fault/* covers 3 disagreements, not 2"],
        ),
        (
            "other-direction",
            &[("forged/bundle-0.1-dsse/keyed/fault/a", Direction::Rejects)],
            &[
                "not listed: peer-rejects forged/bundle-0.1-dsse/keyed/fault/a",
                "peer-accepts forged/bundle-*-dsse/*/fault/* covers 0 disagreements, not 2",
            ],
        ),
        (
            "other-segments",
            &[("forged/bundle-0.1-dsse/keyed/other/fault/a", ACCEPTS)],
            &[
                "not listed: peer-accepts forged/bundle-0.1-dsse/keyed/other/fault/a",
                "peer-accepts forged/bundle-*-dsse/*/fault/* covers 0 disagreements, not 2",
            ],
        ),
    ];
    let mut trials: Vec<Trial> = cases
        .into_iter()
        .map(|(name, disagreements, problems)| {
            Trial::test(format!("rules/{name}"), move || {
                let rules = Rules::parse(RULES);
                let found = rules.check(Peer::SigstoreGo, "forged", disagreements.iter().copied());
                same(&found, problems)
            })
        })
        .collect();
    trials.push(Trial::test("rules/direction", direction));
    trials
}

/// Rules of another peer do not count either.
fn same(found: &[String], expected: &[&str]) -> Result<(), Failed> {
    let other = Rules::parse(RULES).check(Peer::SigstoreJs, "forged", std::iter::empty());
    if found == expected && other.is_empty() {
        Ok(())
    } else {
        Err(format!("{found:?} and {other:?}").into())
    }
}

fn direction() -> Result<(), Failed> {
    let table = [
        (true, Outcome::Accepted, None),
        (true, Outcome::Rejected, Some(Direction::Rejects)),
        (true, Outcome::Unsupported, Some(Direction::Unsupported)),
        (false, Outcome::Accepted, Some(Direction::Accepts)),
        (false, Outcome::Rejected, None),
        (false, Outcome::Unsupported, Some(Direction::Unsupported)),
    ];
    for (we_accept, peer, expected) in table {
        let found = Direction::between(we_accept, peer);
        if found != expected {
            return Err(format!("{we_accept}, {peer:?}: {found:?}").into());
        }
    }
    Ok(())
}
