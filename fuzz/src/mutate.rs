//! Changes JSON at one node, also inside of base64, so that changes reach what is nested deeply.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// The fuzzer's own mutator: buffer, size used, size allowed; returns the new size.
pub type MutateBytes = fn(&mut [u8], usize, usize) -> usize;

/// Changes `data`: one node of its JSON, or in one of four cases, or where it is no JSON, its bytes.
pub fn json(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    mutate_bytes: MutateBytes,
) -> usize {
    let mut random = Random(u64::from(seed) | 1 << 32);
    if random.below(4) > 0
        && let Ok(mut document) = serde_json::from_slice(&data[..size])
    {
        change_node(&mut document, &mut random, mutate_bytes);
        let text = document.to_string().into_bytes();
        if text.len() <= max_size {
            data[..text.len()].copy_from_slice(&text);
            return text.len();
        }
    }
    mutate_bytes(data, size, max_size)
}

fn change_node(document: &mut Value, random: &mut Random, mutate_bytes: MutateBytes) {
    let mut target = random.below(count(document));
    if let Some(node) = nth(document, &mut target) {
        change(node, random, mutate_bytes);
    }
}

fn count(value: &Value) -> usize {
    let children: usize = match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    };
    1 + children
}

fn nth<'a>(value: &'a mut Value, remaining: &mut usize) -> Option<&'a mut Value> {
    if *remaining == 0 {
        return Some(value);
    }
    *remaining -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, remaining)),
        Value::Object(members) => members.values_mut().find_map(|item| nth(item, remaining)),
        _ => None,
    }
}

fn change(value: &mut Value, random: &mut Random, mutate_bytes: MutateBytes) {
    match value {
        Value::Null => *value = Value::String(String::new()),
        Value::Bool(flag) => *flag = !*flag,
        Value::Number(number) => {
            let old = number.as_u64().unwrap_or_default();
            let new = [old.wrapping_add(1), old.wrapping_sub(1), 0, u64::MAX][random.below(4)];
            *value = new.into();
        }
        Value::String(text) => change_text(text, random, mutate_bytes),
        Value::Array(items) => change_items(items, random),
        Value::Object(members) => change_members(members, random),
    }
}

fn change_text(text: &mut String, random: &mut Random, mutate_bytes: MutateBytes) {
    if random.below(4) > 0
        && let Ok(mut bytes) = STANDARD.decode(&*text)
        && !bytes.is_empty()
    {
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut document) if random.below(4) > 0 => {
                change_node(&mut document, random, mutate_bytes);
                bytes = document.to_string().into_bytes();
            }
            _ => grow_and_mutate(&mut bytes, mutate_bytes),
        }
        *text = STANDARD.encode(bytes);
    } else {
        let mut bytes = std::mem::take(text).into_bytes();
        grow_and_mutate(&mut bytes, mutate_bytes);
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }
}

fn grow_and_mutate(bytes: &mut Vec<u8>, mutate_bytes: MutateBytes) {
    let size = bytes.len();
    let max_size = size + 64;
    bytes.resize(max_size, 0);
    let new_size = mutate_bytes(bytes, size, max_size);
    bytes.truncate(new_size);
}

fn change_items(items: &mut Vec<Value>, random: &mut Random) {
    if items.is_empty() {
        items.push(Value::Null);
        return;
    }
    let (one, other) = (random.below(items.len()), random.below(items.len()));
    match random.below(3) {
        0 => drop(items.remove(one)),
        1 => items.insert(other, items[one].clone()),
        _ => items.swap(one, other),
    }
}

fn change_members(members: &mut Map<String, Value>, random: &mut Random) {
    let names: Vec<String> = members.keys().cloned().collect();
    if names.is_empty() {
        members.insert("name".to_owned(), Value::Null);
        return;
    }
    let (one, other) = (
        &names[random.below(names.len())],
        &names[random.below(names.len())],
    );
    let value = members[one].clone();
    match random.below(3) {
        0 => drop(members.remove(one)),
        1 => drop(members.insert(other.clone(), value)),
        _ => drop(members.insert(format!("{one}s"), value)),
    }
}

/// Marsaglia's xorshift: the same seed gives the same changes.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}
