//! `maximumAge` of rules: how long ago a signature was made, by what is proved about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{
    Build, Identity, SIGNED, Signer, TimestampAuthority, UnixTime, VirtualSigstore,
};
use serde_json::{Value, json};

use crate::world::{
    SIGSTORE, assert_code, attestation, by_key, by_person, compiled, decide_at, evidence, key,
    key_pair, person, policy, rule, signature, subject,
};

const SCAN: &str = "https://scan.example/v1";
const HOUR: u64 = 3600;
const OLD: &str = "evidence.too-old";

/// `people` by certificate, `logged` by a key whose signatures stand in the log, `unlogged` by a key
/// whose signatures need not, `ci` by GitHub's certificates.
fn authorities() -> Value {
    let public_key = key_pair("logged").public_key_pem();
    json!([
        person("people", "*@example.com"),
        {"name": "logged", "key": {"publicKey": public_key, "trustRoot": "root"}},
        key("unlogged"),
        {"name": "ci", "keyless": {"trustRoot": "root", "identities": [{
            "issuer": {"exact": "https://token.actions.githubusercontent.com"},
            "subject": {"glob": "https://github.com/octo-org/**"}}]}},
    ])
}

/// A rule of each kind that allows an age of one hour.
fn rules() -> [(&'static str, Value); 3] {
    [
        (
            "signature",
            json!({"signedBy": ["people", "logged", "unlogged"], "maximumAge": "1h"}),
        ),
        (
            "attestation",
            json!({
                "signedBy": ["people", "logged", "unlogged"],
                "predicateType": {"exact": SCAN},
                "quantifier": "any",
                "maximumAge": "60m",
            }),
        ),
        (
            "provenance",
            json!({
                "signedBy": ["ci", "unlogged"],
                "source": {"uri": "https://github.com/octo-org/app"},
                "maximumAge": "3600s",
            }),
        ),
    ]
}

fn asking(kind: &str, asked: &Value) -> CompiledPolicy {
    compiled(&policy(authorities(), rule(kind, asked.clone()), json!({})))
}

/// What a rule of the kind asks for, by the signer.
fn piece(kind: &str, signer: &Signer<'_>) -> Evidence {
    match kind {
        "signature" => signature(signer),
        "attestation" => attestation(signer, SCAN, json!({})),
        _ => evidence(signer.attest(&Build::default().provenance_v1(subject()))),
    }
}

fn by_certificate(kind: &str) -> Signer<'static> {
    if kind == "provenance" {
        SIGSTORE.keyless(&Identity::github_actions(&Build::default()))
    } else {
        by_person("ann@example.com")
    }
}

#[test]
fn the_boundary() {
    for (kind, asked) in rules() {
        let policy = asking(kind, &asked);
        let piece = piece(kind, &by_certificate(kind));
        for (now, code) in [
            (SIGNED, "ok"),
            (SIGNED.plus(HOUR - 1), "ok"),
            (SIGNED.plus(HOUR), "ok"),
            (SIGNED.plus(HOUR + 1), OLD),
            (SIGNED.plus(365 * 24 * HOUR), OLD),
            // What lies ahead is not young.
            (SIGNED.minus(1), "time.in-future"),
            (SIGNED.minus(2 * HOUR), "time.in-future"),
        ] {
            let decided = decide_at(&policy, vec![piece.clone()], now);
            assert_code(&decided, code, &format!("{kind} at {now}"));
        }
    }
}

#[test]
fn without_a_limit_nothing_is_too_old() {
    for (kind, mut asked) in rules() {
        asked.as_object_mut().unwrap().remove("maximumAge");
        let policy = asking(kind, &asked);
        for signer in [by_certificate(kind), by_key("unlogged")] {
            let decided = decide_at(
                &policy,
                vec![piece(kind, &signer)],
                UnixTime::from_date(2033, 1, 1),
            );
            assert_code(&decided, "ok", kind);
        }
    }
}

/// A key that no log watches can sign today what is old, and at any time what looks young.
#[test]
fn no_proven_time() {
    for (kind, asked) in rules() {
        let policy = asking(kind, &asked);
        let unlogged = by_key("unlogged");
        // The entry and the timestamp are there, but the policy names nobody who vouches for them.
        let logged = SIGSTORE
            .keyed(&key_pair("unlogged"))
            .timestamp(TimestampAuthority::First);
        for signer in [unlogged, logged] {
            let decided = decide_at(&policy, vec![piece(kind, &signer)], SIGNED);
            assert_code(&decided, "evidence.age-unproven", kind);
        }
    }
}

/// The time of the decision, taken for that of the signature, proves no age.
#[test]
fn the_current_time_is_no_proof() {
    let requirements = json!({"profile": "private", "insecureCurrentTime": true});
    let roots = json!([{
        "name": "root",
        "trustedRoot": crate::world::trusted_root(),
        "requirements": requirements,
    }]);
    for (kind, mut asked) in rules() {
        let signer = by_certificate(kind).without_entries();
        let piece = vec![piece(kind, &signer)];
        let with_limit = policy(
            authorities(),
            rule(kind, asked.clone()),
            json!({"trustRoots": roots}),
        );
        let decided = decide_at(&compiled(&with_limit), piece.clone(), SIGNED.plus(60));
        assert_code(&decided, "evidence.age-unproven", kind);
        asked.as_object_mut().unwrap().remove("maximumAge");
        let without = policy(
            authorities(),
            rule(kind, asked),
            json!({"trustRoots": roots}),
        );
        let decided = decide_at(&compiled(&without), piece, SIGNED.plus(60));
        assert_code(&decided, "ok", kind);
    }
}

/// Whoever has an old signature can have it timestamped or logged anew: the earliest time counts.
#[test]
fn a_later_time_does_not_rejuvenate() {
    let pair = key_pair("logged");
    let signer = |time| SIGSTORE.keyed(&pair).at(time);
    let early = SIGNED;
    let late = SIGNED.plus(10 * HOUR);
    let with_log = |time| bundle(&attestation(&signer(time), SCAN, json!({})));
    let with_timestamp = |time| {
        let signer = signer(time).timestamp(TimestampAuthority::First);
        bundle(&attestation(&signer, SCAN, json!({})))
    };
    // The signature of a key is the same at all times, so what witnesses it can be put together.
    let combined = |mut bundle: Value, timestamps: &Value| {
        let from = &timestamps["verificationMaterial"]["timestampVerificationData"];
        assert!(from.is_object());
        assert_eq!(bundle["dsseEnvelope"], timestamps["dsseEnvelope"]);
        bundle["verificationMaterial"]["timestampVerificationData"] = from.clone();
        bundle
    };
    let (_, asked) = &rules()[1];
    let policy = asking("attestation", asked);
    for (log, timestamp) in [(early, late), (late, early)] {
        let combined = combined(with_log(log), &with_timestamp(timestamp));
        let piece = Evidence {
            media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
            content: combined.to_string().into_bytes(),
            ..Evidence::default()
        };
        let alone = Evidence {
            content: with_log(late).to_string().into_bytes(),
            ..piece.clone()
        };
        let now = late.plus(60);
        assert_code(&decide_at(&policy, vec![alone], now), "ok", "late alone");
        assert_code(
            &decide_at(&policy, vec![piece.clone()], now),
            OLD,
            "early and late",
        );
        // Both times were found, and are shown where they matter not.
        let mut unlimited = asked.clone();
        unlimited.as_object_mut().unwrap().remove("maximumAge");
        let decided = decide_at(&asking("attestation", &unlimited), vec![piece], now);
        let times: Vec<&str> = decided.met_by()[0]["verifiedTimes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|time| time["time"].as_str().unwrap())
            .collect();
        assert_eq!(times, [early.to_string(), late.to_string()]);
    }
}

fn bundle(evidence: &Evidence) -> Value {
    let bundle: Value = serde_json::from_slice(&evidence.content).unwrap();
    let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
    assert!(BASE64.decode(payload).is_ok());
    bundle
}

/// An old piece beside a young one: one is enough for `any`. Under `all` an old piece is one that
/// does not meet the rule.
#[test]
fn old_and_young() {
    let now = SIGNED.plus(2 * HOUR);
    let young = || {
        attestation(
            &by_person("ann@example.com").at(now.minus(60)),
            SCAN,
            json!({}),
        )
    };
    let old = || attestation(&by_person("ann@example.com"), SCAN, json!({}));
    let (_, mut asked) = rules()[1].clone();
    for (quantifier, code) in [("any", "ok"), ("all", OLD)] {
        asked["quantifier"] = json!(quantifier);
        let policy = asking("attestation", &asked);
        assert_code(&decide_at(&policy, vec![young()], now), "ok", quantifier);
        assert_code(&decide_at(&policy, vec![old()], now), OLD, quantifier);
        assert_code(
            &decide_at(&policy, vec![young(), old()], now),
            code,
            quantifier,
        );
    }
}

/// A stranger's signature is a stranger's, however old.
#[test]
fn the_signer_comes_first() {
    let (_, asked) = &rules()[0];
    let policy = asking("signature", asked);
    let stranger = by_person("eve@elsewhere.example");
    let decided = decide_at(&policy, vec![signature(&stranger)], SIGNED.plus(2 * HOUR));
    assert_code(&decided, "identity.subject-mismatch", "a stranger");
    let elsewhere = VirtualSigstore::new("elsewhere");
    let forged = elsewhere.keyless(&Identity::email(crate::world::PEOPLE, "ann@example.com"));
    let decided = decide_at(&policy, vec![signature(&forged)], SIGNED.plus(2 * HOUR));
    assert_code(
        &decided,
        "certificate.signature-invalid",
        "another instance",
    );
}
