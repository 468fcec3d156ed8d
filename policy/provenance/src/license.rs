//! Licence expressions of SPDX.

use alloc::vec::Vec;
use core::fmt;

use spdx::{Expression, LicenseItem, LicenseReq, ParseMode};

/// Bytes of one licence expression: more than any that is not made to take time.
const EXPRESSION_BYTES: usize = 4096;

/// Licences by which those that came before today's list are known stay readable; guesses are none.
const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: false,
};

/// A licence expression, as SPDX 2.3, annex D, describes it, of licences that the SPDX licence list or
/// the document itself (`LicenseRef-…`) defines.
#[derive(Clone, Debug)]
pub struct LicenseExpression(Expression);

/// Licences that a policy names, with or without exception (`WITH`).
#[derive(Clone, Debug)]
pub struct LicenseList(Vec<LicenseReq>);

/// Why a licence expression was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LicenseError {
    /// Not an expression of known licences.
    ExpressionMalformed,
    /// An entry of a list combines licences.
    NotOneLicense,
}

impl LicenseError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ExpressionMalformed => "license-expression.malformed",
            Self::NotOneLicense => "license-expression.not-one",
        }
    }
}

impl fmt::Display for LicenseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExpressionMalformed => "not an SPDX expression of known licences",
            Self::NotOneLicense => "a list of licences names each licence by itself",
        })
    }
}

impl core::error::Error for LicenseError {}

impl LicenseExpression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`LicenseError::ExpressionMalformed`], also for more than 4096 bytes.
    pub fn parse(text: &str) -> Result<Self, LicenseError> {
        if text.len() > EXPRESSION_BYTES {
            return Err(LicenseError::ExpressionMalformed);
        }
        let expression =
            Expression::parse_mode(text, MODE).map_err(|_| LicenseError::ExpressionMalformed)?;
        // The crate lists these with the licences.
        let none = |id: spdx::LicenseId| matches!(id.name, "NOASSERTION" | "NONE");
        if expression
            .requirements()
            .any(|one| one.req.license.id().is_some_and(none))
        {
            return Err(LicenseError::ExpressionMalformed);
        }
        Ok(Self(expression))
    }

    /// Whether one can comply by licences of the list alone: of `OR` one side is enough, of `AND` both
    /// are needed. An exception must be listed with its licence.
    pub fn is_within(&self, list: &LicenseList) -> bool {
        self.0.evaluate(|found| {
            list.0
                .iter()
                .any(|listed| same(listed, found) && listed.addition == found.addition)
        })
    }

    /// Whether one can comply without any licence of the list. An entry without exception means the
    /// licence with every exception.
    pub fn avoids(&self, list: &LicenseList) -> bool {
        self.0.evaluate(|found| {
            !list.0.iter().any(|listed| {
                same(listed, found)
                    && (listed.addition.is_none() || listed.addition == found.addition)
            })
        })
    }
}

impl LicenseList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`LicenseError`], see there.
    pub fn parse<'t>(entries: impl IntoIterator<Item = &'t str>) -> Result<Self, LicenseError> {
        let mut list = Vec::new();
        for entry in entries {
            let LicenseExpression(expression) = LicenseExpression::parse(entry)?;
            let mut requirements = expression.requirements();
            match (requirements.next(), requirements.next()) {
                (Some(one), None) => list.push(one.req.clone()),
                _ => return Err(LicenseError::NotOneLicense),
            }
        }
        Ok(Self(list))
    }
}

fn same(listed: &LicenseReq, found: &LicenseReq) -> bool {
    match (&listed.license, &found.license) {
        (
            LicenseItem::Spdx { id, or_later },
            LicenseItem::Spdx {
                id: found,
                or_later: found_or_later,
            },
        ) => today(id.name, *or_later) == today(found.name, *found_or_later),
        (listed, found) => listed == found,
    }
}

/// The licence without the suffix that GNU licences have had since they named what `+` says, and
/// whether later versions are meant.
fn today(name: &str, or_later: bool) -> (&str, bool) {
    if let Some(base) = name.strip_suffix("-or-later") {
        return (base, true);
    }
    if let Some(base) = name.strip_suffix('+') {
        return (base, true);
    }
    (name.strip_suffix("-only").unwrap_or(name), or_later)
}
