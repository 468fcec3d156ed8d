//! The one reader of JSON: over bytes, strict, with or without making values of what it reads.
//!
//! Follows RFC 8259 and refuses what parsers disagree about; see [`crate::json`].

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use core::str;

use super::{JsonError, Map, Value};
use serde_json::Number;

/// Reads one value, refusing duplicate members at every depth.
///
/// `nesting` is the number of arrays and objects that may enclose a value.
///
/// # Errors
/// [`JsonError`], see there.
pub fn parse(bytes: &[u8], nesting: usize) -> Result<Value, JsonError> {
    parse_around(bytes, nesting, &mut [])
}

/// What is left out of a value: where it stands, and its text once it was found.
#[derive(Clone, Debug)]
pub struct LeftOut<'p> {
    path: &'p [&'p str],
    text: Option<Range<usize>>,
}

impl<'p> LeftOut<'p> {
    /// Something that stands at this path of member names, which is not empty.
    pub const fn at(path: &'p [&'p str]) -> Self {
        Self { path, text: None }
    }

    /// The last name of the path.
    pub fn name(&self) -> Option<&'p str> {
        self.path.last().copied()
    }

    /// Where the text is; `None` when nothing stands there.
    pub fn place(&self) -> Option<Range<usize>> {
        self.text.clone()
    }

    /// The text, within the bytes that were read.
    pub fn text<'d>(&self, bytes: &'d [u8]) -> Option<&'d [u8]> {
        bytes.get(self.place()?)
    }
}

/// Reads one value but for what is to be left out: that is read as strictly, but no value is made of it.
/// In its place stands `null`.
///
/// # Errors
/// As [`parse`], for all of the bytes.
pub fn parse_around(
    bytes: &[u8],
    nesting: usize,
    left_out: &mut [LeftOut<'_>],
) -> Result<Value, JsonError> {
    let mut reader = Reader::new(bytes);
    let value = reader.value(nesting, (left_out, 0))?;
    reader.finish()?;
    Ok(value)
}

/// Reads one value and makes nothing of it.
///
/// # Errors
/// As [`parse`].
pub fn check(bytes: &[u8], nesting: usize) -> Result<(), JsonError> {
    let mut reader = Reader::new(bytes);
    reader.pass(nesting)?;
    reader.finish()
}

/// Hands over the elements of an array one after another, until `take` returns `false`. A text that is no
/// array has none.
///
/// # Errors
/// As [`parse`], up to where reading ends.
pub fn each_element(text: &[u8], take: &mut dyn FnMut(Value) -> bool) -> Result<(), JsonError> {
    let mut reader = Reader::new(text);
    if reader.peek() != Some(b'[') {
        return Ok(());
    }
    let mut stopped = false;
    let read = reader.elements(usize::MAX, &mut |reader, nesting| {
        let value = reader.value(nesting, (&mut [], 0))?;
        stopped = !take(value);
        match stopped {
            // Whichever error: it is dropped below.
            true => Err(JsonError::Malformed),
            false => Ok(()),
        }
    });
    if stopped { Ok(()) } else { read }
}

/// As [`each_element`], with the text of each element.
///
/// # Errors
/// As [`each_element`].
pub fn each_text(text: &[u8], take: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), JsonError> {
    let mut reader = Reader::new(text);
    if reader.peek() != Some(b'[') {
        return Ok(());
    }
    let mut stopped = false;
    let read = reader.elements(usize::MAX, &mut |reader, nesting| {
        reader.white_space();
        let start = reader.at;
        reader.pass(nesting)?;
        stopped = !take(text.get(start..reader.at).unwrap_or_default());
        match stopped {
            true => Err(JsonError::Malformed),
            false => Ok(()),
        }
    });
    if stopped { Ok(()) } else { read }
}

/// The text of a JSON string; `None` for what is none.
pub fn string(text: &[u8]) -> Option<Cow<'_, str>> {
    let mut reader = Reader::new(text);
    match reader.peek() {
        Some(b'"') => reader.string().ok(),
        _ => None,
    }
}

/// The name of the first member, where the text is of an object that has one.
pub fn first_name(text: &[u8]) -> Option<Cow<'_, str>> {
    let mut reader = Reader::new(text);
    if !reader.eat(b'{') {
        return None;
    }
    reader.white_space();
    match reader.peek() {
        Some(b'"') => reader.string().ok(),
        _ => None,
    }
}

/// What is left out, and the number of names on the way to where the reader is. Of a path that leads
/// elsewhere the rest is not looked at.
type Path<'o, 'p> = (&'o mut [LeftOut<'p>], usize);

struct Reader<'d> {
    bytes: &'d [u8],
    at: usize,
    /// The names of members of the objects that are open and of which no values are made.
    names: Vec<Cow<'d, str>>,
}

impl<'d> Reader<'d> {
    const fn new(bytes: &'d [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            names: Vec::new(),
        }
    }

    /// Reads a value. Of what is to be left out none is made.
    fn value(&mut self, nesting: usize, path: Path<'_, '_>) -> Result<Value, JsonError> {
        self.white_space();
        match self.peek() {
            Some(b'{') => self.object(nesting, path),
            Some(b'[') => {
                let mut items = Vec::new();
                self.elements(nesting, &mut |reader, nesting| {
                    items.push(reader.value(nesting, (&mut [], 0))?);
                    Ok(())
                })?;
                Ok(Value::Array(items))
            }
            Some(b'"') => Ok(Value::String(self.string()?.into_owned())),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => {
                let text = self.number()?;
                number(text).map(Value::Number)
            }
        }
    }

    /// Reads a value of which none is made.
    fn pass(&mut self, nesting: usize) -> Result<(), JsonError> {
        self.white_space();
        match self.peek() {
            Some(b'{') => {
                let first = self.names.len();
                let read = self.members(nesting, &mut |reader, name, nesting| {
                    reader.names.push(name);
                    reader.pass(nesting)
                });
                let names = self.names.get_mut(first..).unwrap_or_default();
                let repeated = has_repetition(names);
                self.names.truncate(first);
                if repeated {
                    return Err(JsonError::DuplicateMember);
                }
                read
            }
            Some(b'[') => self.elements(nesting, &mut Self::pass),
            Some(b'"') => self.pass_string(),
            Some(b't') => self.word("true", ()),
            Some(b'f') => self.word("false", ()),
            Some(b'n') => self.word("null", ()),
            _ => {
                let text = self.number()?;
                // Only these can be larger than any number.
                if text.len() > 300 || text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
                    number(text)?;
                }
                Ok(())
            }
        }
    }

    fn object(
        &mut self,
        nesting: usize,
        (left_out, depth): Path<'_, '_>,
    ) -> Result<Value, JsonError> {
        let mut members: Vec<(String, Value)> = Vec::new();
        let deeper = depth.saturating_add(1);
        let read = self.members(nesting, &mut |reader, name, nesting| {
            let leads = |out: &LeftOut<'_>| out.path.get(depth) == Some(&&*name);
            // Those that lead here come first.
            let count = move_first(left_out, &leads);
            let within = left_out.get_mut(..count).unwrap_or_default();
            let place = members.len();
            members.push((name.into_owned(), Value::Null));
            if let Some(out) = within.iter_mut().find(|out| out.path.len() == deeper) {
                reader.white_space();
                let start = reader.at;
                reader.pass(nesting)?;
                out.text = Some(start..reader.at);
                return Ok(());
            }
            let value = reader.value(nesting, (within, deeper))?;
            if let Some(member) = members.get_mut(place) {
                member.1 = value;
            }
            Ok(())
        });
        // A name that occurs twice comes before whatever stopped the reading after it.
        let members = Map::from_entries(members).ok_or(JsonError::DuplicateMember)?;
        read.map(|()| Value::Object(members))
    }

    /// Reads the members of an object; `member` is called behind each colon.
    fn members(
        &mut self,
        nesting: usize,
        member: &mut dyn FnMut(&mut Self, Cow<'d, str>, usize) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let nesting = nesting.checked_sub(1).ok_or(JsonError::TooDeep)?;
        self.skip(1);
        self.white_space();
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            self.white_space();
            if self.peek() != Some(b'"') {
                return Err(JsonError::Malformed);
            }
            let name = self.string()?;
            self.white_space();
            // The name counts even where nothing follows it.
            let colon = self.eat(b':');
            if !colon {
                self.at = self.bytes.len();
            }
            member(self, name, nesting)?;
            self.white_space();
            match self.next() {
                Some(b',') => {}
                Some(b'}') => return Ok(()),
                _ => return Err(JsonError::Malformed),
            }
        }
    }

    /// Reads the elements of an array.
    fn elements(
        &mut self,
        nesting: usize,
        element: &mut dyn FnMut(&mut Self, usize) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let nesting = nesting.checked_sub(1).ok_or(JsonError::TooDeep)?;
        self.skip(1);
        self.white_space();
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            element(self, nesting)?;
            self.white_space();
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(()),
                _ => return Err(JsonError::Malformed),
            }
        }
    }

    /// Reads a string, at its first quotation mark. Only one with escapes is copied.
    fn string(&mut self) -> Result<Cow<'d, str>, JsonError> {
        self.skip(1);
        let start = self.at;
        self.plain();
        let plain = self.text(start)?;
        if self.eat(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = String::from(plain);
        while self.eat(b'\\') {
            text.push(self.escape()?);
            let start = self.at;
            self.plain();
            text.push_str(self.text(start)?);
        }
        match self.next() {
            Some(b'"') => Ok(Cow::Owned(text)),
            _ => Err(JsonError::Malformed),
        }
    }

    /// Reads a string of which nothing is kept.
    fn pass_string(&mut self) -> Result<(), JsonError> {
        self.skip(1);
        loop {
            let start = self.at;
            if self.plain() {
                self.text(start)?;
            }
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => {
                    self.escape()?;
                }
                _ => return Err(JsonError::Malformed),
            }
        }
    }

    /// Goes to the next quotation mark, backslash or control character, or to the end. Returns whether it
    /// passed bytes that are not ASCII.
    fn plain(&mut self) -> bool {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x8080_8080_8080_8080;
        // The high bit of the lowest byte that is zero is right; of the ones above it need not be.
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (words, _) = rest.as_chunks::<8>();
        let mut passed = 0_u64;
        for word in words {
            let word = u64::from_le_bytes(*word);
            let below_space = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word & HIGH;
            let found = zeros(word ^ ONES.wrapping_mul(0x22))
                | zeros(word ^ ONES.wrapping_mul(0x5c))
                | below_space;
            if found != 0 {
                break;
            }
            passed |= word;
            self.skip(8);
        }
        let mut passed = passed & HIGH != 0;
        while let Some(byte) = self.peek() {
            if matches!(byte, b'"' | b'\\' | 0..0x20) {
                break;
            }
            passed |= !byte.is_ascii();
            self.skip(1);
        }
        passed
    }

    /// What was passed since `start`.
    fn text(&self, start: usize) -> Result<&'d str, JsonError> {
        let bytes = self.bytes.get(start..self.at).unwrap_or_default();
        str::from_utf8(bytes).map_err(|_| JsonError::Malformed)
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        Ok(match self.next() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.code_unit()?;
                let mut units = [first, 0];
                let mut count = 1;
                // A leading surrogate is half of a character.
                if matches!(first, 0xd800..0xdc00) {
                    if self.next() != Some(b'\\') || self.next() != Some(b'u') {
                        return Err(JsonError::Malformed);
                    }
                    units = [first, self.code_unit()?];
                    count = 2;
                }
                char::decode_utf16(units.into_iter().take(count))
                    .next()
                    .and_then(Result::ok)
                    .ok_or(JsonError::Malformed)?
            }
            _ => return Err(JsonError::Malformed),
        })
    }

    fn code_unit(&mut self) -> Result<u16, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|byte| char::from(byte).to_digit(16));
            let digit = digit.and_then(|digit| u16::try_from(digit).ok());
            unit = (unit << 4) | digit.ok_or(JsonError::Malformed)?;
        }
        Ok(unit)
    }

    /// Reads a number. Returns its text.
    fn number(&mut self) -> Result<&'d str, JsonError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(JsonError::Malformed);
        }
        if self.eat(b'.') && self.digits() == 0 {
            return Err(JsonError::Malformed);
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if self.digits() == 0 {
                return Err(JsonError::Malformed);
            }
        }
        self.text(start)
    }

    /// Passes digits. Returns how many there were.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.skip(1);
        }
        self.at.saturating_sub(start)
    }

    fn word<T>(&mut self, word: &str, value: T) -> Result<T, JsonError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(JsonError::Malformed);
        }
        self.skip(word.len());
        Ok(value)
    }

    fn finish(&mut self) -> Result<(), JsonError> {
        self.white_space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(JsonError::Malformed),
        }
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.skip(1);
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.skip(1);
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.skip(1);
        }
        there
    }

    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }
}

/// Brings those that `are_meant` to the front. Returns how many there are.
fn move_first(left_out: &mut [LeftOut<'_>], are_meant: &dyn Fn(&LeftOut<'_>) -> bool) -> usize {
    let mut count = 0_usize;
    for place in 0..left_out.len() {
        if left_out.get(place).is_some_and(are_meant) {
            left_out.swap(place, count);
            count = count.saturating_add(1);
        }
    }
    count
}

/// Whether a name occurs twice. May change the order.
fn has_repetition(names: &mut [Cow<'_, str>]) -> bool {
    /// Up to so many names each is compared with each.
    const FEW: usize = 16;
    if names.len() > FEW {
        names.sort_unstable();
        return names
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one == other));
    }
    let mut rest = &*names;
    while let Some((name, others)) = rest.split_first() {
        if others.contains(name) {
            return true;
        }
        rest = others;
    }
    false
}

/// The value of a number that is well-formed.
fn number(text: &str) -> Result<Number, JsonError> {
    // Few texts are anything but short integers.
    if text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = text.bytes().map(|byte| u64::from(byte.wrapping_sub(b'0')));
        let value = digits.fold(0_u64, |value, digit| {
            value.wrapping_mul(10).wrapping_add(digit)
        });
        return Ok(value.into());
    }
    serde_json::from_str(text).map_err(|_| JsonError::Malformed)
}
