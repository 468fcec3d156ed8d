//! The same policy, request, evidence and time give the same bytes: natively and in the component,
//! in whatever order the host brings the evidence and whatever order the members of documents have.

use anyhow::{Context, Result, ensure};
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, Evidence, ImageEvidence, Runtime};
use sealstone_engine::{CompiledPolicy, NamedTrustedRoot, UnixTime};
use serde_json::{Value, json};

use crate::example::{Example, NOW};

const SHUFFLES: u64 = 1_000;

/// Every how many shuffles the policy is compiled anew from other text.
const COMPILED_EVERY: u64 = 100;

#[test]
fn order_changes_nothing() -> Result<()> {
    let Example {
        policy: document,
        roots,
        digest,
        mut evidence,
    } = Example::read()?;
    let native_roots: Vec<NamedTrustedRoot> = roots
        .iter()
        .map(|root| NamedTrustedRoot {
            name: root.name.clone(),
            content: root.content.clone(),
        })
        .collect();

    // Pieces that do not count, so that there is something to be shuffled.
    for number in 0..4_u8 {
        evidence.push(Evidence {
            media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
            content: vec![b'{', number],
            annotations: Vec::new(),
        });
    }
    let policy: Value = serde_json::from_slice(document.json())?;
    let request = json!({ "images": [
        { "reference": "localhost/image", "digest": digest.to_string() },
        { "reference": "localhost/other", "digest": format!("sha256:{}", "0".repeat(64)) },
    ] });

    let module = Runtime::new(Limits::default(), &CacheLocation::None)?.load(COMPONENT)?;
    let mut random = Random(1);
    let mut expected: Option<Vec<u8>> = None;
    let mut compiled = None;
    for shuffle in 0..SHUFFLES {
        if shuffle % COMPILED_EVERY == 0 {
            let text = text(&policy, &mut random).into_bytes();
            let native = CompiledPolicy::compile(&text, &native_roots)
                .map_err(|problems| anyhow::Error::msg(format!("{problems:?}")))?;
            compiled = Some((native, module.policy(&text, &roots)?));
        }
        let (native, component) = compiled.as_mut().context("compiled")?;
        random.shuffle(&mut evidence);
        let image = ImageEvidence {
            reference: "localhost/image".to_owned(),
            digest: digest.to_string(),
            evidence: evidence.clone(),
            unavailable: None,
        };
        let request = text(&request, &mut random);
        let native = native.decide(
            request.as_bytes(),
            &[native_image(&image)],
            UnixTime::from_seconds(NOW),
        );
        let native = native.to_json().into_bytes();
        let component = component.decide(request.as_bytes(), &[image], NOW)?;
        let expected = expected.get_or_insert_with(|| native.clone());
        ensure!(native == *expected, "natively, shuffle {shuffle}");
        ensure!(
            component.document == *expected,
            "in the component, shuffle {shuffle}"
        );
    }
    Ok(())
}

fn native_image(image: &ImageEvidence) -> sealstone_engine::ImageEvidence {
    sealstone_engine::ImageEvidence {
        reference: image.reference.clone(),
        digest: image.digest.clone(),
        evidence: image
            .evidence
            .iter()
            .map(|piece| sealstone_engine::Evidence {
                media_type: piece.media_type.clone(),
                content: piece.content.clone(),
                annotations: piece.annotations.iter().cloned().collect(),
            })
            .collect(),
        unavailable: image.unavailable.clone(),
    }
}

/// The document with the members of every object in some order.
fn text(value: &Value, random: &mut Random) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", json!(name), text(value, random)))
                .collect();
            random.shuffle(&mut members);
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| text(item, random)).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

/// A generator of numbers that gives the same ones in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            let bound = u64::try_from(index).unwrap_or(0).saturating_add(1);
            let other = self.next().checked_rem(bound).unwrap_or(0);
            items.swap(index, usize::try_from(other).unwrap_or(0));
        }
    }
}
