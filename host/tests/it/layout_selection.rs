//! Which image of a layout is meant.

use std::fs;

use sealstone::digest::Digest;
use sealstone::layout::{Fault, Layout, LayoutError, Selected, Selection};
use sealstone::limits::Limits;
use serde_json::json;

use crate::support::{Entry, LayoutFolder};

fn image(layout: &LayoutFolder, selection: &Selection) -> Result<Selected, LayoutError> {
    Layout::open(layout.path(), &Limits::default())
        .unwrap()
        .image(selection)
}

#[track_caller]
fn finds(layout: &LayoutFolder, selection: Selection, entry: &Entry) {
    let expected = Selected {
        digest: entry.digest(),
        listed: true,
    };
    assert_eq!(image(layout, &selection).unwrap(), expected);
}

#[track_caller]
fn fails(layout: &LayoutFolder, selection: Selection, code: &str, fault: Fault) {
    let error = image(layout, &selection).unwrap_err();
    assert_eq!((error.code(), error.fault()), (code, fault));
}

fn tag(tag: &str) -> Selection {
    Selection::Tag(tag.to_owned())
}

#[test]
fn the_only_image_needs_no_choice() {
    let mut layout = LayoutFolder::new();
    fails(
        &layout,
        Selection::Only,
        "layout.image-not-found",
        Fault::Usage,
    );
    let only = layout.image("only").tagged("v1");
    layout.list(&only);
    finds(&layout, Selection::Only, &only);
    // The same image under another tag is not another image.
    layout.list(&only.clone().tagged("latest"));
    finds(&layout, Selection::Only, &only);
    layout.list(&layout.image("second"));
    fails(&layout, Selection::Only, "layout.ambiguous", Fault::Usage);
}

#[test]
fn attachments_are_not_images() {
    let mut layout = LayoutFolder::new();
    let only = layout.image("only");
    let hex = only.hex();
    layout.list(&only);
    for suffix in ["", ".sig", ".att", ".sbom"] {
        let attached = layout.manifest(&[layout.blob("text/plain", suffix)], None);
        layout.list(&attached.tagged(&format!("sha256-{hex}{suffix}")));
    }
    let signature = layout.manifest(&[layout.blob("text/plain", "cosign")], None);
    layout.list(&signature.cosign("sigs"));
    let referrer = layout.manifest(&[layout.blob("text/plain", "referrer")], Some(&only));
    layout.list(&referrer);
    finds(&layout, Selection::Only, &only);
}

#[test]
fn what_cosign_marks_is_the_image() {
    for kind in ["image", "imageIndex"] {
        let mut layout = LayoutFolder::new();
        let marked = layout.image("marked").cosign(kind);
        layout.list(&layout.image("other"));
        layout.list(&marked);
        finds(&layout, Selection::Only, &marked);
    }
}

#[test]
fn tags_are_matched_whole() {
    let mut layout = LayoutFolder::new();
    let (one, two) = (layout.image("one"), layout.image("two"));
    layout.list(&one.clone().tagged("v1"));
    layout.list(&two.clone().tagged("v1.1"));
    finds(&layout, tag("v1"), &one);
    finds(&layout, tag("v1.1"), &two);
    for missing in ["v", "V1", "", "v1 "] {
        fails(
            &layout,
            tag(missing),
            "layout.image-not-found",
            Fault::Usage,
        );
    }
    layout.list(&two.tagged("v1"));
    fails(&layout, tag("v1"), "layout.ambiguous", Fault::Usage);
}

#[test]
fn a_digest_names_an_image_or_a_platform_of_one() {
    let mut layout = LayoutFolder::new();
    let (platform, other) = (layout.image("platform"), layout.image("other"));
    let index = layout.index(&[other.clone(), platform.clone()]);
    layout.list(&index);
    layout.list(&other);
    for entry in [&platform, &other, &index] {
        finds(&layout, Selection::Digest(entry.digest()), entry);
    }
    let unlisted = Digest::of(b"somewhere else");
    let selected = image(&layout, &Selection::Digest(unlisted)).unwrap();
    let expected = Selected {
        digest: unlisted,
        listed: false,
    };
    assert_eq!(selected, expected);
}

#[test]
fn an_altered_or_missing_image_is_not_accepted() {
    type Change = fn(&LayoutFolder, &Entry);
    type ToFault = fn(Digest) -> Fault;
    let cases: [(Change, &str, ToFault); 6] = [
        (
            |layout, entry| fs::remove_file(layout.blob_path(entry)).unwrap(),
            "layout.blob-missing",
            Fault::Unavailable,
        ),
        (
            |layout, entry| {
                let content = fs::read_to_string(layout.blob_path(entry)).unwrap();
                let content = content.replace("\"schemaVersion\":2", "\"schemaVersion\":3");
                fs::write(layout.blob_path(entry), content).unwrap();
            },
            "layout.digest-mismatch",
            Fault::Rejected,
        ),
        (
            |layout, entry| {
                let mut content = fs::read(layout.blob_path(entry)).unwrap();
                content.push(b' ');
                fs::write(layout.blob_path(entry), content).unwrap();
            },
            "layout.size-mismatch",
            Fault::Rejected,
        ),
        (
            |layout, entry| {
                let mut content = fs::read(layout.blob_path(entry)).unwrap();
                content.pop();
                fs::write(layout.blob_path(entry), content).unwrap();
            },
            "layout.size-mismatch",
            Fault::Rejected,
        ),
        (
            |layout, entry| fs::write(layout.blob_path(entry), "").unwrap(),
            "layout.size-mismatch",
            Fault::Rejected,
        ),
        (
            |layout, entry| {
                fs::remove_file(layout.blob_path(entry)).unwrap();
                fs::create_dir(layout.blob_path(entry)).unwrap();
            },
            "layout.blob-unreadable",
            Fault::Unavailable,
        ),
    ];
    for (change, code, fault) in cases {
        let mut layout = LayoutFolder::new();
        let only = layout.image("only").tagged("v1");
        layout.list(&only);
        change(&layout, &only);
        for selection in [Selection::Only, tag("v1"), Selection::Digest(only.digest())] {
            fails(&layout, selection, code, fault(only.digest()));
        }
    }
}

#[test]
fn descriptors_must_be_usable() {
    let hex = "0".repeat(64);
    let cases = [
        (
            "digest",
            json!("sha256:../../../../../etc/passwd"),
            "digest.malformed",
        ),
        (
            "digest",
            json!("../../../../../etc/passwd"),
            "digest.malformed",
        ),
        ("digest", json!("sha256:"), "digest.malformed"),
        (
            "digest",
            json!(format!("sha256:{hex}/..")),
            "digest.malformed",
        ),
        (
            "digest",
            json!(format!("sha512:{hex}{hex}")),
            "digest.unsupported-algorithm",
        ),
        ("size", json!(u64::MAX), "limit.manifest-bytes"),
        ("size", json!(50 << 20), "limit.manifest-bytes"),
    ];
    for (member, value, code) in cases {
        let mut layout = LayoutFolder::new();
        layout.list(&layout.image("only").tagged("v1").with(member, value));
        fails(&layout, Selection::Only, code, Fault::Usage);
        fails(&layout, tag("v1"), code, Fault::Usage);
    }
}

#[cfg(unix)]
#[test]
fn links_lead_to_regular_files_or_nowhere() {
    use std::os::unix::fs::symlink;

    let mut layout = LayoutFolder::new();
    let only = layout.image("only");
    layout.list(&only);
    let path = layout.blob_path(&only);
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("blob");
    fs::rename(&path, &moved).unwrap();
    // What counts is the content, and it is hashed.
    symlink(&moved, &path).unwrap();
    finds(&layout, Selection::Only, &only);
    for (target, code) in [
        ("/dev/zero", "layout.blob-unreadable"),
        ("/nowhere", "layout.blob-missing"),
    ] {
        fs::remove_file(&path).unwrap();
        symlink(target, &path).unwrap();
        fails(
            &layout,
            Selection::Only,
            code,
            Fault::Unavailable(only.digest()),
        );
    }
}
