//! Which evidence a layout gives for an image.

use std::fs;

use sealstone::layout::Layout;
use sealstone::limits::Limits;
use sealstone::runtime::Evidence;
use serde_json::json;

use crate::support::{BUNDLE, ENVELOPE, Entry, LayoutFolder};

/// The media types and contents of the evidence, and the codes of what is unavailable.
type Found = (Vec<(String, String)>, Vec<&'static str>);

fn collect(layout: &LayoutFolder, image: &Entry, limits: &Limits) -> Found {
    let collected = Layout::open(layout.path(), limits)
        .unwrap()
        .evidence(&image.digest());
    let piece = |piece: Evidence| (piece.media_type, String::from_utf8(piece.content).unwrap());
    (
        collected.evidence.into_iter().map(piece).collect(),
        collected
            .unavailable
            .iter()
            .map(|error| error.code())
            .collect(),
    )
}

#[track_caller]
fn gives(layout: &LayoutFolder, image: &Entry, evidence: &[(&str, &str)], unavailable: &[&str]) {
    let (found, missing) = collect(layout, image, &Limits::default());
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(kind, text)| (&**kind, &**text))
        .collect();
    assert_eq!(
        (found.as_slice(), missing.as_slice()),
        (evidence, unavailable)
    );
}

/// A layout with one image, and a place to put evidence.
fn with_image() -> (LayoutFolder, Entry) {
    let mut layout = LayoutFolder::new();
    let image = layout.image("image");
    layout.list(&image);
    (layout, image)
}

fn envelope(layout: &LayoutFolder, content: &str) -> Entry {
    layout.blob(ENVELOPE, content)
}

#[test]
fn nothing_is_nothing() {
    let (mut layout, image) = with_image();
    layout.list(&layout.image("other"));
    gives(&layout, &image, &[], &[]);
}

#[test]
fn what_cosign_saved_is_evidence() {
    let (mut layout, image) = with_image();
    for kind in ["sigs", "atts"] {
        let layers = [envelope(&layout, kind), layout.blob("text/unknown", kind)];
        layout.list(&layout.manifest(&layers, None).cosign(kind));
    }
    let sbom = layout.manifest(&[envelope(&layout, "sbom")], None);
    layout.list(&sbom.cosign("sboms"));
    let expected = [
        (ENVELOPE, "sigs"),
        ("text/unknown", "sigs"),
        (ENVELOPE, "atts"),
        ("text/unknown", "atts"),
    ];
    gives(&layout, &image, &expected, &[]);
}

#[test]
fn what_cosign_tagged_is_evidence_for_its_image_only() {
    let (mut layout, image) = with_image();
    let other = layout.image("other");
    layout.list(&other);
    for (entry, content) in [(&image, "mine"), (&other, "theirs")] {
        let manifest = layout.manifest(&[envelope(&layout, content)], None);
        layout.list(&manifest.tagged(&format!("sha256-{}.att", entry.hex())));
    }
    gives(&layout, &image, &[(ENVELOPE, "mine")], &[]);
    gives(&layout, &other, &[(ENVELOPE, "theirs")], &[]);
}

#[test]
fn a_manifest_that_is_listed_twice_counts_as_what_it_is() {
    let (mut layout, image) = with_image();
    let manifest = layout.manifest(&[envelope(&layout, "once")], None);
    layout.list(&manifest);
    layout.list(&manifest.tagged(&format!("sha256-{}.att", image.hex())));
    gives(&layout, &image, &[(ENVELOPE, "once")], &[]);
}

#[test]
fn annotations_of_layers_are_brought() {
    let (mut layout, image) = with_image();
    let layer = envelope(&layout, "content")
        .annotated("b", "2")
        .annotated("a", "1");
    layout.list(&layout.manifest(&[layer], None).cosign("atts"));
    let collected = Layout::open(layout.path(), &Limits::default())
        .unwrap()
        .evidence(&image.digest());
    let annotations = &collected.evidence[0].annotations;
    let expected = [("a", "1"), ("b", "2")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(annotations, &expected);
}

#[test]
fn referrers_of_the_image_are_evidence() {
    let (mut layout, image) = with_image();
    let other = layout.image("other");
    let layers = |layout: &LayoutFolder, content: &str| {
        [
            layout.blob(BUNDLE, content),
            layout.blob("text/plain", content),
        ]
    };
    layout.list(&layout.manifest(&layers(&layout, "mine"), Some(&image)));
    layout.list(&layout.manifest(&layers(&layout, "theirs"), Some(&other)));
    layout.list(&layout.manifest(&layers(&layout, "nobody's"), None));
    gives(&layout, &image, &[(BUNDLE, "mine")], &[]);
}

#[test]
fn the_artifact_type_of_a_referrer_tells_what_its_layers_are() {
    let (mut layout, image) = with_image();
    for (artifact_type, content) in [(BUNDLE, "bundle"), ("text/plain", "text")] {
        let layer = layout.blob("application/json", content);
        let manifest = json!({
            "schemaVersion": 2,
            "artifactType": artifact_type,
            "config": layout.blob("application/vnd.oci.empty.v1+json", "{}").0,
            "layers": [layer.0],
            "subject": image.0,
        });
        layout.list(&layout.document("application/vnd.oci.image.manifest.v1+json", &manifest));
    }
    gives(&layout, &image, &[(BUNDLE, "bundle")], &[]);
}

#[test]
fn the_index_that_stands_in_for_referrers_is_followed() {
    let (mut layout, image) = with_image();
    let other = layout.image("other");
    // The artifact type in the index is a hint, and a wrong one here.
    let hint = |entry: Entry| entry.with("artifactType", "application/vnd.oci.empty.v1+json");
    let mine = hint(layout.manifest(&[layout.blob(BUNDLE, "mine")], Some(&image)));
    let theirs = hint(layout.manifest(&[layout.blob(BUNDLE, "theirs")], Some(&other)));
    let index = layout.index(&[mine.clone(), theirs]);
    layout.list(&index.tagged(&format!("sha256-{}", image.hex())));
    // Listed once more: it is one piece of evidence all the same.
    layout.list(&mine);
    gives(&layout, &image, &[(BUNDLE, "mine")], &[]);
}

#[test]
fn what_is_damaged_is_unavailable_and_the_rest_is_brought() {
    type Change = fn(&LayoutFolder, &Entry);
    let remove: Change = |layout, entry| fs::remove_file(layout.blob_path(entry)).unwrap();
    let alter: Change = |layout, entry| {
        let mut content = fs::read(layout.blob_path(entry)).unwrap();
        content[0] ^= 1;
        fs::write(layout.blob_path(entry), content).unwrap();
    };
    let shorten: Change = |layout, entry| fs::write(layout.blob_path(entry), "").unwrap();
    for (change, code) in [
        (remove, "layout.blob-missing"),
        (alter, "layout.digest-mismatch"),
        (shorten, "layout.size-mismatch"),
    ] {
        let (mut layout, image) = with_image();
        let (good, bad) = (envelope(&layout, "good"), envelope(&layout, "bad"));
        let attached = layout.manifest(&[bad.clone(), good], None).cosign("atts");
        let referrer = layout.manifest(&[layout.blob(BUNDLE, "bundle")], Some(&image));
        let lost = layout.manifest(&[layout.blob(BUNDLE, "lost")], Some(&image));
        let index = layout
            .index(core::slice::from_ref(&lost))
            .tagged(&format!("sha256-{}", image.hex()));
        for entry in [&attached, &referrer, &index] {
            layout.list(entry);
        }
        change(&layout, &bad);
        change(&layout, &lost);
        let evidence = [(ENVELOPE, "good"), (BUNDLE, "bundle")];
        gives(&layout, &image, &evidence, &[code, code]);
        change(&layout, &index);
        change(&layout, &attached);
        change(&layout, &referrer);
        gives(&layout, &image, &[], &[code, code, code]);
    }
}

#[test]
fn descriptors_of_evidence_must_be_usable() {
    let cases = [
        (
            "digest",
            json!("sha256:../../../../../../etc/passwd"),
            "digest.malformed",
        ),
        ("digest", json!("sha512:00"), "digest.unsupported-algorithm"),
        ("size", json!(3), "layout.size-mismatch"),
        ("size", json!(u64::MAX), "limit.evidence-total-bytes"),
        ("size", json!(17 << 20), "limit.evidence-bytes"),
    ];
    for (member, value, code) in cases {
        let (mut layout, image) = with_image();
        let layer = envelope(&layout, "content").with(member, value);
        layout.list(&layout.manifest(&[layer], None).cosign("atts"));
        gives(&layout, &image, &[], &[code]);
    }
    let (mut layout, image) = with_image();
    let manifest = layout.manifest(&[], None).cosign("atts");
    layout.list(&manifest.with("digest", "sha256:../../index.json"));
    gives(&layout, &image, &[], &["digest.malformed"]);
}

#[test]
fn malformed_manifests_are_unavailable() {
    let deep = "[".repeat(100_000);
    for content in ["", "{", "text", "[]", r#"{"layers":{}}"#, &deep] {
        let (mut layout, image) = with_image();
        let manifest = layout.blob("application/vnd.oci.image.manifest.v1+json", content);
        layout.list(&manifest.cosign("atts"));
        gives(&layout, &image, &[], &["layout.manifest-malformed"]);
    }
}

#[test]
fn limits_are_named_when_they_are_hit() {
    let (mut layout, image) = with_image();
    let layers: Vec<Entry> = (0..4)
        .map(|n| envelope(&layout, &format!("layer {n}")))
        .collect();
    layout.list(&layout.manifest(&layers, None).cosign("atts"));
    for content in ["a", "b"] {
        layout.list(&layout.manifest(&[layout.blob(BUNDLE, content)], Some(&image)));
    }
    type Change = fn(&mut Limits);
    let cases: [(Change, usize, &[&str]); 6] = [
        (|_| {}, 6, &[]),
        (
            |limits| limits.evidence_pieces = 3,
            3,
            &["limit.evidence-pieces"],
        ),
        (
            |limits| limits.evidence_total_bytes = 15,
            2,
            &["limit.evidence-total-bytes"],
        ),
        (
            |limits| limits.evidence_bytes = 6,
            2,
            &["limit.evidence-bytes"; 4],
        ),
        (
            |limits| limits.layout_manifests = 2,
            5,
            &["limit.layout-manifests"],
        ),
        (
            |limits| limits.manifest_bytes = 10,
            0,
            &["limit.manifest-bytes"; 3],
        ),
    ];
    for (change, pieces, codes) in cases {
        let mut limits = Limits::default();
        change(&mut limits);
        let (found, missing) = collect(&layout, &image, &limits);
        assert_eq!((found.len(), missing.as_slice()), (pieces, codes));
    }
}
