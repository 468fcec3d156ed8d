//! Where compiled modules are kept between two runs of the program.
//!
//! What lies there is native code that wasmtime runs without looking at it again. A folder that
//! somebody else can write to is therefore not used. Without a folder everything works, only slower.
//!
//! wasmtime removes from its folder whatever it did not write itself. It therefore gets a folder of
//! its own below the named one, so that nothing else that lies there is touched.

use std::fs;
use std::path::{Path, PathBuf};

use directories_next::ProjectDirs;
use wasmtime::{Cache, CacheConfig};

/// Names the folder of the compiled modules; empty for none.
const VARIABLE: &str = "SEALSTONE_CACHE_DIR";

/// The folder below the named one that wasmtime has for itself.
const MODULES: &str = "sealstone-modules";

/// Where compiled modules are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheLocation {
    /// Nowhere: each run compiles its module.
    #[default]
    None,
    /// In this folder, which is made when it is missing.
    Folder(PathBuf),
}

impl CacheLocation {
    /// The folder in `SEALSTONE_CACHE_DIR` (empty: none), or one below the cache folder of the user.
    pub fn from_environment() -> Self {
        match std::env::var_os(VARIABLE) {
            Some(folder) if folder.is_empty() => Self::None,
            Some(folder) => Self::Folder(PathBuf::from(folder)),
            None => ProjectDirs::from("dev", "sealstone", "sealstone")
                .map_or(Self::None, |folders| {
                    Self::Folder(folders.cache_dir().to_owned())
                }),
        }
    }

    /// Opens the cache. `None` when there is none, or when the folder cannot be used.
    pub(super) fn open(&self) -> Option<Cache> {
        let Self::Folder(folder) = self else {
            return None;
        };
        let folder = std::path::absolute(folder).ok()?;
        make(&folder).ok()?;
        if !is_private(&folder) {
            return None;
        }
        let modules = folder.join(MODULES);
        make(&modules).ok()?;
        if !is_private(&modules) {
            return None;
        }
        let mut config = CacheConfig::new();
        config.with_directory(modules);
        Cache::new(config).ok()
    }
}

#[cfg(unix)]
fn make(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// Whether only this user can write to the folder.
#[cfg(unix)]
fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    fs::metadata(folder).is_ok_and(|metadata| {
        metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.mode() & WRITABLE_BY_OTHERS == 0
    })
}

/// Elsewhere the cache folder of a user is private by the rules of the system.
#[cfg(not(unix))]
fn is_private(_folder: &Path) -> bool {
    true
}
