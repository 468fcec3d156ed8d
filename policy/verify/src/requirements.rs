//! How much a verifier demands.

/// How much must be proved. Thresholds count distinct logs and authorities, never entries.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a record of numbers that callers fill in"
)]
pub struct Requirements {
    /// Transparency logs that must hold an entry. Default 1.
    pub transparency_log_threshold: usize,
    /// Certificate-transparency logs that must have promised the certificate. Default 1.
    pub signed_certificate_timestamp_threshold: usize,
    /// Timestamp authorities that must have timestamped the signature. Default 0.
    pub signed_timestamp_threshold: usize,
    /// Logs that must have promised the time of their entry. Default 0.
    pub integrated_timestamp_threshold: usize,
    /// Sources of time, logs and timestamp authorities together. Default 1. A certificate is never accepted
    /// without a verified time, whatever stands here, unless `insecure_current_time` is set.
    pub observer_timestamp_threshold: usize,
    /// Take the time of the decision for the time of signing where nothing proves one. Default false. Only for
    /// private certificate authorities whose certificates are long-lived: it accepts whatever is signed while
    /// the certificate is valid, also after its key was stolen.
    pub insecure_current_time: bool,
}

impl Default for Requirements {
    /// What the public-good instance gives for every signature.
    fn default() -> Self {
        Self {
            transparency_log_threshold: 1,
            signed_certificate_timestamp_threshold: 1,
            signed_timestamp_threshold: 0,
            integrated_timestamp_threshold: 0,
            observer_timestamp_threshold: 1,
            insecure_current_time: false,
        }
    }
}
