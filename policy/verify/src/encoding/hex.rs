//! Lower-case hexadecimal.

use alloc::string::String;
use alloc::vec::Vec;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Writes `bytes` in lower-case hexadecimal.
pub fn encode(bytes: &[u8]) -> String {
    let nibble = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    let mut digits = Vec::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        digits.extend_from_slice(&[nibble(byte >> 4), nibble(byte & 15)]);
    }
    // Digits are ASCII.
    String::from_utf8(digits).unwrap_or_default()
}

/// Reads hexadecimal of either case; `None` for anything else or an odd length.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    pairs
        .iter()
        .map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?))
        .collect()
}
