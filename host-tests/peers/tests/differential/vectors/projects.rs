//! The bundles of the tests of sigstore-go and sigstore-python. Every bundle of their folders must stand in
//! the tables.

use std::path::{Path, PathBuf};

use sealstone_peers::{Job, Signer};
use serde_json::Value;

use super::{NOW, PRODUCTION, STAGING, files, read, sha256, text, written};
use crate::corpus::Input;

/// A bundle: its file, its trust root, the artifact, who signed.
type Row = (&'static str, Root, Artifact, (&'static str, &'static str));

#[derive(Clone, Copy)]
enum Root {
    File(&'static str),
    /// The member `trustedRoot` of a client trust configuration.
    Within(&'static str),
}

#[derive(Clone, Copy)]
enum Artifact {
    File(&'static str),
    Digest(&'static str),
}

use Artifact::{Digest, File};

const GITHUB: &str = "https://github.com/login/oauth";
const GOOGLE: &str = "https://accounts.google.com";
const ACTIONS: &str = "https://token.actions.githubusercontent.com";
const SLSA_PROVENANCE: &str = "sha512:bbfd372fc9beeb777fe35d05bb10c0c70a9733d366a75fed7dd18866c7391de3ee7e88ba74dd47abf3e15c845e547fcf0e5c3da80854c751554224d3a6d4e55f";
const SIGSTORE_JS: &str = "sha512:46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c";
const SIGSTORE_JS_RELEASE: &str =
    "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main";
const PUBLIC_GOOD: Root = Root::File("sigstore-go/trusted-roots/public-good.json");
const TSA: Root = Root::Within("sigstore-python/tsa/trust_config.json");
const TSA_ARTIFACT: Artifact = File("sigstore-python/tsa/bundle.txt");

const SIGSTORE_GO: &[Row] = &[
    (
        "sigstore-go/bundles/dsse.sigstore.json",
        Root::File(PRODUCTION),
        Digest(SLSA_PROVENANCE),
        ("brian@dehamer.com", GITHUB),
    ),
    (
        "sigstore-go/bundles/dsse-2sigs.sigstore.json",
        Root::File(PRODUCTION),
        Digest(SLSA_PROVENANCE),
        ("brian@dehamer.com", GITHUB),
    ),
    (
        "sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json",
        PUBLIC_GOOD,
        Digest(SIGSTORE_JS),
        (SIGSTORE_JS_RELEASE, ACTIONS),
    ),
    (
        "sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json",
        Root::File(STAGING),
        Digest(SIGSTORE_JS),
        (SIGSTORE_JS_RELEASE, ACTIONS),
    ),
    (
        "sigstore-go/bundles/othername.sigstore.json",
        Root::File("sigstore-go/trusted-roots/scaffolding.json"),
        Digest("sha256:bc103b4a84971ef6459b294a2b98568a2bfb72cded09d4acd1e16366a401f95b"),
        ("foo!oidc.local", "http://oidc.local:8080"),
    ),
];

const SIGSTORE_PYTHON: &[Row] = &[
    (
        "sigstore-python/bundle.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle.txt"),
        ("a@tny.town", GITHUB),
    ),
    (
        "sigstore-python/bundle.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_v3.txt"),
        ("a@tny.town", GITHUB),
    ),
    (
        "sigstore-python/bundle_v3.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_v3.txt"),
        ("william@yossarian.net", GITHUB),
    ),
    (
        "sigstore-python/bundle_v3_alt.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_v3_alt.txt"),
        ("william@yossarian.net", GITHUB),
    ),
    (
        "sigstore-python/bundle_v3_github.whl.sigstore",
        Root::File(PRODUCTION),
        File("sigstore-python/bundle_v3_github.whl"),
        (
            "https://github.com/trailofbits/rfc8785.py/.github/workflows/release.yml@refs/tags/v0.1.2",
            ACTIONS,
        ),
    ),
    (
        "sigstore-python/bundle_v3_no_signed_time.txt.sigstore.json",
        Root::File(PRODUCTION),
        File("sigstore-python/bundle_v3_no_signed_time.txt"),
        ("william@yossarian.net", GITHUB),
    ),
    (
        "sigstore-python/bundle_cve_2022_36056.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_cve_2022_36056.txt"),
        ("william@yossarian.net", GITHUB),
    ),
    (
        "sigstore-python/bundle_invalid_version.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_invalid_version.txt"),
        ("william@yossarian.net", GITHUB),
    ),
    (
        "sigstore-python/bundle_no_cert_v1.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_no_cert_v1.txt"),
        ("a@tny.town", GITHUB),
    ),
    (
        "sigstore-python/bundle_no_checkpoint.txt.sigstore",
        Root::File(STAGING),
        File("sigstore-python/bundle_no_checkpoint.txt"),
        ("william@yossarian.net", GITHUB),
    ),
    (
        "sigstore-python/bundle_no_log_entry.txt.sigstore",
        Root::File(PRODUCTION),
        File("sigstore-python/bundle_no_log_entry.txt"),
        ("alex.cameron@trailofbits.com", GOOGLE),
    ),
    (
        "sigstore-python/staging-rekor-v2.txt.sigstore.json",
        Root::File(STAGING),
        File("sigstore-python/staging-rekor-v2.txt"),
        ("jku@goto.fi", GITHUB),
    ),
    (
        "sigstore-python/a.dsse.staging-rekor-v2.txt.sigstore.json",
        Root::File(STAGING),
        Digest("sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf"),
        (
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
            ACTIONS,
        ),
    ),
    (
        "sigstore-python/tsa/bundle.txt.sigstore",
        TSA,
        TSA_ARTIFACT,
        ("alexis.challande@trailofbits.com", GOOGLE),
    ),
    (
        "sigstore-python/tsa/bundle.duplicate.sigstore",
        TSA,
        TSA_ARTIFACT,
        ("alexis.challande@trailofbits.com", GOOGLE),
    ),
    (
        "sigstore-python/tsa/bundle.many_timestamp.sigstore",
        TSA,
        TSA_ARTIFACT,
        ("alexis.challande@trailofbits.com", GOOGLE),
    ),
    (
        "sigstore-python/tsa/bundle.txt.late_timestamp.sigstore",
        TSA,
        TSA_ARTIFACT,
        (
            "insecure-cloudtop-shared-user@cloudtop-prod-us-east.iam.gserviceaccount.com",
            GOOGLE,
        ),
    ),
];

pub(crate) fn sigstore_go(vectors: &Path) -> Vec<Input> {
    const KEYED: &str = "sigstore-go/bundles/public-key-validity.sigstore.json";
    let mut inputs = inputs(vectors, SIGSTORE_GO);
    inputs.push(Input {
        name: name(KEYED, 0),
        job: Job {
            bundle: read(&vectors.join(KEYED)),
            trusted_root: vectors.join("sigstore-go/trusted-roots/public-key-validity.json"),
            artifact_digest: digest_within(&vectors.join(KEYED)),
            artifact: None,
            signer: Signer::Key(text(
                &vectors.join("sigstore-go/public-keys/public-key-validity.pem"),
            )),
        },
        now: NOW,
    });
    check_complete(vectors, "sigstore-go", &inputs);
    inputs
}

pub(crate) fn sigstore_python(vectors: &Path) -> Vec<Input> {
    let inputs = inputs(vectors, SIGSTORE_PYTHON);
    check_complete(vectors, "sigstore-python", &inputs);
    inputs
}

fn inputs(vectors: &Path, rows: &[Row]) -> Vec<Input> {
    rows.iter()
        .enumerate()
        .map(|(at, (bundle, root, artifact, (identity, issuer)))| {
            let earlier = rows.iter().take(at).filter(|(other, ..)| other == bundle);
            let artifact = match artifact {
                File(path) => Ok(read(&vectors.join(path))),
                Digest(digest) => Err(*digest),
            };
            Input {
                name: name(bundle, earlier.count()),
                job: Job {
                    bundle: read(&vectors.join(bundle)),
                    trusted_root: trusted_root(vectors, *root),
                    artifact_digest: match &artifact {
                        Ok(bytes) => sha256(bytes),
                        Err(digest) => (*digest).to_owned(),
                    },
                    artifact: artifact.ok(),
                    signer: Signer::Certificate {
                        identity: (*identity).to_owned(),
                        issuer: (*issuer).to_owned(),
                    },
                },
                now: NOW,
            }
        })
        .collect()
}

/// The path, flat below its corpus, with a number from the second row of a bundle on.
fn name(bundle: &str, earlier: usize) -> String {
    let (corpus, rest) = bundle.split_once('/').expect("a path");
    let file = rest.trim_start_matches("bundles/").replace('/', ",");
    match earlier {
        0 => format!("{corpus}/{file}"),
        _ => format!("{corpus}/{file},{earlier}"),
    }
}

fn trusted_root(vectors: &Path, root: Root) -> PathBuf {
    match root {
        Root::File(path) => vectors.join(path),
        Root::Within(path) => {
            let value: Value = serde_json::from_slice(&read(&vectors.join(path))).expect("JSON");
            let root = value.get("trustedRoot").expect("a trust root");
            written(&path.replace('/', "-"), root.to_string().as_bytes())
        }
    }
}

/// The digest that a message signature names.
fn digest_within(bundle: &Path) -> String {
    use base64::Engine as _;
    let value: Value = serde_json::from_slice(&read(bundle)).expect("JSON");
    let digest = value
        .pointer("/messageSignature/messageDigest/digest")
        .and_then(Value::as_str)
        .and_then(|digest| {
            base64::engine::general_purpose::STANDARD
                .decode(digest)
                .ok()
        })
        .expect("the bundle has a digest");
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Fails for a bundle in the folder that no input is made of.
fn check_complete(vectors: &Path, folder: &str, inputs: &[Input]) {
    for path in files(&vectors.join(folder)) {
        let content = read(&path);
        let bundle = serde_json::from_slice::<Value>(&content)
            .is_ok_and(|value| value.get("verificationMaterial").is_some());
        assert!(
            !bundle || inputs.iter().any(|input| input.job.bundle == content),
            "{} is not compared",
            path.display()
        );
    }
}
