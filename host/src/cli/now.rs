//! Times that flags name.

use core::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use super::error::Error;
use super::flag_error;

/// A time in whole seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Now(u64);

impl Now {
    /// Reads RFC 3339 or a number of seconds.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse() {
            return Ok(Self(seconds));
        }
        let seconds = text.parse::<Timestamp>().map(Timestamp::as_second);
        seconds
            .ok()
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Self)
            .ok_or_else(|| {
                let message = "a time since 1970 is wanted, as 2026-01-31T12:00:00Z or in seconds";
                flag_error("time.malformed", message)
            })
    }

    pub(super) fn from_clock() -> Result<Self, Error> {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => Ok(Self(since.as_secs())),
            Err(_) => Err(Error::usage(
                "time.clock-before-1970",
                "the clock of this machine is before 1970; give the time with --now",
            )),
        }
    }

    pub(super) fn seconds(self) -> u64 {
        self.0
    }
}

/// RFC 3339 in UTC; seconds for a time beyond the calendar.
impl fmt::Display for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = i64::try_from(self.0).ok().map(Timestamp::from_second);
        match time {
            Some(Ok(time)) => write!(f, "{time}"),
            _ => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Now;

    #[test]
    fn reads_rfc_3339_and_seconds() {
        let cases = [
            ("0", Some(0)),
            ("1700000000", Some(1_700_000_000)),
            ("2023-11-14T22:13:20Z", Some(1_700_000_000)),
            ("2023-11-14T23:13:20+01:00", Some(1_700_000_000)),
            ("2023-11-14T22:13:20.999Z", Some(1_700_000_000)),
            ("1969-12-31T23:59:59Z", None),
            ("-1", None),
            ("2023-11-14", None),
            ("2023-11-14T22:13:20", None),
            ("tomorrow", None),
            ("", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(Now::parse(text).ok(), seconds.map(Now), "{text:?}");
        }
    }

    #[test]
    fn writes_rfc_3339() {
        assert_eq!(Now(1_700_000_000).to_string(), "2023-11-14T22:13:20Z");
        assert_eq!(Now(u64::MAX).to_string(), "18446744073709551615");
    }
}
