//! Why the host did not give what it was asked for.

use alloc::format;
use alloc::string::String;

/// Why the host did not give what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// It is not there, and the host says so.
    Absent,
    /// The host does not know the capability.
    CapabilityUnknown,
    /// It may be there.
    Unavailable(Unavailable),
}

/// Why evidence could not be brought. The texts of the host are not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// More bytes of answers than one evaluation may read.
    AnswerBytes,
    /// The answer is not of the form that the host documents.
    AnswerMalformed,
    /// The host does not grant the capability to this policy.
    CapabilityDenied,
    /// The host is older than a capability that every image needs.
    CapabilityMissing,
    /// What the carrier or a ConfigMap holds is no array of pieces.
    CarrierMalformed,
    /// The cluster did not give a ConfigMap.
    Cluster,
    /// A blob does not have the digest under which it is stored.
    DigestMismatch,
    /// More host calls than one evaluation may make.
    HostCalls,
    /// There are signatures over texts that cannot be rebuilt.
    PayloadUnknown,
    /// More pieces of evidence than one image may have.
    Pieces,
    /// The registry did not answer, or not to this host.
    Registry,
}

impl Unavailable {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::AnswerBytes => "limit.answer-bytes",
            Self::AnswerMalformed => "kubewarden.answer-malformed",
            Self::CapabilityDenied => "kubewarden.capability-denied",
            Self::CapabilityMissing => "kubewarden.capability-missing",
            Self::CarrierMalformed => "kubewarden.carrier-malformed",
            Self::Cluster => "kubewarden.cluster-unavailable",
            Self::DigestMismatch => "kubewarden.digest-mismatch",
            Self::HostCalls => "limit.host-calls",
            Self::PayloadUnknown => "kubewarden.payload-unknown",
            Self::Pieces => "limit.evidence-pieces",
            Self::Registry => "kubewarden.registry-unavailable",
        }
    }

    /// For people, with the code.
    pub(crate) fn reason(self) -> String {
        let text = match self {
            Self::AnswerBytes => "the host's answers are larger than one evaluation may read",
            Self::AnswerMalformed => "an answer of the host is not of the form that it documents",
            Self::CapabilityDenied => {
                "the host does not grant this policy the capability to look; allow it in hostCapabilities or contextAwareResources"
            }
            Self::CapabilityMissing => "the host does not know the capability to look; update it",
            Self::CarrierMalformed => "the carrier of the evidence is malformed; push it again",
            Self::Cluster => "the cluster did not give a ConfigMap that the policy names",
            Self::DigestMismatch => "the host gave other bytes than the digest names",
            Self::HostCalls => "more calls of the host are needed than one evaluation may make",
            Self::PayloadUnknown => {
                "there are signatures over texts that cannot be rebuilt here; push a carrier for the image"
            }
            Self::Pieces => "there are more pieces of evidence than one image may have",
            Self::Registry => "the registry did not give what it was asked for",
        };
        format!("{text} ({})", self.code())
    }
}

impl Gap {
    /// What a failed call of the capability comes to. `remote` is what did not answer unless the host
    /// says something more telling.
    pub(crate) fn of_error(error: &str, remote: Unavailable) -> Self {
        let said = said(error);
        let says = |text: &str| said.contains(text);
        if says("has not been granted access") || says("not allowed to access") {
            return Self::Unavailable(Unavailable::CapabilityDenied);
        }
        if says("unknown operation") || says("unknown namespace") {
            return Self::CapabilityUnknown;
        }
        let answered = says("oci api error") || says("registry error") || says("envelope");
        let absent = match remote {
            Unavailable::Cluster => says("cannot find") || says("not found") || says("code: 404"),
            _ => {
                says("manifest unknown")
                    || says("manifest_unknown")
                    || says("manifestunknown")
                    || says("image manifest not found")
                    || says("code: 404")
                    || answered && (says("not found") || says("unknown to registry"))
            }
        };
        match absent {
            true => Self::Absent,
            false => Self::Unavailable(remote),
        }
    }
}

/// What the host itself says, in lower case: without addresses and names, which others choose, and
/// without a stack trace.
fn said(error: &str) -> String {
    let error = error.to_ascii_lowercase();
    let head = error.split("stack backtrace").next().unwrap_or_default();
    let mut said = String::new();
    for word in head
        .split_ascii_whitespace()
        .filter(|word| !word.contains('/'))
    {
        said.push_str(word);
        said.push(' ');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_hosts() {
        let registry = Gap::Unavailable(Unavailable::Registry);
        let cases = [
            (
                "Host error: Callback evaluation failure: Registry error: url https://r.example/v2/a/manifests/b, envelope: OCI API errors: [OCI API error: manifest unknown]",
                Gap::Absent,
            ),
            (
                "RegistryError { envelope: OciEnvelope { errors: [OciError { code: ManifestUnknown, message: \"\", detail: Null }] } }",
                Gap::Absent,
            ),
            ("Image manifest not found: r.example/a:b", Gap::Absent),
            (
                "Registry error: url https://r.example/v2/a, envelope: OCI API errors: [OCI API error: Requested image not found]",
                Gap::Absent,
            ),
            (
                "Server error: url https://r.example/v2/a, code: 404, message: ",
                Gap::Absent,
            ),
            (
                "Server error: url https://r.example/v2/a, code: 503, message: ",
                registry,
            ),
            (
                "Not authorized: url https://r.example/v2/a/manifests/manifest_unknown",
                registry,
            ),
            (
                "error sending request for url (https://r.example/manifest unknown/manifestunknown): dns error: host not found",
                registry,
            ),
            (
                "connection refused\n\nStack backtrace:\n 0: manifest unknown",
                registry,
            ),
            ("", registry),
            ("unknown operation: v1/blob", Gap::CapabilityUnknown),
            ("unknown namespace: oci", Gap::CapabilityUnknown),
            (
                "Policy has not been granted access to the 'oci/v1/oci_manifest' host capability",
                Gap::Unavailable(Unavailable::CapabilityDenied),
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(
                Gap::of_error(error, Unavailable::Registry),
                expected,
                "{error}"
            );
        }
        let cluster = Gap::Unavailable(Unavailable::Cluster);
        let cases = [
            (
                "ApiError: configmaps \"evidence\" not found: NotFound (ErrorResponse { code: 404 })",
                Gap::Absent,
            ),
            (
                "Cannot find v1/ConfigMap named 'evidence' inside of namespace 'Some(\"s\")'",
                Gap::Absent,
            ),
            ("connection refused", cluster),
            (
                "configmaps is forbidden (ErrorResponse { code: 403 })",
                cluster,
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(
                Gap::of_error(error, Unavailable::Cluster),
                expected,
                "{error}"
            );
        }
    }
}
