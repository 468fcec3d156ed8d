//! Times and lengths of time in test files.

use jiff::Timestamp;
use sealstone_forge::UnixTime;

/// A time of RFC 3339, in whole seconds since 1970.
pub(super) fn parse(text: &str) -> Option<UnixTime> {
    let seconds = text.parse::<Timestamp>().ok()?.as_second();
    u64::try_from(seconds).ok().map(UnixTime::from_seconds)
}

/// The seconds of a length of time such as `30d`.
pub(super) fn duration(text: &str) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return None,
    };
    let number = text.strip_suffix(unit)?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let number: u64 = is_number.then(|| number.parse().ok())??;
    number.checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use super::{duration, parse};

    #[test]
    fn lengths_of_time() {
        let cases = [
            ("45s", Some(45)),
            ("90m", Some(5400)),
            ("12h", Some(43_200)),
            ("30d", Some(2_592_000)),
            ("0d", None),
            ("d", None),
            ("1w", None),
            ("+1d", None),
            ("", None),
            ("1.5h", None),
            ("99999999999999999999d", None),
            ("999999999999999999d", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }

    #[test]
    fn times() {
        let seconds = |text: &str| parse(text).map(sealstone_forge::UnixTime::seconds);
        assert_eq!(seconds("2023-11-14T22:13:20Z"), Some(1_700_000_000));
        assert_eq!(seconds("1969-11-14T22:13:20Z"), None);
        assert_eq!(seconds("2023-11-14"), None);
    }
}
