resource "azurerm_container_app_environment" "builder" {
  name                           = "${var.name}-jobs"
  location                       = azurerm_resource_group.builder.location
  resource_group_name            = azurerm_resource_group.builder.name
  infrastructure_subnet_id       = azurerm_subnet.jobs.id
  internal_load_balancer_enabled = true
  public_network_access          = "Disabled"
  logs_destination               = "azure-monitor"

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }

  depends_on = [
    azurerm_subnet_network_security_group_association.jobs,
    azurerm_subnet_route_table_association.jobs,
  ]
}

# One build: a fresh container that ends with it. It runs what the repository says, so it holds nothing worth taking.
resource "azurerm_container_app_job" "build" {
  name                         = "${var.name}-build"
  location                     = azurerm_resource_group.builder.location
  resource_group_name          = azurerm_resource_group.builder.name
  container_app_environment_id = azurerm_container_app_environment.builder.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 3600
  replica_retry_limit          = 0

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.build.id]
  }

  registry {
    server   = azurerm_container_registry.builder.login_server
    identity = azurerm_user_assigned_identity.build.id
  }

  manual_trigger_config {
    parallelism              = 1
    replica_completion_count = 1
  }

  template {
    container {
      name   = "build"
      image  = var.build_image
      cpu    = 4
      memory = "8Gi"

      # The workflow says at the start which ref and commit to build. The platform records it.
      env {
        name  = "SOURCE"
        value = "https://github.com/${var.repository}"
      }

      env {
        name  = "REGISTRY"
        value = azurerm_container_registry.builder.login_server
      }
    }
  }
}

# What attests runs by the clock. Nobody can start it, and so nobody can start something else in its place.
resource "azurerm_container_app_job" "attest" {
  name                         = "${var.name}-attest"
  location                     = azurerm_resource_group.builder.location
  resource_group_name          = azurerm_resource_group.builder.name
  container_app_environment_id = azurerm_container_app_environment.builder.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 300
  replica_retry_limit          = 0

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.attest.id]
  }

  registry {
    server   = azurerm_container_registry.builder.login_server
    identity = azurerm_user_assigned_identity.attest.id
  }

  schedule_trigger_config {
    cron_expression          = "* * * * *"
    parallelism              = 1
    replica_completion_count = 1
  }

  template {
    container {
      name   = "attest"
      image  = var.attest_image
      cpu    = 0.5
      memory = "1Gi"

      env {
        name  = "BUILD_JOB"
        value = azurerm_container_app_job.build.id
      }

      # An execution that ran another image is not attested.
      env {
        name  = "BUILD_IMAGE"
        value = var.build_image
      }

      env {
        name  = "KEY"
        value = "azurekms://${azurerm_key_vault.signing.name}.vault.azure.net/${azurerm_key_vault_key.provenance.name}"
      }
    }
  }
}
