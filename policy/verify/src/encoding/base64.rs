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
    let is_line_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let bytes = text.as_bytes();
    if bytes.iter().any(is_line_break) {
        let joined = bytes.iter().copied().filter(|byte| !is_line_break(byte));
        return decode_joined(&joined.collect::<Vec<u8>>());
    }
    decode_joined(bytes)
}

fn decode_joined(text: &[u8]) -> Option<Vec<u8>> {
    let engine = if text.iter().any(|byte| matches!(byte, b'-' | b'_')) {
        &ANY_URL_SAFE
    } else {
        &ANY_STANDARD
    };
    engine.decode(text).ok()
}

/// Encodes in the standard alphabet with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ANY_STANDARD.encode(bytes)
}
