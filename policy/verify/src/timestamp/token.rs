//! The response and what it attests (RFC 3161, sections 2.4.1 and 2.4.2).

use super::cms::{self, SignedData};
use crate::crypto::{Hash, hash_function};
use crate::der::{DerError, Reader, tag};
use crate::time::UnixTime;

/// `TSTInfo`, as far as it matters.
pub(super) struct TstInfo<'a> {
    /// `None` for hashes that are not supported, SHA-1 among them.
    pub(super) imprint_hash: Option<Hash>,
    pub(super) imprint: &'a [u8],
    /// Cut to whole seconds.
    pub(super) time: UnixTime,
}

/// Whether a response grants a token.
pub(super) enum Response<'a> {
    Granted(SignedData<'a>),
    Rejected,
}

/// `TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }`; a bare
/// `ContentInfo` is accepted too, as stored by some clients.
pub(super) fn response(der: &[u8]) -> Result<Response<'_>, DerError> {
    let mut input = Reader::new(der);
    let mut fields = input.clone().sequence()?;
    if fields.peek() == Some(tag::OBJECT_IDENTIFIER) {
        let token = cms::signed_data(&mut input)?;
        input.finish()?;
        return Ok(Response::Granted(token));
    }
    input.sequence()?;
    input.finish()?;
    // granted (0) or grantedWithMods (1)
    if fields.sequence()?.small_integer()? > 1 {
        return Ok(Response::Rejected);
    }
    let token = cms::signed_data(&mut fields)?;
    fields.finish()?;
    Ok(Response::Granted(token))
}

/// `TSTInfo ::= SEQUENCE { version INTEGER, policy OBJECT IDENTIFIER, messageImprint MessageImprint,
/// serialNumber INTEGER, genTime GeneralizedTime, … }`.
pub(super) fn tst_info(der: &[u8]) -> Result<TstInfo<'_>, DerError> {
    let mut input = Reader::new(der);
    let mut fields = input.sequence()?;
    input.finish()?;
    if fields.small_integer()? != 1 {
        return Err(DerError);
    }
    fields.object_identifier()?;
    let mut imprint = fields.sequence()?;
    let imprint_hash = hash_function(imprint.sequence()?.object_identifier()?);
    let imprint_value = imprint.expect(tag::OCTET_STRING)?.contents;
    imprint.finish()?;
    fields.expect(tag::INTEGER)?;
    if fields.peek() != Some(tag::GENERALIZED_TIME) {
        return Err(DerError);
    }
    let time = fields.time()?;
    // accuracy, ordering, nonce, tsa and extensions change nothing here
    while !fields.is_empty() {
        fields.any()?;
    }
    Ok(TstInfo {
        imprint_hash,
        imprint: imprint_value,
        time,
    })
}
