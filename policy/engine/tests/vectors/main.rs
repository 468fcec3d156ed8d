//! The whole path with provenance that real builders published.
//!
//! The folder is named by `SEALSTONE_VECTORS`, by default `../shared/vectors` beside the workspace.
//! Without it the tests are reported as ignored.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod levels;
mod oracle;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "the other test binary uses the rest")]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use sealstone_engine::{
    CompiledPolicy, Decision, Evidence, ImageEvidence, NamedTrustedRoot, Outcome,
};
use sealstone_verify::json::{Map, Value};

use support::{NOW, OTHER_DIGEST, document, image_code, request, step, text, value};

const IMAGE: &str =
    "ghcr.io/slsa-framework/example-package.verifier-e2e.all.tag.main.default.slsa3";
const GITHUB: &str = "https://token.actions.githubusercontent.com";
const WORKFLOWS: &str =
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/";
const EXAMPLE: &str = "https://github.com/slsa-framework/example-package";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let there = folder.join("sources.json").is_file();
    if !there {
        eprintln!(
            "the public vectors are missing: set SEALSTONE_VECTORS to their folder; their tests are ignored"
        );
    }
    let tests: [(&str, fn(&Path)); 9] = [
        ("layouts_are_allowed", layouts_are_allowed),
        (
            "each_changed_expectation_has_its_code",
            each_changed_expectation_has_its_code,
        ),
        ("another_image_is_denied", another_image_is_denied),
        (
            "decisions_do_not_depend_on_the_order_of_evidence",
            decisions_do_not_depend_on_the_order_of_evidence,
        ),
        (
            "evidence_that_was_tampered_with",
            evidence_that_was_tampered_with,
        ),
        ("provenance_is_no_signature", provenance_is_no_signature),
        (
            "bundles_agree_with_their_certificates",
            bundles_agree_with_their_certificates,
        ),
        ("signatures", signatures),
        ("levels_of_layouts", levels::of_layouts),
    ];
    let mut trials: Vec<Trial> = tests
        .into_iter()
        .map(|(name, test)| {
            let folder = folder.clone();
            let run = move || {
                test(&folder);
                Ok(())
            };
            Trial::test(name, run).with_ignored_flag(!there)
        })
        .collect();
    trials.extend(oracle::trials(&folder));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The knobs of a provenance policy, each as JSON.
#[derive(Clone)]
struct Wanted {
    issuer: String,
    subject: String,
    builder: String,
    source: String,
    git_ref: String,
}

impl Wanted {
    fn container() -> Self {
        let workflow =
            format!(r#"{{"glob":"{WORKFLOWS}generator_container_slsa3.yml@refs/tags/v*"}}"#);
        Self {
            issuer: format!(r#"{{"exact":"{GITHUB}"}}"#),
            subject: workflow.clone(),
            builder: format!(r#"{{"id":{workflow}}}"#),
            source: EXAMPLE.to_owned(),
            git_ref: r#"{"glob":"refs/**"}"#.to_owned(),
        }
    }

    fn policy(&self) -> String {
        let Self {
            issuer,
            subject,
            builder,
            source,
            git_ref,
        } = self;
        format!(
            r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"example"}},
            "trustRoots":[{{"name":"public-good"}}],
            "authorities":[{{"name":"generator","keyless":{{"trustRoot":"public-good",
                "identities":[{{"issuer":{issuer},"subject":{subject}}}]}}}}],
            "rules":[{{"name":"provenance","images":["ghcr.io/slsa-framework/**"],"provenance":{{"signedBy":["generator"],
                "source":{{"uri":"{source}","ref":{git_ref}}},"builder":{builder}}}}}]}}"#
        )
    }

    fn compile(&self, vectors: &Path) -> CompiledPolicy {
        CompiledPolicy::compile(self.policy().as_bytes(), &[public_good(vectors)])
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
    }
}

struct Layout {
    name: String,
    digest: String,
    evidence: Vec<Evidence>,
}

impl Layout {
    fn all(vectors: &Path) -> Vec<Self> {
        let folder = vectors.join("containers/slsa-github-generator");
        let mut layouts: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        layouts.sort();
        assert!(!layouts.is_empty());
        layouts.iter().map(|folder| Self::read(folder)).collect()
    }

    fn read(folder: &Path) -> Self {
        let digest = folder.join("container_workflow_dispatch.digest");
        let layout = folder.join("container_workflow_dispatch");
        let blob = |digest: &str| {
            let hex = digest.strip_prefix("sha256:").unwrap();
            std::fs::read(layout.join("blobs/sha256").join(hex)).unwrap()
        };
        let json = |bytes: Vec<u8>| value(&String::from_utf8(bytes).unwrap());
        let index = json(std::fs::read(layout.join("index.json")).unwrap());
        let manifests = index.get("manifests").unwrap().as_array().unwrap();
        let attestations = manifests
            .iter()
            .find(|manifest| text(manifest, &["annotations", "kind"]).ends_with("/atts"))
            .unwrap();
        let manifest = json(blob(&text(attestations, &["digest"])));
        let layers = manifest.get("layers").unwrap().as_array().unwrap();
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            digest: std::fs::read_to_string(digest).unwrap().trim().to_owned(),
            evidence: layers
                .iter()
                .map(|layer| Evidence {
                    media_type: text(layer, &["mediaType"]),
                    content: blob(&text(layer, &["digest"])),
                    annotations: annotations(layer),
                })
                .collect(),
        }
    }

    fn decide(&self, policy: &CompiledPolicy) -> Decision {
        decide(policy, &self.digest, self.evidence.clone())
    }
}

fn annotations(layer: &Value) -> Map<String, String> {
    let annotations = layer.get("annotations").and_then(Value::as_object);
    annotations
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn decide(policy: &CompiledPolicy, digest: &str, evidence: Vec<Evidence>) -> Decision {
    let brought = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: digest.to_owned(),
        evidence,
        unavailable: None,
    };
    policy.decide(request(IMAGE, Some(digest)).as_bytes(), &[brought], NOW)
}

fn layouts_are_allowed(vectors: &Path) {
    let policy = Wanted::container().compile(vectors);
    for layout in Layout::all(vectors) {
        let decision = layout.decide(&policy);
        let document = document(&decision);
        assert_eq!(
            decision.outcome(),
            Outcome::Allowed,
            "{}: {document:#?}",
            layout.name
        );
        let facts = step(&document, &["images", "0", "rules", "0", "metBy", "0"]).unwrap();
        assert_eq!(text(facts, &["authority"]), "generator");
        assert_eq!(text(facts, &["signer", "issuer"]), GITHUB);
        assert_eq!(
            text(facts, &["signer", "subject"]),
            text(facts, &["provenance", "builder"])
        );
        assert_eq!(text(facts, &["provenance", "source", "uri"]), EXAMPLE);
        assert_eq!(
            text(facts, &["logEntries", "0", "log"]),
            "https://rekor.sigstore.dev"
        );
        assert!(text(facts, &["verifiedTimes", "0", "time"]).ends_with('Z'));
        assert_eq!(step(facts, &["insecureIgnoreTransparencyLog"]), None);
    }
}

fn each_changed_expectation_has_its_code(vectors: &Path) {
    let changes: [(&str, fn(&mut Wanted)); 8] = [
        ("identity.issuer-mismatch", |wanted| {
            wanted.issuer = r#"{"exact":"https://token.actions.githubusercontent.com/x"}"#.into();
        }),
        ("identity.subject-mismatch", |wanted| {
            wanted.subject =
                r#"{"glob":"https://github.com/slsa-framework/slsa-github-generator/*"}"#.into();
        }),
        ("provenance.builder-mismatch", |wanted| {
            wanted.builder =
                format!(r#"{{"id":{{"exact":"{WORKFLOWS}generator_container_slsa3.yml"}}}}"#);
        }),
        ("provenance.builder-mismatch", |wanted| {
            wanted.builder =
                r#"{"id":{"exact":"https://builder.example"},"delegated":true}"#.into();
        }),
        ("provenance.source-mismatch", |wanted| {
            wanted.source = format!("{EXAMPLE}s")
        }),
        ("provenance.source-mismatch", |wanted| {
            wanted.source = "https://github.com/slsa-framework/slsa-github-generator".into();
        }),
        ("provenance.ref-mismatch", |wanted| {
            wanted.git_ref = r#"{"exact":"refs/heads/mai"}"#.into();
        }),
        ("provenance.ref-mismatch", |wanted| {
            wanted.git_ref = r#"{"regexp":"refs/heads/mai|efs/tags/.*"}"#.into();
        }),
    ];
    let layouts = Layout::all(vectors);
    for (code, change) in changes {
        let mut wanted = Wanted::container();
        change(&mut wanted);
        let policy = wanted.compile(vectors);
        for layout in &layouts {
            let decision = layout.decide(&policy);
            assert_eq!(
                decision.outcome(),
                Outcome::Rejected,
                "{} {code}",
                layout.name
            );
            assert_eq!(image_code(&decision), code, "{}", layout.name);
            let document = document(&decision);
            let rule = step(&document, &["images", "0", "rules", "0"]).unwrap();
            assert_eq!(text(rule, &["code"]), code);
            assert_eq!(text(rule, &["evidence", "0", "code"]), code);
            assert_eq!(step(rule, &["metBy"]), None);
        }
    }
}

fn another_image_is_denied(vectors: &Path) {
    let policy = Wanted::container().compile(vectors);
    for layout in Layout::all(vectors) {
        let decision = decide(&policy, OTHER_DIGEST, layout.evidence.clone());
        assert_eq!(
            image_code(&decision),
            "statement.subject-mismatch",
            "{}",
            layout.name
        );
    }
}

fn decisions_do_not_depend_on_the_order_of_evidence(vectors: &Path) {
    let policy = Wanted::container().compile(vectors);
    let layouts = Layout::all(vectors);
    let mut evidence: Vec<Evidence> = layouts
        .iter()
        .flat_map(|layout| layout.evidence.clone())
        .collect();
    evidence.push(Evidence {
        media_type: "text/plain".to_owned(),
        content: b"\x1b[31mnot evidence".to_vec(),
        annotations: Map::new(),
    });
    let digest = &layouts.first().unwrap().digest;
    let first = decide(&policy, digest, evidence.clone());
    assert_eq!(first.outcome(), Outcome::Allowed);
    for _ in 0..evidence.len() {
        evidence.rotate_left(1);
        assert_eq!(
            decide(&policy, digest, evidence.clone()).to_json(),
            first.to_json()
        );
        let mut reversed = evidence.clone();
        reversed.reverse();
        // The same piece twice is one piece.
        reversed.extend(evidence.first().cloned());
        assert_eq!(decide(&policy, digest, reversed).to_json(), first.to_json());
    }
}

fn evidence_that_was_tampered_with(vectors: &Path) {
    let policy = Wanted::container().compile(vectors);
    for layout in Layout::all(vectors) {
        for position in [0, 1, 2] {
            let mut evidence = layout.evidence.clone();
            for piece in &mut evidence {
                let at = piece.content.len() * position / 3 + 60;
                piece.content[at] ^= 1;
            }
            let decision = decide(&policy, &layout.digest, evidence);
            assert_ne!(decision.outcome(), Outcome::Allowed, "{}", layout.name);
        }
        let mut evidence = layout.evidence.clone();
        for piece in &mut evidence {
            piece.media_type = "application/json".to_owned();
        }
        let decision = decide(&policy, &layout.digest, evidence);
        assert_eq!(image_code(&decision), "evidence.media-type-unknown");
    }
}

fn provenance_is_no_signature(vectors: &Path) {
    let wanted = Wanted::container();
    let policy = wanted.policy();
    let start = policy.find(r#""provenance":{"signedBy""#).unwrap();
    let policy = format!(
        r#"{}"signature":{{"signedBy":["generator"]}}}}]}}"#,
        &policy[..start]
    );
    let policy = CompiledPolicy::compile(policy.as_bytes(), &[public_good(vectors)]).unwrap();
    for layout in Layout::all(vectors) {
        let decision = layout.decide(&policy);
        assert_eq!(image_code(&decision), "evidence.missing", "{}", layout.name);
        assert_eq!(
            text(
                &document(&decision),
                &["images", "0", "rules", "0", "evidence", "0", "code"]
            ),
            "evidence.predicate-type-mismatch"
        );
    }
}

/// Everything under `provenance/slsa-verifier`, as if it were about images.
fn bundles_agree_with_their_certificates(vectors: &Path) {
    let root = vectors.join("provenance/slsa-verifier");
    let builders = [
        (
            "gha_container-based",
            format!("{WORKFLOWS}builder_container-based_slsa3.yml@**"),
            false,
        ),
        (
            "gha_delegator",
            "https://github.com/slsa-framework/example-trw/.github/workflows/*@refs/tags/v*"
                .to_owned(),
            true,
        ),
        (
            "gha_gradle",
            format!("{WORKFLOWS}builder_gradle_slsa3.yml@refs/tags/v*"),
            true,
        ),
        (
            "gha_maven",
            format!("{WORKFLOWS}builder_maven_slsa3.yml@refs/tags/v*"),
            true,
        ),
        (
            "bcr",
            "https://github.com/bazel-contrib/.github/.github/workflows/*@refs/tags/v*".to_owned(),
            false,
        ),
    ];
    for (folder, builder, delegated) in builders {
        let source = match folder {
            "bcr" => "https://github.com/aspect-build/rules_lint",
            _ => EXAMPLE,
        };
        let wanted = Wanted {
            subject: r#"{"glob":"https://github.com/**"}"#.to_owned(),
            builder: format!(r#"{{"id":{{"glob":"{builder}"}},"delegated":{delegated}}}"#),
            source: source.to_owned(),
            ..Wanted::container()
        };
        let policy = wanted.compile(vectors);
        let undelegated = Wanted {
            builder: format!(r#"{{"id":{{"glob":"{builder}"}}}}"#),
            ..wanted
        };
        let undelegated = undelegated.compile(vectors);
        let mut count = 0;
        for (name, content, digest) in bundles(&root.join(folder)) {
            let evidence = Evidence {
                media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
                content,
                annotations: Map::new(),
            };
            let decision = decide(&policy, &digest, vec![evidence.clone()]);
            assert_eq!(
                decision.outcome(),
                Outcome::Allowed,
                "{name}: {}",
                decision.to_json()
            );
            let code = if delegated {
                "provenance.certificate-mismatch"
            } else {
                "ok"
            };
            let decision = decide(&undelegated, &digest, vec![evidence.clone()]);
            assert_eq!(image_code(&decision), code, "{name}");
            let decision = decide(&policy, OTHER_DIGEST, vec![evidence]);
            assert_eq!(
                image_code(&decision),
                "statement.subject-mismatch",
                "{name}"
            );
            count += 1;
        }
        assert!(count > 0, "{folder}");
    }
}

/// The bundles of a folder with the digests of their artifacts.
fn bundles(folder: &Path) -> Vec<(String, Vec<u8>, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let stem = [
                ".intoto.sigstore",
                ".intoto.build.slsa",
                ".intoto.jsonl",
                ".build.slsa",
            ]
            .into_iter()
            .find_map(|suffix| name.strip_suffix(suffix));
            let Some(stem) = stem else { continue };
            let content = std::fs::read(&path).unwrap();
            if value(std::str::from_utf8(&content).unwrap())
                .get("dsseEnvelope")
                .is_none()
            {
                continue;
            }
            let digest = std::fs::read_to_string(folder.join(format!("{stem}.sha256"))).unwrap();
            let hex = digest.split_whitespace().next().unwrap();
            found.push((name, content, format!("sha256:{hex}")));
        }
    }
    found
}

/// The public-good trust root under the name `public-good`.
fn public_good(vectors: &Path) -> NamedTrustedRoot {
    NamedTrustedRoot {
        name: "public-good".to_owned(),
        content: std::fs::read(vectors.join("trusted-roots/production.json")).unwrap(),
    }
}

/// Images that cosign signed with keys, and one that it signed with a certificate.
fn signatures(vectors: &Path) {
    let folder = vectors.join("containers/keyed-legacy");
    let by_one = "071bf7a986f1ca9cb2a1f0bc8392822a7777f90d58f2d2c6f271913e08de7c81";
    let by_three = "bfec161fecb0a887df7cb85e4da327c65986ccda7060cf3cd92171c6c90d7533";
    for (image, key, code) in [
        (by_one, "alice", "ok"),
        (by_one, "bob", "signature.invalid"),
        (by_three, "alice", "ok"),
        (by_three, "bob", "ok"),
        (by_three, "charlie", "ok"),
        (by_three, "default", "signature.invalid"),
    ] {
        let pem = std::fs::read_to_string(folder.join(format!("{key}.key"))).unwrap();
        let evidence = signature_layers(&folder, image);
        let digest = format!("sha256:{image}");
        let policy = signature_policy(&pem, r#""insecureIgnoreTransparencyLog":true"#);
        let policy = CompiledPolicy::compile(policy.as_bytes(), &[public_good(vectors)]).unwrap();
        let decision = decide(&policy, &digest, evidence.clone());
        assert_eq!(image_code(&decision), code, "{image} {key}");
        if decision.allowed() {
            let document = document(&decision);
            let facts = step(&document, &["images", "0", "rules", "0", "metBy", "0"]).unwrap();
            assert_eq!(
                step(facts, &["insecureIgnoreTransparencyLog"]),
                Some(&Value::Bool(true))
            );
            assert_eq!(text(facts, &["signer", "publicKeySha256"]).len(), 64);
            let other = decide(&policy, OTHER_DIGEST, evidence.clone());
            assert_eq!(other.outcome(), Outcome::Rejected);
        }
        // No log holds these signatures.
        let logged = signature_policy(&pem, r#""trustRoot":"public-good""#);
        let logged = CompiledPolicy::compile(logged.as_bytes(), &[public_good(vectors)]).unwrap();
        let decision = decide(&logged, &digest, evidence);
        assert_eq!(decision.outcome(), Outcome::Rejected, "{image} {key}");
        if (image, key) == (by_one, "alice") {
            assert_eq!(image_code(&decision), "log-entry.missing");
        }
    }
}

fn signature_layers(folder: &Path, image: &str) -> Vec<Evidence> {
    let folder = folder.join("securesystemsengineering/testimage");
    let read = |path: PathBuf| std::fs::read(&path).unwrap();
    let manifest = read(folder.join(format!("manifests/sha256-{image}.sig.json")));
    let manifest = value(std::str::from_utf8(&manifest).unwrap());
    let layers = manifest.get("layers").unwrap().as_array().unwrap();
    layers
        .iter()
        .map(|layer| {
            let blob = text(layer, &["digest"]).replace(':', "-");
            Evidence {
                media_type: text(layer, &["mediaType"]),
                content: read(folder.join(format!("blobs/{blob}.json"))),
                annotations: annotations(layer),
            }
        })
        .collect()
}

fn signature_policy(pem: &str, log: &str) -> String {
    let pem = Value::from(pem).to_canonical_string();
    format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"signed"}},
        "trustRoots":[{{"name":"public-good"}}],
        "authorities":[{{"name":"key","key":{{"publicKey":{pem},{log}}}}}],
        "rules":[{{"name":"signed","images":["**"],"signature":{{"signedBy":["key"]}}}}]}}"#
    )
}
