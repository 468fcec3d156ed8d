//! Flags that make no sense.

use super::world::{IDENTITY, World};
use crate::support::sealstone;

#[test]
fn help_says_what_the_keys_are_worth() {
    for verb in [
        &["forge"][..],
        &["forge", "sign"],
        &["forge", "attest"],
        &["forge", "root"],
        &["forge", "faults"],
    ] {
        let answer = sealstone(verb.iter().chain(&["--help"]));
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
        assert!(answer.stdout.contains("Examples:"), "{answer:?}");
    }
    let answer = sealstone(["forge", "--help"]);
    for part in ["seed", "proves nothing", "sigstore.example"] {
        assert!(answer.stdout.contains(part), "{part}");
    }
}

#[test]
fn bad_flags_are_usage_errors() {
    let digest = format!("--digest=sha256:{}", "0".repeat(64));
    let cases: &[&[&str]] = &[
        &["forge"],
        &["forge", "melt"],
        &["forge", "root", "--key=ecdsa-p256"],
        &["forge", "root", "--public-key=key.pub"],
        &["forge", "root", "--without=fulcio"],
        &["forge", "sign"],
        &["forge", "sign", "--key=ecdsa-p256"],
        &["forge", "sign", "--file=f", &digest, "--key=ecdsa-p256"],
        &["forge", "sign", &digest, "--key=dsa"],
        &["forge", "sign", &digest, "--identity=a@b.example"],
        &["forge", "sign", &digest, "--issuer=https://b.example"],
        &[
            "forge",
            "sign",
            &digest,
            "--key=ecdsa-p256",
            "--identity=a@b.example",
            "--issuer=https://b.example",
        ],
        &["forge", "sign", &digest, "--tag=v1", "--key=ecdsa-p256"],
        &[
            "forge",
            "sign",
            "--layout=l",
            "--output=o",
            "--key=ecdsa-p256",
        ],
        &["forge", "sign", &digest, "--json", "--key=ecdsa-p256"],
        &[
            "forge",
            "sign",
            &digest,
            "--format=bundle-9",
            "--key=ecdsa-p256",
        ],
        &["forge", "attest", &digest],
        &["forge", "attest", "--provenance=v1"],
        &["forge", "attest", &digest, "--provenance=v9"],
        &["forge", "attest", &digest, "--predicate-type=vuln"],
        &["forge", "attest", &digest, "--predicate=p.json"],
        &[
            "forge",
            "attest",
            &digest,
            "--predicate-type=vuln",
            "--predicate=p.json",
            "--source=https://github.com/a/b",
        ],
        &["forge", "faults", "--output=xml"],
    ];
    for arguments in cases {
        let answer = sealstone(*arguments);
        assert_eq!(answer.status, 2, "{arguments:?} {answer:?}");
        assert_eq!(answer.stdout, "", "{arguments:?}");
        assert!(
            answer.stderr.contains("--help") || answer.stderr.contains("Usage:"),
            "{arguments:?} {answer:?}"
        );
    }
}

#[test]
fn malformed_values_name_a_code() {
    let digest = format!("--digest=sha256:{}", "0".repeat(64));
    let cases: &[(&[&str], &str)] = &[
        (
            &["sign", &digest, "--fault=no-such-fault"],
            "forge.fault-unknown",
        ),
        (
            &["sign", &digest, "--identity=nobody", "--issuer=i"],
            "forge.identity-malformed",
        ),
        (&["sign", &digest, "--time=yesterday"], "time.malformed"),
        (&["sign", &digest, "--time=0"], "time.out-of-range"),
        (
            &["sign", &digest, "--time=2035-01-01T00:00:00Z"],
            "time.out-of-range",
        ),
        (
            &["sign", &digest, "--time=18446744073709551615"],
            "time.out-of-range",
        ),
        (&["sign", "--digest=sha256:0"], "digest.malformed"),
        (
            &[
                "attest",
                &digest,
                "--provenance=v1",
                "--source=https://git.example/a/b",
            ],
            "forge.source-malformed",
        ),
        (
            &["attest", &digest, "--predicate=p", "--predicate-type=bom"],
            "forge.predicate-type-unknown",
        ),
    ];
    for (arguments, code) in cases {
        let answer = sealstone(["forge"].iter().chain(*arguments));
        assert_eq!(answer.status, 2, "{arguments:?} {answer:?}");
        assert!(
            answer.stderr.contains(&format!("[{code}]")),
            "{arguments:?} {answer:?}"
        );
    }
}

#[test]
fn errors_name_a_code_and_say_what_to_do() {
    let world = World::new();
    world.write("list.json", "[]");
    world.write("rubbish.json", "{");
    let digest = format!("--digest=sha256:{}", "0".repeat(64));
    let manifest = format!("--file={}", world.text("manifest.json"));
    let predicate = |name: &str| format!("--predicate={}", world.text(name));
    let (list, rubbish, missing) = (
        predicate("list.json"),
        predicate("rubbish.json"),
        predicate("missing.json"),
    );
    let nowhere = format!("--output={}", world.text("nowhere/bundle.json"));
    let new = format!("--layout={}", world.text("new"));
    let full = format!("--layout={}", world.text("."));
    let cases: &[(&[&str], &str)] = &[
        (&["sign", &manifest], "forge.signer-missing"),
        (
            &["sign", &digest, "--key=ed25519", "--format=legacy"],
            "forge.combination",
        ),
        (
            &["sign", &manifest, "--key=ed25519", "--format=legacy"],
            "forge.combination",
        ),
        (
            &[
                "sign",
                &digest,
                "--key=ed25519",
                "--format=bundle-0.2",
                "--rekor=v2",
            ],
            "forge.combination",
        ),
        (
            &["sign", &manifest, "--key=ed25519", "--fault=sct-missing"],
            "forge.fault-not-applicable",
        ),
        (
            &["sign", "--file=/no/such/file", "--key=ed25519"],
            "file.unreadable",
        ),
        (
            &["sign", &manifest, "--key=ed25519", &nowhere],
            "file.unwritable",
        ),
        (
            &["sign", &new, &digest, "--key=ed25519"],
            "layout.image-not-found",
        ),
        (&["sign", &full, "--key=ed25519"], "layout.not-a-layout"),
        (
            &[
                "attest",
                &digest,
                "--key=ed25519",
                "--predicate-type=vuln",
                &list,
            ],
            "forge.predicate-malformed",
        ),
        (
            &[
                "attest",
                &digest,
                "--key=ed25519",
                "--predicate-type=vuln",
                &rubbish,
            ],
            "forge.predicate-malformed",
        ),
        (
            &[
                "attest",
                &digest,
                "--key=ed25519",
                "--predicate-type=vuln",
                &missing,
            ],
            "file.unreadable",
        ),
    ];
    for (arguments, code) in cases {
        sealstone(["forge"].iter().chain(*arguments)).is_usage_error(code);
        assert!(!world.path("new").exists(), "{arguments:?}");
    }
}

/// The help of a fault that does not apply leads to evidence that carries it.
#[test]
fn advice_makes_a_fault_applicable() {
    let world = World::new();
    let manifest = format!("--file={}", world.text("manifest.json"));
    let cases: &[(&[&str], &str, &[&str])] = &[
        (IDENTITY, "checkpoint-origin-other", &["--rekor v2"]),
        (
            IDENTITY,
            "timestamp-rejected",
            &["--timestamp-authority first"],
        ),
        (
            IDENTITY,
            "timestamp-signer-is-authority",
            &["--timestamp-authority second"],
        ),
        (IDENTITY, "bundle-chain-empty", &["--format bundle-0.1"]),
        (
            &["--key=ed25519"],
            "sct-missing",
            &["--identity … --issuer …"],
        ),
        (
            &["--key=ed25519"],
            "bundle-chain-empty",
            &["--identity … --issuer …", "--format bundle-0.1"],
        ),
    ];
    for (credential, fault, advice) in cases {
        let fault = format!("--fault={fault}");
        let answer = world.forge("sign", &[credential, &[&manifest, &fault]]);
        answer.is_usage_error("forge.fault-not-applicable");
        let line = answer
            .stderr
            .lines()
            .find(|line| line.starts_with("help: "))
            .unwrap();
        assert_eq!(line, format!("help: it applies with {}", advice.join(" ")));
        if !advice.iter().any(|flags| flags.contains('…')) {
            let flags: Vec<&str> = advice.iter().flat_map(|flags| flags.split(' ')).collect();
            world.forged("sign", &[credential, &[&manifest, &fault], &flags]);
        }
    }
    let answer = world.forge("sign", &[IDENTITY, &[&manifest, "--fault=subject-none"]]);
    answer.is_usage_error("forge.fault-not-applicable");
    assert!(
        answer.stderr.contains("sealstone forge faults"),
        "{answer:?}"
    );
}
