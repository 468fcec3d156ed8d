//! Signed entry timestamps of Rekor v1.

use alloc::string::ToString;

use super::LogEntry;
use crate::crypto::{Budget, Message};
use crate::encoding::{base64, hex};
use crate::error::Error;
use crate::time::UnixTime;
use crate::trusted_root::TrustedLog;

/// Verifies the promise over body, integrated time, log id and index, in RFC 8785 form.
pub(super) fn verify(
    entry: &LogEntry,
    time: UnixTime,
    signature: &[u8],
    log: &TrustedLog,
    budget: &mut Budget,
) -> Result<(), Error> {
    let body = base64::encode(&entry.canonicalized_body);
    let seconds = time.seconds().to_string();
    let log_id = hex::encode(&entry.log_id);
    let index = entry.log_index.to_string();
    // Base64, hexadecimal and decimal digits need no escaping.
    let signed: [&[u8]; 9] = [
        b"{\"body\":\"",
        body.as_bytes(),
        b"\",\"integratedTime\":",
        seconds.as_bytes(),
        b",\"logID\":\"",
        log_id.as_bytes(),
        b"\",\"logIndex\":",
        index.as_bytes(),
        b"}",
    ];
    let scheme = log.key.log_scheme();
    if !log
        .key
        .verify(scheme, Message::Parts(&signed), signature, budget)?
    {
        return Err(Error::InclusionPromiseSignatureInvalid);
    }
    if !log.validity.contains(time) {
        return Err(Error::LogEntryOutsideLogValidity { time });
    }
    Ok(())
}
