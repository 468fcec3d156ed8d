//! The few colours of the text output.

use anstyle::{AnsiColor, Style};

pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const HELP: Style = AnsiColor::Cyan.on_default().bold();
pub(super) const LABEL: Style = Style::new().dimmed();
