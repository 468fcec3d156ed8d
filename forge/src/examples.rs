//! The checked-in examples: what `examples/` holds, made anew.

mod attacks;
mod policies;

use alloc::collections::BTreeMap;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::json;
use crate::layout::write_files;
use crate::{
    Build, BundleVersion, Error, Evidence, Identity, Image, ImageLayout, NOW, Subject,
    VirtualSigstore,
};

/// Writes all examples into `folder`, which stands for `examples/`.
pub fn write(folder: &Path) -> io::Result<()> {
    let files = files().map_err(io::Error::other)?;
    write_files(folder, &files)
}

/// The files of all examples by path relative to `examples/`.
pub fn files() -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    for (path, content) in container_image()? {
        files.insert(format!("container-image/{path}"), content);
    }
    for (path, content) in attacks::files()? {
        files.insert(format!("attacks/{path}"), content);
    }
    Ok(files)
}

/// An image with SLSA provenance, and an attack on it.
fn container_image() -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let sigstore = VirtualSigstore::new("examples/container-image");
    let build = Build::default();
    let image = Image::new("app 1.2.3");
    let evidence = provenance(&sigstore, &build, &image)?;

    // The attacker's own image, with the digest in the signed statements exchanged for its digest.
    let other = Image::new("app 1.2.3 with a back door");
    let tampered = evidence
        .clone()
        .map(|evidence| readdress(&evidence, &image.digest(), &other.digest()));

    let mut files = BTreeMap::from([
        ("README.md".to_owned(), readme(&build).into_bytes()),
        ("policy.yaml".to_owned(), policy(&build).into_bytes()),
        (
            "tests.yaml".to_owned(),
            include_bytes!("examples/tests/container-image.yaml").to_vec(),
        ),
        ("trusted-root.json".to_owned(), sigstore.trusted_root()),
    ]);
    let layouts = [
        ("signed", layout(image, evidence)),
        ("tampered", layout(other, tampered)),
    ];
    for (folder, layout) in layouts {
        for (path, content) in layout.files() {
            files.insert(format!("{folder}/{path}"), content);
        }
    }
    Ok(files)
}

/// Provenance v1 as a bundle and provenance v0.2 as a legacy layer.
fn provenance(
    sigstore: &VirtualSigstore,
    build: &Build,
    image: &Image,
) -> Result<[Evidence; 2], Error> {
    let subject = Subject::new("registry.example/octo-org/app", &image.digest());
    let signer = sigstore.keyless(&Identity::github_actions(build));
    Ok([
        signer
            .clone()
            .bundle_version(BundleVersion::V03)
            .attest(&build.provenance_v1(subject.clone()))?,
        signer.attest_legacy(&build.provenance_v02(subject))?,
    ])
}

fn layout(image: Image, evidence: [Evidence; 2]) -> ImageLayout {
    evidence
        .into_iter()
        .fold(ImageLayout::new(image).tag("1.2.3"), ImageLayout::evidence)
}

/// The evidence with one digest exchanged for another inside the signed payload.
fn readdress(evidence: &Evidence, from: &str, to: &str) -> Evidence {
    let bare = |digest: &str| digest.trim_start_matches("sha256:").to_owned();
    let mut value: Value = serde_json::from_slice(&evidence.content).unwrap_or_default();
    let envelope = if value.get("dsseEnvelope").is_some() {
        &mut value["dsseEnvelope"]
    } else {
        &mut value
    };
    let payload = envelope["payload"]
        .as_str()
        .and_then(|payload| STANDARD.decode(payload).ok())
        .unwrap_or_default();
    let payload = String::from_utf8_lossy(&payload).replace(&bare(from), &bare(to));
    envelope["payload"] = json!(STANDARD.encode(payload));
    Evidence {
        content: json::canonical(&value),
        ..evidence.clone()
    }
}

fn policy(build: &Build) -> String {
    let builder = workflow(build);
    let source = build.source_uri();
    let issuer = crate::GITHUB_ACTIONS_ISSUER;
    format!(
        r#"# Images may run if the release workflow built them from a release tag of the application.
apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata:
  name: container-image
trustRoots:
  - name: example
authorities:
  - name: container-workflow
    keyless:
      trustRoot: example
      identities:
        - issuer:
            exact: {issuer}
          subject:
            glob: "{builder}@refs/tags/v*"
rules:
  - name: provenance
    images: ["localhost/**", "registry.example/octo-org/**"]
    provenance:
      signedBy: [container-workflow]
      source:
        uri: {source}
        ref:
          glob: "refs/tags/v*"
      builder:
        id:
          glob: "{builder}@refs/tags/v*"
"#
    )
}

/// The workflow without its ref.
fn workflow(build: &Build) -> &str {
    build
        .builder_id
        .split_once('@')
        .map_or(build.builder_id.as_str(), |(workflow, _)| workflow)
}

fn readme(build: &Build) -> String {
    let command = |layout: &str| {
        format!(
            "sealstone verify examples/container-image/{layout} \\\n  \
             --policy examples/container-image/policy.yaml \\\n  \
             --trusted-root example=examples/container-image/trusted-root.json \\\n  \
             --now {NOW}"
        )
    };
    format!(
        r"# A container image with provenance

| file | what it is |
|---|---|
| `policy.yaml` | the policy: who may sign, which builder and which source |
| `tests.yaml` | what the policy allows and denies: `sealstone test examples/container-image` |
| `trusted-root.json` | the keys of the Sigstore instance that signed: a virtual one, made by `forge/` |
| `signed/` | an OCI image layout: an image and its SLSA provenance, once as a Sigstore bundle (a referrer, provenance v1) and once as a legacy attestation (`.att`, provenance v0.2) |
| `tampered/` | the same evidence beside another image, with the digest in the signed statements exchanged for that of the other image |

The provenance says that `{builder}` built the image from `{source}` at `{reference}`.

The command

```sh
{signed}
```

allows the image (exit code 0). The command

```sh
{tampered}
```

denies it (exit code 1): the statements were changed after they were signed.

The certificates were valid for ten minutes on 2026-03-01. `--now` fixes the time of the decision, so
that it is the same today and tomorrow. All files here follow from fixed seeds. A test of `forge/`
makes them anew and compares; with `BLESS=1` it writes them.
",
        builder = build.builder_id,
        source = build.source_uri(),
        reference = build.source_ref,
        signed = command("signed"),
        tampered = command("tampered"),
    )
}
