//! Signs: what the caller chooses.

use alloc::collections::BTreeMap;

use crate::Error;
use crate::body::EntryKind;
use crate::bundle::BundleVersion;
use crate::certificate_transparency::CertificateTransparencyLog;
use crate::evidence::Evidence;
use crate::fault::Fault;
use crate::identity::Identity;
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::making::Making;
use crate::rekor::TransparencyLog;
use crate::sigstore::{SIGNED, VirtualSigstore};
use crate::statement::Statement;
use crate::time::UnixTime;
use crate::timestamp_authority::TimestampAuthority;

/// Makes evidence. Set what matters, then call one of the four making methods.
#[derive(Clone, Debug)]
#[must_use]
pub struct Signer<'a> {
    pub(crate) sigstore: &'a VirtualSigstore,
    pub(crate) credential: Credential,
    pub(crate) time: UnixTime,
    pub(crate) leaf_key: KeyDetails,
    pub(crate) ct_logs: Vec<CertificateTransparencyLog>,
    pub(crate) timestamp_extensions: Vec<u8>,
    pub(crate) version: BundleVersion,
    pub(crate) with_chain: bool,
    pub(crate) entries: Option<Vec<(TransparencyLog, EntryKind)>>,
    pub(crate) with_witnesses: bool,
    pub(crate) timestamps: Vec<TimestampAuthority>,
    pub(crate) embed_certificates: bool,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) fault: Option<Fault>,
}

#[derive(Clone, Debug)]
pub(crate) enum Credential {
    Keyless(Identity),
    Keyed(Box<KeyPair>),
}

impl<'a> Signer<'a> {
    pub(crate) fn keyless(sigstore: &'a VirtualSigstore, identity: &Identity) -> Self {
        Self::new(sigstore, Credential::Keyless(identity.clone()))
    }

    pub(crate) fn keyed(sigstore: &'a VirtualSigstore, key: &KeyPair) -> Self {
        Self::new(sigstore, Credential::Keyed(Box::new(key.clone())))
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
            with_witnesses: false,
            timestamps: Vec::new(),
            embed_certificates: false,
            annotations: BTreeMap::new(),
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

    /// Adds signature lines of a witness and of an unknown key to the checkpoints of Rekor v2 logs.
    pub fn with_witnesses(mut self) -> Self {
        self.with_witnesses = true;
        self
    }

    /// Adds a timestamp over the signature (or, in a legacy attestation, over the envelope).
    pub fn timestamp(mut self, authority: TimestampAuthority) -> Self {
        self.timestamps.push(authority);
        self
    }

    /// Lets timestamps carry their certificates even if the trusted root names them.
    pub fn embed_timestamp_certificates(mut self) -> Self {
        self.embed_certificates = true;
        self
    }

    /// Annotations that legacy signatures sign along with the image (`cosign sign -a`). Default none.
    pub fn annotations(mut self, annotations: &BTreeMap<String, String>) -> Self {
        self.annotations.clone_from(annotations);
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
