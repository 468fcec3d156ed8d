//! Which services vouch for forged evidence.

use sealstone_forge::{
    CertificateTransparencyLog, EntryKind, Signer, TimestampAuthority, TransparencyLog,
};
use serde_json::Value;

use super::document::Profile;

/// How many services of each kind vouch for a signature. There are two of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Services {
    /// Logs of Rekor v1, which also say when.
    rekor_v1: u64,
    /// Logs of Rekor v2.
    rekor_v2: u64,
    /// Timestamp authorities.
    timestamps: u64,
    /// Logs that promise the certificate.
    certificate_transparency: u64,
}

/// What is signed, which decides the kind of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A DSSE envelope in a bundle.
    Envelope,
    /// A layer with annotations: one entry at most, of the kind that fits.
    Layer,
}

impl Services {
    /// Nobody vouches.
    pub(super) const NONE: Self = Self {
        rekor_v1: 0,
        rekor_v2: 0,
        timestamps: 0,
        certificate_transparency: 0,
    };

    /// What the requirements of a trust root ask for.
    pub(super) fn asked_by(requirements: &Value) -> Self {
        let profile = requirements.get("profile").and_then(Value::as_str);
        let (logs, timestamps) = match profile {
            Some("gitHub") => (0, 1),
            Some("private") => (0, 0),
            Some("publicGoodRekorV2") => (1, 1),
            _ => (1, 0),
        };
        let threshold = |name: &str| requirements.get(name).and_then(Value::as_u64);
        let current_time = requirements.get("insecureCurrentTime").is_some();
        let logs_asked = threshold("transparencyLogThreshold").unwrap_or(logs);
        let integrated = threshold("integratedTimestampThreshold").unwrap_or(0);
        let observers = threshold("observerTimestampThreshold");
        let observers = observers.unwrap_or(u64::from(!current_time));
        let of_v2 = profile == Some("publicGoodRekorV2");
        let rekor_v1 = if of_v2 {
            integrated
        } else {
            logs_asked.max(integrated)
        };
        let missing = observers.saturating_sub(rekor_v1);
        Self {
            rekor_v1,
            rekor_v2: if of_v2 { logs_asked } else { 0 },
            timestamps: threshold("signedTimestampThreshold")
                .unwrap_or(timestamps)
                .max(missing),
            certificate_transparency: threshold("signedCertificateTimestampThreshold")
                .unwrap_or(logs),
        }
    }

    /// Those of a profile that a test names.
    pub(super) fn of_profile(profile: Profile) -> Self {
        let (rekor_v1, rekor_v2, timestamps) = match profile {
            Profile::RekorV1 | Profile::Legacy => (1, 0, 0),
            Profile::RekorV2 => (0, 1, 1),
            Profile::GitHub => (0, 0, 1),
            Profile::Unlogged | Profile::LegacyUnlogged => (0, 0, 0),
        };
        Self {
            rekor_v1,
            rekor_v2,
            timestamps,
            certificate_transparency: u64::from(profile != Profile::GitHub),
        }
    }

    /// Lets the services vouch for what a signer signs.
    pub(super) fn apply(self, mut signer: Signer<'_>, content: Content) -> Signer<'_> {
        use TransparencyLog::{Rekor, RekorSecond, RekorV2, RekorV2Ecdsa};
        let promised: &[CertificateTransparencyLog] = match self.certificate_transparency {
            0 => &[],
            1 => &[CertificateTransparencyLog::First],
            _ => &[
                CertificateTransparencyLog::First,
                CertificateTransparencyLog::Second,
            ],
        };
        signer = signer.certificate_transparency(promised);
        for authority in [TimestampAuthority::First, TimestampAuthority::Second]
            .into_iter()
            .take(count(self.timestamps))
        {
            signer = signer.timestamp(authority);
        }
        if self.rekor_v1 == 0 && self.rekor_v2 == 0 {
            return signer.without_entries();
        }
        if content == Content::Layer {
            return signer;
        }
        for log in [Rekor, RekorSecond].into_iter().take(count(self.rekor_v1)) {
            signer = signer.entry(log, EntryKind::DsseV001);
        }
        for log in [RekorV2, RekorV2Ecdsa]
            .into_iter()
            .take(count(self.rekor_v2))
        {
            signer = signer.entry(log, EntryKind::HashedRekordV002);
        }
        signer
    }
}

fn count(wanted: u64) -> usize {
    usize::try_from(wanted).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Services;

    #[test]
    fn what_trust_roots_ask_for() {
        let cases = [
            (json!(null), [1, 0, 0, 1]),
            (json!({"profile": "publicGoodRekorV2"}), [0, 1, 1, 1]),
            (json!({"profile": "gitHub"}), [0, 0, 1, 0]),
            (json!({"profile": "private"}), [0, 0, 1, 0]),
            (
                json!({"profile": "private", "insecureCurrentTime": true}),
                [0, 0, 0, 0],
            ),
            (
                json!({"profile": "private", "transparencyLogThreshold": 1}),
                [1, 0, 0, 0],
            ),
            (json!({"transparencyLogThreshold": 2}), [2, 0, 0, 1]),
            (json!({"observerTimestampThreshold": 2}), [1, 0, 1, 1]),
            (json!({"integratedTimestampThreshold": 2}), [2, 0, 0, 1]),
            (
                json!({"signedTimestampThreshold": 2, "signedCertificateTimestampThreshold": 2}),
                [1, 0, 2, 2],
            ),
        ];
        for (requirements, [rekor_v1, rekor_v2, timestamps, certificate_transparency]) in cases {
            let expected = Services {
                rekor_v1,
                rekor_v2,
                timestamps,
                certificate_transparency,
            };
            assert_eq!(
                Services::asked_by(&requirements),
                expected,
                "{requirements}"
            );
        }
    }
}
