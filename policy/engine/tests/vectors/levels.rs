//! Build levels of real provenance: what the policy believes of a builder, never what is claimed.

use std::path::Path;

use sealstone_engine::{CompiledPolicy, Outcome};
use sealstone_verify::json::Value;

use crate::support::{document, image_code, step, text};
use crate::{EXAMPLE, GITHUB, Layout, WORKFLOWS, public_good};

/// A policy that asks for a level of the container generator's builds. `builders` are those that it
/// knows, `by` says whom the rule accepts.
fn policy(vectors: &Path, builders: &str, by: &str, level: Option<u64>) -> CompiledPolicy {
    let levels = level.map_or_else(String::new, |level| {
        format!(r#","minimumLevels":{{"build":{level}}}"#)
    });
    let policy = format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"levels"}},
        "trustRoots":[{{"name":"public-good"}}],
        "authorities":[{{"name":"generator","keyless":{{"trustRoot":"public-good","identities":[
            {{"issuer":{{"exact":"{GITHUB}"}},"subject":{{"glob":"{WORKFLOWS}generator_container_slsa3.yml@refs/tags/v*"}}}}]}}}}],
        "builders":[{builders}],
        "rules":[{{"name":"provenance","images":["ghcr.io/slsa-framework/**"],
            "provenance":{{{by},"source":{{"uri":"{EXAMPLE}"}}{levels}}}}}]}}"#
    );
    CompiledPolicy::compile(policy.as_bytes(), &[public_good(vectors)])
        .unwrap_or_else(|problems| panic!("{problems:#?}\n{policy}"))
}

fn builder(name: &str, workflow: &str, maximum: u64) -> String {
    format!(
        r#"{{"name":"{name}","signedBy":["generator"],"id":{{"glob":"{WORKFLOWS}{workflow}@refs/tags/v*"}},"maximumLevel":{maximum}}}"#
    )
}

const BY_BUILDER: &str = r#""builders":["container"]"#;
const BY_SIGNER: &str = r#""signedBy":["generator"]"#;

pub(crate) fn of_layouts(vectors: &Path) {
    let known = |maximum| builder("container", "generator_container_slsa3.yml", maximum);
    let other = builder("generic", "generator_generic_slsa3.yml", 3);
    // Builders of the policy, whom the rule accepts, the level that it asks for, what comes of it.
    let cases: [(&str, &str, Option<u64>, Result<u64, &str>); 11] = [
        (&known(3), BY_BUILDER, Some(3), Ok(3)),
        (&known(3), BY_SIGNER, Some(3), Ok(3)),
        (&known(3), BY_BUILDER, None, Ok(3)),
        (&known(2), BY_BUILDER, Some(2), Ok(2)),
        (
            &known(2),
            BY_BUILDER,
            Some(3),
            Err("provenance.build-level"),
        ),
        (&known(2), BY_SIGNER, Some(3), Err("provenance.build-level")),
        (
            &known(0),
            BY_BUILDER,
            Some(1),
            Err("provenance.build-level"),
        ),
        (&other, BY_SIGNER, None, Ok(1)),
        (&other, BY_SIGNER, Some(1), Ok(1)),
        (&other, BY_SIGNER, Some(2), Err("provenance.build-level")),
        (
            &other,
            r#""builders":["generic"]"#,
            None,
            Err("provenance.builder-mismatch"),
        ),
    ];
    let layouts = Layout::all(vectors);
    for (builders, by, level, expected) in cases {
        let policy = policy(vectors, builders, by, level);
        for layout in &layouts {
            let decision = layout.decide(&policy);
            let about = format!("{} {builders} {by} {level:?}", layout.name);
            let document = document(&decision);
            let met = step(
                &document,
                &[
                    "images",
                    "0",
                    "rules",
                    "0",
                    "metBy",
                    "0",
                    "provenance",
                    "buildLevel",
                ],
            )
            .and_then(Value::as_u64);
            match expected {
                Ok(level) => {
                    assert_eq!(decision.outcome(), Outcome::Allowed, "{about}");
                    assert_eq!(met, Some(level), "{about}");
                }
                Err(code) => {
                    assert_eq!(decision.outcome(), Outcome::Rejected, "{about}");
                    assert_eq!(image_code(&decision), code, "{about}");
                    assert_eq!(
                        text(&document, &["images", "0", "rules", "0", "code"]),
                        code
                    );
                    assert_eq!(met, None, "{about}");
                }
            }
        }
    }
}
