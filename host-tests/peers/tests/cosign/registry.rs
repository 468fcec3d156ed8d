//! Registries on the loopback interface, and the way in and out.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sealstone_peers::Program;

/// How long a registry may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A kind of registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lists referrers (OCI distribution specification, *Listing Referrers*).
    Referrers,
    /// Does not: clients keep a list under the tag `sha256-<hex>`.
    TagFallback,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Referrers, Self::TagFallback];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Referrers => "referrers",
            Self::TagFallback => "tag-fallback",
        }
    }
}

/// The registries, each started when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Registries {
    referrers: OnceLock<Result<Registry>>,
    tag_fallback: OnceLock<Result<Registry>>,
}

/// A running registry.
#[derive(Debug)]
pub(crate) struct Registry {
    child: Child,
    pub(crate) address: String,
}

impl Registries {
    pub(crate) fn of(&self, kind: Kind) -> Result<&Registry> {
        let registry = match kind {
            Kind::Referrers => self.referrers.get_or_init(Registry::with_referrers),
            Kind::TagFallback => self.tag_fallback.get_or_init(Registry::without_referrers),
        };
        registry
            .as_ref()
            .map_err(|error| anyhow::anyhow!("{error:#}"))
    }
}

impl Registry {
    /// Starts one that lists referrers and keeps everything in memory.
    pub(crate) fn with_referrers() -> Result<Self> {
        let mut child = Command::new(Program::Registry.install()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("standard output is a pipe")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim_end().to_owned();
        ensure!(!address.is_empty(), "the registry does not start");
        Ok(Self { child, address })
    }

    fn without_referrers() -> Result<Self> {
        let program = Program::DockerRegistry.install()?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docker-registry");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let configuration = folder.join("config.yml");
        let store = folder.join("store");
        std::fs::write(
            &configuration,
            format!(
                "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{address}\"}}\n",
                store.display()
            ),
        )?;
        let mut child = Command::new(program)
            .arg("serve")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let start = Instant::now();
        while TcpStream::connect(&address).is_err() {
            if let Some(status) = child.try_wait()? {
                bail!("the registry ended: {status}");
            }
            ensure!(start.elapsed() < PATIENCE, "the registry does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { child, address })
    }

    /// Pushes the image of a layout into a repository of its own.
    pub(crate) fn push(&self, layout: &Path, repository: &str) -> Result<Pushed> {
        let repository = format!("{}/{repository}", self.address);
        let digest = copy(
            "push",
            layout.as_os_str(),
            format!("{repository}:v1").as_ref(),
        )?;
        Ok(Pushed {
            repository,
            digest: digest.trim_end().to_owned(),
        })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            self.child.wait().ok();
        }
    }
}

/// An image in a registry.
#[derive(Debug)]
pub(crate) struct Pushed {
    repository: String,
    pub(crate) digest: String,
}

impl Pushed {
    pub(crate) fn reference(&self) -> String {
        format!("{}@{}", self.repository, self.digest)
    }

    /// Brings the image and what stands beside it into a new layout.
    pub(crate) fn pull(&self, layout: &Path) -> Result<PathBuf> {
        if layout.exists() {
            std::fs::remove_dir_all(layout)?;
        }
        copy("pull", self.reference().as_ref(), layout.as_os_str())?;
        Ok(layout.to_owned())
    }
}

fn copy(verb: &str, from: &std::ffi::OsStr, to: &std::ffi::OsStr) -> Result<String> {
    let output = Command::new(Program::Registry.install()?)
        .arg(verb)
        .args([from, to])
        .output()?;
    ensure!(
        output.status.success(),
        "{verb} {} {}: {}",
        from.display(),
        to.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
