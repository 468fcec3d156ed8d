//! Base64 as the JSON mapping of Protocol Buffers has it.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ANY_STANDARD: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const ANY_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// Decodes the standard or the URL-safe alphabet, padded or not. Line breaks are passed over, as Go's
/// decoder does, because published bundles have them. Stray bits at the end are refused.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    // Nearly every text is of the standard alphabet and one line; only others are looked at twice.
    if let Ok(bytes) = ANY_STANDARD.decode(text) {
        return Some(bytes);
    }
    let one_line: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    // A text has one alphabet.
    let engine = if one_line.iter().any(|byte| matches!(byte, b'-' | b'_')) {
        &ANY_URL_SAFE
    } else {
        &ANY_STANDARD
    };
    engine.decode(one_line).ok()
}

/// Encodes in the standard alphabet with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ANY_STANDARD.encode(bytes)
}
