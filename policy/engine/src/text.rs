//! Text for people, made from text of foreign origin.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::fmt::Write as _;

use sealstone_verify::text::replace;

use crate::limits::SHOWN_CHARACTERS;

/// Shows a text of foreign origin: printable ASCII as it is, everything else as `\u{…}`, cut after
/// 256 characters. Neither terminals nor logs nor readers can be fooled by what is left.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in self.0.chars().enumerate() {
            if position == SHOWN_CHARACTERS {
                return f.write_str("...");
            }
            match character {
                '\\' => f.write_str("\\\\")?,
                '`' => f.write_str("\\`")?,
                ' '..='~' => f.write_char(character)?,
                _ => write!(f, "\\u{{{:x}}}", u32::from(character))?,
            }
        }
        Ok(())
    }
}

/// [`Escaped`], as a string.
pub(crate) fn escaped(text: &str) -> String {
    format!("{}", Escaped(text))
}

/// A step of a JSON pointer without its escapes (RFC 6901, section 4).
pub(crate) fn unescaped(step: &str) -> String {
    replace(&replace(step, "~1", "/"), "~0", "~")
}

/// The first characters of a text, as many as fit into `bytes`. What is cut ends with `...`.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.into();
    }
    let mut kept = String::new();
    for character in text.chars() {
        let length = kept.len().saturating_add(character.len_utf8());
        if length.saturating_add(3) > bytes {
            break;
        }
        kept.push(character);
    }
    kept.push_str("...");
    kept
}

/// The last second of the year 9999, beyond which RFC 3339 has no form.
pub(crate) const LAST_SECOND: u64 = 253_402_300_799;
