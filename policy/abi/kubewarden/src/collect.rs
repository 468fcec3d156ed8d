//! What the host can give about the images of a request.
//!
//! For each image, in this order: the digest that its tag stands for (`oci/v1/manifest_digest`); the
//! signatures under cosign's `.sig` tag (`oci/v1/oci_manifest`), where a rule asks for a signature; the
//! carrier (`oci/v1/oci_manifest_config`); the ConfigMaps that the policy names
//! (`kubernetes/get_resource`); and what refers to the image (`oci/v1/referrers`, `oci/v1/blob`), where the
//! host knows of that. The engine adds what the policy and the object carry.
//!
//! Absent is what the host says is not there. Whatever else goes wrong makes evidence unavailable, which
//! matters only where what was found is not enough.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, ImageLookup};

use crate::config_map::ConfigMaps;
use crate::gap::{Gap, Unavailable};
use crate::host::HostCalls;
use crate::questions::Questions;
use crate::simple_signing::Payloads;
use crate::{pieces, referrers, signatures};

/// What follows `sha256-<hex>` in the tag of a carrier.
const CARRIER: &str = ".sealstone";

/// Asks the host for the evidence of these images.
pub(crate) fn collect(
    policy: &CompiledPolicy,
    lookups: &[ImageLookup],
    host: &mut dyn HostCalls,
) -> Vec<ImageEvidence> {
    let mut questions = Questions::new(host);
    let any_wanted = lookups.iter().any(wants_evidence);
    let named = match any_wanted {
        true => policy.config_maps(),
        false => &[],
    };
    let config_maps = ConfigMaps::read(named, &mut questions);
    let mut found = Vec::with_capacity(lookups.len());
    for lookup in lookups.iter().filter(|lookup| lookup.wanted.digest) {
        found.push(image(lookup, &config_maps, &mut questions));
    }
    found
}

fn wants_evidence(lookup: &ImageLookup) -> bool {
    lookup.wanted.signatures || lookup.wanted.statements
}

fn image(
    lookup: &ImageLookup,
    config_maps: &ConfigMaps,
    questions: &mut Questions<'_>,
) -> ImageEvidence {
    let mut image = ImageEvidence {
        reference: lookup.reference.clone(),
        ..ImageEvidence::default()
    };
    match digest(lookup, questions) {
        Ok(digest) => image.digest = digest,
        Err(gap) => {
            image.unavailable = of_required(gap).map(Unavailable::reason);
            return image;
        }
    }
    if !wants_evidence(lookup) {
        return image;
    }
    let mut found = Found::default();
    let tag = image.digest.replace(':', "-");
    let repository = &lookup.repository;
    if lookup.wanted.signatures {
        match questions.manifest(&format!("{repository}:{tag}.sig")) {
            Ok(manifest) => {
                let payloads = Payloads::new(lookup, &image.digest);
                found.add(signatures::read(
                    &manifest, &payloads, repository, questions,
                ));
            }
            Err(gap) => found.add((Vec::new(), of_required(gap))),
        }
    }
    let carrier = questions.configuration(&format!("{repository}:{tag}{CARRIER}"));
    let pieces = match carrier {
        Ok(carrier) => pieces::read(&carrier).map_err(Some),
        Err(gap) => Err(of_required(gap)),
    };
    match pieces {
        Ok(pieces) => found.add((pieces, None)),
        Err(missing) => found.add((Vec::new(), missing)),
    }
    found.add(config_maps.of(&tag));
    found.add(referrers::read(repository, &image.digest, questions));
    image.evidence = found.pieces;
    image.unavailable = found.missing.map(Unavailable::reason);
    image
}

/// The digest of the image. A tag that is not there leaves it empty.
fn digest(lookup: &ImageLookup, questions: &mut Questions<'_>) -> Result<String, Gap> {
    match (&lookup.digest, &lookup.tag) {
        (Some(digest), _) => Ok(digest.clone()),
        (None, tag) => {
            // What runs without a tag runs as `latest`.
            let tag = tag.as_deref().unwrap_or("latest");
            questions.digest(&format!("{}:{tag}", lookup.repository))
        }
    }
}

/// Why something is missing that every host gives.
fn of_required(gap: Gap) -> Option<Unavailable> {
    match gap {
        Gap::Absent => None,
        Gap::CapabilityUnknown => Some(Unavailable::CapabilityMissing),
        Gap::Unavailable(reason) => Some(reason),
    }
}

/// What was found for one image, and the first reason why something may be missing.
#[derive(Default)]
struct Found {
    pieces: Vec<Evidence>,
    missing: Option<Unavailable>,
}

impl Found {
    fn add(&mut self, (pieces, missing): (Vec<Evidence>, Option<Unavailable>)) {
        self.pieces.extend(pieces);
        self.missing = self.missing.or(missing);
    }
}
