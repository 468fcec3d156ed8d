//! Terms as hosts write them: JSON, or Rego literals. What is read here is only taken apart; the
//! engine reads what it is given anew, strictly.
//!
//! `opa` itself passes `input` as the text of a Rego value. That differs from JSON in the escapes of
//! strings, which are those of Go (`\a`, `\v`, `\x7f`, `\U0001f600`), and in sets: `{1, 2}` and
//! `set()`.

#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::{Value, parse};

/// Arrays, objects and sets that may enclose a term. The engine draws this tighter.
const NESTING: usize = 80;

/// Why a text is no term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TermError {
    /// An object names the member that is asked for twice.
    DuplicateMember,
    /// Neither JSON nor a Rego literal, or nested too deeply.
    Malformed,
}

/// The term as JSON: the text itself where it is that already, apart from white space and NULs
/// around it. Sets become arrays.
///
/// # Errors
/// A text that is no term, or holds an escape that stands for no character.
pub fn to_json(text: &[u8]) -> Result<Cow<'_, [u8]>, TermError> {
    let text = trimmed(text);
    let mut scanner = Scanner::new(text, None);
    scanner.whole()?;
    if scanner.is_json {
        return Ok(Cow::Borrowed(text));
    }
    let mut scanner = Scanner::new(text, Some(Vec::with_capacity(text.len())));
    scanner.whole()?;
    Ok(Cow::Owned(scanner.json.unwrap_or_default()))
}

/// The members of an object in JSON, in their order; `None` where it is another value.
///
/// # Errors
/// A text that is no JSON.
pub fn members(json: &[u8]) -> Result<Option<Vec<Member<'_>>>, TermError> {
    let json = trimmed(json);
    if json.first() != Some(&b'{') {
        return Ok(None);
    }
    let mut scanner = Scanner::new(json, None);
    scanner.at = 1;
    let mut found = Vec::new();
    scanner.space();
    if scanner.eat(b'}') {
        return Ok(Some(found));
    }
    loop {
        scanner.space();
        let name = scanner.slice(Scanner::string)?;
        scanner.space();
        scanner.expect(b':')?;
        scanner.space();
        let value = scanner.slice(|scanner| scanner.term(0))?;
        found.push(Member {
            name: text_of(name)?,
            value,
        });
        scanner.space();
        if scanner.eat(b'}') {
            return Ok(Some(found));
        }
        scanner.expect(b',')?;
    }
}

/// The value of the member of that name; `None` where there is none.
///
/// # Errors
/// A text that is no JSON, or names the member twice.
pub fn member<'t>(json: &'t [u8], name: &str) -> Result<Option<&'t [u8]>, TermError> {
    let members = members(json)?.unwrap_or_default();
    let mut found = members.into_iter().filter(|member| member.name == name);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(TermError::DuplicateMember),
        (first, None) => Ok(first.map(|member| member.value)),
    }
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member<'t> {
    /// Its name.
    pub name: String,
    /// The text of its value.
    pub value: &'t [u8],
}

/// The string that a JSON text stands for.
pub(crate) fn text_of(json: &[u8]) -> Result<String, TermError> {
    match parse(json, 1) {
        Ok(Value::String(text)) => Ok(text),
        _ => Err(TermError::Malformed),
    }
}

/// Without the NULs that some hosts count as part of a text, and without white space around it.
fn trimmed(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let Some(rest) = text.strip_suffix(b"\0") {
        text = rest;
    }
    text.trim_ascii()
}

/// Goes over a term once.
struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    /// Whether nothing was met that JSON does not have.
    is_json: bool,
    /// What was read, as JSON, where that is wanted.
    json: Option<Vec<u8>>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t [u8], json: Option<Vec<u8>>) -> Self {
        Self {
            text,
            at: 0,
            is_json: true,
            json,
        }
    }

    fn whole(&mut self) -> Result<(), TermError> {
        self.term(0)?;
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(TermError::Malformed),
        }
    }

    fn term(&mut self, depth: usize) -> Result<(), TermError> {
        if depth > NESTING {
            return Err(TermError::Malformed);
        }
        match self.peek() {
            Some(b'{') => self.braces(depth.saturating_add(1)),
            Some(b'[') => self.array(depth.saturating_add(1)),
            Some(b'"') => self.string(),
            Some(b's') => {
                self.word(b"set()")?;
                self.is_json = false;
                self.write(b"[]");
                Ok(())
            }
            Some(b't') => self.copied(|scanner| scanner.word(b"true")),
            Some(b'f') => self.copied(|scanner| scanner.word(b"false")),
            Some(b'n') => self.copied(|scanner| scanner.word(b"null")),
            Some(b'-' | b'0'..=b'9') => self.copied(|scanner| {
                let of_number =
                    |byte: u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                while scanner.peek().is_some_and(of_number) {
                    scanner.step();
                }
                Ok(())
            }),
            _ => Err(TermError::Malformed),
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), TermError> {
        self.step();
        self.write(b"[");
        self.space();
        if self.eat(b']') {
            self.write(b"]");
            return Ok(());
        }
        loop {
            self.space();
            self.term(depth)?;
            self.space();
            if self.eat(b']') {
                self.write(b"]");
                return Ok(());
            }
            self.expect(b',')?;
            self.write(b",");
        }
    }

    /// An object or a set: which of them is known after the first element.
    fn braces(&mut self, depth: usize) -> Result<(), TermError> {
        let start = self.json.as_ref().map_or(0, Vec::len);
        self.step();
        self.write(b"{");
        self.space();
        if self.eat(b'}') {
            self.write(b"}");
            return Ok(());
        }
        let is_text = self.peek() == Some(b'"');
        self.term(depth)?;
        self.space();
        let is_object = self.peek() == Some(b':');
        if is_object && !is_text {
            return Err(TermError::Malformed);
        }
        if !is_object {
            self.is_json = false;
            if let Some(brace) = self.json.as_mut().and_then(|json| json.get_mut(start)) {
                *brace = b'[';
            }
        }
        loop {
            if is_object {
                self.expect(b':')?;
                self.write(b":");
                self.space();
                self.term(depth)?;
                self.space();
            }
            if self.eat(b'}') {
                self.write(if is_object { b"}" } else { b"]" });
                return Ok(());
            }
            self.expect(b',')?;
            self.write(b",");
            self.space();
            if is_object {
                self.string()?;
            } else {
                self.term(depth)?;
            }
            self.space();
        }
    }

    fn string(&mut self) -> Result<(), TermError> {
        self.expect(b'"')?;
        self.write(b"\"");
        let mut start = self.at;
        loop {
            match self.next()? {
                b'"' => {
                    self.copy_from(start);
                    return Ok(());
                }
                b'\\' => {
                    let escape = self.at.saturating_sub(1);
                    let of_go = match self.next()? {
                        b'a' => 0x07,
                        b'v' => 0x0b,
                        b'x' => match self.hexadecimal(2)? {
                            // Above stand bytes that are no character of their own.
                            byte @ 0..=0x7f => byte,
                            _ => return Err(TermError::Malformed),
                        },
                        b'U' => self.hexadecimal(8)?,
                        // What JSON has, or what the engine refuses.
                        _ => continue,
                    };
                    let end = core::mem::replace(&mut self.at, escape);
                    self.copy_from(start);
                    self.at = end;
                    start = end;
                    self.is_json = false;
                    self.character(of_go)?;
                }
                _ => {}
            }
        }
    }

    /// Writes a character into a string.
    fn character(&mut self, code: u32) -> Result<(), TermError> {
        let character = char::from_u32(code).ok_or(TermError::Malformed)?;
        let string: Value = String::from(character).into();
        let json = string.to_canonical_string();
        // Between the quotes, of which the character may be one itself.
        let inside = json.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        self.write(inside.unwrap_or_default().as_bytes());
        Ok(())
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, TermError> {
        let mut number: u32 = 0;
        for _ in 0..digits {
            let digit = char::from(self.next()?).to_digit(16);
            let digit = digit.ok_or(TermError::Malformed)?;
            number = number.wrapping_shl(4) | digit;
        }
        Ok(number)
    }

    /// The text that `read` goes over.
    fn slice(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), TermError>,
    ) -> Result<&'t [u8], TermError> {
        let start = self.at;
        read(self)?;
        self.text.get(start..self.at).ok_or(TermError::Malformed)
    }

    fn copied(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), TermError>,
    ) -> Result<(), TermError> {
        let read = self.slice(read)?;
        self.write(read);
        Ok(())
    }

    fn copy_from(&mut self, start: usize) {
        if let (Some(json), Some(text)) = (&mut self.json, self.text.get(start..self.at)) {
            json.extend_from_slice(text);
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(json) = &mut self.json {
            json.extend_from_slice(bytes);
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), TermError> {
        for byte in word {
            self.expect(*byte)?;
        }
        Ok(())
    }

    fn expect(&mut self, byte: u8) -> Result<(), TermError> {
        match self.eat(byte) {
            true => Ok(()),
            false => Err(TermError::Malformed),
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.step();
        }
        is_next
    }

    fn next(&mut self) -> Result<u8, TermError> {
        let byte = self.peek().ok_or(TermError::Malformed)?;
        self.step();
        Ok(byte)
    }

    fn space(&mut self) {
        while self
            .peek()
            .is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        {
            self.step();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }
}
