//! Text of unknown origin on a terminal.

use core::fmt::{self, Write as _};

/// Shows text with everything escaped that could steer a terminal or hide what is written: control
/// characters, line breaks, and marks that change the direction of writing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printable<'a>(pub(super) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            let escaped = character.escape_debug();
            if escaped.len() == 1 || matches!(character, '"' | '\'' | '\\') {
                f.write_char(character)?;
            } else {
                write!(f, "{escaped}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Printable;

    #[test]
    fn escapes_what_steers_a_terminal() {
        let cases = [
            (
                "plain \"text\" it's \\ fine: ä€漢",
                "plain \"text\" it's \\ fine: ä€漢",
            ),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\r\n\tb\0", "a\\r\\n\\tb\\0"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}"),
            (
                "a\u{202e}b\u{2066}c\u{200b}d\u{200f}e\u{61c}f",
                "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{200f}e\\u{61c}f",
            ),
            ("\u{2028}\u{feff}\u{e0041}", "\\u{2028}\\u{feff}\\u{e0041}"),
        ];
        for (text, shown) in cases {
            assert_eq!(Printable(text).to_string(), shown);
        }
    }
}
