//! What a verification summary says was verified.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Map;

/// The results in `verifiedLevels` (`SlsaResult` of
/// <https://slsa.dev/spec/v1.2/verification_summary>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedLevels {
    /// The level of each track, by the name that the track has in the result, for example `BUILD`. Of
    /// several levels for one track the lowest counts.
    pub tracks: Map<String, TrackLevel>,
    /// The results that are no level of a track: `SLSA_SOURCE_TWO_PARTY_REVIEWED` and those that a
    /// verifier defined, in their order.
    pub properties: Vec<String>,
    /// Whether `FAILED` is among the results: then nothing was verified.
    pub failed: bool,
}

/// A level of a track. Higher levels imply the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a track has a level or it has none"
)]
pub enum TrackLevel {
    /// `UNEVALUATED`: nobody looked, so this is less than level 0.
    Unevaluated,
    /// The number.
    Level(u8),
}

impl VerifiedLevels {
    /// Reads results.
    pub(crate) fn of<'t>(results: impl Iterator<Item = &'t str>) -> Self {
        let mut levels = Self::default();
        for result in results {
            if result == "FAILED" {
                levels.failed = true;
            } else if let Some((track, level)) = track_level(result) {
                match levels.tracks.get_mut(track) {
                    Some(known) => *known = level.min(*known),
                    None => {
                        levels.tracks.insert(track.to_string(), level);
                    }
                }
            } else {
                levels.properties.push(result.to_string());
            }
        }
        levels
    }

    /// The level of a track, for example of `BUILD` or `SOURCE`. `None` when it is not stated, not
    /// evaluated, or the verification failed.
    pub fn level(&self, track: &str) -> Option<u8> {
        match self.tracks.get(track) {
            Some(TrackLevel::Level(level)) if !self.failed => Some(*level),
            _ => None,
        }
    }

    /// Whether the property is among the results, and the verification did not fail.
    pub fn has(&self, property: &str) -> bool {
        !self.failed && self.properties.iter().any(|known| known == property)
    }
}

/// Reads `SLSA_<track>_LEVEL_<number or UNEVALUATED>`. Everything else, also a number that no level can
/// have, is no level.
pub(crate) fn track_level(result: &str) -> Option<(&str, TrackLevel)> {
    let (track, level) = result.strip_prefix("SLSA_")?.rsplit_once("_LEVEL_")?;
    let named = !track.is_empty()
        && track
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if !named {
        return None;
    }
    if level == "UNEVALUATED" {
        return Some((track, TrackLevel::Unevaluated));
    }
    let digits = level.bytes().all(|byte| byte.is_ascii_digit());
    let level = level.parse().ok().filter(|_| digits)?;
    Some((track, TrackLevel::Level(level)))
}
