//! Writes DER (X.690).
//!
//! Own code and not an X.509 builder: faults need byte control (a malformed extension, a certificate
//! without a field that builders insist on), and the encoder must share nothing with the parser that
//! it tests.

use crate::UnixTime;

/// A complete NULL.
pub(crate) const NULL: [u8; 2] = [0x05, 0];

/// One element: tag, length, content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        length @ 0..=0x7f => bytes.push(length as u8),
        length @ 0x80..=0xff => bytes.extend([0x81, length as u8]),
        length @ 0x100..=0xffff => {
            bytes.push(0x82);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x84);
            bytes.extend((length as u32).to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

pub(crate) fn sequence<const N: usize>(parts: [&[u8]; N]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A SET of one element, which needs no ordering.
pub(crate) fn set_of_one(part: &[u8]) -> Vec<u8> {
    element(0x31, part)
}

/// The content of a SET OF, which DER orders by encoding (X.690 section 11.6).
pub(crate) fn set_content(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    parts.concat()
}

/// A non-negative INTEGER from big-endian bytes.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let significant = &magnitude[zeros..];
    match significant.first() {
        None => element(0x02, &[0]),
        Some(first) if *first >= 0x80 => element(0x02, &[&[0], significant].concat()),
        Some(_) => element(0x02, significant),
    }
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    element(0x01, &[if value { 0xff } else { 0 }])
}

pub(crate) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    element(0x04, bytes)
}

/// A BIT STRING of whole bytes.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

/// Named bits, bit 0 first; DER drops trailing zero bits (X.690 section 11.2.2).
pub(crate) fn named_bit(bit: u8) -> Vec<u8> {
    element(0x03, &[7 - bit, 0x80 >> bit])
}

pub(crate) fn utf8_string(text: &str) -> Vec<u8> {
    element(0x0c, text.as_bytes())
}

pub(crate) fn printable_string(text: &str) -> Vec<u8> {
    element(0x13, text.as_bytes())
}

/// `[number]` around a complete element.
pub(crate) fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xa0 | number, content)
}

/// `[number]` in place of a primitive tag; `content` is without tag and length.
pub(crate) fn implicit_primitive(number: u8, content: &[u8]) -> Vec<u8> {
    element(0x80 | number, content)
}

/// An OBJECT IDENTIFIER from its dotted form, which must be one.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted
        .split('.')
        .map(|arc| arc.bytes().fold(0_u64, |n, d| n * 10 + u64::from(d - b'0')));
    let first = arcs.next().unwrap_or_default();
    let second = arcs.next().unwrap_or_default();
    let content: Vec<u8> = core::iter::once(first * 40 + second)
        .chain(arcs)
        .flat_map(base128)
        .collect();
    element(0x06, &content)
}

fn base128(mut arc: u64) -> Vec<u8> {
    let mut bytes = vec![(arc & 0x7f) as u8];
    arc >>= 7;
    while arc > 0 {
        bytes.insert(0, (arc & 0x7f) as u8 | 0x80);
        arc >>= 7;
    }
    bytes
}

/// RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime after.
pub(crate) fn time(time: UnixTime) -> Vec<u8> {
    let [year, month, day, hour, minute, second] = time.civil();
    if year < 2050 {
        let year = year % 100;
        let text = format!("{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
        element(0x17, text.as_bytes())
    } else {
        generalized_time(time)
    }
}

pub(crate) fn generalized_time(time: UnixTime) -> Vec<u8> {
    let [year, month, day, hour, minute, second] = time.civil();
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    element(0x18, text.as_bytes())
}
