//! PEM blocks (RFC 7468), as far as certificates and public keys need it.

use alloc::vec::Vec;

use super::base64;

/// Decodes all blocks of `text`; each must carry one of `labels`. Text outside of blocks must be white
/// space. `None` for anything else, also for no block.
pub(crate) fn decode_all(text: &str, labels: &[&str]) -> Option<Vec<Vec<u8>>> {
    let mut blocks = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (label, after_begin) = rest.strip_prefix("-----BEGIN ")?.split_once("-----")?;
        if !labels.contains(&label) {
            return None;
        }
        let (body, after_end) = after_begin.split_once("-----END ")?;
        let after_label = after_end.strip_prefix(label)?.strip_prefix("-----")?;
        let joined: alloc::string::String = body
            .chars()
            .filter(|c| !matches!(c, '\r' | '\n' | ' ' | '\t'))
            .collect();
        blocks.push(base64::decode(&joined)?);
        rest = after_label.trim();
    }
    (!blocks.is_empty()).then_some(blocks)
}

/// Decodes exactly one block.
pub(crate) fn decode_one(text: &str, labels: &[&str]) -> Option<Vec<u8>> {
    let mut blocks = decode_all(text, labels)?;
    match blocks.len() {
        1 => blocks.pop(),
        _ => None,
    }
}
