//! Texts in texts.
//!
//! What the standard library looks for a text with takes five kilobytes of the shipped module. What is
//! looked for here is a few bytes long.

use alloc::string::String;

/// What stands before and behind the first place of `separator`.
pub fn split_once<'t>(text: &'t str, separator: &str) -> Option<(&'t str, &'t str)> {
    text.char_indices()
        .find_map(|(place, _)| parts(text, place, separator))
}

/// What stands before and behind the last place of `separator`.
pub fn rsplit_once<'t>(text: &'t str, separator: &str) -> Option<(&'t str, &'t str)> {
    text.char_indices()
        .rev()
        .find_map(|(place, _)| parts(text, place, separator))
}

/// The text with `to` in every place of `from`, which is not empty.
pub fn replace(mut text: &str, from: &str, to: &str) -> String {
    let mut replaced = String::new();
    while let Some((before, rest)) = split_once(text, from) {
        replaced.push_str(before);
        replaced.push_str(to);
        text = rest;
    }
    replaced.push_str(text);
    replaced
}

fn parts<'t>(text: &'t str, place: usize, separator: &str) -> Option<(&'t str, &'t str)> {
    let (before, rest) = text.split_at_checked(place)?;
    Some((before, rest.strip_prefix(separator)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{replace, rsplit_once, split_once};

    proptest! {
        #[test]
        fn as_the_standard_library_does(text in "[ab\u{e9}]{0,12}", part in "[ab\u{e9}]{1,3}", to in "[abc]{0,2}") {
            prop_assert_eq!(split_once(&text, &part), text.split_once(&*part));
            prop_assert_eq!(rsplit_once(&text, &part), text.rsplit_once(&*part));
            prop_assert_eq!(replace(&text, &part, &to), text.replace(&*part, &to));
        }
    }
}
