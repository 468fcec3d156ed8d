//! Proving to a registry who asks.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone::limits::Limits;
use sealstone::registry::{Registry, Settings};
use serde_json::json;
use tempfile::TempDir;

use super::{error, image};
use crate::support::{Reply, Server, sealstone_in};

/// A registry with an image that is shown to who has a token of its own service.
fn guarded() -> Server {
    let server = Server::start();
    image(&server);
    let challenge = format!(
        "Bearer realm=\"http://{}/token\",service=\"s\",scope=\"repository:app:pull\"",
        server.address
    );
    let challenge = Reply::new(401).header("www-authenticate", &challenge);
    server.demand("Bearer secret", challenge);
    server
}

const TOKEN: &str = "/token?service=s&scope=repository%3Aapp%3Apull";

fn token(content: &str) -> [Reply; 1] {
    [Reply::ok("application/json", content)]
}

/// The code with which the image cannot be had by these credentials, or `ok`.
fn ask(server: &Server, configuration: &str) -> &'static str {
    let folder = configured(configuration);
    let mut settings = super::settings();
    settings.docker_config = Some(folder.path().to_owned());
    ask_with(server, &settings)
}

fn ask_with(server: &Server, settings: &Settings) -> &'static str {
    let name = server.image("v1").parse().unwrap();
    let mut registry = Registry::for_evidence(&name, settings, &Limits::default());
    registry.image().map_or_else(|error| error.code(), |_| "ok")
}

fn configured(configuration: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), configuration).unwrap();
    folder
}

fn auth(server: &Server) -> String {
    let auth = STANDARD.encode("ann:pass:word");
    json!({"auths": {&server.address: {"auth": auth}}}).to_string()
}

#[test]
fn a_token_is_fetched_where_one_is_wanted() {
    for content in [r#"{"token":"secret"}"#, r#"{"access_token":"secret"}"#] {
        let server = guarded();
        server.reply_to("GET", TOKEN, token(content));
        assert_eq!(ask(&server, "{}"), "ok");
        let seen = server.seen();
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[1].authorization, None);
    }
}

#[test]
fn credentials_go_to_the_token_service() {
    let server = guarded();
    server.reply_to("GET", TOKEN, token(r#"{"token":"secret"}"#));
    assert_eq!(ask(&server, &auth(&server)), "ok");
    let expected = format!("Basic {}", STANDARD.encode("ann:pass:word"));
    assert_eq!(server.seen()[1].authorization, Some(expected));

    let server = guarded();
    server.reply_to("POST", "/token", token(r#"{"access_token":"secret"}"#));
    let configuration = json!({"auths": {&server.address: {"identitytoken": "a b"}}});
    assert_eq!(ask(&server, &configuration.to_string()), "ok");
    assert_eq!(
        server.seen()[1].body,
        "service=s&scope=repository%3Aapp%3Apull&client_id=sealstone\
         &grant_type=refresh_token&refresh_token=a%20b"
    );
}

#[test]
fn a_name_and_a_password_do_where_they_are_wanted() {
    let server = Server::start();
    image(&server);
    let header = format!("Basic {}", STANDARD.encode("ann:pass:word"));
    let challenge = Reply::new(401).header("www-authenticate", "Basic realm=\"r\"");
    server.demand(&header, challenge);
    assert_eq!(ask(&server, &auth(&server)), "ok");
    assert_eq!(ask(&server, "{}"), "registry.unauthorized");
    let other = auth(&server).replace(&server.address, "other.example");
    assert_eq!(ask(&server, &other), "registry.unauthorized");
    let wrong = json!({"auths": {&server.address: {"auth": STANDARD.encode("ann:wrong")}}});
    assert_eq!(ask(&server, &wrong.to_string()), "registry.unauthorized");
}

#[test]
fn token_services_that_do_not_help_have_codes() {
    let cases = [
        (
            Reply::ok("application/json", "{}"),
            "registry.token-malformed",
        ),
        (
            Reply::ok("application/json", "token"),
            "registry.token-malformed",
        ),
        (
            Reply::ok("application/json", r#"{"token":"a\r\nb: c"}"#),
            "registry.token-malformed",
        ),
        (
            Reply::ok("application/json", "").endless(),
            "limit.registry-token-bytes",
        ),
        (
            Reply::ok("application/json", r#"{"token":"wrong"}"#),
            "registry.unauthorized",
        ),
        (Reply::new(401), "registry.unauthorized"),
        (Reply::new(403), "registry.forbidden"),
        (Reply::new(404), "registry.status"),
        (Reply::new(500), "registry.status"),
    ];
    for (reply, code) in cases {
        let server = guarded();
        server.reply_to("GET", TOKEN, [reply.clone()]);
        assert_eq!(ask(&server, "{}"), code, "{reply:?}");
    }
}

#[test]
fn token_services_elsewhere_are_reached_over_tls() {
    for (realm, code) in [
        ("http://registry.example/token", "registry.plain-http"),
        ("not an address", "registry.location-malformed"),
        ("/token", "registry.plain-http"),
    ] {
        let server = Server::start();
        let challenge = format!("Bearer realm=\"{realm}\"");
        server.demand("x", Reply::new(401).header("www-authenticate", &challenge));
        assert_eq!(error(&server), code, "{realm}");
    }
    let server = Server::start();
    server.demand("x", Reply::new(401).header("www-authenticate", "Negotiate"));
    assert_eq!(error(&server), "registry.challenge-unsupported");
}

#[test]
fn a_configuration_that_cannot_be_used_is_told() {
    let server = guarded();
    assert_eq!(ask(&server, "{"), "registry.credentials");
    let auth = json!({"auths": {&server.address: {"auth": "?"}}});
    assert_eq!(ask(&server, &auth.to_string()), "registry.credentials");
    let helper = json!({"credsStore": "that-is-not-there"});
    assert_eq!(ask(&server, &helper.to_string()), "registry.credentials");
}

/// The program finds the configuration by `DOCKER_CONFIG` and helpers by `PATH`.
#[cfg(unix)]
#[test]
fn helpers_are_asked() {
    use std::os::unix::fs::PermissionsExt as _;

    let script = |answer: &str| {
        let folder = configured(r#"{"credsStore":"test"}"#);
        let path = folder.path().join("docker-credential-test");
        fs::write(&path, format!("#!/bin/sh\n{answer}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    };
    let server = Server::start();
    image(&server);
    let header = format!("Basic {}", STANDARD.encode("ann:secret"));
    let challenge = Reply::new(401).header("www-authenticate", "Basic realm=\"r\"");
    server.demand(&header, challenge);
    let right = format!(
        "read name; test \"$1 $name\" = \"get {}\" && echo '{{\"Username\":\"ann\",\"Secret\":\"secret\"}}'",
        server.address
    );
    let cases = [
        (right.as_str(), 0, ""),
        (
            "cat >/dev/null; echo credentials not found in native keychain; exit 1",
            3,
            "registry.unauthorized",
        ),
        (
            "cat >/dev/null; echo broken: secret; exit 1",
            3,
            "registry.credentials",
        ),
    ];
    for (answer, status, code) in cases {
        let folder = script(answer);
        let path = format!(
            "{}:{}",
            folder.path().display(),
            std::env::var("PATH").unwrap()
        );
        let output = folder.path().join("evidence.json");
        let answer = sealstone_in(
            &[
                ("DOCKER_CONFIG", folder.path().to_str().unwrap()),
                ("PATH", &path),
            ],
            [
                "evidence",
                &server.image("v1"),
                "--output",
                output.to_str().unwrap(),
            ],
        );
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.stderr.contains(code), "{answer:?}");
        assert!(!answer.stderr.contains("broken"), "{answer:?}");
    }
}
