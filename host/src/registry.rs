//! Registries: where images and the evidence about them are stored.
//!
//! A client for the OCI distribution specification that keeps three answers apart: there it is, there
//! is none, and nothing can be said. Every manifest and blob is hashed before it is used. Time, bytes,
//! pages and repetitions are bounded, before something is read and while it is.
//!
//! Nothing that a registry says is believed: the module verifies every piece of evidence anew.

mod authentication;
mod carrier;
mod credentials;
mod error;
mod http;
mod plain;
mod progress;
mod read;
mod reference;
mod store;
mod write;

use core::fmt;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use docker_credential::DockerCredential;
use ureq::http::{Method, StatusCode, Uri};

pub use carrier::StoredCarrier;
pub use error::{RegistryError, Violation};
pub use reference::{Reference, ReferenceError};

use crate::digest::Digest;
use crate::limits::{Limit, Limits};
use crate::oci::document::Descriptor;
use http::{Answer, Call, Content, Outcome, Receive, Transport, same_origin};
pub(crate) use read::Referrers;
pub(crate) use write::Source;

/// How registries are spoken to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Hosts that are spoken to over plain HTTP, as this machine always is.
    pub insecure_http: Vec<String>,
    /// The folder with Docker's `config.json`, where there are credentials.
    pub docker_config: Option<PathBuf>,
    /// How long to wait before a second attempt; each pause is twice as long as the one before.
    pub pause: Duration,
}

impl Settings {
    /// The settings of the user: the folder of `DOCKER_CONFIG`, or `.docker` at home.
    pub fn from_environment(insecure_http: Vec<String>) -> Self {
        let named = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty());
        let at_home = || {
            let folders = directories_next::BaseDirs::new()?;
            Some(folders.home_dir().join(".docker"))
        };
        Self {
            insecure_http,
            docker_config: named.map(PathBuf::from).or_else(at_home),
            ..Self::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            insecure_http: Vec::new(),
            docker_config: None,
            pause: Duration::from_millis(250),
        }
    }
}

/// A repository of a registry.
pub struct Registry {
    transport: Transport,
    name: Reference,
    /// The address of the repository, without a slash at the end.
    base: String,
    settings: Settings,
    limits: Limits,
    budget: Option<usize>,
    authorization: Option<String>,
    /// Looked for once there is a challenge.
    credential: Option<Option<DockerCredential>>,
    /// Manifests that were read by their tag.
    tagged: BTreeMap<Digest, Vec<u8>>,
}

impl fmt::Debug for Registry {
    /// Without credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// An image in a registry.
#[derive(Clone, Debug)]
pub struct Image {
    digest: Digest,
    descriptor: Descriptor,
    content: Vec<u8>,
}

impl Image {
    /// The digest of its manifest or index.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The descriptor of its manifest or index.
    pub(crate) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Its manifest or index.
    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }
}

impl Registry {
    /// The repository of an image, to look for evidence in. Time and bytes are limited. Nothing is
    /// asked yet.
    pub fn for_evidence(name: &Reference, settings: &Settings, limits: &Limits) -> Self {
        let deadline = Instant::now().checked_add(limits.registry_time);
        Self::new(
            name,
            settings,
            limits,
            deadline,
            Some(limits.registry_bytes),
        )
    }

    /// The repository of an image, to move it with everything that belongs to it.
    pub fn for_images(name: &Reference, settings: &Settings, limits: &Limits) -> Self {
        Self::new(name, settings, limits, None, None)
    }

    /// The name of the image that is meant.
    pub fn name(&self) -> &Reference {
        &self.name
    }

    fn new(
        name: &Reference,
        settings: &Settings,
        limits: &Limits,
        deadline: Option<Instant>,
        budget: Option<usize>,
    ) -> Self {
        let host = match name.registry() {
            "docker.io" => "registry-1.docker.io",
            registry => registry,
        };
        let transport = Transport::new(host, settings, deadline);
        let scheme = if transport.plain().contain(host) {
            "http"
        } else {
            "https"
        };
        Self {
            transport,
            name: name.clone(),
            base: format!("{scheme}://{host}/v2/{}", name.repository()),
            settings: settings.clone(),
            limits: limits.clone(),
            budget,
            authorization: None,
            credential: None,
            tagged: BTreeMap::new(),
        }
    }

    /// The limits in force.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The host that is asked.
    fn host(&self) -> String {
        self.base()
            .map(|base| http::host(&base))
            .unwrap_or_default()
    }

    fn base(&self) -> Result<Uri, RegistryError> {
        self.address("")
    }

    /// The address of something in the repository.
    fn address(&self, path: &str) -> Result<Uri, RegistryError> {
        format!("{}{path}", self.base)
            .parse()
            .map_err(|_| ReferenceError::Registry.into())
    }

    /// Asks, and reads what comes, at most `maximum` bytes.
    fn fetch(
        &mut self,
        call: &Call<'_>,
        limit: Limit,
        maximum: usize,
    ) -> Result<Answer, RegistryError> {
        let (limit, maximum) = match self.budget {
            Some(left) if left < maximum => (Limit::RegistryBytes, left),
            _ => (limit, maximum),
        };
        let answer = self.call(call, &mut |status, headers, content| {
            Answer::read(status, headers, content, limit, maximum)
        });
        let answer = answer.map_err(|error| match error {
            RegistryError::Limit {
                limit: limit @ Limit::RegistryBytes,
                ..
            } => RegistryError::Limit {
                limit,
                maximum: self.limits.registry_bytes,
            },
            other => other,
        })?;
        self.budget = self
            .budget
            .map(|left| left.saturating_sub(answer.content.len()));
        Ok(answer)
    }

    /// Asks, with credentials where the registry wants them.
    fn call<T>(
        &mut self,
        call: &Call<'_>,
        receive: &mut Receive<'_, T>,
    ) -> Result<T, RegistryError> {
        let base = self.base()?;
        let is_ours = same_origin(&base, &call.uri);
        let authorization = self.authorization.as_deref().filter(|_| is_ours);
        let challenges = match self.transport.exchange(call, authorization, receive)? {
            Outcome::Done(done) => return Ok(done),
            Outcome::Challenged(challenges) if is_ours => challenges,
            Outcome::Challenged(_) => return Err(self.unauthorized()),
        };
        self.authenticate(&base, &challenges, &call.method)?;
        let authorization = self.authorization.as_deref();
        match self.transport.exchange(call, authorization, receive)? {
            Outcome::Done(done) => Ok(done),
            Outcome::Challenged(_) => Err(self.unauthorized()),
        }
    }

    fn authenticate(
        &mut self,
        base: &Uri,
        challenges: &[String],
        method: &Method,
    ) -> Result<(), RegistryError> {
        if self.credential.is_none() {
            let folder = self.settings.docker_config.as_deref();
            self.credential = Some(credentials::find(folder, self.name.registry())?);
        }
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let actions = if reads { "pull" } else { "pull,push" };
        let scope = format!("repository:{}:{actions}", self.name.repository());
        let credential = self.credential.as_ref().and_then(Option::as_ref);
        self.authorization = Some(authentication::answer(
            &self.transport,
            base,
            challenges,
            credential,
            &scope,
            &self.limits,
        )?);
        Ok(())
    }

    fn unauthorized(&self) -> RegistryError {
        RegistryError::Unauthorized { host: self.host() }
    }

    /// The error behind a status that is not the wanted one.
    fn status(&self, status: StatusCode) -> RegistryError {
        let host = self.host();
        match status {
            StatusCode::FORBIDDEN => RegistryError::Forbidden { host },
            status => RegistryError::Status {
                host,
                status: status.as_u16(),
            },
        }
    }
}

/// A request that reads.
fn reading(uri: Uri, accept: &str) -> Call<'_> {
    Call {
        method: Method::GET,
        uri,
        accept,
        content: Content::Nothing,
    }
}
