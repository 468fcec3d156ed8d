//! Timestamp responses: the name says what is wrong, otherwise they verify.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::internals::verify_timestamp;

use crate::folder;

/// Folder, response, folder of the chain, what was timestamped, and the code of the refusal.
///
/// `response-expired` was made while its chain was valid; the chain is judged at the time of the response.
/// `other_response` is by a certificate that its chain does not hold. `issue-104` needs an intermediate that
/// only the response holds; paths lead through the trust root alone.
const CASES: &[(&str, &str, &str, Message, Option<&str>)] = &[
    (
        "sigstage",
        "response-sha256.tsr",
        "sigstage",
        Message::Text("hello"),
        None,
    ),
    (
        "sigstage",
        "response-sha384.tsr",
        "sigstage",
        Message::Text("hello"),
        None,
    ),
    (
        "sigstage",
        "response-sha512.tsr",
        "sigstage",
        Message::Text("hello"),
        None,
    ),
    (
        "sigstage",
        "response-no-embedded-cert.tsr",
        "sigstage",
        Message::Text("hello"),
        None,
    ),
    (
        "sigstage",
        "response-invalid-signature.tsr",
        "sigstage",
        Message::Text("hello"),
        Some("timestamp.signature-invalid"),
    ),
    (
        "sigstage",
        "response-sha256.tsr",
        "sigstage",
        Message::Text("hullo"),
        Some("timestamp.imprint-mismatch"),
    ),
    (
        "sigstage",
        "response-sha256.tsr",
        "test_tsa",
        Message::Text("hello"),
        Some("timestamp.authority-unknown"),
    ),
    (
        "sigstore.mock",
        "response-expired.tsr",
        "sigstore.mock",
        Message::File("payload"),
        None,
    ),
    (
        "test_tsa",
        "response.tsr",
        "test_tsa",
        Message::Text("hello"),
        None,
    ),
    (
        "test_tsa",
        "other_response.tsr",
        "test_tsa",
        Message::Text("hello"),
        Some("timestamp.authority-unknown"),
    ),
    (
        "test_tsa",
        "response-injected-certs.tsr",
        "test_tsa",
        Message::Text("hello"),
        None,
    ),
    (
        "timestamp-authority",
        "response-injected-certs.tsr",
        "test_tsa",
        Message::Text("hello"),
        None,
    ),
    (
        "identrust",
        "issue-104.tsr",
        "identrust",
        Message::Text("hello"),
        Some("timestamp.authority-unknown"),
    ),
];

#[derive(Clone, Copy, Debug)]
enum Message {
    Text(&'static str),
    File(&'static str),
}

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let base = vectors.join("rfc3161");
    let response_count = folder::files(&base)
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "tsr"))
        .filter(|path| {
            !CASES
                .iter()
                .any(|case| path.ends_with(Path::new(case.0).join(case.1)))
        })
        .count();
    assert_eq!(response_count, 0, "every response has a case");
    CASES
        .iter()
        .map(|(folder, response, chain, message, expected)| {
            let lesson = lesson(response);
            let name = format!("{lesson}rfc3161/{folder}/{response} by {chain} over {message:?}");
            let (folder, chain) = (base.join(folder), base.join(chain).join("ts_chain.pem"));
            Trial::test(name, move || {
                check(&folder, response, &chain, *message, *expected)
            })
        })
        .collect()
}

/// Advisories of rfc3161-client and timestamp-authority: partly checked signatures, injected certificates.
fn lesson(response: &str) -> &'static str {
    match response {
        "response-injected-certs.tsr" | "response-invalid-signature.tsr" => "lesson_11/",
        _ => "",
    }
}

fn check(
    folder: &Path,
    response: &str,
    chain: &Path,
    message: Message,
    expected: Option<&str>,
) -> Result<(), Failed> {
    let chain = folder::pem(chain);
    let message = match message {
        Message::Text(text) => text.as_bytes().to_vec(),
        Message::File(name) => std::fs::read(folder.join(name))?,
    };
    let response = std::fs::read(folder.join(response))?;
    let outcome = verify_timestamp(&response, &message, &chain).map_err(|error| error.code());
    match (outcome, expected) {
        (Ok(_), None) => Ok(()),
        (Err(code), Some(expected)) if code == expected => Ok(()),
        (outcome, expected) => Err(format!("{outcome:?} instead of {expected:?}").into()),
    }
}
