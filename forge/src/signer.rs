//! Signs: issues the certificate, signs, logs, and writes the evidence down.

use alloc::collections::BTreeMap;

use serde_json::json;

use crate::Error;
use crate::body::{Body, Content, EntryKind, Submission};
use crate::bundle::{self, BundleVersion, Material, Parts};
use crate::certificate_authority::CertificateAuthority;
use crate::certificate_transparency::CertificateTransparencyLog;
use crate::dsse::Envelope;
use crate::encoding::base64;
use crate::evidence::{DSSE_MEDIA_TYPE, Evidence, SIMPLE_SIGNING_MEDIA_TYPE};
use crate::fault::{Fault, Faults};
use crate::identity::Identity;
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::leaf::{self, Leaf};
use crate::legacy;
use crate::rekor::{LogEntry, TransparencyLog};
use crate::sigstore::{FUTURE, SIGNED, VirtualSigstore};
use crate::statement::Statement;
use crate::time::UnixTime;

/// Makes evidence. Set what matters, then call one of the four making methods.
#[derive(Clone, Debug)]
#[must_use]
pub struct Signer<'a> {
    sigstore: &'a VirtualSigstore,
    credential: Credential,
    time: UnixTime,
    leaf_key: KeyDetails,
    ct_logs: Vec<CertificateTransparencyLog>,
    timestamp_extensions: Vec<u8>,
    version: BundleVersion,
    with_chain: bool,
    entries: Option<Vec<(TransparencyLog, EntryKind)>>,
    fault: Option<Fault>,
}

#[derive(Clone, Debug)]
enum Credential {
    Keyless(Identity),
    Keyed(KeyPair),
}

impl<'a> Signer<'a> {
    pub(crate) fn keyless(sigstore: &'a VirtualSigstore, identity: &Identity) -> Self {
        Self::new(sigstore, Credential::Keyless(identity.clone()))
    }

    pub(crate) fn keyed(sigstore: &'a VirtualSigstore, key: &KeyPair) -> Self {
        Self::new(sigstore, Credential::Keyed(key.clone()))
    }

    fn new(sigstore: &'a VirtualSigstore, credential: Credential) -> Self {
        Self {
            sigstore,
            credential,
            time: SIGNED,
            leaf_key: KeyDetails::EcdsaP256Sha256,
            ct_logs: vec![CertificateTransparencyLog::First],
            timestamp_extensions: Vec::new(),
            version: BundleVersion::V03,
            with_chain: false,
            entries: None,
            fault: None,
        }
    }

    /// When to sign and log. Default [`SIGNED`].
    pub fn at(mut self, time: UnixTime) -> Self {
        self.time = time;
        self
    }

    /// The kind of the certified key. Default P-256.
    pub fn leaf_key(mut self, details: KeyDetails) -> Self {
        self.leaf_key = details;
        self
    }

    /// The logs that promise the certificate, one SCT each, in order. Default the first log.
    pub fn certificate_transparency(mut self, logs: &[CertificateTransparencyLog]) -> Self {
        self.ct_logs = logs.to_vec();
        self
    }

    /// CtExtensions (RFC 6962 section 3.2) of each SCT. Default none.
    pub fn timestamp_extensions(mut self, extensions: &[u8]) -> Self {
        self.timestamp_extensions = extensions.to_vec();
        self
    }

    /// The version of bundles. Default 0.3.
    pub fn bundle_version(mut self, version: BundleVersion) -> Self {
        self.version = version;
        self
    }

    /// Puts the intermediate after the leaf into the chain of 0.1 and 0.2 bundles.
    pub fn with_chain(mut self) -> Self {
        self.with_chain = true;
        self
    }

    /// Adds a log entry. Without any, there is one entry in [`TransparencyLog::Rekor`] of the kind
    /// that fits: `hashedrekord` or `dsse` 0.0.1, and `intoto` 0.0.1 for legacy attestations.
    pub fn entry(mut self, log: TransparencyLog, kind: EntryKind) -> Self {
        self.entries.get_or_insert_default().push((log, kind));
        self
    }

    /// No log entry, as of private instances without a log.
    pub fn without_entries(mut self) -> Self {
        self.entries = Some(Vec::new());
        self
    }

    /// What is to be wrong.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// A bundle with a signed statement.
    pub fn attest(&self, statement: &Statement) -> Result<Evidence, Error> {
        self.making(EntryKind::DsseV001, |making| {
            making.attest(statement.payload(&making.faults))
        })
    }

    /// A bundle with a signed statement given as bytes, whatever they are.
    pub fn attest_payload(&self, payload: &[u8]) -> Result<Evidence, Error> {
        self.making(EntryKind::DsseV001, |making| {
            making.attest(payload.to_vec())
        })
    }

    /// A bundle with a signature over an artifact, for an image over its manifest.
    pub fn sign(&self, artifact: &[u8]) -> Result<Evidence, Error> {
        self.making(EntryKind::HashedRekordV001, |making| making.sign(artifact))
    }

    /// A legacy attestation layer with a signed statement.
    pub fn attest_legacy(&self, statement: &Statement) -> Result<Evidence, Error> {
        self.making(EntryKind::IntotoV001, |making| {
            making.attest_legacy(statement)
        })
    }

    /// A legacy signature layer for an image by digest (`sha256:…`) and reference (a name which no
    /// verifier looks at).
    pub fn sign_legacy(&self, reference: &str, digest: &str) -> Result<Evidence, Error> {
        self.making(EntryKind::HashedRekordV001, |making| {
            making.sign_legacy(reference, digest)
        })
    }

    fn making(
        &self,
        kind: EntryKind,
        make: impl FnOnce(&Making<'_>) -> Result<Evidence, Error>,
    ) -> Result<Evidence, Error> {
        let making = Making::new(self, kind);
        let evidence = make(&making)?;
        making.faults.finish()?;
        Ok(evidence)
    }
}

/// Where the evidence goes, which decides what can be said about its log entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    /// Any number of entries, with proofs from version 0.2 on.
    Bundle,
    /// One entry without a proof.
    Legacy,
}

/// One making: the signer's choices, the certificate (if any) and the fault.
#[derive(Debug)]
struct Making<'a> {
    signer: &'a Signer<'a>,
    faults: Faults,
    time: UnixTime,
    authority: &'a CertificateAuthority,
    key: KeyPair,
    leaf: Option<Leaf>,
    entries: Vec<(TransparencyLog, EntryKind)>,
}

impl<'a> Making<'a> {
    fn new(signer: &'a Signer<'a>, kind: EntryKind) -> Self {
        let faults = Faults::new(signer.fault);
        let entries = signer
            .entries
            .clone()
            .unwrap_or_else(|| vec![(TransparencyLog::Rekor, kind)]);
        let mut time = signer.time;
        if !entries.is_empty() && faults.hits(Fault::IntegratedTimeInFuture) {
            time = FUTURE;
        }
        let mut authority = &signer.sigstore.authority;
        let (key, leaf) = match &signer.credential {
            Credential::Keyed(key) => (key.clone(), None),
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

    fn attest(&self, payload: Vec<u8>) -> Result<Evidence, Error> {
        let mut envelope = Envelope::sign(payload, &self.signing_key(), &self.faults);
        let entries = self.log_envelope(&mut envelope, Wire::Bundle)?;
        let content = bundle::Content::Envelope(envelope.to_value());
        Ok(self.bundle(&entries, content))
    }

    fn sign(&self, artifact: &[u8]) -> Result<Evidence, Error> {
        let signature = self.signature(artifact);
        let hash = self.key.details().hash();
        let mut digest = hash.digest(artifact);
        let submission = Submission {
            content: Content::Message {
                hash,
                digest: digest.clone(),
            },
            signature: signature.clone(),
            key: self.key.clone(),
            verifier_pem: self.verifier_pem(),
        };
        let entries = self.log(submission, Wire::Bundle)?;
        if self.faults.hits(Fault::MessageDigestOther) {
            digest = hash.digest(b"another artifact");
        }
        let content = bundle::Content::Message(json!({
            "messageDigest": {"algorithm": hash.name(), "digest": base64(digest)},
            "signature": base64(signature),
        }));
        Ok(self.bundle(&entries, content))
    }

    fn attest_legacy(&self, statement: &Statement) -> Result<Evidence, Error> {
        let payload = statement.payload(&self.faults);
        let mut envelope = Envelope::sign(payload, &self.signing_key(), &self.faults);
        let entries = self.log_envelope(&mut envelope, Wire::Legacy)?;
        let mut annotations = self.annotations(String::new(), &entries);
        annotations.insert("predicateType".to_owned(), statement.predicate_type.clone());
        Ok(Evidence {
            media_type: DSSE_MEDIA_TYPE.to_owned(),
            content: envelope.to_json(),
            annotations,
        })
    }

    fn sign_legacy(&self, reference: &str, digest: &str) -> Result<Evidence, Error> {
        let mut payload = legacy::simple_signing(reference, digest, &self.faults);
        let signature = self.signature(&payload);
        let hash = self.key.details().hash();
        let submission = Submission {
            content: Content::Message {
                hash,
                digest: hash.digest(&payload),
            },
            signature: signature.clone(),
            key: self.key.clone(),
            verifier_pem: self.verifier_pem(),
        };
        let entries = self.log(submission, Wire::Legacy)?;
        if self.faults.hits(Fault::PayloadChanged) {
            payload.push(b'\n');
        }
        Ok(Evidence {
            media_type: SIMPLE_SIGNING_MEDIA_TYPE.to_owned(),
            content: payload,
            annotations: self.annotations(base64(signature), &entries),
        })
    }

    /// The key that signs, which a fault makes another one than the certified.
    fn signing_key(&self) -> KeyPair {
        if self.faults.hits(Fault::SignatureOtherKey) {
            let seed = self.signer.sigstore.seed();
            seed.key_pair("another signer", self.key.details())
        } else {
            self.key.clone()
        }
    }

    /// A signature over a message that is not an envelope.
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        if self.faults.hits(Fault::SignatureInvalid) {
            message.push(0);
        }
        self.signing_key().sign(&message)
    }

    /// Logs an envelope, with what happens to it before and after.
    fn log_envelope(&self, envelope: &mut Envelope, wire: Wire) -> Result<Vec<LogEntry>, Error> {
        let signature = envelope.signatures.first().cloned().unwrap_or_default();
        if self.faults.hits(Fault::SignatureNone) {
            envelope.signatures.clear();
        }
        let submission = Submission {
            content: Content::Envelope {
                payload_type: envelope.payload_type.clone(),
                payload: envelope.payload.clone(),
                json: envelope.to_json(),
            },
            signature,
            key: self.key.clone(),
            verifier_pem: self.verifier_pem(),
        };
        let entries = self.log(submission, wire)?;
        if self.faults.hits(Fault::PayloadChanged) {
            envelope.payload.push(b'\n');
        }
        Ok(entries)
    }

    fn log(&self, mut submission: Submission, wire: Wire) -> Result<Vec<LogEntry>, Error> {
        if self.entries.is_empty() || self.faults.hits(Fault::LogEntryNone) {
            return Ok(Vec::new());
        }
        self.alter(&mut submission);
        let prove = wire == Wire::Bundle && self.signer.version != BundleVersion::V01;
        let mut recorded = Vec::new();
        for (log, bodies) in self.bodies(&submission, wire)? {
            let rekor = if self.faults.hits(Fault::LogUnknown) {
                &self.signer.sigstore.unknown_rekor
            } else if self.faults.hits(Fault::LogWindowClosed) {
                &self.signer.sigstore.closed_rekor
            } else {
                self.signer.sigstore.rekor(log)
            };
            recorded.extend(rekor.record(&bodies, self.time, prove, &self.faults));
        }
        if wire == Wire::Bundle && self.faults.hits(Fault::LogEntryDuplicate) {
            recorded.extend(recorded.first().cloned());
        }
        Ok(recorded)
    }

    /// Makes the log see something else than the bundle says.
    fn alter(&self, submission: &mut Submission) {
        if self.faults.hits(Fault::BodyOtherVerifier) {
            submission.verifier_pem = self.other_verifier_pem();
        }
        if self.faults.hits(Fault::EntryOther) {
            let other = b"{\"another\":\"message\"}";
            let none = Faults::default();
            match &mut submission.content {
                Content::Message { hash, digest } => {
                    *digest = hash.digest(other);
                    submission.signature = self.key.sign(other);
                }
                Content::Envelope { payload, json, .. } => {
                    let envelope = Envelope::sign(other.to_vec(), &self.key, &none);
                    *payload = other.to_vec();
                    *json = envelope.to_json();
                    submission.signature = envelope.signatures.concat();
                }
            }
        }
    }

    /// The bodies for each log, in the order in which the logs were first asked for.
    fn bodies(
        &self,
        submission: &Submission,
        wire: Wire,
    ) -> Result<Vec<(TransparencyLog, Vec<Body>)>, Error> {
        let mut logs: Vec<(TransparencyLog, Vec<Body>)> = Vec::new();
        for (log, kind) in &self.entries {
            let body = submission.body(*kind, &self.faults)?;
            match logs.iter_mut().find(|(known, _)| known == log) {
                Some((_, bodies)) => bodies.push(body),
                None => logs.push((*log, vec![body])),
            }
        }
        if wire == Wire::Bundle
            && let Some((_, bodies)) = logs.first_mut()
            && let Some(body) = bodies.first().cloned()
            && self.faults.hits(Fault::LogEntryTooMany)
        {
            bodies.resize(33, body);
        }
        Ok(logs)
    }

    fn verifier_pem(&self) -> String {
        match &self.leaf {
            Some(leaf) => leaf.certificate_pem(),
            None => self.key.public_key_pem(),
        }
    }

    fn other_verifier_pem(&self) -> String {
        let none = Faults::default();
        match &self.signer.credential {
            Credential::Keyless(identity) => issue(
                self.signer,
                self.authority,
                identity,
                self.time,
                "another leaf",
                &none,
            )
            .certificate_pem(),
            Credential::Keyed(key) => {
                let seed = self.signer.sigstore.seed();
                seed.key_pair("another signer", key.details())
                    .public_key_pem()
            }
        }
    }

    fn bundle(&self, entries: &[LogEntry], content: bundle::Content) -> Evidence {
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
            entries,
            content,
        };
        bundle::encode(&parts, &self.faults)
    }

    fn annotations(&self, signature: String, entries: &[LogEntry]) -> BTreeMap<String, String> {
        let certificate = self
            .leaf
            .as_ref()
            .map(|leaf| (leaf, self.authority.chain_pem()));
        legacy::annotations(signature, certificate, entries, &self.faults)
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
