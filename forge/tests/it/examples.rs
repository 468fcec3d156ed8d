use alloc::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sealstone_forge::examples;

fn checked_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// `examples/` holds what the forge makes, byte for byte. `BLESS=1` writes it.
#[test]
fn checked_in_examples_are_current() {
    let made = tempfile::tempdir().unwrap();
    examples::write(made.path()).unwrap();
    let folders: Vec<String> = std::fs::read_dir(made.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for folder in folders {
        let target = checked_in().join(&folder);
        if std::env::var_os("BLESS").is_some() {
            if target.exists() {
                std::fs::remove_dir_all(&target).unwrap();
            }
            copy(&made.path().join(&folder), &target);
        }
        let (made, found) = (read(&made.path().join(&folder)), read(&target));
        let paths = |files: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<PathBuf> {
            files.keys().cloned().collect()
        };
        assert_eq!(paths(&found), paths(&made), "run again with BLESS=1");
        for (path, content) in made {
            assert!(found[&path] == content, "{path:?}: run again with BLESS=1");
        }
    }
}

#[test]
fn tampered_example_names_the_other_image() {
    let files = examples::files().unwrap();
    let index = |layout: &str| -> serde_json::Value {
        serde_json::from_slice(&files[&format!("container-image/{layout}/index.json")]).unwrap()
    };
    let digest = |layout: &str| index(layout)["manifests"][0]["digest"].clone();
    assert_ne!(digest("signed"), digest("tampered"));
    for layout in ["signed", "tampered"] {
        let manifests = index(layout)["manifests"].as_array().unwrap().clone();
        assert_eq!(manifests.len(), 3, "image, attestations, referrer");
    }
}

fn read(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(folder).unwrap().to_owned();
                files.insert(relative, std::fs::read(path).unwrap());
            }
        }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    for (path, content) in read(from) {
        let target = to.join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, content).unwrap();
    }
}
