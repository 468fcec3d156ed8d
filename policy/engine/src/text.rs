//! Text for people, made from text of foreign origin.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::fmt::Write as _;

use sealstone_verify::UnixTime;

use crate::limits::SHOWN_CHARACTERS;

/// Shows a text of foreign origin: printable ASCII as it is, everything else as `\u{…}`, cut after
/// 256 characters. Neither terminals nor logs nor readers can be fooled by what is left.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in self.0.chars().enumerate() {
            if position == SHOWN_CHARACTERS {
                return f.write_str("...");
            }
            match character {
                '\\' => f.write_str("\\\\")?,
                '`' => f.write_str("\\`")?,
                ' '..='~' => f.write_char(character)?,
                _ => write!(f, "\\u{{{:x}}}", u32::from(character))?,
            }
        }
        Ok(())
    }
}

/// [`Escaped`], as a string.
pub(crate) fn escaped(text: &str) -> String {
    format!("{}", Escaped(text))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}

/// The last second of the year 9999, beyond which RFC 3339 has no form.
const LAST_SECOND: u64 = 253_402_300_799;

/// `date-time` of RFC 3339 in UTC; `None` beyond the year 9999.
pub(crate) fn rfc3339(time: UnixTime) -> Option<String> {
    let seconds = time.seconds();
    if seconds > LAST_SECOND {
        return None;
    }
    let (year, month, day) = date(seconds / 86_400)?;
    let of_day = seconds % 86_400;
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    ))
}

/// Year, month and day of a number of days since 1970-01-01, by counting in years that begin in
/// March, so that the leap day is the last of its year.
fn date(days: u64) -> Option<(u64, u64, u64)> {
    const DAYS_BEFORE_1970: u64 = 719_468; // since 0000-03-01
    const DAYS_IN_400_YEARS: u64 = 146_097;

    let days = days.checked_add(DAYS_BEFORE_1970)?;
    let era = days / DAYS_IN_400_YEARS;
    let day_of_era = days % DAYS_IN_400_YEARS;
    let leap_days = (day_of_era / 1460)
        .checked_sub(day_of_era / 36_524)?
        .checked_add(day_of_era / 146_096)?;
    let year_of_era = day_of_era.checked_sub(leap_days)? / 365;
    let days_before_year = year_of_era
        .checked_mul(365)?
        .checked_add(year_of_era / 4)?
        .checked_sub(year_of_era / 100)?;
    let day_of_year = day_of_era.checked_sub(days_before_year)?;
    let month_from_march = day_of_year.checked_mul(5)?.checked_add(2)? / 153;
    let days_before_month = month_from_march.checked_mul(153)?.checked_add(2)? / 5;
    let day = day_of_year.checked_sub(days_before_month)?.checked_add(1)?;
    let (month, carry) = match month_from_march {
        0..=9 => (month_from_march.checked_add(3)?, 0),
        _ => (month_from_march.checked_sub(9)?, 1),
    };
    let year = era
        .checked_mul(400)?
        .checked_add(year_of_era)?
        .checked_add(carry)?;
    Some((year, month, day))
}
