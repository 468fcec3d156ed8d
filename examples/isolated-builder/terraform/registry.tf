# Where builds put images. Clusters pull through private endpoints of their own.
resource "azurerm_container_registry" "builder" {
  name                          = "${var.name}registry"
  location                      = azurerm_resource_group.builder.location
  resource_group_name           = azurerm_resource_group.builder.name
  sku                           = "Premium" # the one with private endpoints
  admin_enabled                 = false     # no password
  anonymous_pull_enabled        = false
  public_network_access_enabled = false
  network_rule_bypass_option    = "None"
}
