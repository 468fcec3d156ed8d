//! Lengths of time in a policy.

use alloc::string::String;

use sealstone_verify::json::{Map, Value};

use crate::problem::Path;
use crate::reader::Reader;

/// Units and their seconds.
const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];

/// What [`read`] accepts, but for numbers that are too large.
#[cfg(feature = "schema")]
pub(super) const PATTERN: &str = "^[1-9][0-9]*[smhd]$";

/// A length of time in seconds that may be left out: a whole number and one of `s`, `m`, `h`, `d`.
/// The outer `None` says that it is malformed, which was reported.
pub(super) fn read(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Option<u64>> {
    let Some(value) = members.get(field) else {
        return Some(None);
    };
    let path = path.member(field);
    let seconds = seconds(reader.text(value, &path)?);
    if seconds.is_none() {
        reader.problems.push(
            "policy.duration-malformed",
            &path,
            "must be a whole number above zero with a unit: `30d`, `12h`, `90m` or `45s`".into(),
        );
    }
    seconds.map(Some)
}

fn seconds(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let digits = text.strip_suffix(unit)?;
    if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn one_number_and_one_unit() {
        for (text, expected) in [
            ("1s", Some(1)),
            ("90m", Some(5_400)),
            ("12h", Some(43_200)),
            ("30d", Some(2_592_000)),
            ("0d", None),
            ("01d", None),
            ("", None),
            ("d", None),
            ("-1d", None),
            ("+1d", None),
            ("1.5h", None),
            ("1d12h", None),
            ("1 d", None),
            ("1w", None),
            ("1D", None),
            ("٣d", None),
            ("99999999999999999999d", None),
            ("213503982334602d", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
