//! HTTP as far as registries need it: bounded in time, in bytes and in repetitions.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use ureq::http::{HeaderMap, Method, Request, StatusCode, Uri, Version};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Proxy, SendBody};

use super::plain::{self, PlainHosts};
use super::progress::Progress;
use super::{RegistryError, Settings, Violation};
use crate::limits::Limit;

/// How often one request is made.
const ATTEMPTS: u32 = 4;
/// How long a registry can ask to be left alone before the next attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 5;
/// How long one request may take, but for blobs of images.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// How long a peer may be silent.
const SILENCE: Duration = Duration::from_secs(20);

/// The way to registries.
#[derive(Debug)]
pub(super) struct Transport {
    agent: Agent,
    plain: PlainHosts,
    pause: Duration,
    /// When the search for evidence ends; none for moving images.
    deadline: Option<Instant>,
    progress: Progress,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) accept: &'a str,
    pub(super) content: Content<'a>,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    Nothing,
    Bytes {
        media_type: &'a str,
        bytes: &'a [u8],
    },
    File {
        path: &'a Path,
        size: u64,
    },
}

/// An answer whose content was read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) content: Vec<u8>,
}

/// What came of a call.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// What was made of the answer.
    Done(T),
    /// The registry wants credentials: its challenges.
    Challenged(Vec<String>),
}

/// What takes an answer: its status, its headers and its content.
pub(super) type Receive<'r, T> =
    dyn FnMut(StatusCode, &HeaderMap, &mut dyn Read) -> Result<T, Broken> + 'r;

/// Why an answer was not taken to its end.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection failed: worth another attempt.
    Connection(io::Error),
    /// It will not get better.
    Final(RegistryError),
}

impl Transport {
    pub(super) fn new(registry: &str, settings: &Settings, deadline: Option<Instant>) -> Self {
        // Other parts of a program may have another provider for TLS; this one is meant.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let is_local = plain::is_loopback(plain::host(registry));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(if is_local {
                None
            } else {
                Proxy::try_from_env()
            })
            .timeout_connect(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .tls_config(tls)
            .user_agent(concat!("sealstone/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.new_agent(),
            plain: PlainHosts::new(&settings.insecure_http),
            pause: settings.pause,
            deadline,
            progress: Progress::new(registry),
        }
    }

    pub(super) fn plain(&self) -> &PlainHosts {
        &self.plain
    }

    /// Makes a request and reads the content of the answer, at most `maximum` bytes.
    pub(super) fn fetch(
        &self,
        call: &Call<'_>,
        authorization: Option<&str>,
        limit: Limit,
        maximum: usize,
    ) -> Result<Outcome<Answer>, RegistryError> {
        self.exchange(call, authorization, &mut |status, headers, content| {
            Answer::read(status, headers, content, limit, maximum)
        })
    }

    /// Makes a request until there is an answer that another attempt would not change, and hands it
    /// to `receive`, which may see the beginning of an answer several times.
    pub(super) fn exchange<T>(
        &self,
        call: &Call<'_>,
        authorization: Option<&str>,
        receive: &mut Receive<'_, T>,
    ) -> Result<Outcome<T>, RegistryError> {
        self.plain.check(&call.uri, None)?;
        let mut pause = self.pause;
        for attempt in 1..=ATTEMPTS {
            let (error, wanted) = match self.once(call, authorization, receive)? {
                Attempt::Ended(outcome) => return Ok(outcome),
                Attempt::Again { error, wanted } => (error, wanted),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            let wanted = wanted.map_or(pause, |wanted| wanted.min(LONGEST_PAUSE).max(pause));
            if self
                .remaining()
                .is_some_and(|remaining| remaining <= wanted)
            {
                return Err(error);
            }
            thread::sleep(wanted);
            pause = pause.saturating_mul(2);
        }
        Err(self.timeout(&call.uri))
    }

    fn once<T>(
        &self,
        call: &Call<'_>,
        authorization: Option<&str>,
        receive: &mut Receive<'_, T>,
    ) -> Result<Attempt<T>, RegistryError> {
        let mut uri = call.uri.clone();
        for _ in 0..=REDIRECTS {
            let host = host(&uri);
            // Credentials are for the registry that asked for them and nobody else.
            let authorization = authorization.filter(|_| same_origin(&uri, &call.uri));
            let mut response = match self.send(call, &uri, authorization)? {
                Ok(response) => response,
                Err(error) => return self.failed(error, host),
            };
            let (status, headers) = (response.status(), response.headers().clone());
            if status.is_redirection() && is_read(&call.method) {
                let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
                let to = to.and_then(|to| resolve(&uri, to));
                let violation = Violation::Location;
                let to = to.ok_or(RegistryError::Protocol { host, violation })?;
                self.plain.check(&to, Some(&uri))?;
                uri = to;
                continue;
            }
            if let Some(error) = passing(status, &host) {
                return Ok(Attempt::Again {
                    error,
                    wanted: retry_after(&headers),
                });
            }
            if status == StatusCode::UNAUTHORIZED && same_origin(&uri, &call.uri) {
                let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
                let challenges = challenges.filter_map(|value| value.to_str().ok());
                let challenges = challenges.map(str::to_owned).collect();
                return Ok(Attempt::Ended(Outcome::Challenged(challenges)));
            }
            let mut content = self.progress.watch(response.body_mut().as_reader());
            return match receive(status, &headers, &mut content) {
                Ok(done) => Ok(Attempt::Ended(Outcome::Done(done))),
                Err(Broken::Final(error)) => Err(error),
                Err(Broken::Connection(error)) => self.failed(error.into(), host),
            };
        }
        Err(RegistryError::Protocol {
            host: host(&uri),
            violation: Violation::Redirects,
        })
    }

    /// The outer error is one of this side.
    fn send(
        &self,
        call: &Call<'_>,
        uri: &Uri,
        authorization: Option<&str>,
    ) -> Result<Result<ureq::http::Response<ureq::Body>, ureq::Error>, RegistryError> {
        let time = self.time().map_err(|OutOfTime| self.timeout(uri))?;
        self.progress.request();
        let mut request = Request::builder()
            .version(Version::HTTP_11)
            .method(call.method.clone())
            .uri(uri.clone());
        if !call.accept.is_empty() {
            request = request.header(ACCEPT, call.accept);
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let body = match call.content {
            Content::Nothing if is_read(&call.method) => SendBody::none(),
            Content::Nothing => {
                request = request.header(CONTENT_LENGTH, 0);
                SendBody::none()
            }
            Content::Bytes { media_type, bytes } => {
                request = request
                    .header(CONTENT_TYPE, media_type)
                    .header(CONTENT_LENGTH, bytes.len());
                SendBody::from_owned_reader(io::Cursor::new(bytes.to_owned()))
            }
            Content::File { path, size } => {
                let file = File::open(path)?.take(size);
                request = request
                    .header(CONTENT_TYPE, "application/octet-stream")
                    .header(CONTENT_LENGTH, size);
                SendBody::from_owned_reader(file)
            }
        };
        let request = match request.body(body) {
            Ok(request) => request,
            Err(error) => return Ok(Err(error.into())),
        };
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(time)
            .build();
        Ok(self.agent.run(request))
    }

    /// How long a request may take.
    ///
    /// Blobs of images are large: where there is no deadline, only silence ends a request.
    fn time(&self) -> Result<Option<Duration>, OutOfTime> {
        match self.remaining() {
            Some(Duration::ZERO) => Err(OutOfTime),
            remaining => Ok(remaining.map(|remaining| remaining.min(REQUEST_TIME))),
        }
    }

    fn remaining(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    fn timeout(&self, uri: &Uri) -> RegistryError {
        RegistryError::Timeout { host: host(uri) }
    }

    fn failed<T>(&self, error: ureq::Error, host: String) -> Result<Attempt<T>, RegistryError> {
        if self.remaining() == Some(Duration::ZERO) {
            return Err(RegistryError::Timeout { host });
        }
        let is_passing = matches!(
            error,
            ureq::Error::Io(_)
                | ureq::Error::Timeout(_)
                | ureq::Error::ConnectionFailed
                | ureq::Error::Protocol(_)
                | ureq::Error::BodyStalled
        );
        let reason = Box::new(error);
        let error = RegistryError::Connection { host, reason };
        if is_passing {
            let wanted = None;
            Ok(Attempt::Again { error, wanted })
        } else {
            Err(error)
        }
    }
}

/// The deadline is over.
struct OutOfTime;

enum Attempt<T> {
    Ended(Outcome<T>),
    Again {
        error: RegistryError,
        wanted: Option<Duration>,
    },
}

/// The host of an address, with its port.
pub(super) fn host(uri: &Uri) -> String {
    uri.authority().map(ToString::to_string).unwrap_or_default()
}

/// Whether two addresses are at the same place.
pub(super) fn same_origin(one: &Uri, other: &Uri) -> bool {
    one.scheme() == other.scheme() && one.authority() == other.authority()
}

/// The address that `to` means in an answer from `from`: a whole one, or a path from the root.
pub(super) fn resolve(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with('/') && !to.starts_with("//") {
        let origin = format!("{}://{}", from.scheme_str()?, from.authority()?);
        return format!("{origin}{to}").parse().ok();
    }
    let uri: Uri = to.parse().ok()?;
    (uri.scheme().is_some() && uri.authority().is_some()).then_some(uri)
}

impl Answer {
    /// Reads an answer, at most `maximum` bytes. What an error says is not looked at.
    pub(super) fn read(
        status: StatusCode,
        headers: &HeaderMap,
        content: &mut dyn Read,
        limit: Limit,
        maximum: usize,
    ) -> Result<Self, Broken> {
        let content = if status.is_success() {
            capped(headers, content, limit, maximum)?
        } else {
            Vec::new()
        };
        Ok(Self {
            status,
            headers: headers.clone(),
            content,
        })
    }
}

/// Reads everything, but no more than `maximum` bytes.
fn capped(
    headers: &HeaderMap,
    content: &mut dyn Read,
    limit: Limit,
    maximum: usize,
) -> Result<Vec<u8>, Broken> {
    let over = || Broken::Final(RegistryError::Limit { limit, maximum });
    let announced = headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > maximum) {
        return Err(over());
    }
    let bound = u64::try_from(maximum).unwrap_or(u64::MAX);
    let mut read = Vec::new();
    content
        .take(bound.saturating_add(1))
        .read_to_end(&mut read)
        .map_err(Broken::Connection)?;
    if read.len() > maximum {
        return Err(over());
    }
    Ok(read)
}

fn is_read(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

/// The error behind a status that may be another one at the next attempt.
fn passing(status: StatusCode, host: &str) -> Option<RegistryError> {
    let host = host.to_owned();
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(RegistryError::TooManyRequests { host }),
        StatusCode::REQUEST_TIMEOUT => Some(RegistryError::Status {
            host,
            status: status.as_u16(),
        }),
        status if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => {
            Some(RegistryError::Status {
                host,
                status: status.as_u16(),
            })
        }
        _ => None,
    }
}

/// How long the registry wants to be left alone, where it says so in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn addresses_in_answers_are_whole_or_begin_at_the_root() {
        let from = "https://a.example/v2/app/blobs/x".parse().unwrap();
        let cases = [
            ("/v2/y?z=1", Some("https://a.example/v2/y?z=1")),
            ("https://b.example/y", Some("https://b.example/y")),
            ("y", None),
            ("//b.example/y", None),
            ("", None),
            ("https://", None),
        ];
        for (to, expected) in cases {
            let found = resolve(&from, to).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), expected, "{to}");
        }
    }
}
