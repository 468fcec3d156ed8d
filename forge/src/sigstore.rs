//! The virtual Sigstore: one instance of every service, and those that must not be trusted.

use serde_json::{Value, json};

use crate::certificate::CODE_SIGNING;
use crate::certificate_authority::{CertificateAuthority, Lifetime};
use crate::certificate_transparency::{CertificateTransparencyLog, CtLog};
use crate::identity::Identity;
use crate::json;
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::rekor::{Rekor, TransparencyLog};
use crate::seed::Seed;
use crate::signer::Signer;
use crate::time::{UnixTime, ValidFor};
use crate::trusted_root;

/// When the services of a virtual Sigstore began: 2025-01-01.
pub const STARTED: UnixTime = UnixTime::from_date(2025, 1, 1);

/// When something is signed unless [`Signer::at`] says otherwise: 2026-03-01, noon.
pub const SIGNED: UnixTime = UnixTime::from_date(2026, 3, 1).plus(12 * 3600);

/// A time to verify at: 2026-06-01.
pub const NOW: UnixTime = UnixTime::from_date(2026, 6, 1);

/// When [`Fault::IntegratedTimeInFuture`](crate::Fault::IntegratedTimeInFuture) signs: 2034-06-01.
pub const FUTURE: UnixTime = UnixTime::from_date(2034, 6, 1);

/// The end of retired services, before [`SIGNED`].
const RETIRED: UnixTime = UnixTime::from_date(2025, 12, 31);

/// A Sigstore instance at `sigstore.example` whose keys all follow from a seed.
///
/// Instances of different seeds have the same names and different keys. All methods are pure: the
/// same calls make the same bytes.
#[derive(Clone, Debug)]
pub struct VirtualSigstore {
    seed: Seed,
    pub(crate) authority: CertificateAuthority,
    /// In the trusted root; its intermediate expired.
    pub(crate) expired_authority: CertificateAuthority,
    /// In the trusted root; its window ended.
    pub(crate) closed_authority: CertificateAuthority,
    /// Not in the trusted root.
    pub(crate) unknown_authority: CertificateAuthority,
    ct_logs: [CtLog; 2],
    /// Not in the trusted root.
    pub(crate) unknown_ct_log: CtLog,
    rekor: [Rekor; 2],
    /// In the trusted root; its window ended.
    pub(crate) closed_rekor: Rekor,
    /// Not in the trusted root.
    pub(crate) unknown_rekor: Rekor,
}

impl VirtualSigstore {
    /// The instance of a seed. The seed is no secret: this is for tests and demonstrations only.
    pub fn new(seed: &str) -> Self {
        let seed = Seed::new(seed);
        let open = ValidFor {
            start: STARTED,
            end: None,
        };
        let closed = ValidFor {
            end: Some(RETIRED),
            ..open
        };
        let ct_log = |name: &str| {
            let url = format!("https://ctfe.{DOMAIN}/{name}");
            CtLog::new(&seed.child("certificate transparency"), url, open)
        };
        let rekor = |name: &str, window| {
            Rekor::new(&seed.child("rekor"), format!("{name}.{DOMAIN}"), window)
        };
        Self {
            authority: authority(&seed, "fulcio", 2035, open),
            expired_authority: authority(&seed, "fulcio expired", 2026, open),
            closed_authority: authority(&seed, "fulcio closed", 2035, closed),
            unknown_authority: authority(&seed, "fulcio unknown", 2035, open),
            ct_logs: [ct_log("first"), ct_log("second")],
            unknown_ct_log: ct_log("unknown"),
            rekor: [rekor("rekor", open), rekor("rekor-second", open)],
            closed_rekor: rekor("rekor-closed", closed),
            unknown_rekor: rekor("rekor-unknown", open),
            seed,
        }
    }

    /// A signer with a fresh certificate for `identity`.
    pub fn keyless(&self, identity: &Identity) -> Signer<'_> {
        Signer::keyless(self, identity)
    }

    /// A signer with a long-lived key and no certificate.
    pub fn keyed(&self, key: &KeyPair) -> Signer<'_> {
        Signer::keyed(self, key)
    }

    /// The key pair of a label.
    pub fn key_pair(&self, label: &str, details: KeyDetails) -> KeyPair {
        self.seed.child("key pairs").key_pair(label, details)
    }

    /// The trusted root file, `application/vnd.dev.sigstore.trustedroot+json;version=0.1`.
    ///
    /// Its certificate authorities all have the same subject: a path must be found by keys.
    pub fn trusted_root(&self) -> Vec<u8> {
        json::canonical(&self.trusted_root_value())
    }

    /// The trusted root as a JSON value, to change before use.
    pub fn trusted_root_value(&self) -> Value {
        let [first, second] = &self.ct_logs;
        let [rekor, rekor_second] = &self.rekor;
        json!({
            "mediaType": trusted_root::MEDIA_TYPE,
            "tlogs": [
                rekor.trusted_root_entry(),
                rekor_second.trusted_root_entry(),
                self.closed_rekor.trusted_root_entry(),
            ],
            "certificateAuthorities": [
                self.expired_authority.trusted_root_entry(&[]),
                self.closed_authority.trusted_root_entry(&[]),
                self.authority.trusted_root_entry(&[]),
            ],
            "ctlogs": [first.trusted_root_entry(), second.trusted_root_entry()],
        })
    }

    pub(crate) fn seed(&self) -> &Seed {
        &self.seed
    }

    pub(crate) fn ct_log(&self, log: CertificateTransparencyLog) -> &CtLog {
        let [first, second] = &self.ct_logs;
        match log {
            CertificateTransparencyLog::First => first,
            CertificateTransparencyLog::Second => second,
        }
    }

    pub(crate) fn rekor(&self, log: TransparencyLog) -> &Rekor {
        let [rekor, rekor_second] = &self.rekor;
        match log {
            TransparencyLog::Rekor => rekor,
            TransparencyLog::RekorSecond => rekor_second,
        }
    }
}

/// The name below which all services live.
const DOMAIN: &str = "sigstore.example";

fn authority(
    seed: &Seed,
    label: &str,
    intermediate_end: u64,
    valid_for: ValidFor,
) -> CertificateAuthority {
    let lifetime = Lifetime {
        not_before: STARTED,
        intermediate_not_after: UnixTime::from_date(intermediate_end, 1, 1),
        root_not_after: UnixTime::from_date(2055, 1, 1),
    };
    CertificateAuthority::new(
        seed.child(label),
        DOMAIN,
        "sigstore",
        format!("https://fulcio.{DOMAIN}"),
        CODE_SIGNING,
        lifetime,
        valid_for,
    )
}
