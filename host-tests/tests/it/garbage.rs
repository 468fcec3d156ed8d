//! Every function of the module, natively and as a component, is handed garbage: an error value each
//! time, never a trap, never an allowed decision.

use sealstone::runtime::{
    CacheLocation, Evidence, ImageEvidence, Module, Outcome, Runtime, TrustedRoot,
};
use sealstone_engine::ffi;

const POLICY: &[u8] = br#"{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{"name":"key"},
"authorities":[{"name":"release","key":{"insecureIgnoreTransparencyLog":true,"publicKey":
"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n"}}],
"rules":[{"name":"signed","images":["**"],"signature":{"signedBy":["release"]}}]}"#;

/// Bytes that are no document of any kind, or one of another shape.
fn garbage() -> Vec<Vec<u8>> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut noise = |length: usize| -> Vec<u8> {
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()[0]
            })
            .collect()
    };
    let shapes: [&[u8]; 12] = [
        b"",
        b" ",
        b"null",
        b"true",
        b"-1e400",
        b"\"text\"",
        b"[]",
        b"[{}]",
        b"{}",
        br#"{"images":{}}"#,
        br#"{"a":1,"a":2}"#,
        br#"{"apiVersion":1,"kind":[],"images":[null],"policy":[],"request":"x"}"#,
    ];
    let mut all: Vec<Vec<u8>> = shapes.iter().map(|shape| shape.to_vec()).collect();
    all.push(b"[".repeat(100_000));
    all.push(br#"{"a":"#.repeat(50_000));
    all.push(POLICY[..POLICY.len() / 2].to_vec());
    all.extend([1, 7, 64, 1000, 40_000].map(&mut noise));
    all
}

fn module() -> Module {
    Runtime::new(
        sealstone::limits::Limits::default(),
        &CacheLocation::from_environment(),
    )
    .and_then(|runtime| runtime.load(sealstone::runtime::COMPONENT))
    .expect("the shipped component loads")
}

#[test]
fn component_answers_garbage_with_errors() {
    let module = module();
    assert!(module.info().is_ok());
    for bytes in garbage() {
        let refused = module.policy(&bytes, &[]);
        let code = refused.err().map(|failure| failure.code().to_owned());
        let code = code.expect("garbage is no policy");
        assert!(!code.starts_with("host."), "{code}");

        let root = TrustedRoot {
            name: "public-good".to_owned(),
            content: bytes.clone(),
        };
        let keyless = br#"{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{"name":"k"},
            "trustRoots":[{"name":"public-good"}],"authorities":[{"name":"a","keyless":{"trustRoot":"public-good",
            "identities":[{"issuer":{"exact":"i"},"subject":{"exact":"s"}}]}}],
            "rules":[{"name":"r","images":["**"],"signature":{"signedBy":["a"]}}]}"#;
        let code = module
            .policy(keyless, &[root])
            .err()
            .map(|failure| failure.code().to_owned());
        let code = code.expect("garbage is no trust root");
        assert!(!code.starts_with("host."), "{code}");

        let mut policy = module.policy(POLICY, &[]).expect("the policy is valid");
        let code = policy
            .images(&bytes)
            .err()
            .map(|failure| failure.code().to_owned());
        let code = code.expect("garbage is no request");
        assert!(!code.starts_with("host."), "{code}");
        let decision = policy
            .decide(&bytes, &[], 1_767_225_600)
            .expect("a decision");
        assert!(!decision.allowed);
        assert!(matches!(decision.outcome, Outcome::Invalid));
    }
}

#[test]
fn component_denies_garbage_as_evidence() {
    let module = module();
    let mut policy = module.policy(POLICY, &[]).expect("the policy is valid");
    let digest = format!("sha256:{}", "0".repeat(64));
    let reference = format!("registry.example/app@{digest}");
    let request = format!(r#"{{"images":[{{"reference":"{reference}"}}]}}"#);
    for media_type in [
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dsse.envelope.v1+json",
        "application/vnd.dev.cosign.simplesigning.v1+json",
        "text/plain",
        "",
    ] {
        for bytes in garbage() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let names = [
                "dev.cosignproject.cosign/signature",
                "dev.sigstore.cosign/bundle",
                "dev.sigstore.cosign/certificate",
                "dev.sigstore.cosign/rfc3161timestamp",
            ];
            let evidence = ImageEvidence {
                reference: reference.clone(),
                digest: digest.clone(),
                evidence: vec![Evidence {
                    media_type: media_type.to_owned(),
                    content: bytes.clone(),
                    annotations: names.map(|name| (name.to_owned(), text.clone())).to_vec(),
                }],
                unavailable: None,
            };
            let decision = policy.decide(request.as_bytes(), &[evidence], 1_767_225_600);
            let decision = decision.expect("a decision");
            assert!(!decision.allowed);
            assert!(matches!(decision.outcome, Outcome::Rejected));
        }
    }
}

#[test]
fn json_functions_answer_garbage_with_failures() {
    let functions: [(&str, fn(&[u8]) -> String); 3] = [
        ("compile", ffi::compile_json),
        ("images", ffi::images_json),
        ("decide", ffi::decide_json),
    ];
    for (name, function) in functions {
        for bytes in garbage() {
            let answer = function(&bytes);
            let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
            assert_eq!(answer["type"], "failure", "{name}: {answer}");
        }
    }
}
