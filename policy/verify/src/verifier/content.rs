//! What was signed, and what it is about.

use crate::artifact::{ArtifactDigest, Subject};
use crate::bundle::{Content, SignedEntity};
use crate::crypto::{Budget, Hash, Message, PublicKey};
use crate::dsse::IN_TOTO;
use crate::encoding::hex;
use crate::error::Error;
use crate::json::Value;
use crate::limits::Limits;
use crate::simple_signing;
use crate::statement::Statement;
use crate::tlog::SignedContent;

/// The artifacts that the entity can be about. The digest in a message signature is only a hint, but one that
/// contradicts every artifact is a reason to stop.
pub(super) fn hinted<'s>(
    entity: &SignedEntity,
    subject: &Subject<'s>,
) -> Result<&'s [ArtifactDigest], Error> {
    let artifacts = subject.artifacts();
    let Content::MessageSignature {
        digest_hint: Some((algorithm, digest)),
        ..
    } = &entity.content
    else {
        return Ok(artifacts);
    };
    let hinted = match algorithm.as_str() {
        "SHA2_256" => "sha256",
        "SHA2_384" => "sha384",
        "SHA2_512" => "sha512",
        _ => return Err(Error::ArtifactMismatch),
    };
    let hex = hex::encode(digest);
    artifacts
        .iter()
        .find(|artifact| hinted == artifact.algorithm().name() && hex == artifact.hex())
        .map(core::slice::from_ref)
        .ok_or(Error::ArtifactMismatch)
}

/// What the log entries must be about. `message` is the artifact that a message signature is over.
pub(super) fn signed_content<'a>(
    entity: &'a SignedEntity,
    message: Option<&'a ArtifactDigest>,
) -> Result<SignedContent<'a>, Error> {
    Ok(match &entity.content {
        Content::MessageSignature { signature, .. } => SignedContent::Message {
            artifact: message.ok_or(Error::ArtifactMismatch)?,
            signature,
        },
        Content::SimpleSigning {
            digest, signature, ..
        } => SignedContent::Message {
            artifact: digest,
            signature,
        },
        Content::Envelope { envelope, stored } => SignedContent::Envelope {
            envelope,
            stored: stored.as_deref(),
        },
    })
}

/// Verifies the signature. Returns the artifact that a message signature is over.
pub(super) fn check_signature<'s>(
    entity: &SignedEntity,
    artifacts: &'s [ArtifactDigest],
    key: &PublicKey,
    budget: &mut Budget,
) -> Result<Option<&'s ArtifactDigest>, Error> {
    let valid = match &entity.content {
        Content::MessageSignature { signature, .. } => {
            for artifact in artifacts {
                let digest = hex::decode(artifact.hex()).unwrap_or_default();
                let message = Message::Digest(Hash::from(artifact.algorithm()), &digest);
                if key.verify_artifact(message, signature, budget)? {
                    return Ok(Some(artifact));
                }
            }
            false
        }
        Content::SimpleSigning {
            payload, signature, ..
        } => key.verify_artifact(Message::Parts(&[payload]), signature, budget)?,
        Content::Envelope { envelope, .. } => envelope
            .with_message(|message| key.verify_artifact(message, &envelope.signature, budget))?,
    };
    if valid {
        Ok(None)
    } else {
        Err(Error::SignatureInvalid)
    }
}

/// What was signed, and what it is bound to.
pub(super) struct Payload<'s> {
    pub(super) artifact: Option<&'s ArtifactDigest>,
    pub(super) statement: Option<Statement>,
    pub(super) annotations: Value,
}

/// Reads what was signed and binds it to the subject.
pub(super) fn read<'s>(
    entity: &SignedEntity,
    subject: &Subject<'s>,
    message: Option<&'s ArtifactDigest>,
    limits: &Limits,
) -> Result<Payload<'s>, Error> {
    match &entity.content {
        // The signature is over the artifact itself.
        Content::MessageSignature { .. } => Ok(Payload {
            artifact: message,
            statement: None,
            annotations: Value::Null,
        }),
        Content::SimpleSigning { payload, .. } => {
            let mut refused = Error::ArtifactMismatch;
            for artifact in subject.artifacts() {
                match simple_signing::check(payload, artifact, limits) {
                    Ok(annotations) => {
                        return Ok(Payload {
                            artifact: Some(artifact),
                            statement: None,
                            annotations,
                        });
                    }
                    Err(error) => refused = error,
                }
            }
            Err(refused)
        }
        Content::Envelope { envelope, .. } => {
            if envelope.payload_type != IN_TOTO {
                return Err(Error::DssePayloadType);
            }
            let statement = Statement::from_json(&envelope.payload, limits)?;
            let artifact = match subject {
                Subject::Artifacts(artifacts) => artifacts
                    .iter()
                    .find(|artifact| statement.speaks_of(artifact))
                    .map(Some),
                Subject::GitCommit(commit) => statement.speaks_of_commit(commit).then_some(None),
            };
            Ok(Payload {
                artifact: artifact.ok_or(Error::StatementSubjectMismatch)?,
                statement: Some(statement),
                annotations: Value::Null,
            })
        }
    }
}
