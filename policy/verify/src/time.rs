//! Points in time and closed intervals of them, always given by the caller or proven by evidence.

use core::fmt;

use crate::Error;
use crate::json::Fields;

/// Whole seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// A time from seconds since the Unix epoch.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since the Unix epoch.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// A time from a proleptic Gregorian date and time of day in UTC; `None` before 1970 and for
    /// fields out of range. A leap second (`60`) is refused.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "each operand is bounded by the checks before it"
    )]
    pub(crate) fn from_civil(
        (year, month, day): (u32, u32, u32),
        (hour, minute, second): (u32, u32, u32),
    ) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let month_lengths = [
            31,
            if leap { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ];
        let month_index = usize::try_from(month.checked_sub(1)?).ok()?;
        let length = *month_lengths.get(month_index)?;
        let in_range = (1970..=9999).contains(&year)
            && (1..=length).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !in_range {
            return None;
        }
        let leap_years_before = |year: u32| year / 4 - year / 100 + year / 400;
        let past_leap_days =
            leap_years_before(year.checked_sub(1)?).checked_sub(leap_years_before(1969))?;
        let days_before_month: u32 = month_lengths.iter().take(month_index).sum();
        let days = u64::from(year.checked_sub(1970)?)
            .checked_mul(365)?
            .checked_add(u64::from(past_leap_days))?
            .checked_add(u64::from(days_before_month))?
            .checked_add(u64::from(day.checked_sub(1)?))?;
        let seconds_of_day = u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second);
        days.checked_mul(86_400)?
            .checked_add(seconds_of_day)
            .map(Self)
    }

    /// Reads `date-time` of RFC 3339. Fractions of a second are cut off.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |range: core::ops::Range<usize>| ascii_number(bytes.get(range)?);
        let is = |index: usize, wanted: &[u8]| bytes.get(index).is_some_and(|b| wanted.contains(b));
        if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt") && is(13, b":") && is(16, b":")) {
            return None;
        }
        let time = Self::from_civil(
            (number(0..4)?, number(5..7)?, number(8..10)?),
            (number(11..13)?, number(14..16)?, number(17..19)?),
        )?;
        let mut rest = bytes.get(19..)?;
        if let Some(after_point) = rest.strip_prefix(b".") {
            let digits = after_point
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            if digits == 0 {
                return None;
            }
            rest = after_point.get(digits..)?;
        }
        match rest {
            [b'Z' | b'z'] => Some(time),
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (ascii_number(&[*h1, *h2])?, ascii_number(&[*m1, *m2])?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let offset =
                    u64::from(hours.checked_mul(60)?.checked_add(minutes)?).checked_mul(60)?;
                let seconds = match sign {
                    b'+' => time.0.checked_sub(offset)?,
                    _ => time.0.checked_add(offset)?,
                };
                Some(Self(seconds))
            }
            _ => None,
        }
    }
}

impl fmt::Display for UnixTime {
    /// Writes RFC 3339 in UTC.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "divisions and remainders keep each term small, and each difference is positive"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 / 86_400;
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        // Days since 0000-03-01, so that leap days end a year (Hinnant, "chrono-compatible date algorithms").
        let shifted = days.saturating_add(719_468);
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_index + 2) / 5 + 1;
        let month = if month_index < 10 {
            month_index + 3
        } else {
            month_index - 9
        };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// Decimal digits only.
pub(crate) fn ascii_number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// A closed interval of time: both ends belong to it, a missing end is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) start: UnixTime,
    pub(crate) end: Option<UnixTime>,
}

impl Validity {
    /// Whether `time` lies within.
    pub(crate) fn contains(&self, time: UnixTime) -> bool {
        self.start <= time && self.end.is_none_or(|end| time <= end)
    }

    /// Reads `TimeRange` of protobuf-specs. A start is demanded, an end before it refused.
    pub(crate) fn from_fields(mut fields: Fields<'_>) -> Result<Self, Error> {
        let start = fields.text("start")?;
        let start = UnixTime::from_rfc3339(start).ok_or(fields.malformed("start"))?;
        let end = fields
            .optional_text("end")?
            .map(|end| UnixTime::from_rfc3339(end).ok_or(fields.malformed("end")))
            .transpose()?;
        if end.is_some_and(|end| end < start) {
            return Err(fields.malformed("end"));
        }
        fields.finish()?;
        Ok(Self { start, end })
    }
}
