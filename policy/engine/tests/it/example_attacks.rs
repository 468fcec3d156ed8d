//! The attacks in `examples/attacks`, decided without the program.

use std::collections::BTreeMap;

use sealstone_engine::{CompiledPolicy, Decision, Evidence, ImageEvidence, NamedTrustedRoot};
use sealstone_forge::examples;
use serde_json::Value;

use crate::forging::NOW;
use crate::support::{document, image_code, request, step, text};

const APP: &str = "registry.example/octo-org/app";

/// Folder, name under which the attacker's image is to run, code.
const ATTACKS: [(&str, &str, &str); 6] = [
    ("stolen-developer-machine", APP, "identity.issuer-mismatch"),
    (
        "taken-over-repository-account",
        APP,
        "provenance.source-unverified",
    ),
    (
        "compromised-pipeline",
        APP,
        "provenance.certificate-mismatch",
    ),
    ("registry-credentials", APP, "statement.subject-mismatch"),
    (
        "cluster-access",
        "registry.attacker.example/miner",
        "image.no-rule",
    ),
    ("cluster-access", APP, "evidence.missing"),
];

/// The files of the examples. A test of the forge holds them against those that are checked in.
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.0[path]).unwrap()
    }

    fn text(&self, path: &str) -> String {
        String::from_utf8(self.0[path].clone()).unwrap()
    }

    fn policy(&self, folder: &str) -> CompiledPolicy {
        let policy = self.text(&format!("attacks/{folder}/policy.yaml"));
        let policy: Value = yaml_serde::from_str(&policy).unwrap();
        let root = NamedTrustedRoot {
            name: "example".to_owned(),
            content: self.0["attacks/trusted-root.json"].clone(),
        };
        CompiledPolicy::compile(policy.to_string().as_bytes(), &[root])
            .unwrap_or_else(|problems| panic!("{folder}: {problems:#?}"))
    }

    /// The digest of the image in a layout, and its referrers.
    fn layout(&self, layout: &str) -> (String, Vec<Evidence>) {
        let blob = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().unwrap();
            let hex = digest.strip_prefix("sha256:").unwrap();
            format!("{layout}/blobs/sha256/{hex}")
        };
        let index = self.json(&format!("{layout}/index.json"));
        let manifests = index["manifests"].as_array().unwrap();
        let digest = manifests[0]["digest"].as_str().unwrap().to_owned();
        let mut evidence = Vec::new();
        for referrer in &manifests[1..] {
            let manifest = self.json(&blob(referrer));
            assert_eq!(manifest["subject"]["digest"], digest.as_str());
            let layers = manifest["layers"].as_array().unwrap();
            evidence.extend(layers.iter().map(|layer| Evidence {
                media_type: layer["mediaType"].as_str().unwrap().to_owned(),
                content: self.0[&blob(layer)].clone(),
                ..Evidence::default()
            }));
        }
        (digest, evidence)
    }

    fn decide(&self, folder: &str, layout: &str, reference: &str) -> Decision {
        let (digest, evidence) = self.layout(&format!("attacks/{folder}/{layout}"));
        let brought = ImageEvidence {
            reference: reference.to_owned(),
            digest: digest.clone(),
            evidence,
            unavailable: None,
        };
        let request = request(reference, Some(&digest));
        self.policy(folder)
            .decide(request.as_bytes(), &[brought], NOW)
    }
}

#[test]
fn every_attack_is_denied_and_its_legitimate_image_allowed() {
    let files = Files(examples::files().unwrap());
    let overview = files.text("attacks/README.md");
    for (folder, reference, code) in ATTACKS {
        let decision = files.decide(folder, "attack", reference);
        assert!(!decision.allowed(), "{folder}");
        assert_eq!(image_code(&decision), code, "{folder}");
        // What the page of the attack says is printed is what the decision says.
        let page = files.text(&format!("attacks/{folder}/README.md"));
        assert!(page.contains(code), "{folder}: {code}");
        if page.contains(&format!("--reference {reference}")) && code != "evidence.missing" {
            let document = document(&decision);
            let image = step(&document, &["images", "0"]).unwrap();
            let line = format!("    {code}: {}\n", text(image, &["message"]));
            assert!(page.contains(&line), "{folder}: {line}");
            let verdict = format!("denied  {reference}  {}\n", text(image, &["digest"]));
            assert!(page.contains(&verdict), "{folder}: {verdict}");
            assert!(overview.contains(&format!("]({folder}/README.md) | `{code}` |")));
        }
        let decision = files.decide(folder, "legitimate", APP);
        assert!(decision.allowed(), "{folder}: {}", decision.to_json());
    }
}
