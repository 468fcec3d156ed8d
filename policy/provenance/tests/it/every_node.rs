//! Whatever stands in one place of a document: it is read or refused with a code, and never more than
//! that.

use sealstone_provenance::{OpenVex, PackageUrl, Sbom, VexIndex, VulnerabilityScan};
use sealstone_verify::json::Value;

use crate::sbom::{CYCLONEDX, CYCLONEDX_16, SPDX, SPDX_23, SPDX_30};
use crate::support::value;
use crate::vex::{OPENVEX, STATEMENT, document};
use crate::vulnerability::{COSIGN, GRYPE, SARIF, TRIVY, predicate};

/// Calls `look` with the document once for each node and replacement.
fn each_replaced(root: &Value, look: &mut dyn FnMut(&Value)) {
    let count = count(root);
    for replacement in [
        "null",
        "true",
        "-1",
        "1.5",
        r#""""#,
        r#""pkg:a/b@1""#,
        "[]",
        "[1]",
        "{}",
    ] {
        for number in 0..count {
            let mut edited = root.clone();
            replace(&mut edited, &mut { number }, &value(replacement));
            look(&edited);
        }
    }
}

fn count(node: &Value) -> usize {
    let inner: usize = match node {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    };
    inner.saturating_add(1)
}

/// Replaces the node of this number, counted from the root downwards.
fn replace(node: &mut Value, number: &mut usize, replacement: &Value) -> bool {
    let Some(left) = number.checked_sub(1) else {
        *node = replacement.clone();
        return true;
    };
    *number = left;
    match node {
        Value::Array(items) => items.iter_mut().any(|it| replace(it, number, replacement)),
        Value::Object(members) => {
            let names: Vec<String> = members.keys().cloned().collect();
            names.iter().any(|name| {
                let member = members.get_mut(name).expect("its name was listed");
                replace(member, number, replacement)
            })
        }
        _ => false,
    }
}

/// How many replacements were read and how many refused.
fn tally(root: &Value, read: impl Fn(&Value) -> Result<(), &'static str>) -> (usize, usize) {
    let mut codes = Vec::new();
    each_replaced(root, &mut |edited| codes.push(read(edited).err()));
    let refused = codes.iter().flatten().count();
    assert!(codes.iter().flatten().all(|code| code.contains('.')));
    (codes.iter().filter(|code| code.is_none()).count(), refused)
}

#[test]
fn documents() {
    for (predicate_type, text) in [(SPDX, SPDX_23), (SPDX, SPDX_30), (CYCLONEDX, CYCLONEDX_16)] {
        let (accepted, refused) = tally(&value(text), |edited| {
            let sbom = Sbom::from_document(predicate_type, edited).map_err(|error| error.code())?;
            sbom.check_completeness()
                .map_err(|found| found.element.code())
        });
        assert!(
            refused > accepted / 10 && refused > 100,
            "{accepted} {refused}"
        );
    }
    for report in [TRIVY, GRYPE, SARIF] {
        let (accepted, refused) = tally(&value(&predicate(report)), |edited| {
            VulnerabilityScan::from_predicate(COSIGN, edited)
                .map(|_| ())
                .map_err(|error| error.code())
        });
        assert!(accepted > 10 && refused > 100, "{accepted} {refused}");
    }
    let (accepted, refused) = tally(&value(&document(OPENVEX, STATEMENT)), |edited| {
        let vex = OpenVex::from_document(OPENVEX, edited).map_err(|error| error.code())?;
        let image = PackageUrl::of_image("registry.example/a", "sha256:aa");
        VexIndex::new(&vex, &image)
            .map(|_| ())
            .map_err(|error| error.code())
    });
    assert!(accepted > 10 && refused > 50, "{accepted} {refused}");
}
