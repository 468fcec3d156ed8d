//! Makes evidence out of the few lines that describe it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sealstone_forge::{
    BundleVersion, STARTED, Signer, Statement, StatementType, Subject, UnixTime,
};
use serde_json::{Value, json};

use super::document::{Evidence, Profile};
use super::error::TestError;
use super::image::TestImage;
use super::load::read_value;
use super::predicate;
use super::services::{Content, Services};
use super::signing::{Credential, Who};
use super::world::World;
use crate::limits::Limits;
use crate::runtime;

/// The predicate type of image signatures in bundles.
const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// The first second after which the forged certificate authorities have ended.
const ENDED: UnixTime = UnixTime::from_date(2035, 1, 1);

/// How long before the decision something is signed unless the test says otherwise, in seconds.
const AGE: u64 = 3600;

/// Makes evidence in the world of one policy. What is described alike is made once.
#[derive(Debug)]
pub(super) struct Forge {
    pub(super) world: World,
    made: Mutex<HashMap<String, Arc<[runtime::Evidence]>>>,
}

/// What evidence is about, when, and where the test that describes it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) image: &'a TestImage<'a>,
    /// The time of the decision.
    pub(super) now: UnixTime,
    pub(super) folder: &'a Path,
    pub(super) limits: &'a Limits,
}

impl Forge {
    pub(super) fn new(policy: Value) -> Self {
        Self {
            world: World::new(policy),
            made: Mutex::default(),
        }
    }

    /// The pieces of evidence that are described: one, or all that a file holds.
    pub(super) fn make(
        &self,
        evidence: &Evidence,
        scene: Scene<'_>,
    ) -> Result<Arc<[runtime::Evidence]>, TestError> {
        let description = format!(
            "{:?} {:?} {} {} {evidence:?}",
            scene.folder, scene.image.reference, scene.image.digest, scene.now
        );
        let made = |made: &Mutex<HashMap<String, Arc<[runtime::Evidence]>>>| {
            let made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.get(&description).cloned()
        };
        if let Some(made) = made(&self.made) {
            return Ok(made);
        }
        let new: Arc<[runtime::Evidence]> = match &evidence.file {
            Some(file) => {
                let paths = [scene.folder.join(file)];
                let read = crate::evidence::from_bundle_files(&paths, scene.limits);
                read.map_err(TestError::Bundle)?.into()
            }
            None => [self.forged(evidence, scene)?].into(),
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(description, Arc::clone(&new));
        Ok(new)
    }

    fn forged(
        &self,
        evidence: &Evidence,
        scene: Scene<'_>,
    ) -> Result<runtime::Evidence, TestError> {
        let name = evidence.signer.as_ref().ok_or(TestError::SignerMissing)?;
        let mut who = Who::named(name, &self.world)?;
        let time = signing_time(evidence, scene.now)?;
        let statement = match &evidence.provenance {
            Some(provenance) => {
                let build = predicate::build(provenance, who.builder())?;
                who = who.running(&build);
                Some(predicate::provenance(provenance, &build, scene.image))
            }
            None => statement(evidence, scene, time)?,
        };
        let is_layer = matches!(
            evidence.profile,
            Some(Profile::Legacy | Profile::LegacyUnlogged)
        );
        let content = if is_layer {
            Content::Layer
        } else {
            Content::Envelope
        };
        let (sigstore, asked) = self.world.sigstore(who.trust_root.as_deref());
        let signer = match &who.credential {
            Credential::Key(pair) => sigstore.keyed(pair),
            Credential::Certificate(identity) => sigstore.keyless(identity),
        };
        let services = evidence.profile.map_or(asked, Services::of_profile);
        let signer = signer.at(time).bundle_version(BundleVersion::V03);
        let mut signer = services.apply(signer, content);
        if let Some(fault) = &evidence.fault {
            signer = signer.fault(fault.parse().map_err(TestError::Forge)?);
        }
        let forged = match statement {
            Some(statement) => attest(&signer, statement, evidence, is_layer)?,
            None => sign(&signer, evidence, scene.image, is_layer)?,
        };
        Ok(runtime::Evidence {
            media_type: forged.media_type,
            content: forged.content,
            annotations: forged.annotations.into_iter().collect(),
        })
    }
}

fn signing_time(evidence: &Evidence, now: UnixTime) -> Result<UnixTime, TestError> {
    let before = |seconds: u64| UnixTime::from_seconds(now.seconds().saturating_sub(seconds));
    let time = match (&evidence.time, &evidence.age) {
        (Some(time), _) => super::time::parse(time).ok_or_else(|| TestError::Time(time.clone()))?,
        (None, Some(age)) => {
            before(super::time::duration(age).ok_or_else(|| TestError::Duration(age.clone()))?)
        }
        (None, None) => before(AGE),
    };
    if (STARTED..ENDED).contains(&time) {
        Ok(time)
    } else {
        Err(TestError::OutOfRange(time.to_string()))
    }
}

/// The statement that is described, apart from provenance; none for a signature.
fn statement(
    evidence: &Evidence,
    scene: Scene<'_>,
    time: UnixTime,
) -> Result<Option<Statement>, TestError> {
    let image = scene.image;
    if let Some(attestation) = &evidence.attestation {
        let kind = &attestation.predicate_type;
        let kind = super::predicate_type_uri(kind)
            .ok_or_else(|| TestError::PredicateType(kind.clone()))?;
        let predicate = match (&attestation.predicate, &attestation.predicate_file) {
            (None, Some(file)) => read_value(&scene.folder.join(file), scene.limits)?,
            (given, _) => given.clone().unwrap_or_default(),
        };
        return Ok(Some(predicate::statement(kind, predicate, image)));
    }
    if let Some(summary) = &evidence.verification_summary {
        return Ok(Some(predicate::summary(summary, image, time)));
    }
    if let Some(sbom) = &evidence.sbom {
        return Ok(Some(predicate::sbom(sbom, image, time)));
    }
    if let Some(scan) = &evidence.vulnerabilities {
        return predicate::scan(scan, image, time).map(Some);
    }
    if let Some(vex) = &evidence.vex {
        return Ok(Some(predicate::vex(vex, image, time)));
    }
    Ok(None)
}

fn attest(
    signer: &Signer<'_>,
    mut statement: Statement,
    evidence: &Evidence,
    is_layer: bool,
) -> Result<sealstone_forge::Evidence, TestError> {
    if let Some(changes) = &evidence.changes {
        predicate::change(&mut statement.predicate, changes)?;
    }
    let Some(subject) = &evidence.subject else {
        let forged = if is_layer {
            signer.attest_legacy(&statement)
        } else {
            signer.attest(&statement)
        };
        return forged.map_err(TestError::Forge);
    };
    if is_layer && !subject.annotations.is_empty() {
        return Err(TestError::Misplaced {
            member: "annotations",
        });
    }
    if subject.annotations.is_empty() {
        statement.subject = vec![Subject {
            name: subject.name.clone().unwrap_or_default(),
            digest: subject.digest.clone(),
        }];
        let forged = if is_layer {
            signer.attest_legacy(&statement)
        } else {
            signer.attest(&statement)
        };
        return forged.map_err(TestError::Forge);
    }
    let payload = json!({
        "_type": statement.statement_type.uri(),
        "subject": [{
            "name": subject.name.as_deref().unwrap_or_default(),
            "digest": subject.digest,
            "annotations": subject.annotations,
        }],
        "predicateType": statement.predicate_type,
        "predicate": statement.predicate,
    });
    signer
        .attest_payload(payload.to_string().as_bytes())
        .map_err(TestError::Forge)
}

fn sign(
    signer: &Signer<'_>,
    evidence: &Evidence,
    image: &TestImage<'_>,
    is_layer: bool,
) -> Result<sealstone_forge::Evidence, TestError> {
    let annotations = evidence.signature.as_ref().map(|of| &of.annotations);
    if is_layer {
        if evidence.subject.is_some() {
            return Err(TestError::Misplaced { member: "subject" });
        }
        let mut signer = signer.clone();
        if let Some(annotations) = annotations {
            signer = signer.annotations(annotations);
        }
        return signer
            .sign_legacy(image.name(), &image.digest)
            .map_err(TestError::Forge);
    }
    if annotations.is_some_and(|annotations| !annotations.is_empty()) {
        return Err(TestError::Misplaced {
            member: "annotations",
        });
    }
    let mut statement = Statement {
        statement_type: StatementType::V1,
        subject: vec![image.subject()],
        predicate_type: COSIGN_SIGN.to_owned(),
        predicate: json!({}),
    };
    if let Some(subject) = &evidence.subject {
        statement.subject = vec![Subject {
            name: subject.name.clone().unwrap_or_default(),
            digest: subject.digest.clone(),
        }];
    }
    signer.attest(&statement).map_err(TestError::Forge)
}
