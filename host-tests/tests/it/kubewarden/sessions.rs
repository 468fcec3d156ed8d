//! Recorded sessions, `host-tests/kubewarden/sessions/<name>/`: what the host was asked and answered, in the
//! form of kwctl; `request.json` and `settings.json`; and `response.json`, what came of it. `BLESS=1` writes
//! them anew. The suite `kubewarden` of `host-tests/peers` has kwctl and policy-server answer from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sealstone_wapc_host::{Exchange, Recorder, Session};
use serde_json::{Value, json};

use super::table::{Table, layer};
use super::world::{
    DIGEST, MUTATING, OTHER_DIGEST, REPOSITORY, built, bundle, image, legacy, pod, provenance,
    signed, validate,
};

/// A session and whether the request is accepted.
struct Recording {
    name: &'static str,
    table: Table,
    request: Value,
    settings: Value,
    accepted: bool,
}

fn recordings() -> Vec<Recording> {
    let signatures = || {
        let layers = [layer(&legacy("release", REPOSITORY, DIGEST))];
        Table::default().signatures(REPOSITORY, DIGEST, &layers)
    };
    let tagged = format!("{REPOSITORY}:v1");
    let carrier =
        Table::default().carrier(REPOSITORY, DIGEST, json!([bundle(&provenance(DIGEST))]));
    let config_map = json!({"evidenceSources": {"configMaps": [{"namespace": "sealstone", "name": "evidence"}]}});
    let pieces = json!([bundle(&provenance(DIGEST))]).to_string();
    let data = json!({DIGEST.replace(':', "-"): pieces});
    let of = |name, table, image: &str, settings, accepted| Recording {
        name,
        table,
        request: pod(&[image]),
        settings,
        accepted,
    };
    vec![
        of("signed", signatures(), &image(), signed(json!({})), true),
        of(
            "tag",
            signatures().tag(&tagged, DIGEST),
            &tagged,
            signed(json!({})),
            true,
        ),
        of(
            "neighbour",
            signatures(),
            &format!("{REPOSITORY}@{OTHER_DIGEST}"),
            signed(json!({})),
            false,
        ),
        of("carrier", carrier, &image(), built(json!({})), true),
        of(
            "without-carrier",
            Table::default(),
            &image(),
            built(json!({})),
            false,
        ),
        of(
            "config-map",
            Table::default().config_map(data),
            &image(),
            built(config_map),
            true,
        ),
        of(
            "registry-down",
            Table::default().failing(
                "v1/oci_manifest",
                "Callback evaluation failure: connection refused",
            ),
            &image(),
            signed(json!({})),
            false,
        ),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kubewarden/sessions")
}

/// Compares a file with what it should hold, or writes it.
fn bless(path: &Path, expected: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, expected).expect("the file can be written");
    }
    let found = fs::read_to_string(path);
    let found = found.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(
        found,
        expected,
        "{} differs; BLESS=1 writes it anew",
        path.display()
    );
}

#[test]
fn sessions_are_what_is_recorded() {
    for recording in recordings() {
        let folder = folder().join(recording.name);
        let exchanges = Arc::default();
        let recorder = Recorder::new(recording.table, Arc::clone(&exchanges));
        let response = validate(&MUTATING, &recording.request, &recording.settings, recorder);
        assert_eq!(response["accepted"], recording.accepted, "{response}");
        let exchanges: &Mutex<Vec<Exchange>> = &exchanges;
        let session = Exchange::write(&exchanges.lock().expect("no call panics"));
        bless(&folder.join("session.yml"), &session);
        for (name, value) in [
            ("request.json", &recording.request),
            ("settings.json", &recording.settings),
            ("response.json", &response),
        ] {
            bless(&folder.join(name), &format!("{value:#}\n"));
        }
    }
}

#[test]
fn sessions_are_replayed() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).expect("there are sessions") {
        let folder = entry.expect("an entry").path();
        let text = |name: &str| fs::read_to_string(folder.join(name)).expect("the file is there");
        let json = |name: &str| serde_json::from_str::<Value>(&text(name)).expect("JSON");
        let now = sealstone_forge::NOW.seconds();
        let session = Session::read(&text("session.yml"), now).expect("a session");
        let response = validate(
            &MUTATING,
            &json("request.json"),
            &json("settings.json"),
            session.clone(),
        );
        assert_eq!(response, json("response.json"), "{}", folder.display());
        assert!(session.is_over(), "{}: not all was asked", folder.display());
        seen += 1;
    }
    assert_eq!(seen, recordings().len());
}

/// A session that answers something else leads to another decision: it is the answers that count.
#[test]
fn another_session_is_another_decision() {
    let folder = folder();
    let text = |name: &str| fs::read_to_string(folder.join(name)).expect("the file is there");
    let json = |name: &str| serde_json::from_str::<Value>(&text(name)).expect("JSON");
    let now = sealstone_forge::NOW.seconds();
    let session = Session::read(&text("neighbour/session.yml"), now).expect("a session");
    let response = validate(
        &MUTATING,
        &json("signed/request.json"),
        &json("signed/settings.json"),
        session,
    );
    assert_eq!(response["accepted"], false, "{response}");
}
