//! What trust roots demand: profiles, thresholds, witnesses, and keys for a time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{
    CertificateTransparencyLog as Ct, EntryKind, KeyDetails, NOW, SIGNED, Signer,
    TimestampAuthority as Tsa, TransparencyLog as Log, UnixTime,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{
    SIGSTORE, assert_code, attestation, by_person, compiled, decide, decide_at, key_pair, person,
    policy, rule, signature, trusted_root,
};

pub(crate) const SCAN: &str = "https://scan.example/v1";
pub(crate) const TIME_MISSING: &str = "time.missing";
pub(crate) const TIME_THRESHOLD: &str = "time.threshold";
const LOG_MISSING: &str = "log-entry.missing";
const LOG_THRESHOLD: &str = "log-entry.threshold";
const SCT_MISSING: &str = "certificate-timestamp.missing";
const SCT_THRESHOLD: &str = "certificate-timestamp.threshold";

/// `people` by certificate and `release` by key, under a root with these members.
pub(crate) fn asking(root: Value) -> Value {
    let mut whole = json!({"name": "root"});
    for (name, value) in root.as_object().unwrap() {
        whole[name] = value.clone();
    }
    if whole.get("pem").is_none() && whole.get("trustedRoot").is_none() {
        whole["trustedRoot"] = trusted_root();
    }
    let release = json!({"publicKey": key_pair("release").public_key_pem(), "trustRoot": "root"});
    let authorities =
        json!([person("people", "*@example.com"), {"name": "release", "key": release}]);
    let asked = json!({
        "signedBy": ["people", "release"],
        "predicateType": {"exact": SCAN},
        "quantifier": "any",
    });
    policy(
        authorities,
        rule("attestation", asked),
        json!({"trustRoots": [whole]}),
    )
}

fn requiring(requirements: Value) -> CompiledPolicy {
    compiled(&asking(json!({"requirements": requirements})))
}

pub(crate) fn ann() -> Signer<'static> {
    by_person("ann@example.com")
}

pub(crate) fn release() -> Signer<'static> {
    SIGSTORE.keyed(&key_pair("release"))
}

pub(crate) fn rekor_v2(signer: Signer<'static>) -> Signer<'static> {
    signer.entry(Log::RekorV2, EntryKind::HashedRekordV002)
}

fn without_promise(signer: Signer<'static>) -> Signer<'static> {
    signer.certificate_transparency(&[])
}

pub(crate) fn scan(signer: &Signer<'_>) -> Evidence {
    attestation(signer, SCAN, json!({}))
}

// Profiles.

#[test]
fn profiles() {
    const ALL: [&str; 4] = ["publicGood", "publicGoodRekorV2", "gitHub", "private"];
    let stamped = |signer: Signer<'static>| signer.timestamp(Tsa::First);
    // By certificate: what was made, and what each profile says.
    let by_certificate: [(&str, Signer<'static>, [&str; 4]); 9] = [
        (
            "log, promise",
            ann(),
            ["ok", TIME_MISSING, TIME_MISSING, "ok"],
        ),
        ("log, promise, timestamp", stamped(ann()), ["ok"; 4]),
        ("log v2, promise", rekor_v2(ann()), [TIME_MISSING; 4]),
        (
            "log v2, promise, timestamp",
            stamped(rekor_v2(ann())),
            ["ok"; 4],
        ),
        (
            "log, no promise",
            without_promise(ann()),
            [SCT_MISSING, TIME_MISSING, TIME_MISSING, "ok"],
        ),
        (
            "log, no promise, timestamp",
            stamped(without_promise(ann())),
            [SCT_MISSING, SCT_MISSING, "ok", "ok"],
        ),
        (
            "no log, promise, timestamp",
            stamped(ann().without_entries()),
            [LOG_MISSING, LOG_MISSING, "ok", "ok"],
        ),
        (
            "no log, no promise, timestamp",
            stamped(without_promise(ann()).without_entries()),
            [LOG_MISSING, LOG_MISSING, "ok", "ok"],
        ),
        (
            "no log, no promise",
            without_promise(ann()).without_entries(),
            [LOG_MISSING, LOG_MISSING, TIME_MISSING, TIME_MISSING],
        ),
    ];
    // By key: the same without promises.
    let by_key: [(&str, Signer<'static>, [&str; 4]); 5] = [
        (
            "key, log",
            release(),
            ["ok", TIME_MISSING, TIME_MISSING, "ok"],
        ),
        ("key, log, timestamp", stamped(release()), ["ok"; 4]),
        ("key, log v2", rekor_v2(release()), [TIME_MISSING; 4]),
        (
            "key, log v2, timestamp",
            stamped(rekor_v2(release())),
            ["ok"; 4],
        ),
        (
            "key, timestamp",
            stamped(release().without_entries()),
            [LOG_MISSING, LOG_MISSING, "ok", "ok"],
        ),
    ];
    for (index, profile) in ALL.into_iter().enumerate() {
        let policy = requiring(json!({"profile": profile}));
        for (case, signer, codes) in by_certificate.iter().chain(&by_key) {
            let decided = decide(&policy, vec![scan(signer)]);
            assert_code(&decided, codes[index], &format!("{profile}: {case}"));
        }
    }
    // Without a word it is the public-good instance.
    for (case, signer, codes) in by_certificate.iter().chain(&by_key) {
        for policy in [requiring(json!({})), compiled(&asking(json!({})))] {
            assert_code(&decide(&policy, vec![scan(signer)]), codes[0], case);
        }
    }
}

// Thresholds.

#[test]
fn thresholds() {
    let two_logs = || {
        ann()
            .entry(Log::Rekor, EntryKind::DsseV001)
            .entry(Log::RekorSecond, EntryKind::DsseV001)
    };
    let one_log_twice = || {
        ann()
            .entry(Log::Rekor, EntryKind::DsseV001)
            .entry(Log::Rekor, EntryKind::IntotoV002)
    };
    let two_stamps = || ann().timestamp(Tsa::First).timestamp(Tsa::Second);
    let one_stamp_twice = || ann().timestamp(Tsa::First).timestamp(Tsa::First);
    let two_promises = || ann().certificate_transparency(&[Ct::First, Ct::Second]);
    let one_promise_twice = || ann().certificate_transparency(&[Ct::First, Ct::First]);
    let cases = [
        ("transparencyLogThreshold", 2, two_logs(), "ok"),
        ("transparencyLogThreshold", 2, ann(), LOG_THRESHOLD),
        (
            "transparencyLogThreshold",
            2,
            one_log_twice(),
            LOG_THRESHOLD,
        ),
        (
            "signedCertificateTimestampThreshold",
            2,
            two_promises(),
            "ok",
        ),
        (
            "signedCertificateTimestampThreshold",
            2,
            ann(),
            SCT_THRESHOLD,
        ),
        (
            "signedCertificateTimestampThreshold",
            2,
            one_promise_twice(),
            SCT_THRESHOLD,
        ),
        (
            "signedTimestampThreshold",
            1,
            ann().timestamp(Tsa::First),
            "ok",
        ),
        ("signedTimestampThreshold", 1, ann(), TIME_MISSING),
        ("signedTimestampThreshold", 2, two_stamps(), "ok"),
        (
            "signedTimestampThreshold",
            2,
            ann().timestamp(Tsa::Second),
            TIME_THRESHOLD,
        ),
        (
            "signedTimestampThreshold",
            2,
            one_stamp_twice(),
            TIME_THRESHOLD,
        ),
        ("integratedTimestampThreshold", 1, ann(), "ok"),
        (
            "integratedTimestampThreshold",
            1,
            rekor_v2(ann()).timestamp(Tsa::First),
            TIME_MISSING,
        ),
        ("integratedTimestampThreshold", 2, two_logs(), "ok"),
        (
            "integratedTimestampThreshold",
            2,
            ann().timestamp(Tsa::First),
            TIME_THRESHOLD,
        ),
        (
            "observerTimestampThreshold",
            2,
            ann().timestamp(Tsa::First),
            "ok",
        ),
        ("observerTimestampThreshold", 2, two_logs(), "ok"),
        ("observerTimestampThreshold", 2, ann(), TIME_THRESHOLD),
        (
            "observerTimestampThreshold",
            2,
            one_log_twice(),
            TIME_THRESHOLD,
        ),
        ("observerTimestampThreshold", 3, two_stamps(), "ok"),
        (
            "observerTimestampThreshold",
            3,
            one_stamp_twice(),
            TIME_THRESHOLD,
        ),
    ];
    for (field, threshold, signer, code) in cases {
        let policy = requiring(json!({field: threshold}));
        let decided = decide(&policy, vec![scan(&signer)]);
        assert_code(&decided, code, &format!("{field} {threshold} {code}"));
    }
}

/// A threshold adds to what the profile demands.
#[test]
fn thresholds_beside_a_profile() {
    let policy = requiring(json!({"profile": "private", "transparencyLogThreshold": 1}));
    let stamped = without_promise(ann())
        .without_entries()
        .timestamp(Tsa::First);
    assert_code(
        &decide(&policy, vec![scan(&stamped)]),
        LOG_MISSING,
        "no log",
    );
    assert_code(
        &decide(&policy, vec![scan(&without_promise(ann()))]),
        "ok",
        "a log",
    );
    let policy = requiring(json!({"profile": "private", "signedCertificateTimestampThreshold": 1}));
    assert_code(
        &decide(&policy, vec![scan(&without_promise(ann()))]),
        SCT_MISSING,
        "no promise",
    );
    assert_code(&decide(&policy, vec![scan(&ann())]), "ok", "a promise");
}

// The current time.

#[test]
fn the_current_time() {
    let policy = requiring(json!({"profile": "private", "insecureCurrentTime": true}));
    let untimed = without_promise(ann()).without_entries();
    let piece = || vec![scan(&untimed)];
    let private = requiring(json!({"profile": "private"}));
    assert_code(
        &decide_at(&private, piece(), SIGNED),
        TIME_MISSING,
        "off by default",
    );

    let decided = decide_at(&policy, piece(), SIGNED.plus(60));
    assert_code(&decided, "ok", "while the certificate is valid");
    let times = &decided.met_by()[0]["verifiedTimes"];
    let now = SIGNED.plus(60).to_string();
    assert_eq!(
        *times,
        json!([{"source": "insecure-current-time", "time": now}])
    );
    for (now, code) in [
        (SIGNED.plus(595), "ok"),
        (SIGNED.plus(596), "certificate.expired"),
        (SIGNED.minus(5), "ok"),
        (SIGNED.minus(6), "certificate.not-yet-valid"),
        (NOW, "certificate.expired"),
    ] {
        assert_code(&decide_at(&policy, piece(), now), code, &now.to_string());
    }
    // A time that is proved is not passed over.
    let logged = scan(&without_promise(ann()));
    let decided = decide(&policy, vec![logged]);
    assert_code(&decided, "ok", "a proven time");
    let times = &decided.met_by()[0]["verifiedTimes"];
    assert_eq!(
        *times,
        json!([{"source": "transparency-log", "time": SIGNED.to_string()}])
    );
}

// Witnesses.

const WITNESS: &str = "witness.example";

fn witness(name: &str) -> Value {
    let key = SIGSTORE.key_pair(name, KeyDetails::Ed25519);
    json!({"name": WITNESS, "publicKey": key.public_key_pem()})
}

/// The piece with cosignatures on its checkpoints by the keys of these names.
fn cosigned(piece: &Evidence, keys: &[&str], over: impl Fn(&str) -> String) -> Evidence {
    let mut bundle: Value = serde_json::from_slice(&piece.content).unwrap();
    for entry in bundle["verificationMaterial"]["tlogEntries"]
        .as_array_mut()
        .unwrap()
    {
        let checkpoint = &mut entry["inclusionProof"]["checkpoint"]["envelope"];
        let mut note = checkpoint.as_str().unwrap().to_owned();
        let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
        for name in keys {
            note.push_str(&cosignature(name, &over(&text)));
        }
        *checkpoint = json!(note);
    }
    Evidence {
        content: bundle.to_string().into_bytes(),
        ..piece.clone()
    }
}

/// A line as in <https://github.com/C2SP/C2SP/blob/main/tlog-cosignature.md>.
fn cosignature(name: &str, text: &str) -> String {
    let key = SIGSTORE.key_pair(name, KeyDetails::Ed25519);
    let time = SIGNED.seconds();
    let signature = key.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes());
    let raw = key.public_key_der().last_chunk::<32>().unwrap();
    let id = Sha256::new()
        .chain_update(WITNESS)
        .chain_update(b"\n\x04")
        .chain_update(raw)
        .finalize();
    let blob = [&id[..4], &time.to_be_bytes(), &signature].concat();
    format!("\u{2014} {WITNESS} {}\n", BASE64.encode(blob))
}

#[test]
fn witnesses() {
    const SHORT: &str = "checkpoint.witness-quorum";
    let quorum = |threshold: u64| {
        let keys = json!([witness("w1"), witness("w2"), witness("w3")]);
        compiled(&asking(
            json!({"witnesses": {"threshold": threshold, "keys": keys}}),
        ))
    };
    let same = |text: &str| text.to_owned();
    let v2 = || rekor_v2(ann()).timestamp(Tsa::First);
    let key_v2 = || rekor_v2(release()).timestamp(Tsa::First);
    for signer in [ann(), v2(), release(), key_v2()] {
        let piece = scan(&signer);
        for (threshold, keys, code) in [
            (1, &["w1"][..], "ok"),
            (1, &["w3"], "ok"),
            (1, &[], SHORT),
            (1, &["w4"], SHORT),
            (2, &["w1", "w2"], "ok"),
            (2, &["w3", "w1", "w4"], "ok"),
            (2, &["w1"], SHORT),
            // One witness twice is one.
            (2, &["w1", "w1"], SHORT),
            (2, &["w1", "w4"], SHORT),
            (3, &["w1", "w2", "w3"], "ok"),
            (3, &["w1", "w2"], SHORT),
        ] {
            let piece = cosigned(&piece, keys, same);
            assert_code(
                &decide(&quorum(threshold), vec![piece]),
                code,
                &format!("{threshold} {keys:?}"),
            );
        }
        // A cosignature on another tree is none.
        let other = cosigned(&piece, &["w1"], |text| text.replacen('\n', "x\n", 1));
        assert_code(&decide(&quorum(1), vec![other]), SHORT, "another tree");
        // Nobody asks for witnesses: nothing is demanded.
        assert_code(
            &decide(&compiled(&asking(json!({}))), vec![piece]),
            "ok",
            "no witnesses",
        );
    }
}

// When a key counts.

#[test]
fn validity_of_keys() {
    const OUTSIDE: &str = "public-key.outside-validity";
    let public_key = key_pair("release").public_key_pem();
    let logged = |valid_for: &Value| json!({"publicKey": public_key, "trustRoot": "root", "validFor": valid_for});
    let unlogged = |valid_for: &Value| json!({"publicKey": public_key, "insecureIgnoreTransparencyLog": true, "validFor": valid_for});
    let window = |start: UnixTime, end: Option<UnixTime>| match end {
        Some(end) => json!({"start": start.to_string(), "end": end.to_string()}),
        None => json!({"start": start.to_string()}),
    };
    let policy = |key: Value| {
        let authorities = json!([{"name": "release", "key": key}]);
        compiled(&policy(
            authorities,
            rule("signature", json!({"signedBy": ["release"]})),
            json!({}),
        ))
    };
    let piece = |time| vec![signature(&release().at(time))];
    let start = SIGNED;
    let end = SIGNED.plus(3600);
    for (time, closed, open) in [
        (start.minus(1), OUTSIDE, OUTSIDE),
        (start, "ok", "ok"),
        (start.plus(60), "ok", "ok"),
        (end, "ok", "ok"),
        (end.plus(1), OUTSIDE, "ok"),
    ] {
        let decided = decide(&policy(logged(&window(start, Some(end)))), piece(time));
        assert_code(&decided, closed, &time.to_string());
        let decided = decide(&policy(logged(&window(start, None))), piece(time));
        assert_code(&decided, open, &time.to_string());
    }
    // What counts is when it was signed, not when it is decided.
    let decided = decide_at(
        &policy(logged(&window(start, Some(end)))),
        piece(end),
        UnixTime::from_date(2033, 1, 1),
    );
    assert_code(&decided, "ok", "years later");
    // Without a proven time nobody knows.
    let always = window(UnixTime::from_date(1971, 1, 1), None);
    let unproven = vec![signature(&release().without_entries())];
    assert_code(
        &decide(&policy(unlogged(&always)), unproven.clone()),
        TIME_MISSING,
        "no time",
    );
    assert_code(
        &decide(&policy(unlogged(&always)), piece(start)),
        TIME_MISSING,
        "a log nobody knows",
    );
    let mut without = unlogged(&always);
    without.as_object_mut().unwrap().remove("validFor");
    assert_code(&decide(&policy(without), unproven), "ok", "no limit");
    // Each proven time must lie within.
    let stamped = release().at(end).timestamp(Tsa::First);
    let decided = decide(
        &policy(logged(&window(start, Some(end)))),
        vec![signature(&stamped)],
    );
    assert_code(&decided, "ok", "log and timestamp");
}
