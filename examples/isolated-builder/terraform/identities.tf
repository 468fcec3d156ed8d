# Three identities, none of which has a secret. Azure gives out their tokens: to the workflow for a token of GitHub, to
# the jobs on the machine that they run on.

# The workflow. It can start a build, and see how builds end. That is all.
resource "azurerm_user_assigned_identity" "workflow" {
  name                = "${var.name}-workflow"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
}

resource "azurerm_federated_identity_credential" "workflow" {
  name                = "github"
  resource_group_name = azurerm_resource_group.builder.name
  parent_id           = azurerm_user_assigned_identity.workflow.id
  issuer              = "https://token.actions.githubusercontent.com"
  audience            = ["api://AzureADTokenExchange"]
  subject             = "repo:${var.repository}:environment:${var.environment}"
}

resource "azurerm_role_definition" "start_build" {
  name  = "${var.name} start a build"
  scope = azurerm_resource_group.builder.id

  permissions {
    actions = [
      "Microsoft.App/jobs/start/action",
      "Microsoft.App/jobs/executions/read",
    ]
  }
}

resource "azurerm_role_assignment" "workflow_starts_builds" {
  scope              = azurerm_container_app_job.build.id
  role_definition_id = azurerm_role_definition.start_build.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.workflow.principal_id
  principal_type     = "ServicePrincipal"
}

# Builds. They can push images.
resource "azurerm_user_assigned_identity" "build" {
  name                = "${var.name}-build"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
}

resource "azurerm_role_assignment" "build_pushes" {
  scope                = azurerm_container_registry.builder.id
  role_definition_name = "AcrPush"
  principal_id         = azurerm_user_assigned_identity.build.principal_id
  principal_type       = "ServicePrincipal"
}

# What attests. It reads what the platform recorded of a build, signs, and pushes what it signed.
resource "azurerm_user_assigned_identity" "attest" {
  name                = "${var.name}-attest"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
}

resource "azurerm_role_definition" "read_builds" {
  name  = "${var.name} read builds"
  scope = azurerm_resource_group.builder.id

  permissions {
    actions = [
      "Microsoft.App/jobs/read",
      "Microsoft.App/jobs/executions/read",
    ]
  }
}

resource "azurerm_role_assignment" "attest_reads_builds" {
  scope              = azurerm_container_app_job.build.id
  role_definition_id = azurerm_role_definition.read_builds.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.attest.principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_role_assignment" "attest_signs" {
  scope                = azurerm_key_vault_key.provenance.resource_versionless_id
  role_definition_name = "Key Vault Crypto User"
  principal_id         = azurerm_user_assigned_identity.attest.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "attest_pushes" {
  scope                = azurerm_container_registry.builder.id
  role_definition_name = "AcrPush"
  principal_id         = azurerm_user_assigned_identity.attest.principal_id
  principal_type       = "ServicePrincipal"
}
