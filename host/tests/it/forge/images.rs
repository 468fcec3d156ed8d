//! Images in layouts, keys, times, and trust roots with less in them.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::world::{BUILT, BUILT_BY_KEY, IDENTITY, KEY, SIGNED, SIGNED_BY_KEY, World};
use crate::support::sealstone;

#[test]
fn the_same_flags_make_the_same_bytes() {
    let world = World::new();
    let manifest = world.text("manifest.json");
    let sign = |seed: &str| {
        let seed = format!("--seed={seed}");
        world
            .forged("sign", &[IDENTITY, &["--file", &manifest, &seed]])
            .stdout
    };
    let root = |seed: &str| sealstone(["forge", "root", "--seed", seed]).stdout;
    assert_eq!(sign("one"), sign("one"));
    assert_ne!(sign("one"), sign("two"));
    assert_eq!(root("one"), root("one"));
    assert_ne!(root("one"), root("two"));
    let shown = fs::read_to_string(world.path("root.json")).unwrap();
    assert_eq!(root("sealstone"), format!("{shown}\n"));
}

#[test]
fn a_trust_root_of_another_seed_does_not_trust() {
    let world = World::new();
    let manifest = world.text("manifest.json");
    let bundle = world.text("bundle.json");
    world.forged(
        "sign",
        &[
            IDENTITY,
            &["--file", &manifest, "--output", &bundle, "--seed=other"],
        ],
    );
    world
        .verify_bundle("bundle.json", SIGNED)
        .is_denied("certificate.signature-invalid");
}

/// One image gathers evidence of every form, and each alone would do.
#[test]
fn evidence_gathers_beside_an_image() {
    let world = World::new();
    let layout = world.text("app");
    let place: &[&str] = &["--layout", &layout];
    let made = world.forged("sign", &[IDENTITY, place, &["--fault=sct-missing"]]);
    for part in ["image", "sha256:", "bundle.v0.3+json", "sct-missing"] {
        assert!(made.stdout.contains(part), "{made:?}");
    }
    world
        .verify_layout("app", SIGNED)
        .is_denied("certificate-timestamp.missing");

    world.forged("sign", &[KEY, place, &["--format=legacy"]]);
    world.verify_layout("app", SIGNED_BY_KEY).is_allowed();
    let broken = world.verify_layout("app", SIGNED);
    broken.is_denied("certificate-timestamp.missing");

    let made = world.forged(
        "attest",
        &[place, &["--provenance=v0.2", "--format=legacy", "--json"]],
    );
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(made["fault"], Value::Null);
    assert_eq!(made["mediaType"], "application/vnd.dsse.envelope.v1+json");
    let decision = world.verify_layout("app", BUILT);
    decision.is_allowed();
    assert_eq!(made["digest"], decision.json["images"][0]["digest"]);

    // A second layer under each of the same tags.
    world.forged(
        "attest",
        &[
            place,
            &["--provenance=v0.2", "--format=legacy", "--key=rsa-2048"],
        ],
    );
    world.forged(
        "sign",
        &[
            place,
            IDENTITY,
            &["--format=legacy", "--fault=set-signature-invalid"],
        ],
    );
    world.verify_layout("app", SIGNED_BY_KEY).is_allowed();
    world.verify_layout("app", BUILT).is_allowed();
    let index: Value =
        serde_json::from_slice(&fs::read(world.path("app/index.json")).unwrap()).unwrap();
    let tagged = index["manifests"].as_array().unwrap().iter();
    let tags =
        tagged.filter(|entry| !entry["annotations"]["org.opencontainers.image.ref.name"].is_null());
    assert_eq!(tags.count(), 2, "{index}");
}

#[test]
fn each_kind_of_key_signs() {
    let world = World::new();
    let (root, key) = (world.text("root.json"), world.text("key.pub"));
    let kinds = [
        "ecdsa-p256",
        "ecdsa-p384",
        "ecdsa-p521",
        "ed25519",
        "rsa-2048",
        "rsa-3072",
        "rsa-4096",
    ];
    for kind in kinds {
        let flag = format!("--key={kind}");
        world.forged("root", &[&[&flag, "--public-key", &key, "--output", &root]]);
        world.write("policy.json", world.policy().to_string());
        for format in ["--format=legacy", "--format=bundle-0.3"] {
            // Legacy log entries hold SHA-256 digests, these keys sign others.
            let other = ["ecdsa-p384", "ecdsa-p521", "ed25519"].contains(&kind);
            if other && format == "--format=legacy" {
                continue;
            }
            for (fault, code) in [
                (None, "ok"),
                (Some("--fault=signature-other-key"), "signature.invalid"),
            ] {
                let name = format!("{kind}{format}{code}");
                let layout = world.text(&name);
                let fault: Vec<&str> = fault.into_iter().collect();
                world.forged("sign", &[&[&flag, format, "--layout", &layout], &fault]);
                let decision = world.verify_layout(&name, SIGNED_BY_KEY);
                assert_eq!(decision.code, code, "{name}");
            }
        }
    }
}

#[test]
fn services_that_a_trust_root_leaves_out_are_not_trusted() {
    let world = World::new();
    let (manifest, bundle) = (world.text("manifest.json"), world.text("bundle.json"));
    let root = world.text("root.json");
    let files: &[&str] = &["--file", &manifest, "--output", &bundle];
    let cases: [(&[&str], &str, &str); 3] = [
        (&[], "--without=rekor-v1", "log-entry.log-unknown"),
        (
            &["--rekor=v2"],
            "--without=rekor-v2",
            "log-entry.log-unknown",
        ),
        (
            &["--rekor=v2"],
            "--without=timestamp-authorities",
            "timestamp.authority-unknown",
        ),
    ];
    for (flags, without, code) in cases {
        world.forged("sign", &[IDENTITY, flags, files]);
        world.forged("root", &[&["--output", &root]]);
        world.verify_bundle("bundle.json", SIGNED).is_allowed();
        world.forged("root", &[&["--output", &root, without]]);
        world.verify_bundle("bundle.json", SIGNED).is_denied(code);
    }
}

#[test]
fn provenance_says_what_the_flags_say() {
    let world = World::new();
    let cases: [(&[&str], &str); 5] = [
        (&["--ref=refs/tags/v1.2.3"], "ok"),
        (&["--ref=refs/heads/main"], "provenance.ref-mismatch"),
        (
            &["--source=https://github.com/octo-org/other"],
            "provenance.source-mismatch",
        ),
        (
            &["--builder=https://builder.example/other"],
            "identity.subject-mismatch",
        ),
        (
            &[
                "--identity=https://github.com/intruder",
                "--issuer=https://token.actions.githubusercontent.com",
            ],
            "identity.subject-mismatch",
        ),
    ];
    for (number, (flags, code)) in cases.into_iter().enumerate() {
        for version in ["v0.2", "v1"] {
            let name = format!("{number}-{version}");
            let (layout, version) = (world.text(&name), format!("--provenance={version}"));
            world.forged("attest", &[&["--layout", &layout, &version], flags]);
            let decision = world.verify_layout(&name, BUILT);
            assert_eq!(decision.code, code, "{flags:?}");
        }
    }
}

#[test]
fn a_predicate_of_ones_own_is_signed_as_it_is() {
    let world = World::new();
    world.write("sbom.json", r#"{"score": 9.5, "name": "app"}"#);
    let (predicate, layout) = (world.text("sbom.json"), world.text("app"));
    let digest = format!("sha256:{}", "0".repeat(64));
    let claim: &[&str] = &["--predicate-type=cyclonedx", "--predicate", &predicate];
    let made = world.forged("attest", &[KEY, claim, &["--digest", &digest]]);
    let bundle: Value = serde_json::from_str(&made.stdout).unwrap();
    let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
    let statement: Value = serde_json::from_slice(&STANDARD.decode(payload).unwrap()).unwrap();
    assert_eq!(statement["predicateType"], "https://cyclonedx.org/bom");
    assert_eq!(statement["predicate"], json!({"score": 9.5, "name": "app"}));
    assert_eq!(statement["subject"][0]["digest"]["sha256"], "0".repeat(64));

    world.forged("attest", &[KEY, claim, &["--layout", &layout]]);
    world
        .verify_layout("app", BUILT_BY_KEY)
        .is_denied("evidence.missing");
}

#[test]
fn the_time_is_that_of_the_flag() {
    let world = World::new();
    let (manifest, bundle) = (world.text("manifest.json"), world.text("bundle.json"));
    let files: &[&str] = &["--file", &manifest, "--output", &bundle];
    world.forged("sign", &[IDENTITY, files, &["--time=2025-07-01T08:00:00Z"]]);
    let decision = world.verify_bundle("bundle.json", SIGNED);
    decision.is_allowed();
    assert!(decision.json.to_string().contains("2025-07-01T08:00:00Z"));
    world.forged("sign", &[IDENTITY, files, &["--time=2027-01-01T00:00:00Z"]]);
    world
        .verify_bundle("bundle.json", SIGNED)
        .is_denied("time.in-future");
}
