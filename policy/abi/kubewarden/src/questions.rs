//! Asking the host, within the limits of one evaluation.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_engine::json::{self, Value};
use sha2::{Digest as _, Sha256};

use crate::gap::{Gap, Unavailable};
use crate::host::{HostCalls, HostError};
use crate::limits::{ANSWER_BYTES, BLOB_BYTES, HOST_CALLS, NESTING};
use crate::simple_signing::is_sha256_of;

/// Asks the host, counts what it is asked, and remembers what it does not know. It lives as long as one
/// evaluation.
pub(crate) struct Questions<'h> {
    host: &'h mut dyn HostCalls,
    calls: usize,
    bytes: usize,
    unknown: Vec<&'static str>,
}

impl<'h> Questions<'h> {
    pub(crate) fn new(host: &'h mut dyn HostCalls) -> Self {
        Self {
            host,
            calls: HOST_CALLS,
            bytes: ANSWER_BYTES,
            unknown: Vec::new(),
        }
    }

    /// The digest that a tag stands for.
    pub(crate) fn digest(&mut self, reference: &str) -> Result<String, Gap> {
        let answer = self.registry("v1/manifest_digest", reference)?;
        let digest = answer.get("digest").and_then(Value::as_str);
        let hex = digest.and_then(|digest| digest.strip_prefix("sha256:"));
        let is_digest = |hex: &str| {
            let digits = hex
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            hex.len() == 64 && digits
        };
        match digest {
            Some(digest) if hex.is_some_and(is_digest) => Ok(digest.into()),
            _ => Err(Gap::Unavailable(Unavailable::AnswerMalformed)),
        }
    }

    /// A manifest or index.
    pub(crate) fn manifest(&mut self, reference: &str) -> Result<Value, Gap> {
        self.registry("v1/oci_manifest", reference)
    }

    /// The configuration of an artifact, any JSON.
    pub(crate) fn configuration(&mut self, reference: &str) -> Result<Value, Gap> {
        match self.registry("v1/oci_manifest_config", reference)? {
            Value::Object(mut members) => members.remove("config"),
            _ => None,
        }
        .ok_or(Gap::Unavailable(Unavailable::AnswerMalformed))
    }

    /// The list of what refers to a manifest.
    pub(crate) fn referrers(&mut self, reference: &str) -> Result<Value, Gap> {
        self.registry("v1/referrers", reference)
    }

    /// The bytes of the blob with that digest.
    pub(crate) fn blob(&mut self, repository: &str, digest: &str) -> Result<Vec<u8>, Gap> {
        let answer = self.registry("v1/blob", &alloc::format!("{repository}@{digest}"))?;
        let content = answer.get("content").and_then(Value::as_str);
        let content = content.and_then(|content| STANDARD.decode(content).ok());
        let content = content.ok_or(Gap::Unavailable(Unavailable::AnswerMalformed))?;
        if content.len() > BLOB_BYTES {
            return Err(Gap::Unavailable(Unavailable::AnswerBytes));
        }
        if !is_sha256_of(digest, &Sha256::digest(&content)) {
            return Err(Gap::Unavailable(Unavailable::DigestMismatch));
        }
        Ok(content)
    }

    /// An object of the cluster.
    pub(crate) fn resource(&mut self, asked: &Value) -> Result<Value, Gap> {
        let asked = asked.to_canonical_string();
        self.ask("kubernetes", "get_resource", &asked, Unavailable::Cluster)
    }

    fn registry(&mut self, operation: &'static str, reference: &str) -> Result<Value, Gap> {
        let asked = Value::from(reference).to_canonical_string();
        self.ask("oci", operation, &asked, Unavailable::Registry)
    }

    fn ask(
        &mut self,
        namespace: &str,
        operation: &'static str,
        payload: &str,
        remote: Unavailable,
    ) -> Result<Value, Gap> {
        if self.unknown.contains(&operation) {
            return Err(Gap::CapabilityUnknown);
        }
        let calls = self.calls.checked_sub(1);
        self.calls = calls.ok_or(Gap::Unavailable(Unavailable::HostCalls))?;
        let answer = match self.host.call(namespace, operation, payload.as_bytes()) {
            Ok(answer) => answer,
            Err(HostError::TooLarge) => {
                return Err(Gap::Unavailable(Unavailable::AnswerBytes));
            }
            Err(HostError::Said(error)) => {
                let gap = Gap::of_error(&error, remote);
                if gap == Gap::CapabilityUnknown {
                    self.unknown.push(operation);
                }
                return Err(gap);
            }
        };
        let Some(bytes) = self.bytes.checked_sub(answer.len()) else {
            self.bytes = 0;
            return Err(Gap::Unavailable(Unavailable::AnswerBytes));
        };
        self.bytes = bytes;
        json::parse(&answer, NESTING).map_err(|_| Gap::Unavailable(Unavailable::AnswerMalformed))
    }
}
