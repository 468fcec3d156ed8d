//! Signatures that cosign stored under the tag `sha256-<hex>.sig`.

use alloc::string::ToString;
use alloc::vec::Vec;

use sealstone_engine::Evidence;
use sealstone_engine::json::Value;

use crate::gap::{Gap, Unavailable};
use crate::limits::PIECES;
use crate::pieces;
use crate::questions::Questions;
use crate::simple_signing::Payloads;

const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// The signatures in a manifest. What they are over is rebuilt, or read where the host gives blobs.
/// Also says why one is missing.
pub(crate) fn read(
    manifest: &Value,
    payloads: &Payloads,
    repository: &str,
    questions: &mut Questions<'_>,
) -> (Vec<Evidence>, Option<Unavailable>) {
    let mut found = Vec::new();
    let Some(layers) = manifest.get("layers").and_then(Value::as_array) else {
        return (found, Some(Unavailable::AnswerMalformed));
    };
    if layers.len() > PIECES {
        return (found, Some(Unavailable::Pieces));
    }
    let mut missing = None;
    for layer in layers {
        let text = |member| layer.get(member).and_then(Value::as_str);
        let (Some(media_type), Some(digest)) = (text("mediaType"), text("digest")) else {
            missing = Some(Unavailable::AnswerMalformed);
            continue;
        };
        if media_type != SIMPLE_SIGNING {
            continue;
        }
        let content = match payloads.find(digest) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => questions.blob(repository, digest),
        };
        match (content, pieces::annotations(layer)) {
            (Ok(content), Some(annotations)) => found.push(Evidence {
                media_type: media_type.to_string(),
                content,
                annotations,
            }),
            (_, None) => missing = Some(Unavailable::AnswerMalformed),
            (Err(Gap::Unavailable(reason)), _) => missing = Some(reason),
            (Err(Gap::CapabilityUnknown | Gap::Absent), _) => {
                missing = Some(Unavailable::PayloadUnknown);
            }
        }
    }
    (found, missing)
}
