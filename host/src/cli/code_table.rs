//! The table of codes in `docs/reference/codes.md`, which this program carries.

const PAGE: &str = include_str!("../../../docs/reference/codes.md");

/// What to do about a code, as the table says it.
pub(super) fn action(code: &str) -> Option<&'static str> {
    rows().find_map(|(named, action)| (named == code).then_some(action))
}

/// The codes and what to do about each.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (_, action) = rest.strip_suffix(" |")?.split_once(" | ")?;
        Some((code, action))
    })
}

#[cfg(test)]
mod tests {
    use super::{PAGE, action, rows};

    #[test]
    fn every_row_is_read() {
        let lines = PAGE.lines().filter(|line| line.starts_with("| `"));
        assert_eq!(rows().count(), lines.count());
        assert!(rows().all(|(_, action)| !action.is_empty() && !action.contains(" | ")));
        assert_eq!(
            action("image.digest-missing"),
            Some("Name the image by digest.")
        );
        assert_eq!(action("unheard.of"), None);
    }
}
