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
use crate::timestamp_authority::{TimestampAuthority, Tsa};
use crate::trusted_root::{self, TrustedRootVersion};

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
    rekor: [Rekor; 4],
    /// In the trusted root; its window ended.
    pub(crate) closed_rekor: Rekor,
    /// Not in the trusted root.
    pub(crate) unknown_rekor: Rekor,
    /// Not in the trusted root.
    pub(crate) unknown_rekor_v2: Rekor,
    tsas: [Tsa; 2],
    /// In the trusted root; its signing certificate expired.
    pub(crate) expired_tsa: Tsa,
    /// In the trusted root; its window ended.
    pub(crate) closed_tsa: Tsa,
    /// Not in the trusted root.
    pub(crate) unknown_tsa: Tsa,
}

/// Services that a trusted root can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ServiceKind {
    /// The certificate-transparency logs.
    CertificateTransparency,
    /// The logs of Rekor v1.
    RekorV1,
    /// The logs of Rekor v2.
    RekorV2,
    /// The timestamp authorities.
    TimestampAuthorities,
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
        let rekor_v2 = |name: &str, key| {
            let host = format!("{name}.rekor.{DOMAIN}");
            Rekor::new_v2(&seed.child("rekor"), host, key, open)
        };
        Self {
            authority: authority(&seed, "fulcio", 2035, open),
            expired_authority: authority(&seed, "fulcio expired", 2026, open),
            closed_authority: authority(&seed, "fulcio closed", 2035, closed),
            unknown_authority: authority(&seed, "fulcio unknown", 2035, open),
            ct_logs: [ct_log("first"), ct_log("second")],
            unknown_ct_log: ct_log("unknown"),
            rekor: [
                rekor("rekor", open),
                rekor("rekor-second", open),
                rekor_v2("log2025-1", KeyDetails::Ed25519),
                rekor_v2("log2025-2", KeyDetails::EcdsaP256Sha256),
            ],
            unknown_rekor_v2: rekor_v2("log2025-3", KeyDetails::Ed25519),
            closed_rekor: rekor("rekor-closed", closed),
            unknown_rekor: rekor("rekor-unknown", open),
            tsas: [
                tsa(&seed, "first", 2035, open),
                tsa(&seed, "second", 2035, open),
            ],
            expired_tsa: tsa(&seed, "expired", 2026, open),
            closed_tsa: tsa(&seed, "closed", 2035, closed),
            unknown_tsa: tsa(&seed, "unknown", 2035, open),
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
        json::canonical(&self.trusted_root_value(TrustedRootVersion::V01))
    }

    /// The trusted root as a JSON value, to change before use.
    pub fn trusted_root_value(&self, version: TrustedRootVersion) -> Value {
        let v02 = version == TrustedRootVersion::V02;
        let logs = self.rekor.iter().chain([&self.closed_rekor]);
        let authorities = [
            &self.expired_authority,
            &self.closed_authority,
            &self.authority,
        ];
        let tsas = self
            .tsas
            .iter()
            .chain([&self.expired_tsa, &self.closed_tsa]);
        let mut root = json!({
            "mediaType": version.media_type(),
            "tlogs": logs.map(|log| log.trusted_root_entry(v02)).collect::<Vec<_>>(),
            "certificateAuthorities":
                authorities.map(|authority| authority.trusted_root_entry(&[])).to_vec(),
            "ctlogs": self.ct_logs.each_ref().map(CtLog::trusted_root_entry).to_vec(),
            "timestampAuthorities": tsas.map(Tsa::trusted_root_entry).collect::<Vec<_>>(),
        });
        if v02 {
            trusted_root::set_operator(&mut root, DOMAIN);
        }
        root
    }

    /// The trusted root without the services of some kinds, as of an instance that does not run them.
    pub fn trusted_root_without(&self, kinds: &[ServiceKind]) -> Vec<u8> {
        let mut root = self.trusted_root_value(TrustedRootVersion::V01);
        for kind in kinds {
            let emptied = match kind {
                ServiceKind::CertificateTransparency => "ctlogs",
                ServiceKind::TimestampAuthorities => "timestampAuthorities",
                ServiceKind::RekorV1 | ServiceKind::RekorV2 => "tlogs",
            };
            let v2: Vec<Value> = self
                .rekor
                .iter()
                .filter(|log| log.is_v2())
                .map(|log| log.trusted_root_entry(false))
                .collect();
            if let Some(entries) = root[emptied].as_array_mut() {
                entries.retain(|entry| match kind {
                    ServiceKind::RekorV1 => v2.contains(entry),
                    ServiceKind::RekorV2 => !v2.contains(entry),
                    _ => false,
                });
            }
        }
        json::canonical(&root)
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
        let [rekor, rekor_second, rekor_v2, rekor_v2_ecdsa] = &self.rekor;
        match log {
            TransparencyLog::Rekor => rekor,
            TransparencyLog::RekorSecond => rekor_second,
            TransparencyLog::RekorV2 => rekor_v2,
            TransparencyLog::RekorV2Ecdsa => rekor_v2_ecdsa,
        }
    }

    pub(crate) fn tsa(&self, authority: TimestampAuthority) -> &Tsa {
        let [first, second] = &self.tsas;
        match authority {
            TimestampAuthority::First => first,
            TimestampAuthority::Second => second,
        }
    }
}

/// The name below which all services live.
const DOMAIN: &str = "sigstore.example";

fn tsa(seed: &Seed, name: &str, leaf_end: u64, valid_for: ValidFor) -> Tsa {
    let key = if name == "second" {
        KeyDetails::EcdsaP384Sha384
    } else {
        KeyDetails::EcdsaP256Sha256
    };
    let lifetime = Lifetime {
        not_before: STARTED,
        intermediate_not_after: UnixTime::from_date(2035, 1, 1),
        root_not_after: UnixTime::from_date(2055, 1, 1),
    };
    Tsa::new(
        seed.child(&format!("timestamp {name}")),
        DOMAIN,
        name,
        key,
        UnixTime::from_date(leaf_end, 1, 1),
        lifetime,
        valid_for,
    )
}

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
