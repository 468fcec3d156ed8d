//! A borrowed reader for DER (X.690), as far as certificates, signatures and timestamps need it.
//!
//! Definite lengths in their shortest form only, single-byte tags only. Every read is bounded by the
//! input; nothing recurses.

use core::ops::Range;

use crate::UnixTime;
use crate::time::ascii_number;

/// The bytes are not the DER that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DerError;

pub(crate) mod tag {
    //! Identifier octets.
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;

    /// A context-specific primitive tag.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// A context-specific constructed tag.
    pub(crate) const fn context_constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// One element: its tag, its contents, and where it stands in the outermost input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    /// Header and contents.
    pub(crate) whole: &'a [u8],
    /// Offset of the header in the input of the outermost reader.
    start: usize,
    header: usize,
}

impl<'a> Element<'a> {
    /// Where header and contents stand in the outermost input.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.whole.len())
    }

    /// A reader for the contents.
    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader {
            rest: self.contents,
            offset: self.start.saturating_add(self.header),
        }
    }
}

/// Reads elements one after another.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `input`.
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self {
            rest: input,
            offset: 0,
        }
    }

    /// Whether everything was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Refuses bytes that were not read.
    pub(crate) fn finish(self) -> Result<(), DerError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DerError)
        }
    }

    /// The tag of the next element, if there is one.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, DerError> {
        let (&tag, after_tag) = self.rest.split_first().ok_or(DerError)?;
        if tag & 0x1f == 0x1f {
            return Err(DerError);
        }
        let (&first, after_first) = after_tag.split_first().ok_or(DerError)?;
        let (length, length_octets) = match first {
            0..=0x7f => (usize::from(first), 0),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let octets = after_first.get(..count).ok_or(DerError)?;
                let length = octets
                    .iter()
                    .fold(0u32, |length, octet| (length << 8) | u32::from(*octet));
                let shortest = length > 0x7f && octets.first() != Some(&0);
                if !shortest {
                    return Err(DerError);
                }
                (usize::try_from(length).map_err(|_| DerError)?, count)
            }
            _ => return Err(DerError),
        };
        let header = length_octets.saturating_add(2);
        let total = header.checked_add(length).ok_or(DerError)?;
        let (whole, rest) = self.rest.split_at_checked(total).ok_or(DerError)?;
        let element = Element {
            tag,
            contents: whole.get(header..).ok_or(DerError)?,
            whole,
            start: self.offset,
            header,
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(total);
        Ok(element)
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        match self.any()? {
            element if element.tag == tag => Ok(element),
            _ => Err(DerError),
        }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.peek() == Some(tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A reader for the contents of the next element, a SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>, DerError> {
        Ok(self.expect(tag::SEQUENCE)?.reader())
    }

    /// The contents of an OBJECT IDENTIFIER.
    pub(crate) fn object_identifier(&mut self) -> Result<&'a [u8], DerError> {
        let contents = self.expect(tag::OBJECT_IDENTIFIER)?.contents;
        match contents.last() {
            Some(last) if last & 0x80 == 0 => Ok(contents),
            _ => Err(DerError),
        }
    }

    /// A non-negative INTEGER in big-endian bytes, without leading zero (zero itself is one byte).
    pub(crate) fn unsigned_integer(&mut self) -> Result<&'a [u8], DerError> {
        match self.expect(tag::INTEGER)?.contents {
            [0, rest @ ..] if rest.first().is_some_and(|byte| byte & 0x80 != 0) => Ok(rest),
            [0] => Ok(&[0]),
            contents @ [first, ..] if *first != 0 && first & 0x80 == 0 => Ok(contents),
            _ => Err(DerError),
        }
    }

    /// A small non-negative INTEGER.
    pub(crate) fn small_integer(&mut self) -> Result<u32, DerError> {
        let bytes = self.unsigned_integer()?;
        if bytes.len() > 4 {
            return Err(DerError);
        }
        Ok(bytes
            .iter()
            .fold(0, |value, byte| (value << 8) | u32::from(*byte)))
    }

    /// The bytes of a BIT STRING whose bits fill them.
    pub(crate) fn bit_string(&mut self) -> Result<&'a [u8], DerError> {
        match self.expect(tag::BIT_STRING)?.contents {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(DerError),
        }
    }

    /// A BOOLEAN.
    pub(crate) fn boolean(&mut self) -> Result<bool, DerError> {
        match self.expect(tag::BOOLEAN)?.contents {
            [0] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(DerError),
        }
    }

    /// `Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }` (RFC 5280, 4.1.2.5).
    pub(crate) fn time(&mut self) -> Result<UnixTime, DerError> {
        let element = self.any()?;
        match element.tag {
            tag::UTC_TIME => utc_time(element.contents),
            tag::GENERALIZED_TIME => generalized_time(element.contents),
            _ => return Err(DerError),
        }
        .ok_or(DerError)
    }
}

/// `YYMMDDHHMMSSZ`; years from 50 belong to the twentieth century.
fn utc_time(text: &[u8]) -> Option<UnixTime> {
    let year = ascii_number(text.get(..2)?)?;
    let century: u32 = if year >= 50 { 1900 } else { 2000 };
    rest_of_time(century.saturating_add(year), text.get(2..)?, false)
}

/// `YYYYMMDDHHMMSS[.f…]Z`. A fraction (RFC 3161, 2.4.2) is cut off.
fn generalized_time(text: &[u8]) -> Option<UnixTime> {
    rest_of_time(ascii_number(text.get(..4)?)?, text.get(4..)?, true)
}

fn rest_of_time(year: u32, text: &[u8], fraction_allowed: bool) -> Option<UnixTime> {
    let number = |range: Range<usize>| ascii_number(text.get(range)?);
    let time = UnixTime::from_civil(
        (year, number(0..2)?, number(2..4)?),
        (number(4..6)?, number(6..8)?, number(8..10)?),
    )?;
    match text.get(10..)? {
        [b'Z'] => Some(time),
        [b'.', digits @ .., last, b'Z'] if fraction_allowed => {
            let all_digits = digits.iter().chain([last]).all(u8::is_ascii_digit);
            (all_digits && *last != b'0').then_some(time)
        }
        _ => None,
    }
}
