//! What refers to an image, where the host lists that and gives blobs. No host does so far: both
//! capabilities are tried once, and a host that does not know them loses nothing.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use sealstone_engine::Evidence;
use sealstone_engine::json::Value;

use crate::gap::{Gap, Unavailable};
use crate::limits::PIECES;
use crate::pieces;
use crate::questions::Questions;

/// The layers of everything that refers to a digest. Nothing where the host has no such capability.
pub(crate) fn read(
    repository: &str,
    digest: &str,
    questions: &mut Questions<'_>,
) -> (Vec<Evidence>, Option<Unavailable>) {
    let mut found = Vec::new();
    let index = match questions.referrers(&format!("{repository}@{digest}")) {
        Ok(index) => index,
        Err(Gap::Unavailable(reason)) => return (found, Some(reason)),
        Err(Gap::Absent | Gap::CapabilityUnknown) => return (found, None),
    };
    let missing = collect(&index, repository, questions, &mut found).err();
    (found, missing)
}

fn collect(
    index: &Value,
    repository: &str,
    questions: &mut Questions<'_>,
    found: &mut Vec<Evidence>,
) -> Result<(), Unavailable> {
    for referrer in list(index, "manifests")? {
        let digest = text(referrer, "digest")?;
        let manifest = questions.manifest(&format!("{repository}@{digest}"));
        let manifest = manifest.map_err(unavailable)?;
        for layer in list(&manifest, "layers")? {
            if found.len() >= PIECES {
                return Err(Unavailable::Pieces);
            }
            let annotations = pieces::annotations(layer).ok_or(Unavailable::AnswerMalformed)?;
            let content = questions.blob(repository, text(layer, "digest")?);
            found.push(Evidence {
                media_type: text(layer, "mediaType")?.to_string(),
                content: content.map_err(unavailable)?,
                annotations,
            });
        }
    }
    Ok(())
}

fn list<'v>(value: &'v Value, member: &str) -> Result<&'v [Value], Unavailable> {
    let list = value.get(member).and_then(Value::as_array);
    let list = list.ok_or(Unavailable::AnswerMalformed)?;
    if list.len() > PIECES {
        return Err(Unavailable::Pieces);
    }
    Ok(list)
}

fn text<'v>(value: &'v Value, member: &str) -> Result<&'v str, Unavailable> {
    let text = value.get(member).and_then(Value::as_str);
    text.ok_or(Unavailable::AnswerMalformed)
}

/// What is listed is there: if it cannot be had, it is not absent.
fn unavailable(gap: Gap) -> Unavailable {
    match gap {
        Gap::Unavailable(reason) => reason,
        Gap::CapabilityUnknown => Unavailable::CapabilityMissing,
        Gap::Absent => Unavailable::Registry,
    }
}
