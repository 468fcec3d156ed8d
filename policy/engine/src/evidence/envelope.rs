//! The DSSE envelope within a bundle, as it is written there.

/// The member of a bundle that holds the envelope.
const MEMBER: &[u8] = b"dsseEnvelope";

/// The exact bytes of the envelope in a bundle that was read as JSON; `None` when it holds none, or
/// spells the name of the member with escapes.
pub(super) fn of_bundle(bundle: &[u8]) -> Option<&[u8]> {
    let mut depth: usize = 0;
    let mut text_start = None;
    let mut escaped = false;
    let mut name: &[u8] = &[];
    let mut start = None;
    for (place, byte) in bundle.iter().enumerate() {
        if let Some(begin) = text_start {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    text_start = None;
                    if depth == 1 {
                        name = bundle.get(begin..place)?;
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => text_start = Some(place.checked_add(1)?),
            b'{' | b'[' => {
                if depth == 1 && name == MEMBER && *byte == b'{' {
                    start = Some(place);
                }
                depth = depth.checked_add(1)?;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if let Some(start) = start
                    && depth == 1
                {
                    return bundle.get(start..=place);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::of_bundle;

    #[test]
    fn the_exact_bytes_of_the_envelope() {
        for (bundle, envelope) in [
            (r#"{"dsseEnvelope":{"a":1}}"#, Some(r#"{"a":1}"#)),
            (
                r#"{"x":[{"dsseEnvelope":{}}],"dsseEnvelope" : { "a" : "}\"{" } ,"y":1}"#,
                Some(r#"{ "a" : "}\"{" }"#),
            ),
            (
                r#"{"dsseEnvelope":{"dsseEnvelope":{}}}"#,
                Some(r#"{"dsseEnvelope":{}}"#),
            ),
            (r#"{"x":"\\","dsseEnvelope":{}}"#, Some("{}")),
            (r#"{"x":"dsseEnvelope","y":{}}"#, None),
            (r#"{"x":{"dsseEnvelope":{}}}"#, None),
            (r#"{"x":"\"dsseEnvelope\":{}"}"#, None),
            (r#"{"dsseEnvelop\u0065":{}}"#, None),
            (r#"{"messageSignature":{}}"#, None),
            (r#"{"dsseEnvelope":{"#, None),
            ("}", None),
            ("", None),
        ] {
            let found = of_bundle(bundle.as_bytes());
            assert_eq!(found, envelope.map(str::as_bytes), "{bundle}");
        }
    }
}
