//! The shipped module decides the same whether its policy was prepared or not.

use anyhow::Result;
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, ImageEvidence, Outcome, Runtime};
use serde_json::json;

use crate::example::{Example, NOW};

#[test]
fn a_prepared_policy_decides_the_same() -> Result<()> {
    let Example {
        policy: document,
        roots,
        digest,
        evidence,
    } = Example::read()?;
    let mut image = ImageEvidence {
        reference: "localhost/image".to_owned(),
        digest: digest.to_string(),
        evidence,
        unavailable: None,
    };
    let request = json!({ "images": [{ "reference": image.reference, "digest": image.digest }] });
    let request = request.to_string().into_bytes();

    let module = Runtime::new(Limits::default(), &CacheLocation::None)?.load(COMPONENT)?;
    let mut plain = module.policy(document.json(), &roots)?;
    let prepared = module.prepare(document.json(), &roots)?;

    let expected = plain.decide(&request, core::slice::from_ref(&image), NOW)?;
    assert_eq!(expected.outcome, Outcome::Allowed);
    let mut policy = prepared.policy()?;
    assert_eq!(
        policy.images(&request)?,
        plain.images(&request)?,
        "the same images"
    );
    assert_eq!(
        policy.decide(&request, core::slice::from_ref(&image), NOW)?,
        expected
    );

    // Broken evidence is refused with the same words, in an instance of its own and in this one.
    for piece in &mut image.evidence {
        let middle = piece.content.len() / 2;
        if let Some(byte) = piece.content.get_mut(middle) {
            *byte ^= 1;
        }
    }
    let refused = plain.decide(&request, core::slice::from_ref(&image), NOW)?;
    assert_eq!(refused.outcome, Outcome::Rejected);
    for policy in [&mut policy, &mut prepared.policy()?] {
        assert_eq!(
            policy.decide(&request, core::slice::from_ref(&image), NOW)?,
            refused
        );
    }
    let malformed = plain.decide(b"{", &[], NOW)?;
    assert_eq!(prepared.policy()?.decide(b"{", &[], NOW)?, malformed);
    Ok(())
}
