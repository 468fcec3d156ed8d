//! The table of codes in `docs/reference/codes.md`, which this program carries.

const PAGE: &str = include_str!("../../docs/reference/codes.md");

/// What the table says about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What it means.
    pub(crate) meaning: &'static str,
    /// What to do about it.
    pub(crate) action: &'static str,
}

/// What the table says about `code`.
pub(crate) fn row(code: &str) -> Option<Row> {
    rows().find_map(|(named, row)| (named == code).then_some(row))
}

fn rows() -> impl Iterator<Item = (&'static str, Row)> {
    PAGE.lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (meaning, action) = rest.strip_suffix(" |")?.split_once(" | ")?;
        Some((code, Row { meaning, action }))
    })
}

#[cfg(test)]
mod tests {
    use super::{PAGE, Row, row, rows};

    #[test]
    fn every_row_is_read() {
        let lines = PAGE.lines().filter(|line| line.starts_with("| `"));
        assert_eq!(rows().count(), lines.count());
        assert!(rows().all(|(_, row)| {
            !row.meaning.is_empty() && !row.action.is_empty() && !row.action.contains(" | ")
        }));
        let expected = Row {
            meaning: "The image is named by a tag and nobody resolved its digest.",
            action: "Name the image by digest.",
        };
        assert_eq!(row("image.digest-missing"), Some(expected));
        assert_eq!(row("unheard.of"), None);
    }
}
