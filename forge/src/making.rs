//! Makes one piece of evidence: certificate, signature, log entries, timestamps, and the writing
//! down.

use alloc::collections::BTreeMap;

use serde_json::json;

use crate::Error;
use crate::body::{Content, EntryKind, Submission, Verifier};
use crate::bundle::{self, Material, Parts};
use crate::certificate_authority::CertificateAuthority;
use crate::dsse::Envelope;
use crate::encoding::base64;
use crate::evidence::{DSSE_MEDIA_TYPE, Evidence, SIMPLE_SIGNING_MEDIA_TYPE};
use crate::fault::{Fault, Faults};
use crate::identity::Identity;
use crate::key::{KeyPair, OTHER};
use crate::leaf::{self, Leaf};
use crate::legacy;
use crate::rekor::TransparencyLog;
use crate::signer::{Credential, Signer};
use crate::sigstore::{FUTURE, VirtualSigstore};
use crate::statement::Statement;
use crate::time::UnixTime;
use crate::witness::{Wire, Witnessed};

/// One making: the signer's choices, the certificate (if any) and the fault.
#[derive(Debug)]
pub(crate) struct Making<'a> {
    pub(crate) signer: &'a Signer<'a>,
    pub(crate) faults: Faults,
    pub(crate) time: UnixTime,
    authority: &'a CertificateAuthority,
    pub(crate) key: KeyPair,
    leaf: Option<Leaf>,
    pub(crate) entries: Vec<(TransparencyLog, EntryKind)>,
}

impl<'a> Making<'a> {
    /// Issues the certificate. `kind` is that of the log entry if the signer chose none.
    pub(crate) fn new(signer: &'a Signer<'a>, kind: EntryKind) -> Self {
        let faults = Faults::new(signer.fault);
        let entries = signer
            .entries
            .clone()
            .unwrap_or_else(|| vec![(TransparencyLog::Rekor, kind)]);
        let mut time = signer.time;
        let integrates = entries.iter().any(|(log, _)| !log.is_v2());
        if (integrates && faults.hits(Fault::IntegratedTimeInFuture))
            || (!integrates
                && !signer.timestamps.is_empty()
                && faults.hits(Fault::TimestampInFuture))
        {
            time = FUTURE;
        }
        let mut authority = &signer.sigstore.authority;
        let (key, leaf) = match &signer.credential {
            Credential::Keyed(key) => ((**key).clone(), None),
            Credential::Keyless(identity) => {
                authority = choose_authority(signer.sigstore, &faults);
                let leaf = issue(signer, authority, identity, time, "leaf", &faults);
                (leaf.key.clone(), Some(leaf))
            }
        };
        Self {
            signer,
            faults,
            time,
            authority,
            key,
            leaf,
            entries,
        }
    }

    pub(crate) fn attest(&self, payload: Vec<u8>) -> Result<Evidence, Error> {
        let mut envelope = Envelope::sign(payload, &self.signing_key(), &self.faults);
        let witnessed = self.witness_envelope(&mut envelope, Wire::Bundle)?;
        let content = bundle::Content::Envelope(envelope.to_value());
        Ok(self.bundle(&witnessed, content))
    }

    pub(crate) fn sign(&self, artifact: &[u8]) -> Result<Evidence, Error> {
        let signature = self.signature(artifact);
        let submission = self.message_submission(artifact, &signature);
        let witnessed = self.witness(submission, &signature, Wire::Bundle)?;
        let hash = self.key.details().hash();
        let mut digest = hash.digest(artifact);
        if self.faults.hits(Fault::MessageDigestOther) {
            digest = hash.digest(b"another artifact");
        }
        let content = bundle::Content::Message(json!({
            "messageDigest": {"algorithm": hash.name(), "digest": base64(digest)},
            "signature": base64(signature),
        }));
        Ok(self.bundle(&witnessed, content))
    }

    pub(crate) fn attest_legacy(&self, statement: &Statement) -> Result<Evidence, Error> {
        let payload = statement.payload(&self.faults);
        let mut envelope = Envelope::sign(payload, &self.signing_key(), &self.faults);
        let witnessed = self.witness_envelope(&mut envelope, Wire::Legacy)?;
        let mut annotations = self.annotations(String::new(), &witnessed);
        annotations.insert("predicateType".to_owned(), statement.predicate_type.clone());
        Ok(Evidence {
            media_type: DSSE_MEDIA_TYPE.to_owned(),
            content: envelope.to_json(),
            annotations,
        })
    }

    pub(crate) fn sign_legacy(&self, reference: &str, digest: &str) -> Result<Evidence, Error> {
        let mut payload =
            legacy::simple_signing(reference, digest, &self.signer.annotations, &self.faults);
        let signature = self.signature(&payload);
        let submission = self.message_submission(&payload, &signature);
        let witnessed = self.witness(submission, &signature, Wire::Legacy)?;
        if self.faults.hits(Fault::PayloadChanged) {
            payload.push(b'\n');
        }
        Ok(Evidence {
            media_type: SIMPLE_SIGNING_MEDIA_TYPE.to_owned(),
            content: payload,
            annotations: self.annotations(base64(signature), &witnessed),
        })
    }

    /// The key that signs, which a fault makes another one than the certified.
    fn signing_key(&self) -> KeyPair {
        if self.faults.hits(Fault::SignatureOtherKey) {
            self.other_key()
        } else {
            self.key.clone()
        }
    }

    fn other_key(&self) -> KeyPair {
        let seed = self.signer.sigstore.seed();
        seed.key_pair(&format!("{OTHER} signer"), self.key.details())
    }

    /// A signature over a message that is not an envelope.
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        if self.faults.hits(Fault::SignatureInvalid) {
            message.push(0);
        }
        self.signing_key().sign(&message)
    }

    fn message_submission(&self, message: &[u8], signature: &[u8]) -> Submission {
        let hash = self.key.details().hash();
        Submission {
            content: Content::Message {
                hash,
                digest: hash.digest(message),
            },
            signature: signature.to_vec(),
            key: self.key.clone(),
            verifier: self.verifier(),
        }
    }

    /// Witnesses an envelope, with what happens to it before and after.
    fn witness_envelope(&self, envelope: &mut Envelope, wire: Wire) -> Result<Witnessed, Error> {
        let signature = envelope.signatures.first().cloned().unwrap_or_default();
        if self.faults.hits(Fault::SignatureNone) {
            envelope.signatures.clear();
        }
        let json = envelope.to_json();
        let timestamped = match wire {
            Wire::Bundle => signature.clone(),
            Wire::Legacy => json.clone(),
        };
        let submission = Submission {
            content: Content::Envelope {
                payload_type: envelope.payload_type.clone(),
                payload: envelope.payload.clone(),
                json,
            },
            signature,
            key: self.key.clone(),
            verifier: self.verifier(),
        };
        let witnessed = self.witness(submission, &timestamped, wire)?;
        if self.faults.hits(Fault::PayloadChanged) {
            envelope.payload.push(b'\n');
        }
        Ok(witnessed)
    }

    fn verifier(&self) -> Verifier {
        match &self.leaf {
            Some(leaf) => Verifier::Certificate(leaf.certificate.clone()),
            None => Verifier::PublicKey(self.key.public_key_der().to_vec()),
        }
    }

    /// Another certificate of the same identity, or another key.
    pub(crate) fn other_verifier(&self) -> Verifier {
        let none = Faults::default();
        let label = format!("{OTHER} leaf");
        match &self.signer.credential {
            Credential::Keyless(identity) => Verifier::Certificate(
                issue(
                    self.signer,
                    self.authority,
                    identity,
                    self.time,
                    &label,
                    &none,
                )
                .certificate,
            ),
            Credential::Keyed(_) => Verifier::PublicKey(self.other_key().public_key_der().to_vec()),
        }
    }

    fn bundle(&self, witnessed: &Witnessed, content: bundle::Content) -> Evidence {
        let material = match &self.leaf {
            None => Material::PublicKey(self.key.hint()),
            Some(leaf) => {
                let mut chain: Vec<&[u8]> = leaf.between.iter().map(Vec::as_slice).collect();
                if self.signer.with_chain {
                    chain.push(self.authority.intermediate());
                }
                Material::Certificate {
                    leaf: &leaf.certificate,
                    chain,
                    root: self.authority.root(),
                }
            }
        };
        let parts = Parts {
            version: self.signer.version,
            material,
            witnessed,
            content,
        };
        bundle::encode(&parts, &self.faults)
    }

    fn annotations(&self, signature: String, witnessed: &Witnessed) -> BTreeMap<String, String> {
        let certificate = self
            .leaf
            .as_ref()
            .map(|leaf| (leaf, self.authority.chain_pem()));
        legacy::annotations(signature, certificate, witnessed, &self.faults)
    }
}

fn choose_authority<'a>(
    sigstore: &'a VirtualSigstore,
    faults: &Faults,
) -> &'a CertificateAuthority {
    if faults.hits(Fault::AuthorityUntrusted) {
        &sigstore.unknown_authority
    } else if faults.hits(Fault::AuthorityWindowClosed) {
        &sigstore.closed_authority
    } else if faults.hits(Fault::IntermediateExpired) {
        &sigstore.expired_authority
    } else {
        &sigstore.authority
    }
}

/// A leaf that is issued a little before `time`.
fn issue(
    signer: &Signer<'_>,
    authority: &CertificateAuthority,
    identity: &Identity,
    time: UnixTime,
    label: &str,
    faults: &Faults,
) -> Leaf {
    let mut not_before = time.minus(5);
    if faults.hits(Fault::LeafNotYetValid) {
        not_before = time.plus(300);
    }
    if faults.hits(Fault::LeafExpired) {
        not_before = time.minus(3600);
    }
    let logs: Vec<_> = signer
        .ct_logs
        .iter()
        .map(|log| {
            if faults.hits(Fault::SctLogUnknown) {
                &signer.sigstore.unknown_ct_log
            } else {
                signer.sigstore.ct_log(*log)
            }
        })
        .collect();
    let request = leaf::Request {
        identity,
        key: signer.leaf_key,
        not_before,
        logs: &logs,
        timestamp_extensions: &signer.timestamp_extensions,
        label,
    };
    leaf::issue(authority, &request, faults)
}
