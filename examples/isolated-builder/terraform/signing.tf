# The key that signs provenance. It is made in hardware and never leaves it.
resource "azurerm_key_vault" "signing" {
  name                          = "${var.name}-signing"
  location                      = azurerm_resource_group.builder.location
  resource_group_name           = azurerm_resource_group.builder.name
  tenant_id                     = var.tenant_id
  sku_name                      = "premium" # the one with hardware
  rbac_authorization_enabled    = true
  public_network_access_enabled = false
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90

  network_acls {
    bypass         = "None"
    default_action = "Deny"
  }
}

# Made over the private endpoint: apply this from inside of the network, by a person who is let in for that alone.
resource "azurerm_key_vault_key" "provenance" {
  name         = "provenance"
  key_vault_id = azurerm_key_vault.signing.id
  key_type     = "EC-HSM"
  curve        = "P-256"
  key_opts     = ["sign", "verify"]

  depends_on = [azurerm_private_endpoint.private]
}

# Who used the key, and who pushed what.
resource "azurerm_log_analytics_workspace" "audit" {
  name                         = "${var.name}-audit"
  location                     = azurerm_resource_group.builder.location
  resource_group_name          = azurerm_resource_group.builder.name
  retention_in_days            = 365
  local_authentication_enabled = false
}

resource "azurerm_monitor_diagnostic_setting" "vault" {
  name                       = "audit"
  target_resource_id         = azurerm_key_vault.signing.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.audit.id

  enabled_log {
    category_group = "audit"
  }
}

resource "azurerm_monitor_diagnostic_setting" "registry" {
  name                       = "audit"
  target_resource_id         = azurerm_container_registry.builder.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.audit.id

  enabled_log {
    category_group = "audit"
  }
}
