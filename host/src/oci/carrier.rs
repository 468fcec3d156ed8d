//! Carriers: artifacts whose configuration holds all evidence about an image.
//!
//! For hosts that let a policy read manifests and configurations and nothing else. The configuration
//! is a JSON array; an element is a Sigstore bundle as it is, or an object with `mediaType`,
//! `content` (base64) and perhaps `annotations`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::document::{self, Descriptor};
use crate::evidence::BUNDLE;
use crate::runtime::Evidence;

/// The media type of the configuration, and the type of the artifact.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.sealstone.evidence.v1+json";

/// Why a carrier cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarrierError {
    /// Not a JSON array, or an element that is no object of the demanded form.
    #[error("not a list of evidence: {0}")]
    Malformed(serde_json::Error),
    /// The content of an element is not base64.
    #[error("the content of an element is not base64: {0}")]
    Content(base64::DecodeError),
}

/// A carrier: what is stored, by descriptor.
pub(crate) struct Carrier {
    /// The configuration.
    pub(crate) config: Vec<u8>,
    /// The only layer.
    pub(crate) layer: &'static [u8],
    /// The manifest.
    pub(crate) manifest: Vec<u8>,
}

/// Reads the configuration of a carrier.
///
/// # Errors
/// See [`CarrierError`].
pub(crate) fn read(config: &[u8]) -> Result<Vec<Evidence>, CarrierError> {
    let elements: Vec<&RawValue> =
        serde_json::from_slice(config).map_err(CarrierError::Malformed)?;
    elements.into_iter().map(element).collect()
}

/// Writes a carrier with evidence about `subject`. The same evidence gives the same bytes, in
/// whatever order it comes.
pub(crate) fn write(subject: &Descriptor, evidence: &[Evidence]) -> Carrier {
    const LAYER: &[u8] = b"{}";
    let mut elements: Vec<String> = evidence.iter().map(to_element).collect();
    elements.sort();
    elements.dedup();
    let config = format!("[{}]", elements.join(",")).into_bytes();
    let manifest = Manifest {
        schema_version: 2,
        media_type: document::MANIFEST,
        artifact_type: MEDIA_TYPE,
        config: Descriptor::of(MEDIA_TYPE, &config),
        layers: [Descriptor::of(document::EMPTY, LAYER)],
        subject: Descriptor {
            annotations: BTreeMap::new(),
            ..subject.clone()
        },
    };
    let manifest = serde_json::to_vec(&manifest).unwrap_or_default();
    Carrier {
        config,
        layer: LAYER,
        manifest,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    media_type: &'static str,
    artifact_type: &'static str,
    config: Descriptor,
    layers: [Descriptor; 1],
    subject: Descriptor,
}

/// A piece of evidence in JSON.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Piece {
    media_type: String,
    content: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl Piece {
    /// The piece as evidence.
    ///
    /// # Errors
    /// The content is not base64.
    pub(crate) fn into_evidence(self) -> Result<Evidence, CarrierError> {
        Ok(Evidence {
            media_type: self.media_type,
            content: STANDARD
                .decode(self.content)
                .map_err(CarrierError::Content)?,
            annotations: self.annotations.into_iter().collect(),
        })
    }
}

impl From<&Evidence> for Piece {
    fn from(evidence: &Evidence) -> Self {
        Self {
            media_type: evidence.media_type.clone(),
            content: STANDARD.encode(&evidence.content),
            annotations: evidence.annotations.iter().cloned().collect(),
        }
    }
}

/// What tells a bundle from a piece: a bundle has no content of its own.
#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    content: Option<serde::de::IgnoredAny>,
}

fn element(element: &RawValue) -> Result<Evidence, CarrierError> {
    let text = element.get();
    let kind: Kind = serde_json::from_str(text).map_err(CarrierError::Malformed)?;
    if kind.content.is_none() {
        return Ok(Evidence {
            media_type: BUNDLE.to_owned(),
            content: text.as_bytes().to_owned(),
            annotations: Vec::new(),
        });
    }
    let piece: Piece = serde_json::from_str(text).map_err(CarrierError::Malformed)?;
    piece.into_evidence()
}

fn to_element(evidence: &Evidence) -> String {
    if let Some(bundle) = bundle(evidence) {
        return bundle.to_owned();
    }
    serde_json::to_string(&Piece::from(evidence)).unwrap_or_default()
}

/// The text of a bundle, if it can be told from a piece by whoever reads it.
fn bundle(evidence: &Evidence) -> Option<&str> {
    if !document::is_bundle(&evidence.media_type) {
        return None;
    }
    let text = core::str::from_utf8(&evidence.content).ok()?.trim_ascii();
    let kind: Kind = serde_json::from_str(text).ok()?;
    (text.starts_with('{') && kind.content.is_none()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{CarrierError, read, write};
    use crate::oci::document::{Descriptor, MANIFEST};
    use crate::runtime::Evidence;

    fn evidence(media_type: &str, content: &str, annotations: &[(&str, &str)]) -> Evidence {
        let annotations = annotations.iter();
        Evidence {
            media_type: media_type.to_owned(),
            content: content.as_bytes().to_owned(),
            annotations: annotations
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let bundle = evidence(
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            " {\"mediaType\": \"b\", \"x\":1}\n",
            &[],
        );
        let legacy = evidence(
            "application/vnd.dsse.envelope.v1+json",
            "{}",
            &[("dev.cosignproject.cosign/signature", "c2ln")],
        );
        // A bundle that looks like a piece, or is no JSON, is wrapped.
        let odd = evidence(
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            "{\"content\":1}",
            &[],
        );
        let broken = evidence("application/vnd.dev.sigstore.bundle.v0.3+json", "{", &[]);
        let subject = Descriptor::of(MANIFEST, b"image");
        let all = [bundle.clone(), legacy.clone(), odd.clone(), broken.clone()];
        let carrier = write(&subject, &all);
        let mut reversed = all;
        reversed.reverse();
        assert_eq!(write(&subject, &reversed).manifest, carrier.manifest);
        let read = read(&carrier.config).unwrap();
        assert_eq!(read.len(), 4);
        for piece in [&legacy, &odd, &broken] {
            assert!(read.iter().any(|found| found == piece), "{piece:?}");
        }
        let carried = read.iter().find(|found| {
            found.content.ends_with(b"1}") && found.media_type.ends_with("bundle+json")
        });
        assert_eq!(carried.unwrap().content, bundle.content.trim_ascii());
    }

    /// The bytes that policy modules read too.
    #[test]
    fn has_the_bytes_of_the_vector() {
        let subject = Descriptor::of(MANIFEST, b"image");
        let pieces = [
            evidence(
                "application/vnd.dsse.envelope.v1+json",
                "{}",
                &[("dev.cosignproject.cosign/signature", "")],
            ),
            evidence(
                "application/vnd.dev.sigstore.bundle.v0.3+json",
                "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}",
                &[],
            ),
        ];
        let carrier = write(&subject, &pieces);
        assert_eq!(
            String::from_utf8(carrier.config).unwrap(),
            "[{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"},\
             {\"mediaType\":\"application/vnd.dsse.envelope.v1+json\",\"content\":\"e30=\",\
             \"annotations\":{\"dev.cosignproject.cosign/signature\":\"\"}}]"
        );
        assert_eq!(
            String::from_utf8(carrier.manifest).unwrap(),
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\
             \"artifactType\":\"application/vnd.sealstone.evidence.v1+json\",\
             \"config\":{\"mediaType\":\"application/vnd.sealstone.evidence.v1+json\",\
             \"digest\":\"sha256:0045ce3e277279777cca75e9bcc7aba2674ba5022e1fe13ebd54ab5a97da5b75\",\"size\":190},\
             \"layers\":[{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\
             \"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":2}],\
             \"subject\":{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\
             \"digest\":\"sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d\",\"size\":5}}"
        );
    }

    #[test]
    fn refuses_what_is_no_list_of_evidence() {
        for malformed in [
            "",
            "{}",
            "[1]",
            "[{\"content\":\"\"}]",
            "[{\"mediaType\":\"m\",\"content\":\"\",\"x\":1}]",
        ] {
            let error = read(malformed.as_bytes());
            assert!(
                matches!(error, Err(CarrierError::Malformed(_))),
                "{malformed}"
            );
        }
        let error = read(b"[{\"mediaType\":\"m\",\"content\":\"?\"}]");
        assert!(matches!(error, Err(CarrierError::Content(_))));
    }
}
