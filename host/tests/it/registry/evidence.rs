//! Which evidence a registry gives for an image.

use sealstone::layout::Scope;
use sealstone::limits::Limits;
use serde_json::{Value, json};

use super::{bundle, collect, found, image, open, pieces};
use crate::support::{BUNDLE, ENVELOPE, Entry, INDEX, MANIFEST, Server, index};

const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const CARRIER: &str = "application/vnd.sealstone.evidence.v1+json";
const STATEMENT: &str = "application/vnd.in-toto+json";

/// Attaches a layer as cosign does.
fn attach(server: &Server, image: &Entry, suffix: &str, media_type: &str, content: &str) {
    let layer = server.blob(media_type, content).annotated("name", "value");
    let tag = format!("sha256-{}.{suffix}", image.hex());
    server.tag(&tag, MANIFEST, &server.manifest(&[layer], None));
}

#[test]
fn everything_that_may_be_evidence_is_brought() {
    let server = Server::start();
    let image = image(&server);
    attach(&server, &image, "sig", SIMPLE_SIGNING, "signature");
    attach(&server, &image, "att", ENVELOPE, "attestation");
    attach(&server, &image, "sbom", "text/spdx", "not evidence");
    let other = server.document(MANIFEST, &server.manifest(&[], Some(&image)));
    let referrer = bundle(&server, &image, "bundle");
    let foreign = bundle(&server, &other, "about another image");
    server.refer(&image, &[referrer, foreign, other]);
    let expected = [
        (SIMPLE_SIGNING, "signature"),
        (ENVELOPE, "attestation"),
        (BUNDLE, "bundle"),
    ];
    assert_eq!(found(&server), (pieces(&expected), vec![]));

    let mut registry = open(&server, &Limits::default());
    let image = registry.image().unwrap();
    let collected = registry.evidence(&image, Scope::Image);
    let annotations = &collected.evidence[0].annotations;
    assert_eq!(*annotations, [("name".to_owned(), "value".to_owned())]);
}

fn carrier(server: &Server, image: &Entry, config: &str) -> Value {
    let config = server.blob(CARRIER, config);
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": CARRIER,
        "config": config.0,
        "layers": [],
        "subject": image.0,
    })
}

#[test]
fn carriers_bring_what_was_not_found_elsewhere() {
    let server = Server::start();
    let image = image(&server);
    let referrer = bundle(&server, &image, "{\"a\":1}");
    server.refer(&image, &[referrer]);
    let config = "[{\"a\":1},{\"b\":2},{\"mediaType\":\"x/y\",\"content\":\"YWJj\"}]";
    let tag = format!("sha256-{}.sealstone", image.hex());
    server.tag(&tag, MANIFEST, &carrier(&server, &image, config));
    let expected = [
        (BUNDLE, "{\"a\":1}"),
        ("application/vnd.dev.sigstore.bundle+json", "{\"b\":2}"),
        ("x/y", "abc"),
    ];
    assert_eq!(found(&server), (pieces(&expected), vec![]));

    for malformed in ["{}", "[1]", "[{\"mediaType\":\"m\",\"content\":\"?\"}]"] {
        server.tag(&tag, MANIFEST, &carrier(&server, &image, malformed));
        assert_eq!(found(&server).1, ["carrier.malformed"], "{malformed}");
    }
    // A carrier of another image carries nothing for this one.
    let other = server.document(MANIFEST, &json!({"layers": []}));
    server.tag(&tag, MANIFEST, &carrier(&server, &other, config));
    assert_eq!(found(&server), (pieces(&expected[..1]), vec![]));
}

/// An image index with a platform and an attestation manifest about it.
fn multi_platform(server: &Server) -> (Entry, Entry) {
    let platform = server.document(MANIFEST, &server.manifest(&[], None));
    let statement = server.blob(STATEMENT, "statement");
    let attestation = server.document(MANIFEST, &server.manifest(&[statement], None));
    let marked = attestation
        .clone()
        .annotated("vnd.docker.reference.type", "attestation-manifest");
    server.tag("v1", INDEX, &index(&[platform.clone(), marked]));
    (platform, attestation)
}

#[test]
fn statements_of_docker_are_brought_where_they_are_signed() {
    let server = Server::start();
    let (platform, attestation) = multi_platform(&server);
    attach(&server, &platform, "sig", SIMPLE_SIGNING, "platform");
    let kinds = |found: super::Found| -> Vec<String> {
        assert_eq!(found.1, Vec::<&str>::new());
        found.0.into_iter().map(|(kind, _)| kind).collect()
    };
    assert_eq!(kinds(found(&server)), [INDEX]);

    attach(&server, &attestation, "sig", SIMPLE_SIGNING, "attestation");
    let expected = [INDEX, SIMPLE_SIGNING, MANIFEST, STATEMENT];
    assert_eq!(kinds(found(&server)), expected);

    let all = collect(&server, Scope::Platforms, &Limits::default()).unwrap();
    let mut expected = expected.to_vec();
    expected.insert(1, SIMPLE_SIGNING);
    assert_eq!(kinds(all), expected);
}

#[test]
fn attestation_manifests_may_name_their_image() {
    let server = Server::start();
    let image = image(&server);
    let statement = server.blob(STATEMENT, "statement");
    let mut manifest = server.manifest(&[statement], Some(&image));
    manifest["artifactType"] = "application/vnd.docker.attestation.manifest.v1+json".into();
    let attestation = server.document(MANIFEST, &manifest);
    server.refer(&image, std::slice::from_ref(&attestation));
    assert_eq!(found(&server), (vec![], vec![]));

    attach(&server, &attestation, "sig", SIMPLE_SIGNING, "signature");
    let kinds: Vec<String> = found(&server).0.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [SIMPLE_SIGNING, MANIFEST, STATEMENT]);
}

#[test]
fn what_is_looked_at_is_limited() {
    let server = Server::start();
    let image = image(&server);
    let referrers: Vec<Entry> = (0..5)
        .map(|number| bundle(&server, &image, &number.to_string()))
        .collect();
    server.refer(&image, &referrers);
    let limited = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        collect(&server, Scope::Image, &limits).unwrap()
    };
    let (brought, unavailable) = limited(|limits| limits.evidence_pieces = 2);
    assert_eq!(
        (brought.len(), unavailable),
        (2, vec!["limit.evidence-pieces"])
    );
    let (brought, unavailable) = limited(|limits| limits.evidence_total_bytes = 3);
    assert_eq!(
        (brought.len(), unavailable),
        (3, vec!["limit.evidence-total-bytes"])
    );
    let (brought, unavailable) = limited(|limits| limits.registry_manifests = 4);
    assert_eq!(
        (brought.len(), unavailable),
        (0, vec!["limit.registry-manifests"])
    );
}
