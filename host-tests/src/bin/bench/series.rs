//! How the time of a decision grows with images, rules and pieces of evidence.

use anyhow::Result;
use sealstone::runtime::{Evidence, ImageEvidence, Module, TrustedRoot};
use sealstone_forge::{Build, Identity, SIGNED, Subject, VirtualSigstore};
use serde_json::{Value, json};

use crate::clock;
use crate::measure::median;
use crate::ways::NOW;

/// The largest request that is measured: images, rules, and pieces of evidence for each image.
const LARGEST: Size = Size {
    images: 100,
    rules: 20,
    pieces: 10,
};

/// How often each size is measured: the largest takes seconds.
pub(crate) const PASSES: usize = 1;

#[derive(Clone, Copy, Debug)]
struct Size {
    images: usize,
    rules: usize,
    pieces: usize,
}

/// What grows in a series, and the sizes that it takes.
type Series = (&'static str, &'static [usize], fn(usize) -> Size);

const SERIES: [Series; 3] = [
    ("images", &[1, 25, 50, 100], |images| Size {
        images,
        ..LARGEST
    }),
    ("rules", &[1, 10, 20], |rules| Size { rules, ..LARGEST }),
    ("pieces", &[1, 5, 10], |pieces| Size { pieces, ..LARGEST }),
];

/// Measures each series in the component, a fresh instance for each decision. `module` must have
/// more fuel than by default, which the largest request uses up.
///
/// Every rule must look at every piece of every image.
pub(crate) fn measure(module: &Module) -> Result<Vec<Value>> {
    let world = World::new()?;
    let mut series = Vec::new();
    for (what, sizes, size) in SERIES {
        let mut points = Vec::new();
        for number in sizes {
            points.push((*number, world.measure(module, size(*number))?));
        }
        series.push(json!({
            "of": what,
            "images": LARGEST.images,
            "rules": LARGEST.rules,
            "pieces": LARGEST.pieces,
            "points": with_ratios(&points),
        }));
    }
    Ok(series)
}

/// Each point with its ratio to the straight line between the first and the last.
fn with_ratios(points: &[(usize, f64)]) -> Vec<Value> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let number = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let slope = (last.1 - first.1) / (number(last.0) - number(first.0));
    let point = |(size, time): &(usize, f64)| {
        let line = first.1 + slope * (number(*size) - number(first.0));
        json!({ "size": size, "microseconds": time, "ratioToLine": time / line })
    };
    points.iter().map(point).collect()
}

/// Signed evidence for [`LARGEST`], of which smaller requests take a part.
struct World {
    root: TrustedRoot,
    identity: Identity,
    images: Vec<ImageEvidence>,
}

impl World {
    fn new() -> Result<Self> {
        let sigstore = VirtualSigstore::new("series");
        let build = Build::default();
        let identity = Identity::github_actions(&build);
        let mut images = Vec::new();
        for number in 0..LARGEST.images {
            let digest = format!("sha256:{number:064x}");
            let reference = format!("localhost/image-{number}");
            let statement = build.provenance_v1(Subject::new(&reference, &digest));
            let mut evidence = Vec::new();
            for second in (0..).take(LARGEST.pieces) {
                let signed = sigstore
                    .keyless(&identity)
                    .at(SIGNED.plus(second))
                    .attest(&statement)?;
                evidence.push(Evidence {
                    media_type: signed.media_type,
                    content: signed.content,
                    annotations: Vec::new(),
                });
            }
            images.push(ImageEvidence {
                reference,
                digest,
                evidence,
                unavailable: None,
            });
        }
        Ok(Self {
            root: TrustedRoot {
                name: "series".to_owned(),
                content: sigstore.trusted_root(),
            },
            identity,
            images,
        })
    }

    /// Microseconds of one decision.
    fn measure(&self, module: &Module, size: Size) -> Result<f64> {
        let policy = self.policy(size.rules).to_string().into_bytes();
        let prepared = module.prepare(&policy, core::slice::from_ref(&self.root))?;
        let images: Vec<ImageEvidence> = self
            .images
            .iter()
            .take(size.images)
            .map(|image| {
                let mut image = image.clone();
                image.evidence.truncate(size.pieces);
                image
            })
            .collect();
        let requested = images
            .iter()
            .map(|image| json!({"reference": image.reference, "digest": image.digest}));
        let request = json!({"images": requested.collect::<Vec<_>>()}).to_string();
        let mut samples = Vec::new();
        for _ in 0..PASSES {
            let start = clock::now();
            let decision = prepared
                .policy()?
                .decide(request.as_bytes(), &images, NOW)?;
            samples.push(clock::now().saturating_sub(start).as_secs_f64() * 1e6);
            anyhow::ensure!(
                decision.allowed,
                "an image is denied: {}",
                String::from_utf8_lossy(&decision.document)
            );
        }
        Ok(median(samples))
    }

    /// Rules that speak of every attestation and demand that all meet them, so that none may stop
    /// at the first.
    fn policy(&self, rules: usize) -> Value {
        let subject = match &self.identity.subject_alternative_name {
            sealstone_forge::SubjectAlternativeName::Uri(name)
            | sealstone_forge::SubjectAlternativeName::Email(name)
            | sealstone_forge::SubjectAlternativeName::OtherName(name) => name,
        };
        let rule = |number: usize| {
            json!({
                "name": format!("rule-{number}"),
                "images": ["localhost/**"],
                "attestation": {
                    "signedBy": ["builder"],
                    "predicateType": {"exact": sealstone_forge::SLSA_PROVENANCE_V1},
                    "quantifier": "all",
                },
            })
        };
        json!({
            "apiVersion": "sealstone.dev/v1alpha1",
            "kind": "Policy",
            "metadata": {"name": "series"},
            "trustRoots": [{"name": "series"}],
            "authorities": [{
                "name": "builder",
                "keyless": {
                    "trustRoot": "series",
                    "identities": [{"issuer": {"exact": self.identity.issuer}, "subject": {"exact": subject}}],
                },
            }],
            "rules": (0..rules).map(rule).collect::<Vec<_>>(),
        })
    }
}
