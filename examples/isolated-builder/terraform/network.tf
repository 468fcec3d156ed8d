resource "azurerm_resource_group" "builder" {
  name     = "${var.name}-builder"
  location = var.location
}

resource "azurerm_virtual_network" "builder" {
  name                = "${var.name}-network"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
  address_space       = ["10.20.0.0/16"]
}

resource "azurerm_subnet" "jobs" {
  name                            = "jobs"
  resource_group_name             = azurerm_resource_group.builder.name
  virtual_network_name            = azurerm_virtual_network.builder.name
  address_prefixes                = ["10.20.0.0/23"]
  default_outbound_access_enabled = false

  delegation {
    name = "container-apps"

    service_delegation {
      name    = "Microsoft.App/environments"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet" "endpoints" {
  name                            = "endpoints"
  resource_group_name             = azurerm_resource_group.builder.name
  virtual_network_name            = azurerm_virtual_network.builder.name
  address_prefixes                = ["10.20.2.0/27"]
  default_outbound_access_enabled = false
}

resource "azurerm_subnet" "firewall" {
  name                 = "AzureFirewallSubnet"
  resource_group_name  = azurerm_resource_group.builder.name
  virtual_network_name = azurerm_virtual_network.builder.name
  address_prefixes     = ["10.20.3.0/26"]
}

# Nobody outside of the network reaches a job.
resource "azurerm_network_security_group" "jobs" {
  name                = "${var.name}-jobs"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name

  security_rule {
    name                       = "deny-internet-inbound"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_port_range          = "*"
    source_address_prefix      = "Internet"
    destination_port_range     = "*"
    destination_address_prefix = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "jobs" {
  subnet_id                 = azurerm_subnet.jobs.id
  network_security_group_id = azurerm_network_security_group.jobs.id
}

# The only way out: through the firewall, to the hosts of the list.
resource "azurerm_public_ip" "firewall" {
  name                = "${var.name}-firewall"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_firewall_policy" "builder" {
  name                = "${var.name}-firewall"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
  sku                 = "Standard"
}

resource "azurerm_firewall_policy_rule_collection_group" "builder" {
  name               = "outbound"
  firewall_policy_id = azurerm_firewall_policy.builder.id
  priority           = 100

  application_rule_collection {
    name     = "hosts"
    priority = 100
    action   = "Allow"

    rule {
      name              = "https"
      source_addresses  = azurerm_subnet.jobs.address_prefixes
      destination_fqdns = concat(var.allowed_hosts, local.own_hosts)

      protocols {
        type = "Https"
        port = 443
      }
    }
  }
}

resource "azurerm_firewall" "builder" {
  name                = "${var.name}-firewall"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
  sku_name            = "AZFW_VNet"
  sku_tier            = "Standard"
  firewall_policy_id  = azurerm_firewall_policy.builder.id

  ip_configuration {
    name                 = "outbound"
    subnet_id            = azurerm_subnet.firewall.id
    public_ip_address_id = azurerm_public_ip.firewall.id
  }
}

resource "azurerm_route_table" "jobs" {
  name                = "${var.name}-jobs"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name

  route {
    name                   = "everything"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = azurerm_firewall.builder.ip_configuration[0].private_ip_address
  }
}

resource "azurerm_subnet_route_table_association" "jobs" {
  subnet_id      = azurerm_subnet.jobs.id
  route_table_id = azurerm_route_table.jobs.id
}

locals {
  # What the jobs themselves need: tokens, the record of executions, the platform's images, the transparency log.
  own_hosts = [
    "login.microsoftonline.com",
    "management.azure.com",
    "mcr.microsoft.com",
    "*.data.mcr.microsoft.com",
    "rekor.sigstore.dev",
  ]

  private_zones = {
    registry = "privatelink.azurecr.io"
    vault    = "privatelink.vaultcore.azure.net"
  }
}

resource "azurerm_private_dns_zone" "private" {
  for_each = local.private_zones

  name                = each.value
  resource_group_name = azurerm_resource_group.builder.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "private" {
  for_each = local.private_zones

  name                  = each.key
  resource_group_name   = azurerm_resource_group.builder.name
  private_dns_zone_name = azurerm_private_dns_zone.private[each.key].name
  virtual_network_id    = azurerm_virtual_network.builder.id
}

resource "azurerm_private_endpoint" "private" {
  for_each = {
    registry = azurerm_container_registry.builder.id
    vault    = azurerm_key_vault.signing.id
  }

  name                = "${var.name}-${each.key}"
  location            = azurerm_resource_group.builder.location
  resource_group_name = azurerm_resource_group.builder.name
  subnet_id           = azurerm_subnet.endpoints.id

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value
    subresource_names              = [each.key]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = each.key
    private_dns_zone_ids = [azurerm_private_dns_zone.private[each.key].id]
  }
}
