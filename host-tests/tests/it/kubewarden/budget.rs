//! What one evaluation may cost: host calls, bytes, and signatures, so that it ends before policy-server
//! ends it.

use std::time::Duration;

use serde_json::{Value, json};

use super::table::{Table, layer};
use super::world::{
    REPOSITORY, VALIDATING, bundle, decision, legacy, payload, piece, pod, provenance, response,
    settings, signed, validate,
};

/// The digest of an image by number.
fn digest(number: usize) -> String {
    format!("sha256:{number:064x}")
}

fn images(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{REPOSITORY}@{}", digest(number)))
        .collect()
}

fn request(images: &[String]) -> Value {
    pod(&images.iter().map(String::as_str).collect::<Vec<_>>())
}

/// All images but the last are signed; for that one no call is left that would find its carrier.
#[test]
fn host_calls() {
    let images = images(256);
    let mut table = Table::default();
    for number in 0..256 {
        let digest = digest(number);
        let signature = legacy("release", REPOSITORY, &digest);
        table = match number {
            255 => table.carrier(REPOSITORY, &digest, json!([piece(&signature)])),
            _ => table.signatures(REPOSITORY, &digest, &[layer(&signature)]),
        };
    }
    let all = request(&images);
    let answer = timed("256 images", &all, &signed(json!({})), table.clone());
    assert_eq!(answer["code"], 503, "{answer}");
    let message = answer["message"].as_str().expect("a message");
    assert!(message.contains("(limit.host-calls)"), "{message}");
    assert!(!message.contains("more are not allowed"), "{message}");
    let asked = table.asked.lock().expect("no call panics").len();
    assert_eq!(asked, sealstone_kubewarden::HOST_CALLS);

    let fewer = request(images.get(1..).unwrap_or_default());
    let answer = timed("255 images", &fewer, &signed(json!({})), table);
    assert_eq!(answer["accepted"], true, "{answer}");
}

/// The reason why the only image is unavailable.
fn reason(table: Table) -> String {
    let answer = validate(&VALIDATING, &request(&images(1)), &signed(json!({})), table);
    assert_eq!(answer["code"], 503, "{answer}");
    answer["message"].as_str().expect("a message").to_owned()
}

#[test]
fn bytes_of_answers() {
    let tag = digest(0).replace(':', "-");
    let filler = "x".repeat(sealstone_kubewarden::ANSWER_BYTES);
    let table = Table::default().answer(
        "v1/oci_manifest",
        format!("{REPOSITORY}:{tag}.sig"),
        json!(filler),
    );
    assert!(reason(table).contains("(limit.answer-bytes)"));
    // An error is not longer than an answer either.
    let table = Table::default().failing("v1/oci_manifest", &filler);
    assert!(reason(table).contains("(limit.answer-bytes)"));
    // Two that are too long together.
    let half = json!(vec![
        json!(
            "x".repeat(sealstone_kubewarden::ANSWER_BYTES / 8)
        );
        5
    ]);
    let layers = half.as_array().expect("a list");
    let table = Table::default().signatures(REPOSITORY, &digest(0), layers);
    assert!(
        reason(table.carrier(REPOSITORY, &digest(0), half.clone()))
            .contains("kubewarden.answer-malformed")
    );
    let table = Table::default()
        .carrier(REPOSITORY, &digest(0), half.clone())
        .carrier(REPOSITORY, &digest(1), half);
    let answer = validate(
        &VALIDATING,
        &request(&images(3)),
        &signed(json!({"mode": "audit"})),
        table,
    );
    assert!(
        answer.to_string().contains("evidence.unavailable"),
        "{answer}"
    );
}

#[test]
fn bytes_of_a_blob() {
    let large = vec![b' '; (1 << 20) + 1];
    let mut lost = layer(&legacy("release", REPOSITORY, &digest(0)));
    lost["digest"] = super::table::sha256(&large).into();
    let table = Table::default()
        .signatures(REPOSITORY, &digest(0), &[lost])
        .blob(REPOSITORY, &super::table::sha256(&large), &large);
    assert!(reason(table).contains("(limit.answer-bytes)"));
}

/// Rules that ask each image for a signature and for provenance.
fn both(more: Value) -> Value {
    let build = sealstone_forge::Build::default();
    let provenance = json!({"signedBy": ["workflow"], "source": {"uri": build.source_uri()}});
    let rules = json!([
        {"name": "signed", "images": ["**"], "signature": {"signedBy": ["release"]}},
        {"name": "built", "images": ["**"], "provenance": provenance},
    ]);
    settings(rules, more)
}

/// Further authorities, until the settings have 900 kB.
fn filled(mut settings: Value, identity: impl Fn(usize, usize) -> Value) -> Value {
    const BYTES: usize = 900_000;
    let mut number = 0;
    loop {
        let rest = BYTES.saturating_sub(settings.to_string().len());
        let authorities = settings["authorities"].as_array_mut().expect("a list");
        let identities: Vec<Value> = (0..64).map(|index| identity(number, index)).collect();
        let authority = json!({"name": format!("other-{number}"), "keyless": {"trustRoot": "root", "identities": identities}});
        if authority.to_string().len() > rest || authorities.len() == 256 {
            return settings;
        }
        authorities.push(authority);
        number += 1;
    }
}

fn exact(number: usize, index: usize) -> Value {
    json!({
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"exact": format!("https://github.com/other-{number}/app-{index}/.github/workflows/release.yml@refs/heads/main")},
    })
}

fn regexp(number: usize, index: usize) -> Value {
    json!({
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"regexp": format!("https://github\\.com/other-{number}/app-{index}/.*@refs/tags/v[0-9]+\\.[0-9]+")},
    })
}

/// Evaluates in a new instance and holds the processor time against the least that policy-server gives by
/// default: its clock ticks once a second, and the second tick is the end. Other work on this machine does
/// not count.
fn timed(name: &str, request: &Value, settings: &Value, table: Table) -> Value {
    const LEAST: Duration = Duration::from_secs(1);
    let payload = payload(request, settings);
    let instance = VALIDATING.start(Box::new(table));
    let mut instance = instance.expect("the module starts").without_end();
    let start = processor_time();
    let ended = instance.call("validate", &payload);
    let spent = processor_time().saturating_sub(start);
    let kilobytes = settings.to_string().len() / 1000;
    println!(
        "{name}: {kilobytes} kB of settings, {} ms",
        spent.as_millis()
    );
    assert!(spent < LEAST, "{name}: {spent:?}");
    response(ended)
}

/// What this thread has spent so far.
fn processor_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(spent).expect("time does not run backwards")
}

/// Within the default timeout of policy-server, which is two ticks of a second each, begun at any time.
#[test]
fn settings_of_900_kilobytes_and_64_containers() {
    let images = images(64);
    let mut table = Table::default();
    for number in 0..64 {
        let digest = digest(number);
        table = table
            .signatures(
                REPOSITORY,
                &digest,
                &[layer(&legacy("release", REPOSITORY, &digest))],
            )
            .carrier(REPOSITORY, &digest, json!([bundle(&provenance(&digest))]));
    }
    for (name, identity) in [
        ("exact identities", exact as fn(usize, usize) -> Value),
        ("regular expressions", regexp),
    ] {
        let settings = filled(both(json!({})), identity);
        let answer = timed(name, &request(&images), &settings, table.clone());
        assert_eq!(answer["accepted"], true, "{answer}");
    }
}

/// Each of 64 images has as many pieces as the answers may hold, all of them to be verified in vain.
#[test]
fn evidence_at_every_limit() {
    let images = images(64);
    let room = sealstone_kubewarden::ANSWER_BYTES / 64;
    let stale = provenance(&digest(9999));
    let mut table = Table::default();
    for number in 0..64 {
        // Provenance by the right signer about another image, each piece with other bytes.
        let mut pieces = Vec::new();
        let mut bytes = 1000;
        for copy in 0..127 {
            let mut bundle = bundle(&stale);
            bundle["verificationMaterial"]["tlogEntries"][0]["logId"]["note"] = Value::Null;
            bundle["dsseEnvelope"]["signatures"][0]["keyid"] = format!("{number}-{copy}").into();
            bundle["verificationMaterial"]["tlogEntries"][0]["logId"]
                .as_object_mut()
                .expect("an object")
                .remove("note");
            bytes += bundle.to_string().len() + 1;
            if bytes > room {
                break;
            }
            pieces.push(bundle);
        }
        table = table.carrier(REPOSITORY, &digest(number), Value::Array(pieces));
    }
    let settings = filled(both(json!({})), exact);
    let answer = timed(
        "evidence about other images",
        &request(&images),
        &settings,
        table,
    );
    assert_eq!(answer["accepted"], false, "{answer}");
}

/// Signatures that take more operations than there is time for are a denial with a code of its own.
#[test]
fn work_on_signatures() {
    let images = images(64);
    let mut table = Table::default();
    for number in 0..64 {
        let digest = digest(number);
        // The right one comes last: evidence is looked at in the order of its hashes.
        let mut pieces = vec![piece(&legacy("release", REPOSITORY, &digest))];
        for copy in 0..30 {
            let mut wrong = legacy("other", REPOSITORY, &digest);
            wrong
                .annotations
                .insert("copy".to_owned(), copy.to_string());
            pieces.push(piece(&wrong));
        }
        table = table.carrier(REPOSITORY, &digest, Value::Array(pieces));
    }
    let answer = timed(
        "signatures by others",
        &request(&images),
        &signed(json!({})),
        table,
    );
    assert_eq!(answer["accepted"], false);
    assert!(
        decision(&answer)
            .to_string()
            .contains("limit.signature-work"),
        "{answer}"
    );
}
