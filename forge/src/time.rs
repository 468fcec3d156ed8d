//! Points in time, always given by the caller: nothing here reads a clock.

use core::fmt;

/// Seconds since 1970-01-01T00:00:00Z. Years 1970 to 9999 can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The given number of seconds since 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Midnight UTC at the start of a day of the Gregorian calendar; `month` and `day` count from 1.
    pub const fn from_date(year: u64, month: u64, day: u64) -> Self {
        // Days from the civil calendar, with years that begin in March so that the leap day is last.
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
        Self((days - DAYS_TO_EPOCH) * DAY)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The time `seconds` later.
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0 + seconds)
    }

    /// The time `seconds` earlier.
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0 - seconds)
    }

    /// Year, month, day, hour, minute, second in UTC.
    pub(crate) const fn civil(self) -> [u64; 6] {
        let days = self.0 / DAY + DAYS_TO_EPOCH - 1;
        let cycle = days / 146_097;
        let day_of_cycle = days % 146_097;
        let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
            - day_of_cycle / 146_096)
            / 365;
        let day_of_year =
            day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (year, month) = if month < 10 {
            (cycle * 400 + year_of_cycle, month + 3)
        } else {
            (cycle * 400 + year_of_cycle + 1, month - 9)
        };
        let second = self.0 % DAY;
        [
            year,
            month,
            day,
            second / 3_600,
            second / 60 % 60,
            second % 60,
        ]
    }
}

const DAY: u64 = 86_400;

/// 1970-01-01, counted as `from_date` counts.
const DAYS_TO_EPOCH: u64 = 719_469;

/// RFC 3339 in UTC, whole seconds.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.civil();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// When something in a trusted root counts: a closed interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidFor {
    /// First second.
    pub start: UnixTime,
    /// Last second; none means open.
    pub end: Option<UnixTime>,
}
