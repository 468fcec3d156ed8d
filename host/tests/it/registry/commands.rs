//! The commands that speak to registries. Those that need a whole one are tested with real ones.

use std::fs::{self, File};

use serde_json::{Value, json};

use super::{image, signed};
use crate::support::{Answer, Entry, Example, INDEX, MANIFEST, Reply, Server, index, sealstone};

const NOW: &str = "--now=2026-06-01T00:00:00Z";

/// Verifies with the policy and the trust root of the example.
fn verify(example: &Example, image: &str, arguments: &[&str]) -> Answer {
    example.verify(&[&[image], arguments].concat())
}

/// Serves a layout as the repository `app`; its only image has the tag `v1`.
fn serve(layout: &std::path::Path) -> (Server, String) {
    let server = Server::start();
    let read = |path: &str| fs::read(layout.join(path)).unwrap();
    let list: Value = serde_json::from_slice(&read("index.json")).unwrap();
    for blob in fs::read_dir(layout.join("blobs/sha256")).unwrap() {
        let name = blob.unwrap().file_name().into_string().unwrap();
        let reply = Reply::ok(
            "application/octet-stream",
            read(&format!("blobs/sha256/{name}")),
        );
        server.reply(&format!("/blobs/sha256:{name}"), [reply]);
    }
    let (mut attached, mut referrers) = (Vec::new(), Vec::new());
    let mut found = None;
    for entry in list["manifests"].as_array().unwrap() {
        let entry = Entry(entry.clone());
        let content = read(&format!("blobs/sha256/{}", entry.hex()));
        let reply = Reply::ok(entry.0["mediaType"].as_str().unwrap(), content);
        server.reply(&format!("/manifests/{}", entry.digest()), [reply.clone()]);
        match entry.0.pointer("/annotations/kind").and_then(Value::as_str) {
            Some("dev.cosignproject.cosign/image") => {
                server.reply("/manifests/v1", [reply]);
                found = Some(entry);
            }
            Some(_) => attached.push(reply),
            None => referrers.push(entry),
        }
    }
    let image = found.unwrap();
    server.reply(&format!("/manifests/sha256-{}.att", image.hex()), attached);
    server.refer(&image, &referrers);
    (server, image.digest().to_string())
}

#[test]
fn an_image_in_a_registry_is_verified_like_one_in_a_layout() {
    let example = Example::new();
    let layout = example.path("signed");
    let (server, digest) = serve(&layout);
    let named = [
        "--reference",
        "registry.example/octo-org/app",
        "--output=json",
    ];
    let answer = verify(&example, &server.image("v1"), &named);
    assert_eq!(answer.status, 0, "{answer:?}");
    let from_layout = verify(&example, layout.to_str().unwrap(), &named);
    assert_eq!(answer.stdout, from_layout.stdout);
    let by_digest = format!("{}/app@{digest}", server.address);
    assert_eq!(
        verify(&example, &by_digest, &named).stdout,
        from_layout.stdout
    );
    let by_flag = format!("--digest={digest}");
    let by_flag = [named.as_slice(), &[by_flag.as_str()]].concat();
    let name = format!("{}/app", server.address);
    assert_eq!(verify(&example, &name, &by_flag).stdout, from_layout.stdout);

    // What was collected says the same.
    let document = example.path("evidence.json");
    let collect = |output: &std::path::Path| {
        sealstone([
            "evidence",
            &server.image("v1"),
            "--output",
            output.to_str().unwrap(),
        ])
    };
    assert_eq!(collect(&document).stdout, format!("{digest}\n"));
    let first = fs::read(&document).unwrap();
    let from_document = verify(&example, document.to_str().unwrap(), &named);
    assert_eq!(from_document.stdout, from_layout.stdout);
    collect(&document);
    assert_eq!(fs::read(&document).unwrap(), first);
    let folder = example.path("collected");
    assert_eq!(collect(&folder).status, 0);
    let from_folder = verify(&example, folder.to_str().unwrap(), &named);
    assert_eq!(from_folder.stdout, from_layout.stdout);
    let again = collect(&folder);
    assert_eq!(
        (again.status, again.stderr.contains("file.unwritable")),
        (2, true)
    );

    // A registry that loses one answer says nothing.
    let referrers = format!("/referrers/{digest}");
    server.reply(&referrers, [Reply::new(403)]);
    let answer = verify(&example, &server.image("v1"), &named);
    // What there is elsewhere may be enough.
    assert_eq!(answer.status, 0, "{answer:?}");
    let tag = format!("/manifests/{}.att", digest.replace(':', "-"));
    server.reply(&tag, [Reply::new(403)]);
    let answer = verify(&example, &server.image("v1"), &named);
    assert_eq!(answer.status, 3, "{answer:?}");
    let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(decision["images"][0]["code"], "evidence.unavailable");
    let incomplete = collect(&document);
    assert_eq!(incomplete.status, 3);
    assert!(
        incomplete.stderr.contains("evidence.unavailable"),
        "{incomplete:?}"
    );
    let answer = verify(&example, document.to_str().unwrap(), &named);
    assert_eq!(answer.status, 3, "{answer:?}");
    let folder = example.path("incomplete");
    assert_eq!(collect(&folder).status, 3);
    assert!(!folder.join("index.json").exists());
}

#[test]
fn an_image_that_is_altered_is_rejected() {
    let example = Example::new();
    let (server, digest) = serve(&example.path("signed"));
    server.reply(&format!("/manifests/{digest}"), [Reply::ok(MANIFEST, "{}")]);
    let name = format!("{}/app@{digest}", server.address);
    let answer = verify(&example, &name, &["--output=json"]);
    assert_eq!(answer.status, 1, "{answer:?}");
    let decision: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(decision["images"][0]["code"], "registry.digest-mismatch");
    let output = example.path("evidence.json");
    let answer = sealstone(["evidence", &name, "--output", output.to_str().unwrap()]);
    assert_eq!((answer.status, output.exists()), (1, false));
}

#[test]
fn failures_of_registries_are_unavailable_and_say_what_to_do() {
    let example = Example::new();
    for (status, code) in [
        (404, "registry.image-not-found"),
        (403, "registry.forbidden"),
        (401, "registry.challenge-unsupported"),
    ] {
        let server = Server::start();
        server.reply("/manifests/v1", [Reply::new(status)]);
        let answer = verify(&example, &server.image("v1"), &[]);
        assert_eq!(answer.status, 3, "{answer:?}");
        assert!(
            answer.stderr.contains(&format!("error[{code}]")),
            "{answer:?}"
        );
        assert!(answer.stderr.contains("help"), "{answer:?}");
        assert_eq!(answer.stdout, "");
    }
}

#[test]
fn a_review_asks_the_registries_of_the_images() {
    let example = Example::new();
    let (server, digest) = serve(&example.path("signed"));
    let document = example.path("evidence.json");
    let name = server.image("v1");
    let collected = sealstone(["evidence", &name, "--output", document.to_str().unwrap()]);
    assert_eq!(collected.status, 0, "{collected:?}");
    let image = format!("{}/app@{digest}", server.address);
    // The rules of the example are about another registry.
    example.replace(
        "policy.yaml",
        "localhost/**\", \"registry.example/octo-org/**",
        "**",
    );
    example.write(
        "request.json",
        json!({
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": "1",
                "operation": "CREATE",
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "userInfo": {"username": "ann"},
                "object": {"kind": "Pod", "spec": {"containers": [{"name": "c", "image": image}]}},
            },
        })
        .to_string(),
    );
    let review = |arguments: &[&str]| {
        let policy = format!("--policy={}", example.path("policy.yaml").display());
        let root = format!(
            "--trusted-root=example={}",
            example.path("trusted-root.json").display()
        );
        let request = format!("--request={}", example.path("request.json").display());
        let usual = ["review", NOW, &policy, &root, &request];
        sealstone(usual.iter().chain(arguments))
    };
    let answer = review(&["--registry"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    let from_document = format!("--evidence={image}={}", document.display());
    let from_document = review(&[&from_document]);
    assert_eq!(from_document.stdout, answer.stdout);
    assert_eq!(review(&[]).status, 3);

    server.reply(&format!("/manifests/{digest}"), [Reply::new(403)]);
    let answer = review(&["--registry"]);
    assert_eq!(answer.status, 3, "{answer:?}");
    assert!(answer.stdout.contains("registry.forbidden"), "{answer:?}");
}

#[test]
fn documents_about_several_images_need_a_choice() {
    let example = Example::new();
    let digest = |number: u8| format!("sha256:{}", format!("{number:02x}").repeat(32));
    let entry = |name: &str, number: u8| json!({"reference": name, "digest": digest(number), "evidence": []});
    let document = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Evidence",
        "images": [entry("a.example/app", 1), entry("a.example/app", 2), entry("b.example/app", 3)],
    });
    example.write("several.json", document.to_string());
    let several = example.path("several.json");
    let ask = |arguments: &[&str]| verify(&example, several.to_str().unwrap(), arguments);
    ask(&[]).is_usage_error("evidence.image-ambiguous");
    ask(&["--reference=a.example/app"]).is_usage_error("evidence.image-ambiguous");
    ask(&["--reference=c.example/app"]).is_usage_error("evidence.image-not-found");
    ask(&["--tag=v1"]).is_usage_error("evidence.image-not-found");
    ask(&[&format!("--digest={}", digest(4))]).is_usage_error("evidence.image-not-found");
    for arguments in [
        ["--reference=b.example/app"],
        [&format!("--digest={}", digest(2))],
    ] {
        assert_eq!(ask(&arguments).status, 1);
    }

    example.write("several.json", "{}");
    ask(&[]).is_usage_error("evidence.document-malformed");
    example.write(
        "several.json",
        document.to_string().replace("v1alpha1", "v9"),
    );
    ask(&[]).is_usage_error("evidence.document-version");
    let file = File::create(&several).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    ask(&[]).is_usage_error("limit.evidence-document-bytes");
}

#[test]
fn mistakes_in_the_call_are_usage_errors() {
    let example = Example::new();
    let (server, _, _) = signed();
    verify(&example, &server.image("v1"), &["--tag=v1"])
        .is_usage_error("image.selection-ambiguous");
    let layout = example.path("signed");
    let layout = layout.to_str().unwrap();
    sealstone(["evidence", layout, "--output", "elsewhere"])
        .is_usage_error("evidence.output-unsuitable");
    let other = format!("{}/app@sha256:{}", server.address, "00".repeat(32));
    sealstone(["push", layout, &other]).is_usage_error("image.digest-differs");
    for name in ["registry.example/App", "registry.example/app:"] {
        sealstone(["push", layout, name]).is_usage_error("image.reference-malformed");
        sealstone(["pull", name, "elsewhere"]).is_usage_error("image.reference-malformed");
        sealstone(["carrier", "push", name]).is_usage_error("image.reference-malformed");
    }
}

#[test]
fn a_carrier_is_not_stored_without_evidence_or_with_a_part_of_it() {
    let server = Server::start();
    let image = image(&server);
    let push = || sealstone(["carrier", "push", &server.image("v1")]);
    let answer = push();
    assert_eq!(answer.status, 1, "{answer:?}");
    assert!(answer.stderr.contains("error[carrier.empty]"), "{answer:?}");
    server.reply(&format!("/referrers/{}", image.digest()), [Reply::new(403)]);
    let answer = push();
    assert_eq!(answer.status, 3, "{answer:?}");
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[test]
fn registries_that_do_not_take_what_is_stored_have_codes() {
    let example = Example::new();
    let layout = example.path("signed");
    let push = |server: &Server| sealstone(["push", layout.to_str().unwrap(), &server.image("v1")]);
    let cases = [
        (Reply::new(202), "registry.location-malformed"),
        (
            Reply::new(202).header("location", "x"),
            "registry.location-malformed",
        ),
        (
            Reply::new(202).header("location", "http://registry.example/x"),
            "registry.plain-http",
        ),
        (Reply::new(403), "registry.forbidden"),
        (Reply::new(200), "registry.status"),
        (
            Reply::new(202).header("location", "/upload"),
            "registry.status",
        ),
    ];
    for (reply, code) in cases {
        let server = Server::start();
        server.reply_to("POST", "/v2/app/blobs/uploads/", [reply]);
        let answer = push(&server);
        assert_eq!(answer.status, 3, "{answer:?}");
        assert!(
            answer.stderr.contains(&format!("error[{code}]")),
            "{code}: {answer:?}"
        );
    }
}

/// How a descriptor is changed.
type Change = fn(Entry) -> Entry;

#[test]
fn what_is_pulled_is_bounded_and_complete_or_not_there() {
    let pull = |server: &Server| {
        let folder = tempfile::tempdir().unwrap();
        let answer = sealstone(["pull", &server.image("v1"), folder.path().to_str().unwrap()]);
        assert_eq!(
            answer.status == 0,
            folder.path().join("index.json").exists()
        );
        // What failed can be begun again in the same folder.
        assert_eq!(
            answer.status == 0,
            fs::read_dir(folder.path()).unwrap().next().is_some()
        );
        answer
    };
    let layered = |change: Change| {
        let server = Server::start();
        let layer = change(server.blob("application/vnd.oci.image.layer.v1.tar", "layer"));
        server.tag("v1", MANIFEST, &server.manifest(&[layer], None));
        server
    };
    assert_eq!(pull(&layered(|layer| layer)).status, 0);
    let cases: [(Change, i32, &str); 4] = [
        (
            |layer| layer.with("size", 17_u64 << 30),
            3,
            "limit.blob-bytes",
        ),
        (|layer| layer.with("size", 4), 1, "registry.size-mismatch"),
        (|layer| layer.with("size", 6), 1, "registry.size-mismatch"),
        (
            |layer| layer.with("digest", format!("sha256:{}", "00".repeat(32))),
            3,
            "registry.blob-missing",
        ),
    ];
    for (change, status, code) in cases {
        let answer = pull(&layered(change));
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.stderr.contains(code), "{answer:?}");
    }
    let server = layered(|layer| layer);
    let path = format!("/blobs/{}", sealstone::digest::Digest::of(b"layer"));
    server.reply(&path, [Reply::ok("x/y", "LAYER")]);
    assert!(pull(&server).stderr.contains("registry.digest-mismatch"));

    // Indexes in indexes are followed a few steps only.
    let server = Server::start();
    let mut entry = server.document(MANIFEST, &server.manifest(&[], None));
    for _ in 0..6 {
        entry = server.document(INDEX, &index(&[entry]));
    }
    server.tag("v1", INDEX, &index(&[entry]));
    assert!(pull(&server).stderr.contains("limit.registry-manifests"));
}
