//! What registries answer, and what is made of it.

use std::time::Duration;

use sealstone::layout::Scope;
use sealstone::limits::Limits;
use serde_json::json;

use super::{bundle, collect, error, found, image, pieces, signed};
use crate::support::{BUNDLE, INDEX, MANIFEST, Reply, Server, index};

const JSON: &str = "application/json";

#[test]
fn statuses_have_codes_and_are_tried_again_where_that_may_help() {
    let cases = [
        (404, "registry.image-not-found", 1),
        (403, "registry.forbidden", 1),
        (401, "registry.challenge-unsupported", 1),
        (418, "registry.status", 1),
        (429, "registry.too-many-requests", 4),
        (500, "registry.status", 4),
        (503, "registry.status", 4),
    ];
    for (status, code, requests) in cases {
        let server = Server::start();
        server.reply("/manifests/v1", [Reply::new(status)]);
        assert_eq!(error(&server), code, "{status}");
        assert_eq!(server.seen().len(), requests, "{status}");
    }
}

#[test]
fn a_registry_that_recovers_is_enough() {
    let (server, _, blob) = signed();
    server.reply(
        &blob,
        [
            Reply::new(429).header("retry-after", "0"),
            Reply::ok(JSON, "bun").announcing(6),
            Reply::new(502),
            Reply::ok(JSON, "bundle"),
        ],
    );
    assert_eq!(found(&server), (pieces(&[(BUNDLE, "bundle")]), vec![]));
}

#[test]
fn nobody_is_waited_for_without_end() {
    let server = Server::start();
    server.reply(
        "/manifests/v1",
        [Reply::new(503).header("retry-after", "5")],
    );
    let mut limits = Limits::default();
    limits.registry_time = Duration::from_millis(300);
    let start = std::time::Instant::now();
    let error = collect(&server, Scope::Image, &limits).unwrap_err();
    assert_eq!(error.code(), "registry.status");
    assert!(start.elapsed() < Duration::from_secs(4));
    limits.registry_time = Duration::ZERO;
    let error = collect(&server, Scope::Image, &limits).unwrap_err();
    assert_eq!(error.code(), "registry.timeout");
}

#[test]
fn blobs_are_what_their_digest_says() {
    let cases = [
        (Reply::ok(JSON, "elbund"), "registry.digest-mismatch"),
        (Reply::ok(JSON, "bund"), "registry.size-mismatch"),
        (Reply::ok(JSON, "bundle and more"), "registry.size-mismatch"),
        (Reply::ok(JSON, "").endless(), "registry.size-mismatch"),
        // What breaks off every time could not be had.
        (Reply::ok(JSON, "bun").announcing(6), "registry.unreachable"),
        (Reply::new(404), "registry.blob-missing"),
        (Reply::new(403), "registry.forbidden"),
        (Reply::new(500), "registry.status"),
    ];
    for (reply, code) in cases {
        let (server, _, blob) = signed();
        server.reply(&blob, [reply.clone()]);
        assert_eq!(found(&server), (vec![], vec![code]), "{reply:?}");
    }
}

#[test]
fn an_image_is_what_its_digest_says() {
    let (server, image, _) = signed();
    let path = format!("/manifests/{}", image.digest());
    server.reply(&path, [Reply::ok(MANIFEST, "{}")]);
    let name = format!("{}/app@{}", server.address, image.digest());
    let name = name.parse().unwrap();
    let limits = Limits::default();
    let mut registry =
        sealstone::registry::Registry::for_evidence(&name, &super::settings(), &limits);
    let error = registry.image().unwrap_err();
    assert_eq!(error.code(), "registry.digest-mismatch");
    assert_eq!(error.altered(), Some(image.digest()));
}

#[test]
fn manifests_are_no_larger_than_allowed() {
    let limits = Limits::default();
    let huge = [
        Reply::ok(MANIFEST, "").announcing(limits.manifest_bytes + 1),
        Reply::ok(MANIFEST, "").endless(),
    ];
    for reply in huge {
        let server = Server::start();
        server.reply("/manifests/v1", [reply]);
        assert_eq!(error(&server), "limit.manifest-bytes");
    }
    // The descriptor says so already.
    let (server, image, _) = signed();
    let huge = bundle(&server, &image, "huge").with("size", limits.manifest_bytes + 1);
    server.refer(&image, &[huge]);
    assert_eq!(found(&server), (vec![], vec!["limit.manifest-bytes"]));
}

#[test]
fn all_that_is_read_is_limited() {
    let (server, _, _) = signed();
    let mut limits = Limits::default();
    limits.registry_bytes = 1000;
    let (_, unavailable) = collect(&server, Scope::Image, &limits).unwrap();
    assert_eq!(unavailable, ["limit.registry-bytes"]);
}

#[test]
fn evidence_is_no_larger_than_allowed() {
    let (server, _, blob) = signed();
    let mut limits = Limits::default();
    limits.evidence_bytes = 5;
    let found = collect(&server, Scope::Image, &limits).unwrap();
    assert_eq!(found, (vec![], vec!["limit.evidence-bytes"]));
    assert!(server.seen().iter().all(|seen| !seen.path.ends_with(&blob)));
}

#[test]
fn lists_of_referrers_go_on_and_end() {
    let (server, image, _) = signed();
    let first = bundle(&server, &image, "first");
    let second = bundle(&server, &image, "second");
    let path = format!("/referrers/{}", image.digest());
    let page = |entries: &[_], link: &str| {
        Reply::ok(INDEX, index(entries).to_string()).header("link", link)
    };
    server.reply(
        &path,
        [page(
            std::slice::from_ref(&first),
            "</v2/app/next>; rel=\"next\"",
        )],
    );
    server.reply("/next", [page(&[second], "</v2/app/x>; rel=\"last\"")]);
    let both = pieces(&[(BUNDLE, "first"), (BUNDLE, "second")]);
    assert_eq!(found(&server), (both, vec![]));

    server.reply("/next", [page(&[], "<http://127.0.0.1:1/x>; rel=\"next\"")]);
    assert_eq!(found(&server).1, ["registry.next-page"]);

    server.reply("/next", [page(&[], "</v2/app/next>; rel=\"next\"")]);
    assert_eq!(found(&server).1, ["limit.registry-pages"]);

    let many = vec![first; Limits::default().registry_manifests];
    server.reply("/next", [page(&many, "</v2/app/next>; rel=\"next\"")]);
    assert_eq!(found(&server).1, ["limit.registry-manifests"]);
}

#[test]
fn a_list_of_referrers_is_an_image_index() {
    let malformed = [
        Reply::ok(INDEX, "<html>"),
        Reply::ok(INDEX, "{}"),
        Reply::ok("text/html", index(&[]).to_string()),
        Reply::ok(
            JSON,
            json!({"mediaType": "x/y", "manifests": []}).to_string(),
        ),
    ];
    for reply in malformed {
        let (server, image, _) = signed();
        server.reply(&format!("/referrers/{}", image.digest()), [reply.clone()]);
        assert_eq!(
            found(&server).1,
            ["registry.referrers-malformed"],
            "{reply:?}"
        );
    }
    // One without a media type may be one.
    let (server, image, _) = signed();
    let reply = Reply::ok(JSON, json!({"manifests": []}).to_string());
    server.reply(&format!("/referrers/{}", image.digest()), [reply]);
    assert_eq!(found(&server), (vec![], vec![]));
}

#[test]
fn a_registry_without_the_list_has_a_tag_for_it() {
    let server = Server::start();
    let image = image(&server);
    let referrer = bundle(&server, &image, "bundle");
    assert_eq!(found(&server), (vec![], vec![]));

    let tag = format!("sha256-{}", image.hex());
    server.tag(&tag, INDEX, &index(&[referrer]));
    assert_eq!(found(&server), (pieces(&[(BUNDLE, "bundle")]), vec![]));

    server.tag(&tag, MANIFEST, &server.manifest(&[], None));
    assert_eq!(found(&server).1, ["registry.referrers-malformed"]);

    server.tag(&tag, INDEX, &json!({"schemaVersion": 2}));
    assert_eq!(found(&server).1, ["registry.manifest-malformed"]);

    // Every answer but that there is none says nothing about what there is.
    for status in [400, 403, 500] {
        let path = format!("/referrers/{}", image.digest());
        server.reply(&path, [Reply::new(status)]);
        let (pieces, unavailable) = found(&server);
        assert_eq!((pieces.len(), unavailable.len()), (0, 1), "{status}");
    }
}

#[test]
fn what_an_image_is_must_be_known() {
    let server = Server::start();
    server.reply("/manifests/v1", [Reply::ok("x/y", "{}")]);
    assert_eq!(error(&server), "registry.media-type-unknown");
    // The document may say it where the registry does not.
    let manifest = server.manifest(&[], None).to_string();
    server.reply("/manifests/v1", [Reply::ok(JSON, manifest)]);
    assert_eq!(found(&server), (vec![], vec![]));
}

#[test]
fn manifests_that_cannot_be_read_are_unavailable() {
    let (server, image, _) = signed();
    let missing = bundle(&server, &image, "missing");
    server.reply(
        &format!("/manifests/{}", missing.digest()),
        [Reply::new(404)],
    );
    let malformed = server.document(MANIFEST, &json!([]));
    let shorter = bundle(&server, &image, "shorter").with("size", 7);
    let foreign = bundle(&server, &image, "foreign").with("digest", "sha512:00");
    server.refer(&image, &[missing, malformed, shorter, foreign]);
    let codes = vec![
        "registry.manifest-missing",
        "registry.manifest-malformed",
        "registry.size-mismatch",
        "digest.unsupported-algorithm",
    ];
    assert_eq!(found(&server), (vec![], codes));
}

#[test]
fn redirects_lead_to_stores_of_blobs_without_credentials() {
    let (server, _, blob) = signed();
    let store = Server::start();
    let location = format!("http://{}/stored?signature=x", store.address);
    store.reply_to("GET", "/stored?signature=x", [Reply::ok(JSON, "bundle")]);
    server.reply(&blob, [Reply::new(307).header("location", &location)]);
    let challenge = Reply::new(401).header("www-authenticate", "Bearer realm=\"/\"");
    assert_eq!(found(&server), (pieces(&[(BUNDLE, "bundle")]), vec![]));

    let realm = format!("Bearer realm=\"http://{}/token\"", server.address);
    server.demand(
        "Bearer secret",
        challenge.header("www-authenticate", &realm),
    );
    let realm = Reply::new(401).header("www-authenticate", &realm);
    server.demand("Bearer secret", realm);
    let token = Reply::ok(JSON, r#"{"token":"secret"}"#);
    server.reply_to("GET", "/token?scope=repository%3Aapp%3Apull", [token]);
    assert_eq!(found(&server), (pieces(&[(BUNDLE, "bundle")]), vec![]));
    let seen = store.seen();
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter().all(|seen| seen.authorization.is_none()),
        "{seen:?}"
    );
}

#[test]
fn redirects_end_and_do_not_lead_astray() {
    let cases = [
        (None, "registry.location-malformed"),
        (Some("elsewhere"), "registry.location-malformed"),
        (Some("http://registry.example/x"), "registry.plain-http"),
        (Some("file:///etc/passwd"), "registry.location-malformed"),
        (Some("/v2/app/again"), "registry.redirects"),
    ];
    for (location, code) in cases {
        let (server, _, blob) = signed();
        let mut reply = Reply::new(302);
        if let Some(location) = location {
            reply = reply.header("location", location);
        }
        server.reply(&blob, [reply.clone()]);
        server.reply("/again", [reply]);
        assert_eq!(found(&server), (vec![], vec![code]), "{location:?}");
    }
}

#[test]
fn a_registry_that_is_gone_is_unreachable() {
    let name = "127.0.0.1:1/app:v1".parse().unwrap();
    let limits = Limits::default();
    let mut registry =
        sealstone::registry::Registry::for_evidence(&name, &super::settings(), &limits);
    assert_eq!(registry.image().unwrap_err().code(), "registry.unreachable");
}
