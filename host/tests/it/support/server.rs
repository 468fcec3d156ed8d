//! A registry that does as it is told, on a port of this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use sealstone::digest::Digest;
use serde_json::{Value, json};

use super::{Entry, INDEX, MANIFEST};

/// What is answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The length that is announced, where it is not that of the body.
    length: Option<usize>,
    /// The body is sent again and again.
    endless: bool,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn ok(media_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self {
            body: body.as_ref().to_owned(),
            ..Self::new(200).header("content-type", media_type)
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Announces another length than there is.
    pub(crate) fn announcing(mut self, length: usize) -> Self {
        self.length = Some(length);
        self
    }

    /// Never ends.
    pub(crate) fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    fn send(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        write!(
            stream,
            "HTTP/1.1 {} x\r\nconnection: close\r\n",
            self.status
        )?;
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        if self.endless {
            // Without a length the body lasts as long as the connection.
            write!(stream, "\r\n")?;
            loop {
                stream.write_all(&[b' '; 65536])?;
            }
        }
        let length = self.length.unwrap_or(self.body.len());
        write!(stream, "content-length: {length}\r\n\r\n")?;
        stream.write_all(&self.body)
    }
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

#[derive(Debug, Default)]
struct State {
    /// By method and path. The last one of several is repeated.
    replies: BTreeMap<(String, String), Vec<Reply>>,
    seen: Vec<Seen>,
    /// The header that every request must have.
    authorization: Option<(String, Reply)>,
}

/// A running registry with the repository `app`. It ends with the test process.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap().to_string(),
            state: Arc::default(),
        };
        let state = Arc::clone(&server.state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                // Whoever breaks off a connection is not answered.
                thread::spawn(move || answer(&stream, &state).ok());
            }
        });
        server
    }

    /// The name of the image under a tag.
    pub(crate) fn image(&self, tag: &str) -> String {
        format!("{}/app:{tag}", self.address)
    }

    /// What a path of the repository is answered by GET; several answers come one after the other.
    pub(crate) fn reply(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.reply_to("GET", &format!("/v2/app{path}"), replies);
    }

    /// What a whole path is answered.
    pub(crate) fn reply_to(
        &self,
        method: &str,
        path: &str,
        replies: impl IntoIterator<Item = Reply>,
    ) {
        let replies = replies.into_iter().collect();
        let key = (method.to_owned(), path.to_owned());
        self.state().replies.insert(key, replies);
    }

    /// Answers by `challenge` what does not come with this header.
    pub(crate) fn demand(&self, authorization: &str, challenge: Reply) {
        self.state().authorization = Some((authorization.to_owned(), challenge));
    }

    /// Stores a blob.
    pub(crate) fn blob(&self, media_type: &str, content: &str) -> Entry {
        let entry = entry(media_type, content);
        let path = format!("/blobs/{}", entry.digest());
        self.reply(&path, [Reply::ok("application/octet-stream", content)]);
        entry
    }

    /// Stores a manifest or an index under its digest.
    pub(crate) fn document(&self, media_type: &str, document: &Value) -> Entry {
        let content = document.to_string();
        let entry = entry(media_type, &content);
        let path = format!("/manifests/{}", entry.digest());
        self.reply(&path, [Reply::ok(media_type, content)]);
        entry
    }

    /// Stores a manifest under a tag too.
    pub(crate) fn tag(&self, tag: &str, media_type: &str, document: &Value) -> Entry {
        let reply = Reply::ok(media_type, document.to_string());
        self.reply(&format!("/manifests/{tag}"), [reply]);
        self.document(media_type, document)
    }

    /// Stores a manifest with these layers.
    pub(crate) fn manifest(&self, layers: &[Entry], subject: Option<&Entry>) -> Value {
        let config = self.blob("application/vnd.oci.image.config.v1+json", "{}");
        let layers: Vec<&Value> = layers.iter().map(|layer| &layer.0).collect();
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.0,
            "layers": layers,
        });
        if let Some(subject) = subject {
            manifest["subject"] = subject.0.clone();
        }
        manifest
    }

    /// Lists the referrers of an image.
    pub(crate) fn refer(&self, subject: &Entry, referrers: &[Entry]) {
        let path = format!("/referrers/{}", subject.digest());
        self.reply(&path, [Reply::ok(INDEX, index(referrers).to_string())]);
    }

    /// The requests that came.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// An image index with these entries.
pub(crate) fn index(entries: &[Entry]) -> Value {
    let entries: Vec<&Value> = entries.iter().map(|entry| &entry.0).collect();
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
}

fn entry(media_type: &str, content: &str) -> Entry {
    Entry(json!({
        "mediaType": media_type,
        "digest": Digest::of(content.as_bytes()).to_string(),
        "size": content.len(),
    }))
}

fn answer(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "authorization" => authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let reply = {
        let mut state = state.lock().unwrap();
        state.seen.push(Seen {
            method: method.to_owned(),
            path: path.to_owned(),
            authorization: authorization.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        let key = (method.to_owned(), path.to_owned());
        match &state.authorization {
            Some((wanted, challenge))
                if path.starts_with("/v2/") && authorization.as_ref() != Some(wanted) =>
            {
                challenge.clone()
            }
            _ => match state.replies.get_mut(&key) {
                Some(replies) if replies.len() > 1 => replies.remove(0),
                Some(replies) => replies.first().cloned().unwrap_or(Reply::new(404)),
                None => Reply::new(404),
            },
        }
    };
    reply.send(stream)
}
