//! OPA bundles: the module for OPA, and the data that it reads.
//!
//! Follows <https://www.openpolicyagent.org/docs/management-bundles>. Names begin with a slash, as the
//! manifest names the module; some hosts find it by that name alone. The same content gives the same
//! bytes.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};
use wasmparser::{Parser, Payload};

/// The entrypoints of the module for OPA.
const ENTRYPOINTS: [&str; 2] = ["sealstone/decide", "sealstone/review"];

/// The path of the module in the bundle.
const MODULE: &str = "/policy.wasm";

/// What a bundle holds.
pub(crate) struct Content {
    /// The policy document.
    pub(crate) policy: Value,
    /// The trust roots that the policy leaves to the host, as `{"name", "trustedRoot"}`.
    pub(crate) trusted_roots: Vec<Value>,
    /// The images of an Evidence document.
    pub(crate) evidence: Option<Value>,
    /// The module for OPA.
    pub(crate) module: Vec<u8>,
}

/// Whether these bytes are a module of the OPA Wasm ABI: it exports the functions that hosts ask for
/// first. What else they need is checked where the module is built.
pub(crate) fn is_opa_module(module: &[u8]) -> bool {
    const WANTED: [&str; 3] = ["opa_eval", "opa_value_add_path", "opa_wasm_abi_version"];
    let mut found = 0;
    for payload in Parser::new(0).parse_all(module) {
        let Ok(payload) = payload else {
            return false;
        };
        if let Payload::ExportSection(section) = payload {
            let names = section.into_iter().flatten().map(|export| export.name);
            let wanted = names.filter(|name| WANTED.contains(name)).count();
            found = usize::saturating_add(found, wanted);
        }
    }
    found == WANTED.len()
}

/// Writes a bundle.
pub(crate) fn write(content: &Content) -> io::Result<Vec<u8>> {
    let mut own = Map::new();
    own.insert("policy".to_owned(), content.policy.clone());
    if !content.trusted_roots.is_empty() {
        let roots = Value::Array(content.trusted_roots.clone());
        own.insert("trustedRoots".to_owned(), roots);
    }
    if let Some(evidence) = &content.evidence {
        own.insert("evidence".to_owned(), evidence.clone());
    }
    let data = json!({"sealstone": own}).to_string();
    let resolvers: Vec<Value> = ENTRYPOINTS
        .iter()
        .map(|entrypoint| json!({"entrypoint": entrypoint, "module": MODULE}))
        .collect();
    let manifest = json!({
        "revision": revision(data.as_bytes(), &content.module),
        "roots": ["sealstone"],
        "wasm": resolvers,
    });
    // No name, no time of a file: nothing of this machine.
    let gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut archive = Builder::new(gzip);
    append(&mut archive, "/.manifest", manifest.to_string().as_bytes())?;
    append(&mut archive, "/data.json", data.as_bytes())?;
    append(&mut archive, MODULE, &content.module)?;
    archive.into_inner()?.finish()
}

/// SHA-256 over what the bundle holds, so that OPA sees whether it is another one.
fn revision(data: &[u8], module: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(Sha256::digest(data));
    hash.update(Sha256::digest(module));
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn append(archive: &mut Builder<impl Write>, name: &str, content: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    // `set_path` would take the slash away.
    if let Some(place) = header.as_old_mut().name.get_mut(..name.len()) {
        place.copy_from_slice(name.as_bytes());
    }
    header.set_entry_type(EntryType::Regular);
    header.set_size(u64::try_from(content.len()).map_err(io::Error::other)?);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    archive.append(&header, content)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use serde_json::{Value, json};

    use super::{Content, is_opa_module, write};

    fn content(evidence: Option<Value>) -> Content {
        Content {
            policy: json!({"apiVersion": "sealstone.dev/v1alpha1"}),
            trusted_roots: vec![json!({"name": "a", "trustedRoot": {}})],
            evidence,
            module: b"\0asm\x01\0\0\0".to_vec(),
        }
    }

    #[test]
    fn bundles_hold_what_opa_looks_for() {
        let bundle = write(&content(Some(json!([])))).unwrap();
        assert_eq!(bundle, write(&content(Some(json!([])))).unwrap());
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bundle.as_slice()));
        let mut files = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            files.push((
                String::from_utf8(entry.path_bytes().to_vec()).unwrap(),
                text,
            ));
        }
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["/.manifest", "/data.json", "/policy.wasm"]);
        let json = |index: usize| -> Value { serde_json::from_slice(&files[index].1).unwrap() };
        assert_eq!(json(0)["roots"], json!(["sealstone"]));
        assert_eq!(json(0)["wasm"][0]["module"], "/policy.wasm");
        assert_eq!(json(0)["wasm"][1]["entrypoint"], "sealstone/review");
        let data = &json(1)["sealstone"];
        assert_eq!(data["trustedRoots"][0]["name"], "a");
        assert_eq!(data["evidence"], json!([]));
        assert_eq!(files[2].1, b"\0asm\x01\0\0\0");
    }

    #[test]
    fn other_content_is_another_revision() {
        assert_ne!(
            write(&content(None)).unwrap(),
            write(&content(Some(json!([])))).unwrap()
        );
    }

    #[test]
    fn other_modules_are_none_of_opa() {
        assert!(!is_opa_module(b"\0asm\x01\0\0\0"));
        assert!(!is_opa_module(b"no module"));
        assert!(!is_opa_module(crate::runtime::COMPONENT));
    }
}
