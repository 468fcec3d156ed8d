//! Every shape, packed from modules of a few bytes.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{Circumstances, Package, pack_with};
use crate::artifact::{Artifact, Size, sha256};
use crate::crates::{Crate, CrateId, Crates};
use crate::oci::Shape;
use crate::provenance::LOCAL_BUILDER;
use crate::source::Source;
use crate::toolchain::Toolchain;

const COMPONENT: Shape = Shape::Component {
    world: "example:policy/world@1.0.0",
};

/// A component without anything in it.
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A core module without anything in it.
const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn artifact(shape: Shape) -> Artifact {
    Artifact {
        file: "example.wasm",
        package: "example",
        features: &[],
        description: "An example",
        shape,
        budget: Size { raw: 0, gzip: 0 },
    }
}

/// A core module with a custom section.
fn with_section(name: &str, content: &str) -> Vec<u8> {
    let mut section = vec![u8::try_from(name.len()).unwrap()];
    section.extend(name.bytes());
    section.extend(content.bytes());
    let (low, high) = (section.len() & 0x7f, section.len() >> 7);
    let mut module = EMPTY_MODULE.to_vec();
    module.extend([
        0,
        u8::try_from(low | 0x80).unwrap(),
        u8::try_from(high).unwrap(),
    ]);
    module.extend(section);
    module
}

fn crates() -> Crates {
    let id = |name: &str, version: &str| CrateId {
        name: name.to_owned(),
        version: version.to_owned(),
    };
    let member = Crate {
        id: id("example", "0.1.0"),
        license: "Apache-2.0".to_owned(),
        checksum: None,
        depends_on: vec![id("leaf", "1.2.3+spec.4")],
    };
    let leaf = Crate {
        id: id("leaf", "1.2.3+spec.4"),
        license: "MIT OR Apache-2.0".to_owned(),
        checksum: Some("ab".repeat(32)),
        depends_on: vec![],
    };
    let macros = Crate {
        id: id("macros", "2.0.0"),
        checksum: Some("cd".repeat(32)),
        ..leaf.clone()
    };
    Crates {
        linked: vec![member.clone(), leaf.clone()],
        built: vec![member, leaf, macros],
    }
}

fn packed_from(shape: Shape, module: &[u8], modified: bool) -> anyhow::Result<Package> {
    let source = Source {
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        modified,
        seconds: 1_780_272_000,
    };
    let toolchain = Toolchain {
        version: "1.95.0".to_owned(),
        commit: "fedcba9876543210fedcba9876543210fedcba98".to_owned(),
    };
    let circumstances = Circumstances {
        builder_id: "https://builder.example",
        source_uri: Some("https://source.example/sealstone"),
        source: &source,
        toolchain: &toolchain,
    };
    pack_with(&artifact(shape), module, &crates(), &circumstances)
}

fn packed(shape: Shape, module: &[u8]) -> Package {
    packed_from(shape, module, false).unwrap()
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn blob<'p>(package: &'p Package, descriptor: &Value) -> &'p [u8] {
    let digest = descriptor["digest"].as_str().unwrap();
    let hex = digest.strip_prefix("sha256:").unwrap();
    let bytes = &package.files[&format!("oci/example/blobs/sha256/{hex}")];
    assert_eq!(sha256(bytes), hex);
    assert_eq!(descriptor["size"], bytes.len());
    bytes
}

/// The manifests that the index lists: the image and what refers to it.
fn manifests(package: &Package) -> Vec<Value> {
    let index = json_of(&package.files["oci/example/index.json"]);
    let listed = index["manifests"].as_array().unwrap();
    assert_eq!(listed[0]["digest"], package.digest);
    assert_eq!(
        listed[0]["annotations"],
        json!({"org.opencontainers.image.ref.name": env!("CARGO_PKG_VERSION")})
    );
    listed
        .iter()
        .map(|descriptor| json_of(blob(package, descriptor)))
        .collect()
}

#[test]
fn a_component_is_a_wasm_artifact() {
    let package = packed(COMPONENT, EMPTY_COMPONENT);
    let image = &manifests(&package)[0];
    assert_eq!(
        image["config"]["mediaType"],
        "application/vnd.wasm.config.v0+json"
    );
    assert_eq!(image["layers"].as_array().unwrap().len(), 1);
    assert_eq!(image["layers"][0]["mediaType"], "application/wasm");
    assert_eq!(blob(&package, &image["layers"][0]), EMPTY_COMPONENT);
    assert_eq!(
        json_of(blob(&package, &image["config"])),
        json!({
            "created": "2026-06-01T00:00:00Z",
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [image["layers"][0]["digest"]],
            "component": {"exports": [], "imports": [], "target": "example:policy/world@1.0.0"},
        })
    );
    assert_eq!(
        image["annotations"],
        json!({
            "org.opencontainers.image.title": "example",
            "org.opencontainers.image.description": "An example",
            "org.opencontainers.image.version": env!("CARGO_PKG_VERSION"),
            "org.opencontainers.image.licenses": "Apache-2.0",
            "org.opencontainers.image.source": "https://source.example/sealstone",
            "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
        })
    );
}

#[test]
fn a_kubewarden_policy_has_the_annotations_of_its_metadata() {
    let metadata = json!({
        "rules": [],
        "annotations": {
            "io.kubewarden.policy.title": " example ",
            "io.kubewarden.policy.source": "https://metadata.example",
            "io.kubewarden.policy.usage": "two\nlines",
        },
    });
    let module = with_section("io.kubewarden.metadata", &metadata.to_string());
    let package = packed(Shape::Kubewarden, &module);
    let image = &manifests(&package)[0];
    assert_eq!(
        image["config"]["mediaType"],
        "application/vnd.wasm.config.v1+json"
    );
    assert_eq!(blob(&package, &image["config"]), b"{}");
    assert_eq!(image["layers"].as_array().unwrap().len(), 1);
    assert_eq!(
        image["layers"][0]["mediaType"],
        "application/vnd.wasm.content.layer.v1+wasm"
    );
    assert_eq!(blob(&package, &image["layers"][0]), module);
    let annotations = &image["annotations"];
    assert_eq!(annotations["io.kubewarden.policy.title"], "example");
    assert_eq!(annotations["io.kubewarden.policy.usage"], Value::Null);
    assert_eq!(
        annotations["org.opencontainers.image.source"],
        "https://metadata.example"
    );
}

#[test]
fn an_opa_bundle_is_one_layer_with_manifest_and_module() {
    let package = packed(Shape::OpaBundle, EMPTY_MODULE);
    let image = &manifests(&package)[0];
    assert_eq!(
        image["config"]["mediaType"],
        "application/vnd.oci.image.config.v1+json"
    );
    assert_eq!(image["layers"].as_array().unwrap().len(), 1);
    assert_eq!(
        image["layers"][0]["mediaType"],
        "application/vnd.oci.image.layer.v1.tar+gzip"
    );
    let mut archive = Vec::new();
    GzDecoder::new(blob(&package, &image["layers"][0]))
        .read_to_end(&mut archive)
        .unwrap();
    assert_eq!(
        json_of(blob(&package, &image["config"]))["rootfs"]["diff_ids"],
        json!([format!("sha256:{}", sha256(&archive))])
    );
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        assert_eq!(entry.header().mtime().unwrap(), 0);
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["/.manifest", "/policy.wasm"]
    );
    assert_eq!(files["/policy.wasm"], EMPTY_MODULE);
    assert_eq!(
        json_of(&files["/.manifest"]),
        json!({
            "revision": env!("CARGO_PKG_VERSION"),
            "roots": ["sealstone/review", "sealstone/decide"],
            "wasm": [
                {"entrypoint": "sealstone/review", "module": "/policy.wasm"},
                {"entrypoint": "sealstone/decide", "module": "/policy.wasm"},
            ],
        })
    );
}

#[test]
fn a_module_of_another_kind_is_refused() {
    for (shape, module, said) in [
        (COMPONENT, EMPTY_MODULE, "the module is no component"),
        (Shape::Kubewarden, EMPTY_MODULE, "no Kubewarden metadata"),
        (Shape::Kubewarden, EMPTY_COMPONENT, "runs core modules"),
        (Shape::OpaBundle, EMPTY_COMPONENT, "runs core modules"),
        (Shape::OpaBundle, b"garbage", "cannot be read"),
    ] {
        let error = format!("{:#}", packed_from(shape, module, false).err().unwrap());
        assert!(error.contains(said), "{shape:?}: {error}");
    }
}

#[test]
fn bill_and_provenance_refer_to_the_image() {
    let package = packed(COMPONENT, EMPTY_COMPONENT);
    let manifests = manifests(&package);
    let [image, bill, provenance] = manifests.as_slice() else {
        panic!("{manifests:?}");
    };
    assert_eq!(image.get("subject"), None);
    for (manifest, media_type, file) in [
        (bill, "application/vnd.cyclonedx+json", "example.cdx.json"),
        (
            provenance,
            "application/vnd.in-toto+json",
            "example.provenance.json",
        ),
    ] {
        assert_eq!(manifest["subject"]["digest"], package.digest);
        assert_eq!(manifest["artifactType"], media_type);
        assert_eq!(
            manifest["config"]["mediaType"],
            "application/vnd.oci.empty.v1+json"
        );
        assert_eq!(blob(&package, &manifest["config"]), b"{}");
        assert_eq!(manifest["layers"][0]["mediaType"], media_type);
        assert_eq!(blob(&package, &manifest["layers"][0]), package.files[file]);
    }
    assert_eq!(
        provenance["annotations"]["in-toto.io/predicate-type"],
        "https://slsa.dev/provenance/v1"
    );
}

#[test]
fn the_bill_lists_what_is_in_the_module() {
    let package = packed(COMPONENT, EMPTY_COMPONENT);
    let bill = json_of(&package.files["example.cdx.json"]);
    assert_eq!(bill["specVersion"], "1.6");
    assert_eq!(
        bill["metadata"]["component"]["hashes"],
        json!([{"alg": "SHA-256", "content": sha256(EMPTY_COMPONENT)}])
    );
    assert_eq!(bill["metadata"]["timestamp"], Value::Null);
    let components = bill["components"].as_array().unwrap();
    let names: Vec<&Value> = components.iter().map(|found| &found["name"]).collect();
    assert_eq!(names, ["example", "leaf", "rust-std"]);
    assert_eq!(components[0].get("purl"), None);
    assert_eq!(components[1]["purl"], "pkg:cargo/leaf@1.2.3%2Bspec.4");
    assert_eq!(components[1]["hashes"][0]["content"], "ab".repeat(32));
    assert_eq!(
        components[1]["licenses"],
        json!([{"expression": "MIT OR Apache-2.0"}])
    );
    let root = &bill["metadata"]["component"]["bom-ref"];
    let of_root = bill["dependencies"].as_array().unwrap().iter();
    let of_root = of_root.filter(|entry| entry["ref"] == *root);
    assert_eq!(
        of_root.collect::<Vec<_>>(),
        [&json!({"ref": root, "dependsOn": ["example@0.1.0", "rust-std"]})]
    );
}

#[test]
fn the_provenance_says_what_went_in_and_what_came_out() {
    let package = packed(COMPONENT, EMPTY_COMPONENT);
    let statement = json_of(&package.files["example.provenance.json"]);
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let manifest = package.digest.strip_prefix("sha256:").unwrap();
    assert_eq!(
        statement["subject"],
        json!([
            {"name": "example", "digest": {"sha256": manifest}},
            {"name": "example.wasm", "digest": {"sha256": sha256(EMPTY_COMPONENT)}},
        ])
    );
    let predicate = &statement["predicate"];
    assert_eq!(
        *predicate,
        json_of(&package.files["example.predicate.json"])
    );
    assert_eq!(
        predicate["runDetails"],
        json!({"builder": {"id": "https://builder.example"}})
    );
    let definition = &predicate["buildDefinition"];
    assert_eq!(
        definition["externalParameters"],
        json!({"artifact": "example.wasm", "source": "git+https://source.example/sealstone"})
    );
    assert_eq!(
        definition["resolvedDependencies"],
        json!([
            {"name": "source", "uri": "git+https://source.example/sealstone",
             "digest": {"gitCommit": "0123456789abcdef0123456789abcdef01234567"}},
            {"name": "rust", "uri": "pkg:github/rust-lang/rust@1.95.0",
             "digest": {"gitCommit": "fedcba9876543210fedcba9876543210fedcba98"}},
            {"uri": "pkg:cargo/leaf@1.2.3%2Bspec.4", "digest": {"sha256": "ab".repeat(32)}},
            {"uri": "pkg:cargo/macros@2.0.0", "digest": {"sha256": "cd".repeat(32)}},
        ])
    );
}

/// Whoever reads provenance finds there what the build type and the builder mean.
#[test]
fn the_guide_documents_build_type_and_builder() {
    let guide = include_str!("../../../../docs/guides/artifacts.md");
    let package = packed(COMPONENT, EMPTY_COMPONENT);
    let statement = json_of(&package.files["example.provenance.json"]);
    let build_type = &statement["predicate"]["buildDefinition"]["buildType"];
    for name in [build_type.as_str().unwrap(), LOCAL_BUILDER] {
        assert!(guide.contains(name), "{name}");
    }
}

/// The commit alone would claim what is not so.
#[test]
fn sources_that_differ_from_the_commit_show() {
    let package = packed_from(COMPONENT, EMPTY_COMPONENT, true).unwrap();
    let statement = json_of(&package.files["example.provenance.json"]);
    let dependencies = &statement["predicate"]["buildDefinition"]["resolvedDependencies"];
    assert_eq!(dependencies[0]["annotations"], json!({"modified": true}));
}

#[test]
fn packing_twice_gives_the_same_bytes() {
    for (shape, module) in [
        (COMPONENT, EMPTY_COMPONENT),
        (Shape::OpaBundle, EMPTY_MODULE),
    ] {
        assert_eq!(packed(shape, module), packed(shape, module));
    }
}
