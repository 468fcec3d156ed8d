//! SLSA provenance as slsa-github-generator and actions/attest make it.

use serde_json::{Value, json};

use crate::statement::{Statement, StatementType, Subject};

/// A build on GitHub Actions. [`Build::default`] is a plausible one; change what matters.
///
/// From one value follow the certificate identity
/// ([`Identity::github_actions`](crate::Identity::github_actions)) and both provenance formats, so
/// that they agree. To make them disagree, change a field in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The builder's id, which is also the certificate's subject: the URI of the (reusable)
    /// workflow that signs, with its ref.
    pub builder_id: String,
    /// The commit of that workflow.
    pub builder_commit: String,
    /// `buildType`; none means that of the provenance format.
    pub build_type: Option<String>,
    /// `owner/name` of the repository that was built.
    pub repository: String,
    /// The numeric id of the repository.
    pub repository_id: String,
    /// The numeric id of its owner.
    pub repository_owner_id: String,
    /// The git ref that was built.
    pub source_ref: String,
    /// The git commit that was built.
    pub commit: String,
    /// The path of the workflow in the repository that was triggered.
    pub workflow_path: String,
    /// The name of that workflow.
    pub workflow_name: String,
    /// The event that triggered it.
    pub event_name: String,
    /// The numeric id of the run.
    pub run_id: u64,
    /// The attempt within the run.
    pub run_attempt: u64,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            builder_id: "https://github.com/octo-org/build-workflows/.github/workflows/\
                         container.yml@refs/tags/v2.1.0"
                .to_owned(),
            builder_commit: "5b6e1f0c4d3a29788796a5b4c3d2e1f001122334".to_owned(),
            build_type: None,
            repository: "octo-org/app".to_owned(),
            repository_id: "700000001".to_owned(),
            repository_owner_id: "7000001".to_owned(),
            source_ref: "refs/tags/v1.2.3".to_owned(),
            commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567".to_owned(),
            workflow_path: ".github/workflows/release.yml".to_owned(),
            workflow_name: "Release".to_owned(),
            event_name: "push".to_owned(),
            run_id: 9_000_000_001,
            run_attempt: 1,
        }
    }
}

/// `predicateType` of SLSA provenance v0.2.
pub const SLSA_PROVENANCE_V02: &str = "https://slsa.dev/provenance/v0.2";

/// `predicateType` of SLSA provenance v1.
pub const SLSA_PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";

impl Build {
    /// `https://github.com/<owner>/<name>`.
    pub fn source_uri(&self) -> String {
        format!("https://github.com/{}", self.repository)
    }

    /// The URL of the run and attempt.
    pub fn invocation_id(&self) -> String {
        format!(
            "{}/actions/runs/{}/attempts/{}",
            self.source_uri(),
            self.run_id,
            self.run_attempt
        )
    }

    /// Statement v0.1 with provenance v0.2, as slsa-github-generator's container workflow makes it.
    pub fn provenance_v02(&self, subject: Subject) -> Statement {
        let source = json!({"uri": self.dependency(), "digest": {"sha1": self.commit}});
        let mut config_source = source.clone();
        config_source["entryPoint"] = json!(self.workflow_path);
        let build_type = self
            .build_type
            .as_deref()
            .unwrap_or("https://github.com/slsa-framework/slsa-github-generator/container@v1");
        Statement {
            statement_type: StatementType::V01,
            subject: vec![subject],
            predicate_type: SLSA_PROVENANCE_V02.to_owned(),
            predicate: json!({
                "builder": {"id": self.builder_id},
                "buildType": build_type,
                "invocation": {
                    "configSource": config_source,
                    "parameters": {},
                    "environment": self.environment(),
                },
                "metadata": {
                    "buildInvocationID": format!("{}-{}", self.run_id, self.run_attempt),
                    "completeness": {"parameters": true, "environment": false, "materials": false},
                    "reproducible": false,
                },
                "materials": [source],
            }),
        }
    }

    /// Statement v1 with provenance v1, as actions/attest makes it.
    pub fn provenance_v1(&self, subject: Subject) -> Statement {
        let build_type = self
            .build_type
            .as_deref()
            .unwrap_or("https://actions.github.io/buildtypes/workflow/v1");
        Statement {
            statement_type: StatementType::V1,
            subject: vec![subject],
            predicate_type: SLSA_PROVENANCE_V1.to_owned(),
            predicate: json!({
                "buildDefinition": {
                    "buildType": build_type,
                    "externalParameters": {
                        "workflow": {
                            "ref": self.source_ref,
                            "repository": self.source_uri(),
                            "path": self.workflow_path,
                        },
                    },
                    "internalParameters": {
                        "github": {
                            "event_name": self.event_name,
                            "repository_id": self.repository_id,
                            "repository_owner_id": self.repository_owner_id,
                            "runner_environment": "github-hosted",
                        },
                    },
                    "resolvedDependencies": [
                        {"uri": self.dependency(), "digest": {"gitCommit": self.commit}},
                    ],
                },
                "runDetails": {
                    "builder": {"id": self.builder_id},
                    "metadata": {"invocationId": self.invocation_id()},
                },
            }),
        }
    }

    fn dependency(&self) -> String {
        format!("git+{}@{}", self.source_uri(), self.source_ref)
    }

    fn environment(&self) -> Value {
        let ref_type = if self.source_ref.starts_with("refs/tags/") {
            "tag"
        } else {
            "branch"
        };
        json!({
            "github_event_name": self.event_name,
            "github_ref": self.source_ref,
            "github_ref_type": ref_type,
            "github_repository_id": self.repository_id,
            "github_repository_owner": self.repository.split('/').next(),
            "github_repository_owner_id": self.repository_owner_id,
            "github_run_attempt": self.run_attempt.to_string(),
            "github_run_id": self.run_id.to_string(),
            "github_sha1": self.commit,
        })
    }
}
