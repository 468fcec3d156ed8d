//! A trust root, a policy and a place for evidence.

use std::fs;
use std::path::PathBuf;

use sealstone::digest::Digest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, assert_decision, sealstone};

/// What is signed as a file.
pub(super) const MANIFEST: &[u8] = b"{\"schemaVersion\":2}";

/// The certificate of most tests.
pub(super) const IDENTITY: &[&str] = &[
    "--identity=release@example.com",
    "--issuer=https://accounts.example.com",
];

/// The key of most tests.
pub(super) const KEY: &[&str] = &["--key=ecdsa-p256"];

/// Names of images whose rule asks for a signature by the usual certificate or key, or for
/// provenance by the builder's certificate or the usual key.
pub(super) const SIGNED: &str = "registry.example/signed/app";
pub(super) const SIGNED_BY_KEY: &str = "registry.example/signed-by-key/app";
pub(super) const BUILT: &str = "registry.example/built/app";
pub(super) const BUILT_BY_KEY: &str = "registry.example/built-by-key/app";

/// A folder with the trust root of the usual seed, its public key, and a policy.
pub(super) struct World {
    folder: TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let (root, key) = (world.text("root.json"), world.text("key.pub"));
        let made = sealstone([
            "forge",
            "root",
            "--output",
            &root,
            "--key=ecdsa-p256",
            "--public-key",
            &key,
        ]);
        assert_eq!((made.status, made.stdout.as_str()), (0, ""), "{made:?}");
        world.write("manifest.json", MANIFEST);
        world.write("policy.json", world.policy().to_string());
        world
    }

    /// The policy with the key that is there now.
    pub(super) fn policy(&self) -> Value {
        let key = fs::read_to_string(self.path("key.pub")).unwrap();
        let keyless = |issuer: &str, subject: &str| {
            json!({"trustRoot": "forged", "identities": [
                {"issuer": {"exact": issuer}, "subject": {"exact": subject}},
            ]})
        };
        let builder = "https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v2.1.0";
        let signed = |image: &str, authority: &str| json!({"name": image, "images": [image], "signature": {"signedBy": [authority]}});
        let built = |image: &str, authority: &str| {
            json!({"name": image, "images": [image], "provenance": {
                "signedBy": [authority],
                "source": {"uri": "https://github.com/octo-org/app", "ref": {"exact": "refs/tags/v1.2.3"}},
                "builder": {"id": {"exact": builder}},
            }})
        };
        json!({
            "apiVersion": "sealstone.dev/v1alpha1",
            "kind": "Policy",
            "metadata": {"name": "forge"},
            "trustRoots": [{"name": "forged"}],
            "authorities": [
                {"name": "person", "keyless": keyless("https://accounts.example.com", "release@example.com")},
                {"name": "builder", "keyless": keyless("https://token.actions.githubusercontent.com", builder)},
                {"name": "key", "key": {"publicKey": key, "trustRoot": "forged"}},
            ],
            "rules": [
                signed(SIGNED, "person"),
                signed(SIGNED_BY_KEY, "key"),
                built(BUILT, "builder"),
                built(BUILT_BY_KEY, "key"),
            ],
        })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Runs `forge` with these arguments.
    pub(super) fn forge(&self, verb: &str, groups: &[&[&str]]) -> Answer {
        let arguments = ["forge", verb];
        sealstone(arguments.iter().chain(groups.iter().copied().flatten()))
    }

    /// Runs `forge`, which must succeed.
    #[track_caller]
    pub(super) fn forged(&self, verb: &str, groups: &[&[&str]]) -> Answer {
        let made = self.forge(verb, groups);
        assert_eq!((made.status, made.stderr.as_str()), (0, ""), "{groups:?}");
        made
    }

    /// Decides about the image in the layout of this name.
    #[track_caller]
    pub(super) fn verify_layout(&self, layout: &str, reference: &str) -> Decision {
        self.verify(&[&self.text(layout), "--reference", reference])
    }

    /// Decides about [`MANIFEST`] with the bundle in the file of this name.
    #[track_caller]
    pub(super) fn verify_bundle(&self, bundle: &str, reference: &str) -> Decision {
        self.verify(&[
            "--bundle",
            &self.text(bundle),
            "--digest",
            &Digest::of(MANIFEST).to_string(),
            "--reference",
            reference,
        ])
    }

    #[track_caller]
    pub(super) fn verify(&self, arguments: &[&str]) -> Decision {
        let (policy, root) = (self.text("policy.json"), self.text("root.json"));
        let usual = [
            "--policy",
            &policy,
            "--trusted-root",
            &root,
            "--now=2026-06-01T00:00:00Z",
            "--output=json",
        ];
        let answer = sealstone(["verify"].iter().chain(arguments).chain(&usual));
        let decision: Value = serde_json::from_str(&answer.stdout).unwrap_or_default();
        assert!(decision.is_object(), "{answer:?}");
        assert_decision(&decision);
        Decision {
            status: answer.status,
            code: decision["images"][0]["code"].as_str().unwrap().to_owned(),
            json: decision,
        }
    }
}

/// What was decided.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) status: i32,
    pub(super) code: String,
    pub(super) json: Value,
}

impl Decision {
    #[track_caller]
    pub(super) fn is_allowed(&self) {
        assert_eq!(
            (self.status, self.code.as_str()),
            (0, "ok"),
            "{}",
            self.json
        );
    }

    #[track_caller]
    pub(super) fn is_denied(&self, code: &str) {
        assert_eq!(
            (self.status, self.code.as_str()),
            (1, code),
            "{}",
            self.json
        );
    }
}
