//! Weak lists of licences.

use serde_json::Value;

use super::{Warning, Weakness};
use crate::policy::view::texts;

/// Weaknesses of the member `licenses` of a rule.
pub(super) fn licenses(licenses: &Value, path: &str, found: &mut Vec<Warning>) {
    if licenses.get("deny").is_some() {
        found.push(Warning::new(path, Weakness::LicensesDenied));
    }
    for list in ["allow", "deny"] {
        for (index, license) in texts(licenses, list).into_iter().enumerate() {
            if !is_known(license) {
                let path = format!("{path}/{list}/{index}");
                let license = license.to_owned();
                found.push(Warning::new(path, Weakness::LicenseUnknown { license }));
            }
        }
    }
}

/// Whether the SPDX licence list, or a document itself, defines the licence and its exception.
fn is_known(license: &str) -> bool {
    let mut words = license.split_whitespace();
    let id = words.next().unwrap_or_default();
    let exception = words.nth(1);
    // Identifiers do not mind the case.
    let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    let known_id = id.to_ascii_lowercase().contains("ref-") || {
        let plain = id.strip_suffix('+').unwrap_or(id);
        let mut listed = spdx::identifiers::LICENSES.iter();
        listed.any(|listed| is(listed.name, plain) || is(listed.name, id))
    };
    let known_exception = |exception: &str| {
        let mut listed = spdx::identifiers::EXCEPTIONS.iter();
        exception.to_ascii_lowercase().contains("ref-")
            || listed.any(|listed| is(listed.name, exception))
    };
    known_id && exception.is_none_or(known_exception)
}
