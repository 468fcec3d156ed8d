//! Known attacks and edge cases, one test each, numbered as in the project's list of them.

mod builders;
mod signatures;
mod sources;

use sealstone_forge::Build;

use crate::forging::{APP, run};

/// What asks for the vetted builder.
const VETTED: &str = r#""builders":["container"]"#;
/// What asks for any workflow of the organisation.
const BY_TENANT: &str = r#""signedBy":["tenant"]"#;

/// A run of a workflow of the application itself.
fn own_workflow() -> Build {
    run(|run| {
        run.builder_id = format!("{APP}/.github/workflows/release.yml@refs/tags/v1.2.3");
    })
}
