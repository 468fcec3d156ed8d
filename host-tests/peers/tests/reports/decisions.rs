//! Decisions of every kind, in every format.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const NOW: &str = "--now=2026-06-01T00:00:00Z";
/// Where compiled modules are kept.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/reports-cache");

/// A rule for each way in which one can come out.
const POLICY: &str = r#"
apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata: {name: "every-<way>&more"}
trustRoots: [{name: forged}]
authorities:
  - name: releaser
    keyless:
      trustRoot: forged
      identities:
        - {issuer: {exact: "https://accounts.example.com"}, subject: {exact: release@example.com}}
rules:
  - {name: signed, images: ["**"], signature: {signedBy: [releaser]}}
  - {name: listed, images: ["localhost/app"], sbom: {signedBy: [releaser]}}
  - {name: scanned, images: ["localhost/app"], mode: audit, vulnerabilities: {signedBy: [releaser], maximumAge: 7d}}
  - {name: built, images: ["localhost/app"], effectiveOn: "2030-01-01T00:00:00Z",
     provenance: {signedBy: [releaser], source: {uri: "https://github.com/octo-org/app"}}}
  - {name: excused, images: ["localhost/app"], signature: {signedBy: [releaser], maximumAge: 1d}}
exceptions:
  - {name: migration, rules: [excused], images: ["localhost/app"], reason: "moving <house> & \"home\"",
     ends: "2027-01-01T00:00:00Z"}
"#;

/// A folder with a policy, a trust root and evidence.
pub(crate) struct Decisions {
    folder: PathBuf,
}

/// What a decision is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About {
    /// An image that meets some rules and not others.
    Mixed,
    /// An image that may run.
    Allowed,
    /// An image whose evidence could not be brought.
    Unavailable,
    /// A request for an object in a namespace, which is denied because its image is named by a tag.
    Tagged,
    /// A request that cannot be read.
    Malformed,
    /// A request that deletes something.
    Deletion,
}

impl About {
    pub(crate) const ALL: [Self; 6] = [
        Self::Mixed,
        Self::Allowed,
        Self::Unavailable,
        Self::Tagged,
        Self::Malformed,
        Self::Deletion,
    ];
}

impl Decisions {
    /// Makes the evidence in a folder of this name.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("reports")
            .join(name);
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let made = Self { folder };
        made.write("policy.yaml", POLICY)?;
        let forge = |arguments: &[&str]| {
            let output = made.program()?.arg("forge").args(arguments).output()?;
            ensure!(output.status.success(), "forge {arguments:?}: {output:?}");
            Ok(())
        };
        forge(&["root", "--output=root.json"])?;
        let signer = [
            "sign",
            "--identity=release@example.com",
            "--issuer=https://accounts.example.com",
        ];
        for layout in ["--layout=app", "--layout=other"] {
            forge(&[&signer[..], &[layout]].concat())?;
        }
        let unavailable = json!({
            "apiVersion": "sealstone.dev/v1alpha1",
            "kind": "Evidence",
            "images": [{
                "reference": "localhost/gone",
                "digest": format!("sha256:{}", "0".repeat(64)),
                "evidence": [],
                "unavailable": "the registry is <away>",
            }],
        });
        made.write("gone.json", &unavailable.to_string())?;
        let pod = |name: &str, image: &str| {
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": "shop"},
                "spec": {"containers": [{"name": "main", "image": image}]},
            })
        };
        made.write(
            "tagged.json",
            &review("CREATE", pod("web", "localhost/other:v1")),
        )?;
        made.write("malformed.json", &review("CREATE", json!("no object")))?;
        made.write(
            "deletion.json",
            &review("DELETE", pod("web", "localhost/other:v1")),
        )?;
        Ok(made)
    }

    /// What is printed about it in a format, which `output` names.
    pub(crate) fn print(&self, about: About, output: &str) -> Result<String> {
        let of_request = |request: &str| {
            let mut arguments = vec!["review".to_owned(), format!("--request={request}")];
            if request == "tagged.json" {
                arguments.push("--evidence=localhost/other:v1=other".to_owned());
            }
            (arguments, 1)
        };
        let of_image = |image: &str| vec!["verify".to_owned(), image.to_owned()];
        let (arguments, status) = match about {
            About::Mixed => (of_image("app"), 1),
            About::Allowed => (of_image("other"), 0),
            About::Unavailable => (of_image("gone.json"), 3),
            About::Tagged => of_request("tagged.json"),
            About::Malformed => (of_request("malformed.json").0, 2),
            About::Deletion => (of_request("deletion.json").0, 0),
        };
        let answer = self
            .program()?
            .args(&arguments)
            .args([
                "--policy=policy.yaml",
                "--trusted-root=forged=root.json",
                NOW,
            ])
            .arg(format!("--output={output}"))
            .output()?;
        ensure!(
            answer.status.code() == Some(status),
            "{arguments:?}: {answer:?}"
        );
        Ok(String::from_utf8(answer.stdout)?)
    }

    /// Prints a statement about the image of a decision.
    pub(crate) fn statement(&self, about: About, arguments: &[&str]) -> Result<Value> {
        self.write("decision.json", &self.print(about, "json")?)?;
        let output = self
            .program()?
            .arg("report")
            .args(arguments)
            .args([
                "--decision=decision.json",
                "--verifier=https://example.com/verifier",
            ])
            .output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Writes a file into the folder; its path.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    fn program(&self) -> Result<Command> {
        let path = std::env::var_os("SEALSTONE_PROGRAM")
            .context("SEALSTONE_PROGRAM names no program; run this suite by `cargo xtask hosts`")?;
        let mut command = Command::new(path);
        command
            .env("SEALSTONE_CACHE_DIR", CACHE)
            .current_dir(&self.folder);
        Ok(command)
    }
}

fn review(operation: &str, object: Value) -> String {
    let member = if operation == "DELETE" {
        "oldObject"
    } else {
        "object"
    };
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "b4ae0f5c-0000-4000-8000-000000000000",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "web", "namespace": "shop", "operation": operation,
            "userInfo": {"username": "someone"},
            member: object,
        },
    });
    review.to_string()
}
