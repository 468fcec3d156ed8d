//! Recorded sessions, in the form that `kwctl run` writes with
//! `--record-host-capabilities-interactions` and answers from with
//! `--replay-host-capabilities-interactions`: a YAML list of exchanges in their order.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use yaml_serde::value::TaggedValue;

use crate::HostCalls;

/// One call of the host.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "suites make them")]
pub struct Exchange {
    /// The namespace of the capability.
    pub namespace: String,
    /// Its operation.
    pub operation: String,
    /// What was asked, JSON.
    pub payload: Value,
    /// What was answered, JSON, or the error.
    pub answer: Result<Value, String>,
}

/// A session that answers as recorded. Every other call, and every call in another order, fails.
#[derive(Clone, Debug)]
pub struct Session {
    exchanges: Vec<Exchange>,
    now: u64,
    next: Arc<Mutex<usize>>,
}

impl Session {
    /// A session at the time `now`, in seconds since the Unix epoch.
    pub fn new(exchanges: Vec<Exchange>, now: u64) -> Self {
        Self {
            exchanges,
            now,
            next: Arc::default(),
        }
    }

    /// Reads what kwctl wrote.
    ///
    /// # Errors
    /// What is not of its form.
    pub fn read(text: &str, now: u64) -> Result<Self> {
        let list: yaml_serde::Value = yaml_serde::from_str(text)?;
        let list = list.as_sequence().context("a session is a list")?;
        let exchanges = list.iter().map(Exchange::read).collect::<Result<_>>()?;
        Ok(Self::new(exchanges, now))
    }

    /// Whether every exchange took place.
    pub fn is_over(&self) -> bool {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) == self.exchanges.len()
    }
}

impl HostCalls for Session {
    fn call(
        &mut self,
        namespace: &str,
        operation: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, String> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let asked: Value = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        match self.exchanges.get(*next) {
            Some(exchange)
                if exchange.namespace == namespace
                    && exchange.operation == operation
                    && exchange.payload == asked =>
            {
                *next = next.saturating_add(1);
                exchange
                    .answer
                    .clone()
                    .map(|answer| answer.to_string().into_bytes())
            }
            // A capability that the recording host did not know left nothing in the session.
            _ => Err(format!("unknown operation: {operation}")),
        }
    }

    fn now(&mut self) -> Option<u64> {
        Some(self.now)
    }
}

/// Passes calls on, and keeps what was said.
#[derive(Debug)]
pub struct Recorder<H> {
    inner: H,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl<H: HostCalls> Recorder<H> {
    /// Keeps what is said in `exchanges`.
    pub fn new(inner: H, exchanges: Arc<Mutex<Vec<Exchange>>>) -> Self {
        Self { inner, exchanges }
    }
}

impl<H: HostCalls> HostCalls for Recorder<H> {
    fn call(
        &mut self,
        namespace: &str,
        operation: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, String> {
        let answer = self.inner.call(namespace, operation, payload);
        let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.push(Exchange {
            namespace: namespace.to_owned(),
            operation: operation.to_owned(),
            payload: json(payload),
            answer: answer.as_deref().map(json).map_err(Clone::clone),
        });
        answer
    }

    fn now(&mut self) -> Option<u64> {
        self.inner.now()
    }
}

/// The names that kwctl has for the capabilities that are called by a reference alone.
const BY_IMAGE: [(&str, &str); 3] = [
    ("v1/manifest_digest", "OciManifestDigest"),
    ("v1/oci_manifest", "OciManifest"),
    ("v1/oci_manifest_config", "OciManifestAndConfig"),
];

const RESOURCE: &str = "KubernetesGetResource";

impl Exchange {
    /// Writes a session as kwctl does. Calls of capabilities that it does not know are left out.
    pub fn write(exchanges: &[Self]) -> String {
        let mut text = String::new();
        for exchange in exchanges {
            let Some(request) = exchange.request() else {
                continue;
            };
            let (kind, member, said) = match &exchange.answer {
                Ok(answer) => ("Success", "payload", answer.to_string()),
                Err(error) => ("Error", "message", error.clone()),
            };
            // Every JSON string is one of YAML, too.
            let (request, said) = (Value::from(request), Value::from(said));
            write!(
                text,
                "- type: Exchange\n  request: {request}\n  response:\n    type: {kind}\n    {member}: {said}\n"
            )
            .unwrap_or_default();
        }
        text
    }

    fn request(&self) -> Option<String> {
        if self.namespace == "kubernetes" {
            let text = |member: &str| self.payload.get(member).cloned().unwrap_or_default();
            return Some(format!(
                "!{RESOURCE}\napi_version: {}\nkind: {}\nname: {}\nnamespace: {}\ndisable_cache: {}\nfield_masks: null\n",
                text("api_version"),
                text("kind"),
                text("name"),
                text("namespace"),
                text("disable_cache"),
            ));
        }
        let mut names = BY_IMAGE.iter();
        let (_, name) = names.find(|(operation, _)| *operation == self.operation)?;
        Some(format!("!{name}\nimage: {}\n", self.payload))
    }

    fn read(value: &yaml_serde::Value) -> Result<Self> {
        let text = |value: &yaml_serde::Value, member: &str| {
            let text = value.get(member).and_then(yaml_serde::Value::as_str);
            let text = text.map(ToOwned::to_owned);
            text.with_context(|| format!("an exchange has no `{member}`"))
        };
        ensure!(text(value, "type")? == "Exchange", "not an exchange");
        let request: yaml_serde::Value = yaml_serde::from_str(&text(value, "request")?)?;
        let yaml_serde::Value::Tagged(request) = request else {
            bail!("a request has a tag");
        };
        let TaggedValue { tag, value: asked } = *request;
        let tag = tag.to_string();
        let tag = tag.trim_start_matches('!');
        let response = value
            .get("response")
            .context("an exchange has a response")?;
        let answer = match text(response, "type")?.as_str() {
            "Success" => Ok(serde_json::from_str(&text(response, "payload")?)?),
            _ => Err(text(response, "message")?),
        };
        let named = BY_IMAGE.iter().find(|(_, name)| *name == tag);
        let (namespace, operation, payload) = match named {
            Some((operation, _)) => ("oci", *operation, text(&asked, "image")?.into()),
            None if tag == RESOURCE => {
                let member = |name: &str| text(&asked, name);
                let cached = asked
                    .get("disable_cache")
                    .and_then(yaml_serde::Value::as_bool);
                let payload = json!({
                    "api_version": member("api_version")?,
                    "kind": member("kind")?,
                    "name": member("name")?,
                    "namespace": member("namespace")?,
                    "disable_cache": cached,
                });
                ("kubernetes", "get_resource", payload)
            }
            None => bail!("a request of another kind, `{tag}`"),
        };
        Ok(Self {
            namespace: namespace.to_owned(),
            operation: operation.to_owned(),
            payload,
            answer,
        })
    }
}
