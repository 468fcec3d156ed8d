//! What is known to be unauthenticated, and why a change of it may be accepted.

use sealstone_verify::{Facts, TimeSource, VerifiedLogEntry};

/// Changes that may be accepted.
pub(super) struct Rule {
    /// What is unauthenticated.
    pub(super) name: &'static str,
    /// Why that is right.
    pub(super) reason: &'static str,
    /// Whether it covers a change.
    pub(super) covers: fn(&Change<'_>) -> bool,
    /// What must hold of the facts.
    pub(super) facts: Outcome,
}

/// One change of one input.
pub(super) struct Change<'a> {
    /// The name of the input.
    pub(super) input: &'a str,
    /// Where the change is.
    pub(super) path: &'a str,
    /// Which one it is.
    pub(super) change: &'a str,
}

/// How the facts after the change relate to those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The same facts.
    Same,
    /// The same facts but for log entries, proofs and times that are gone.
    Fewer,
    /// The same facts but for the times by timestamp authorities.
    OtherTimestamps,
}

impl Outcome {
    pub(super) fn holds(self, before: &Facts, after: &Facts) -> bool {
        let same_content = before.kind == after.kind
            && before.signer == after.signer
            && before.artifact == after.artifact
            && before.statement == after.statement
            && before.annotations == after.annotations
            && before.certificate_transparency_logs == after.certificate_transparency_logs;
        let same_log = match self {
            Self::Same => {
                before.log_entries == after.log_entries
                    && before.verified_times == after.verified_times
            }
            Self::OtherTimestamps => {
                let promised = |facts: &Facts| {
                    let times = facts.verified_times.iter();
                    times
                        .filter(|time| matches!(time.source, TimeSource::TransparencyLog(_)))
                        .cloned()
                        .collect::<Vec<_>>()
                };
                before.log_entries == after.log_entries && promised(before) == promised(after)
            }
            Self::Fewer => {
                let known = |entry: &VerifiedLogEntry| {
                    before
                        .log_entries
                        .iter()
                        .any(|known| is_no_more(entry, known))
                };
                after.log_entries.iter().all(known)
                    && after
                        .verified_times
                        .iter()
                        .all(|time| before.verified_times.contains(time))
            }
        };
        same_content && same_log
    }
}

fn is_no_more(entry: &VerifiedLogEntry, known: &VerifiedLogEntry) -> bool {
    entry.log_id == known.log_id
        && entry.log_base_url == known.log_base_url
        && (entry.log_index.is_none() || entry.log_index == known.log_index)
        && (entry.integrated_time.is_none() || entry.integrated_time == known.integrated_time)
        && (known.inclusion_proof || !entry.inclusion_proof)
}

/// The rules. Each covers something, and a change that none covers must be refused.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "order of members",
        reason: "JSON objects have no order (RFC 8259, 4)",
        covers: |Change { change, .. }| *change == "reorder",
        facts: Outcome::Same,
    },
    Rule {
        name: "white space of JSON",
        reason: "it means nothing (RFC 8259, 2)",
        covers: |Change { change, .. }| *change == "white-space",
        facts: Outcome::Same,
    },
    Rule {
        name: "text of base64",
        reason: "both alphabets, no padding and line breaks stand for the same bytes",
        covers: |Change { change, .. }| matches!(*change, "url-safe" | "unpadded" | "line-break"),
        facts: Outcome::Same,
    },
    Rule {
        name: "text of PEM",
        reason: "white space between the lines and around the block stands for the same bytes",
        covers: |Change { path, .. }| {
            path.starts_with("/annotations/dev.sigstore.cosign/certificate#")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "integers as text",
        reason: "the JSON mapping of Protocol Buffers knows both forms",
        covers: |Change { path, change, .. }| {
            path.starts_with("/annotations/dev.sigstore.cosign/bundle/") && *change == "text"
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "case of the log id",
        reason: "hexadecimal digits of either case stand for the same bytes",
        covers: |Change { path, change, .. }| path.ends_with("/Payload/logID") && *change == "case",
        facts: Outcome::Same,
    },
    Rule {
        name: "media type of a bundle",
        reason: "versions differ in what must be there; all that is there is verified in each",
        covers: |Change { path, .. }| *path == "/content/mediaType",
        facts: Outcome::Same,
    },
    Rule {
        name: "key id of a signature",
        reason: "DSSE: an unauthenticated hint, which decides nothing",
        covers: |Change { path, .. }| path.ends_with("/signatures/0/keyid"),
        facts: Outcome::Same,
    },
    Rule {
        name: "certificate beside a signature",
        reason: "cosign 1 wrote it into envelopes; it is not read",
        covers: |Change { path, change, .. }| {
            path.ends_with("/signatures/0") && *change == "add-cert"
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "key hint of a bundle",
        reason: "the key comes from the policy",
        covers: |Change { path, .. }| *path == "/content/verificationMaterial/publicKey/hint",
        facts: Outcome::Same,
    },
    Rule {
        name: "digest beside a message signature",
        reason: "a hint that may be absent; one that contradicts the artifact is refused",
        covers: |Change { path, change, .. }| {
            *path == "/content/messageSignature/messageDigest" && matches!(*change, "drop" | "null")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "certificates after the leaf",
        reason: "paths lead through the trust root alone",
        covers: |Change { path, change, .. }| {
            let chain = "/content/verificationMaterial/x509CertificateChain/certificates/";
            path.strip_prefix(chain).is_some_and(|rest| {
                !rest.starts_with('0') || (rest == "0" && *change == "duplicate")
            })
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "chain annotation",
        reason: "paths lead through the trust root alone",
        covers: |Change { path, .. }| path.starts_with("/annotations/dev.sigstore.cosign/chain"),
        facts: Outcome::Same,
    },
    Rule {
        name: "other annotations",
        reason: "the predicate type is that of the signed statement, and attestations hold their signature",
        covers: |Change { path, change, .. }| {
            *path == "/annotations/predicateType"
                || *path == "/annotations/dev.cosignproject.cosign/signature"
                || (*path == "/annotations" && *change == "add")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "signature lines of a checkpoint",
        reason: "one line by the log must verify; the signed text ends before them",
        covers: |Change { path, change, .. }| {
            path.contains("/inclusionProof/checkpoint/envelope#")
                || (path.ends_with("/inclusionProof/checkpoint/envelope")
                    && *change == "transplant")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "time and index without a promise",
        reason: "only the promise of Rekor v1 covers them; without one they are no facts",
        covers: |Change { input, path, .. }| {
            input.contains("proof only")
                && (*path == "/content/verificationMaterial/tlogEntries/0/integratedTime"
                    || *path == "/content/verificationMaterial/tlogEntries/0/logIndex")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "index, size and root of a Rekor v2 proof",
        reason: "they repeat the index of the entry and the signed checkpoint, which decide",
        covers: |Change { input, path, .. }| {
            let proof = "/content/verificationMaterial/tlogEntries/0/inclusionProof/";
            input.contains("rekor-v2")
                && path
                    .strip_prefix(proof)
                    .is_some_and(|field| matches!(field, "logIndex" | "treeSize" | "rootHash"))
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "empty lists",
        reason: "they say no more than lists that are not there",
        covers: |Change { input, path, .. }| {
            input.contains("no log")
                && (*path == "/content/verificationMaterial/tlogEntries" || *path == "/annotations")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "order of log entries",
        reason: "each is verified for itself",
        covers: |Change { path, change, .. }| is_entry(path) && *change == "swap",
        facts: Outcome::Fewer,
    },
    Rule {
        name: "log entry left out",
        reason: "the others meet the thresholds",
        covers: |Change { path, change, .. }| is_entry(path) && *change == "drop",
        facts: Outcome::Fewer,
    },
    Rule {
        name: "log entry of an unknown log",
        reason: "it does not count, and the others meet the thresholds",
        covers: |Change { path, .. }| path.ends_with("/logId/keyId"),
        facts: Outcome::Fewer,
    },
    Rule {
        name: "promise left out",
        reason: "the entry has a proof, and others meet the threshold of times",
        covers: |Change { path, change, .. }| {
            path.ends_with("/inclusionPromise") && matches!(*change, "drop" | "null")
        },
        facts: Outcome::Fewer,
    },
    Rule {
        name: "frame of a timestamp",
        reason: "the authority does not sign the status, the versions and digest algorithms of CMS, and the \
                 certificates that its signature does not name",
        covers: |Change { path, change, .. }| {
            is_timestamp(path) && matches!(*change, "flip-byte" | "swap-bytes")
        },
        facts: Outcome::Same,
    },
    Rule {
        name: "timestamp left out, repeated or moved",
        reason: "each is verified for itself, thresholds count authorities",
        covers: |Change { path, change, .. }| {
            let in_bundle = path
                .strip_prefix("/content/verificationMaterial/timestampVerificationData")
                .is_some_and(|rest| !rest.ends_with("/signedTimestamp"));
            (in_bundle && matches!(*change, "drop" | "null" | "duplicate" | "swap"))
                || (*path == "/annotations/dev.sigstore.cosign/rfc3161timestamp"
                    && matches!(*change, "drop" | "null" | "rename" | "number"))
        },
        facts: Outcome::Fewer,
    },
    Rule {
        name: "another timestamp of the same signature",
        reason: "the authority did see the signature at that time too",
        covers: |Change { path, change, .. }| is_timestamp(path) && *change == "transplant",
        facts: Outcome::OtherTimestamps,
    },
];

/// Whether the path is that of an RFC 3161 response.
fn is_timestamp(path: &str) -> bool {
    path.ends_with("/signedTimestamp") || path.ends_with("/SignedRFC3161Timestamp")
}

/// Whether the path is that of a whole entry of a bundle.
fn is_entry(path: &str) -> bool {
    path.strip_prefix("/content/verificationMaterial/tlogEntries/")
        .is_some_and(|rest| rest.parse::<usize>().is_ok())
}
