//! Every small change of a tree.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::document::{Node, Text};

/// Calls back with the path and the name of each change, and the changed tree.
type Emit<'a> = &'a mut dyn FnMut(&str, &'static str, Node);
type EmitText<'a> = &'a mut dyn FnMut(&str, &'static str, Text);

/// How many places of a text or of bytes are changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampling {
    /// Shifts the places from input to input.
    pub(super) offset: usize,
    /// Whether bytes (certificates, signatures, hashes) are changed at every place, in every way.
    pub(super) every_byte: bool,
    /// Whether that goes for the bodies of log entries too.
    pub(super) every_byte_of_bodies: bool,
}

/// Where not all bytes are changed, each so manieth is flipped.
const STRIDE: usize = 20;

impl Sampling {
    /// One place in `length`, the last more often than others.
    fn place(self, length: usize, salt: usize) -> usize {
        let mixed = self.offset.wrapping_mul(7).wrapping_add(salt);
        if mixed.is_multiple_of(4) {
            length.saturating_sub(1)
        } else {
            mixed.checked_rem(length).unwrap_or(0)
        }
    }

    /// The sampling within this part of the evidence.
    fn of(self, path: &str) -> Self {
        let is_body = path.contains("/canonicalizedBody") || path.contains("/Payload/body");
        Self {
            every_byte: self.every_byte_of_bodies || !is_body,
            ..self
        }
    }

    /// Whether the characters of a line are changed: of long texts (PEM) not in every one.
    fn takes_line(self, index: usize, count: usize) -> bool {
        count <= 8 || (index + self.offset).is_multiple_of(8)
    }
}

/// Every change of `node` at or below `path`.
pub(super) fn changes(node: &Node, path: &str, sampling: Sampling, emit: Emit<'_>) {
    match node {
        Node::Object(members) => change_members(members, path, sampling, emit),
        Node::Array(items) => change_items(items, path, sampling, emit),
        Node::Literal(text) => change_literal(text, path, emit),
        Node::String(text) => {
            emit(path, "number", Node::Literal("0".to_owned()));
            change_text(text, path, sampling, &mut |path, change, text| {
                emit(path, change, Node::String(text));
            });
        }
    }
}

fn change_members(members: &[(String, Node)], path: &str, sampling: Sampling, emit: Emit<'_>) {
    let edit = |edit: &dyn Fn(&mut Vec<(String, Node)>)| {
        let mut members = members.to_vec();
        edit(&mut members);
        Node::Object(members)
    };
    for (index, (name, value)) in members.iter().enumerate() {
        let at = format!("{path}/{name}");
        emit(&at, "drop", edit(&|members| drop(members.remove(index))));
        emit(
            &at,
            "duplicate",
            edit(&|members| {
                members.insert(index, members[index].clone());
            }),
        );
        emit(&at, "rename", edit(&|members| members[index].0.push('s')));
        emit(
            &at,
            "null",
            edit(&|members| {
                members[index].1 = Node::Literal("null".to_owned());
            }),
        );
        if let Some((_, next)) = members.get(index + 1)
            && next != value
        {
            emit(
                &at,
                "swap",
                edit(&|members| {
                    let value = std::mem::replace(&mut members[index].1, next.clone());
                    members[index + 1].1 = value;
                }),
            );
        }
        changes(value, &at, sampling, &mut |at, change, value| {
            emit(
                at,
                change,
                edit(&|members| members[index].1 = value.clone()),
            );
        });
    }
    // `cert` is known in signatures of envelopes.
    for (name, change) in [("unknown", "add"), ("cert", "add-cert")] {
        let added = (
            name.to_owned(),
            Node::String(Text::Plain("added".to_owned())),
        );
        if change == "add" || members.iter().any(|(name, _)| name == "sig") {
            emit(path, change, edit(&|members| members.push(added.clone())));
        }
    }
    if members.len() > 1 {
        emit(path, "reorder", edit(&|members| members.reverse()));
    }
}

fn change_items(items: &[Node], path: &str, sampling: Sampling, emit: Emit<'_>) {
    let edit = |edit: &dyn Fn(&mut Vec<Node>)| {
        let mut items = items.to_vec();
        edit(&mut items);
        Node::Array(items)
    };
    for (index, item) in items.iter().enumerate() {
        let at = format!("{path}/{index}");
        emit(&at, "drop", edit(&|items| drop(items.remove(index))));
        emit(
            &at,
            "duplicate",
            edit(&|items| items.insert(index, items[index].clone())),
        );
        emit(
            &at,
            "null",
            edit(&|items| items[index] = Node::Literal("null".to_owned())),
        );
        if items.get(index + 1).is_some_and(|next| next != item) {
            emit(&at, "swap", edit(&|items| items.swap(index, index + 1)));
        }
        changes(item, &at, sampling, &mut |at, change, item| {
            emit(at, change, edit(&|items| items[index] = item.clone()));
        });
    }
}

fn change_literal(text: &str, path: &str, emit: Emit<'_>) {
    let mut literal = |change, text: String| emit(path, change, Node::Literal(text));
    match text.parse::<u64>() {
        Ok(number) => {
            literal("increment", (number + 1).to_string());
            literal("decrement", number.wrapping_sub(1).to_string());
            literal("zero", "0".to_owned());
            literal("fraction", format!("{number}.0"));
            emit(path, "text", Node::String(Text::Plain(number.to_string())));
        }
        Err(_) => literal("true", "true".to_owned()),
    }
}

fn change_text(text: &Text, path: &str, sampling: Sampling, emit: EmitText<'_>) {
    match text {
        Text::Plain(plain) => change_plain(plain, path, sampling, &mut |change, plain| {
            emit(path, change, Text::Plain(plain));
        }),
        Text::Lines(lines) => change_lines(lines, path, sampling, emit),
        Text::Json(node) => {
            let spaced = format!(" {}\n", node.to_json());
            emit(path, "white-space", Text::Plain(spaced));
            changes(node, path, sampling, &mut |path, change, node| {
                emit(path, change, Text::Json(Box::new(node)));
            });
        }
        Text::Pem(label, bytes) => {
            let lines = String::from_utf8_lossy(&text.to_bytes()).into_owned();
            let lines: Vec<String> = lines.split('\n').map(str::to_owned).collect();
            change_lines(&lines, path, sampling, emit);
            change_bytes(bytes, sampling.of(path), &mut |change, bytes| {
                emit(path, change, Text::Pem(label.clone(), bytes));
            });
        }
        Text::Base64(inner) => {
            change_base64(&inner.to_bytes(), &mut |change, plain| {
                emit(path, change, Text::Plain(plain));
            });
            change_text(inner, path, sampling, &mut |path, change, inner| {
                emit(path, change, Text::Base64(Box::new(inner)));
            });
        }
        Text::Bytes(bytes) => change_bytes(bytes, sampling.of(path), &mut |change, bytes| {
            emit(path, change, Text::Bytes(bytes));
        }),
    }
}

fn change_plain(
    plain: &str,
    path: &str,
    sampling: Sampling,
    emit: &mut dyn FnMut(&'static str, String),
) {
    let characters: Vec<char> = plain.chars().collect();
    let mut edit = |change, edit: &dyn Fn(&mut Vec<char>)| {
        let mut characters = characters.clone();
        edit(&mut characters);
        emit(change, characters.into_iter().collect());
    };
    edit("append", &|characters| characters.push(' '));
    let Some(last) = characters.len().checked_sub(1) else {
        return;
    };
    let at = sampling.place(characters.len(), path.len());
    edit("flip", &|characters| {
        characters[at] = flipped(characters[at], 1);
    });
    edit("drop-character", &|characters| {
        characters.remove(at);
    });
    edit("duplicate-character", &|characters| {
        characters.insert(at, characters[at]);
    });
    if at < last {
        edit("swap-characters", &|characters| {
            characters.swap(at, at + 1);
        });
    }
    let letter = |character: &char| character.is_ascii_alphabetic();
    if let Some(at) = characters.iter().position(letter) {
        edit("case", &|characters| {
            characters[at] = flipped(characters[at], 0x20)
        });
    }
    edit("truncate", &|characters| characters.truncate(last / 2));
    edit("empty", &|characters| characters.clear());
    if plain.starts_with("application/vnd.dev.sigstore.bundle") {
        for version in ["0.1", "0.2", "0.3"] {
            let media_type = format!("application/vnd.dev.sigstore.bundle+json;version={version}");
            emit("version", media_type);
        }
    }
    if let Ok(number) = plain.parse::<u64>() {
        emit("increment", (number + 1).to_string());
        emit("leading-zero", format!("0{number}"));
    }
}

fn flipped(character: char, bits: u8) -> char {
    u8::try_from(character).map_or('?', |byte| char::from(byte ^ bits))
}

fn change_lines(lines: &[String], path: &str, sampling: Sampling, emit: EmitText<'_>) {
    let edit = |edit: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.to_vec();
        edit(&mut lines);
        Text::Lines(lines)
    };
    for (index, line) in lines.iter().enumerate() {
        let at = format!("{path}#{index}");
        emit(&at, "drop", edit(&|lines| drop(lines.remove(index))));
        emit(
            &at,
            "duplicate",
            edit(&|lines| lines.insert(index, line.clone())),
        );
        if lines.get(index + 1).is_some_and(|next| next != line) {
            emit(&at, "swap", edit(&|lines| lines.swap(index, index + 1)));
        }
        if sampling.takes_line(index, lines.len()) {
            change_plain(line, &at, sampling, &mut |change, line| {
                emit(&at, change, edit(&|lines| lines[index].clone_from(&line)));
            });
        }
    }
    emit(
        path,
        "truncate",
        edit(&|lines| lines.truncate(lines.len() / 2)),
    );
}

/// Other texts for the same bytes, and one that has stray bits.
fn change_base64(bytes: &[u8], emit: &mut dyn FnMut(&'static str, String)) {
    let standard = STANDARD.encode(bytes);
    let url_safe = URL_SAFE.encode(bytes);
    if url_safe != standard {
        emit("url-safe", url_safe);
    }
    let unpadded = standard.trim_end_matches('=');
    if unpadded != standard {
        emit("unpadded", unpadded.to_owned());
        // The last character of a padded text has bits to spare, which are zero.
        let (rest, last) = unpadded.split_at(unpadded.len() - 1);
        let stray = char::from(last.as_bytes()[0] + 1);
        emit("stray-bits", format!("{rest}{stray}"));
    }
    let (one, other) = standard.split_at(standard.len() / 2);
    emit("line-break", format!("{one}\n{other}"));
}

fn change_bytes(bytes: &[u8], sampling: Sampling, emit: &mut dyn FnMut(&'static str, Vec<u8>)) {
    let mut edit = |change, edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.to_vec();
        edit(&mut bytes);
        emit(change, bytes);
    };
    let flip =
        |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1 << ((at + sampling.offset) % 8);
    let places = if sampling.every_byte {
        (0..bytes.len()).for_each(|at| edit("flip-byte", &flip(at)));
        0..bytes.len()
    } else {
        let start = sampling.place(STRIDE.min(bytes.len()), 0);
        let flipped = (start..bytes.len()).step_by(STRIDE);
        flipped.for_each(|at| edit("flip-byte", &flip(at)));
        let at = sampling.place(bytes.len(), bytes.len() / 3);
        at..at + 1
    };
    for at in places {
        edit("drop-byte", &|bytes| {
            bytes.remove(at);
        });
        edit("duplicate-byte", &|bytes| bytes.insert(at, bytes[at]));
        edit("swap-bytes", &|bytes| {
            let other = (at + 1) % bytes.len();
            bytes.swap(at, other);
        });
        if sampling.every_byte {
            edit("truncate", &|bytes| bytes.truncate(at));
        }
    }
    edit("truncate", &|bytes| bytes.truncate(bytes.len() / 2));
    edit("empty", &|bytes| bytes.clear());
    edit("append", &|bytes| bytes.push(0));
}

/// `node` with one leaf at a time taken from `donor`, wherever both have one and they differ.
pub(super) fn transplants(node: &Node, donor: &Node, path: &str, emit: Emit<'_>) {
    match (node, donor) {
        (Node::Object(members), Node::Object(donors)) => {
            for (index, (name, value)) in members.iter().enumerate() {
                if let Some((_, donor)) = donors.iter().find(|(other, _)| other == name) {
                    transplants(
                        value,
                        donor,
                        &format!("{path}/{name}"),
                        &mut |at, change, value| {
                            let mut members = members.clone();
                            members[index].1 = value;
                            emit(at, change, Node::Object(members));
                        },
                    );
                }
            }
        }
        (Node::Array(items), Node::Array(donors)) => {
            for (index, (item, donor)) in items.iter().zip(donors).enumerate() {
                transplants(
                    item,
                    donor,
                    &format!("{path}/{index}"),
                    &mut |at, change, item| {
                        let mut items = items.clone();
                        items[index] = item;
                        emit(at, change, Node::Array(items));
                    },
                );
            }
        }
        (Node::String(text), Node::String(donor)) if text != donor => {
            // All of a document from elsewhere is another document, not a change.
            if !matches!(donor, Text::Json(_)) {
                emit(path, "transplant", Node::String(donor.clone()));
            }
            if let (Some((node, wrap)), Some((donor, _))) = (document(text), document(donor)) {
                transplants(node, donor, path, &mut |at, change, node| {
                    emit(at, change, Node::String(wrap(node)));
                });
            }
        }
        (Node::Literal(literal), Node::Literal(donor)) if literal != donor => {
            emit(path, "transplant", Node::Literal(donor.clone()));
        }
        _ => {}
    }
}

/// The document in a text, and how to put another in its place.
fn document(text: &Text) -> Option<(&Node, fn(Node) -> Text)> {
    match text {
        Text::Json(node) => Some((node, |node| Text::Json(Box::new(node)))),
        Text::Base64(inner) => match &**inner {
            Text::Json(node) => Some((node, |node| {
                Text::Base64(Box::new(Text::Json(Box::new(node))))
            })),
            _ => None,
        },
        _ => None,
    }
}
